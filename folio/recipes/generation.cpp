#include "folio/recipes/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/utf8.h"
#include "folio/layers/all.h"
#include "folio/models/decoding/cached_decoder.h"
#include "folio/models/decoding/stateful_decoder.h"
#include "folio/recipes/characters.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"

namespace folio {
namespace {

constexpr const char* kShakespeare = "tinyshakespeare";

std::string plain_text_file(const std::string& given) {
  if (!given.empty() && given != kShakespeare) {
    if (file_exists(given)) return given;
    if (const std::string inside = given + "/input.txt"; file_exists(inside)) return inside;
    throw UsageError(
        fmt::format("--data: expected a file of plain text or {}, got \"{}\"", kShakespeare, given));
  }
  std::vector<std::string> folders;
  if (const char* data = std::getenv("FOLIO_DATA"); data && *data) folders.emplace_back(data);
  folders.emplace_back("/usr/share/datasets");
  for (const std::string& folder : folders)
    if (const std::string path = folder + "/" + kShakespeare + "/input.txt"; file_exists(path)) return path;
  throw Error(
      fmt::format("data set \"{}\": expected {}/input.txt in {}, found none; give a text with --data FILE",
                  kShakespeare, kShakespeare, fmt::join(folders, " or ")));
}

// Windows whose beginnings lie `stride` apart; what is left at the end goes.
Data windows_of(const std::vector<int32_t>& numbers, size_t first, size_t last, int64_t steps, int64_t stride,
                const std::string& part) {
  const auto characters = static_cast<int64_t>(last - first);
  const int64_t rows = characters > steps ? (characters - 1 - steps) / stride + 1 : 0;
  if (rows < 1)
    throw Error(fmt::format(
        "{}: expected a text of more than {} characters, got {}; give a longer text or fewer steps", part,
        steps, characters));
  Tensor x({rows, steps}, DType::int32), y({rows, steps}, DType::int32);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t t = 0; t < steps; ++t) {
      const size_t at = first + static_cast<size_t>(r * stride + t);
      x.data<int32_t>()[r * steps + t] = numbers[at];
      y.data<int32_t>()[r * steps + t] = numbers[at + 1];
    }
  return {x, y};
}

}  // namespace

RecipeData generation_windows(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  const std::string path = plain_text_file(request.data), text = repaired_utf8(read_text_file(path));
  const Characters characters = Characters::of(text);
  if (characters.size() < 2) throw Error(path + ": expected a text of at least two different characters");
  const std::vector<int32_t> numbers = characters.numbers(text);
  const auto steps = static_cast<int64_t>(settings.number("steps"));
  const double validation = settings.number("validation"), test = settings.number("test");
  if (validation + test >= 1)
    throw UsageError(
        fmt::format("--set test: expected less than {} beside validation, got {}", 1 - validation, test));
  const auto at = [&](double share) {
    return static_cast<size_t>(share * static_cast<double>(numbers.size()));
  };
  const size_t first = at(1 - validation - test), second = at(1 - test);

  RecipeData data;
  data.name = request.data.empty() || request.data == kShakespeare ? kShakespeare : path;
  data.task = recipe.task;
  data.task.input = {steps};
  data.task.classes = characters.size();
  // Windows that overlap by half let every character be learnt with what came before it.
  data.train = windows_of(numbers, 0, first, steps, std::max<int64_t>(steps / 2, 1), path + ", training");
  data.validation = windows_of(numbers, first, second, steps, steps, path + ", validation");
  data.test = windows_of(numbers, second, numbers.size(), steps, steps, path + ", test");
  data.description =
      fmt::format("{}: {} characters, {} of them different\n", path, numbers.size(), characters.size());
  set_preparation(data.assets, characters);
  return data;
}

Model generation_network(const RecipeTask& task, const Settings& settings) {
  const std::string& network = settings.choice("network", {"lstm", "gru"});
  const auto whole = [&](const char* key) { return static_cast<int64_t>(settings.number(key)); };
  const double dropout = settings.number("dropout");
  const Value tokens = Input(task.input, {.dtype = DType::int32, .name = "characters"});
  Value x = Embedding(task.classes, whole("embedding"))(tokens);
  for (int64_t layer = 0; layer < whole("layers"); ++layer) {
    x = network == "lstm" ? LSTM(whole("units"), {.return_sequences = true})(x)
                          : GRU(whole("units"), {.return_sequences = true})(x);
    if (dropout > 0) x = Dropout(dropout)(x);
  }
  return Model(tokens, Dense(task.classes, {.activation = "softmax"})(x), "generate");
}

std::vector<Baseline> generation_baselines(const Recipe&, const RecipeData& data, const Settings&,
                                           const FitOptions&) {
  const int64_t n = data.task.classes;
  std::vector<double> single(static_cast<size_t>(n), 1), pairs(static_cast<size_t>(n * n), 0.1);
  const Tensor &x = data.train.x[0], &y = data.train.y[0];
  for (int64_t i = 0; i < x.count(); ++i) {
    const int32_t before = x.data<int32_t>()[i], next = y.data<int32_t>()[i];
    ++single[static_cast<size_t>(next)];
    ++pairs[static_cast<size_t>(before * n + next)];
  }
  std::vector<double> sums(static_cast<size_t>(n));
  double all = 0;
  for (int64_t a = 0; a < n; ++a) {
    all += single[static_cast<size_t>(a)];
    for (int64_t b = 0; b < n; ++b) sums[static_cast<size_t>(a)] += pairs[static_cast<size_t>(a * n + b)];
  }
  double frequency = 0, behind = 0;
  const Tensor &before = data.test.x[0], &wanted = data.test.y[0];
  for (int64_t i = 0; i < wanted.count(); ++i) {
    const auto a = static_cast<size_t>(before.at(i)), b = static_cast<size_t>(wanted.at(i));
    frequency -= std::log(single[b] / all);
    behind -= std::log(pairs[a * static_cast<size_t>(n) + b] / sums[a]);
  }
  const auto count = static_cast<double>(wanted.count());
  return {{"the frequencies of characters", {{"loss", frequency / count}}},
          {"the frequencies behind each character", {{"loss", behind / count}}}};
}

NextToken next_token_of_window(const Model& model, int64_t window) {
  struct State {
    std::deque<int32_t> tokens;
    std::vector<float> logits;
  };
  const auto state = std::make_shared<State>();
  // A model of fixed length gets the rest filled up behind, where nothing looks at it.
  const int64_t fixed = model.inputs()[0].shape()[1];
  const bool every_step = model.outputs()[0].shape().rank() == 3;
  if (fixed != kUnknown && every_step) window = fixed;
  return [=](int64_t token) -> std::span<const float> {
    state->tokens.push_back(static_cast<int32_t>(token));
    if (static_cast<int64_t>(state->tokens.size()) > window) state->tokens.pop_front();
    const auto seen = static_cast<int64_t>(state->tokens.size());
    Tensor x({1, fixed == kUnknown ? seen : fixed}, DType::int32);
    std::copy(state->tokens.begin(), state->tokens.end(), x.data<int32_t>());
    const Tensor y = model.predict(x, 1);
    const int64_t width = y.shape()[-1], first = every_step ? (seen - 1) * width : 0;
    return state->logits = as_logits(y, first, width);
  };
}

namespace {

// Token by token where the model can, which keeps its states or what its attention has seen; else windows.
NextToken next_token_of(const Model& model) {
  for (NextToken (*way)(const Model&) : {next_token_of_states, next_token}) try {
      return way(model);
    } catch (const Error&) {
    }
  constexpr int64_t kWindow = 100;
  return next_token_of_window(model, kWindow);
}

}  // namespace

std::string continue_text(const Model& model, const std::string& prompt, GenerationOptions options,
                          const std::function<void(const std::string&)>& heard) {
  const auto characters = preparation_of<Characters>(model);
  if (!characters)
    throw Error("model \"" + model.name() + "\": expected one that was trained on a text, got one without " +
                Characters::kAsset + "; train one with folio train generate");
  const auto& list = characters->list;
  const bool has_lines = std::find(list.begin(), list.end(), "\n") != list.end();
  const std::vector<int32_t> begin = characters->numbers(!prompt.empty() ? repaired_utf8(prompt)
                                                         : has_lines     ? "\n"
                                                                         : list[0]);
  const std::vector<int64_t> tokens(begin.begin(), begin.end());
  if (heard)
    options.heard = [&](int64_t token) {
      heard(list.at(static_cast<size_t>(token)));
      return true;
    };
  return characters->text(generate(next_token_of(model), tokens, options));
}

}  // namespace folio

#include "folio/recipes/language.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/models/decoding/cached_decoder.h"
#include "folio/models/transformer/language_model.h"
#include "folio/recipes/characters.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"

namespace folio {
namespace {

constexpr const char* kShakespeare = "tinyshakespeare";

// The file that --data names, or the default text where data sets are looked for.
std::string text_file(const std::string& given) {
  if (!given.empty() && given != kShakespeare) {
    if (file_exists(given)) return given;
    const std::string inside = given + "/input.txt";
    if (file_exists(inside)) return inside;
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

// Windows that lie side by side; what is left at the end goes.
Data windows(const std::vector<int32_t>& numbers, size_t first, size_t last, int64_t steps,
             const std::string& part) {
  const auto length = static_cast<size_t>(steps);
  const int64_t rows = last - first > length ? static_cast<int64_t>((last - first - 1) / length) : 0;
  if (rows < 1)
    throw Error(fmt::format(
        "{}: expected a text of more than {} characters, got {}; give a longer text or fewer steps", part,
        steps, last - first));
  Tensor x({rows, steps}, DType::int32), y({rows, steps}, DType::int32);
  for (int64_t i = 0; i < rows * steps; ++i) {
    x.data<int32_t>()[i] = numbers[first + static_cast<size_t>(i)];
    y.data<int32_t>()[i] = numbers[first + static_cast<size_t>(i) + 1];
  }
  return {x, y};
}

}  // namespace

RecipeData language_windows(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  const std::string path = text_file(request.data), text = read_text_file(path);
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
  if (data.name == path) data.folder = path;
  data.task = recipe.task;
  data.task.input = {steps};
  data.task.classes = characters.size();
  data.train = windows(numbers, 0, first, steps, "training");
  data.validation = windows(numbers, first, second, steps, "validation");
  data.test = windows(numbers, second, numbers.size(), steps, "test");
  data.description =
      fmt::format("{}: {} characters, {} of them different", path, numbers.size(), characters.size());
  set_preparation(data.assets, characters);
  return data;
}

Model language_network(const RecipeTask& task, const Settings& settings) {
  const auto whole = [&](const char* key) { return static_cast<int64_t>(settings.number(key)); };
  return language_model(task.classes, task.input[0],
                        {.blocks = whole("blocks"),
                         .heads = whole("heads"),
                         .width = whole("width"),
                         .hidden = 4 * whole("width"),
                         .dropout = settings.number("dropout")});
}

std::string continued_text(const Model& model, const std::string& prompt, const GenerationOptions& options) {
  const auto characters = preparation_of<Characters>(model);
  if (!characters)
    throw Error("model \"" + model.name() + "\": expected one that was trained on a text, got one without " +
                Characters::kAsset + "; train one with folio train language-model");
  const auto& list = characters->list;
  const bool has_lines = std::find(list.begin(), list.end(), "\n") != list.end();
  const std::vector<int32_t> begin = characters->numbers(!prompt.empty() ? prompt
                                                         : has_lines     ? "\n"
                                                                         : list[0]);
  const std::vector<int64_t> tokens(begin.begin(), begin.end());
  return characters->text(generate(next_token(model), tokens, options));
}

}  // namespace folio

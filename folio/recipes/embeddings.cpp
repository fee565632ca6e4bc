#include "folio/recipes/embeddings.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "folio/analysis/word2vec.h"
#include "folio/base/clock.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/markup.h"
#include "folio/base/random.h"
#include "folio/base/tell.h"
#include "folio/data/text/text_files.h"
#include "folio/data/text/unicode.h"
#include "folio/formats/keras_model.h"
#include "folio/layers/all.h"
#include "folio/models/model_body.h"
#include "folio/models/trainer.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/recipes/text_data.h"

namespace folio {
namespace {

constexpr int64_t kFirst = TextPreparation::kFirstWord;

// The texts of a known set or of a folder, whatever they are called, or the lines of a file.
std::vector<std::string> texts_of(const std::string& data) {
  if (file_exists(data)) {
    std::vector<std::string> lines = read_lines(data);
    if (lines.empty()) throw Error(data + ": expected a text, got an empty file");
    return lines;
  }
  TextSet set = read_text_set(data);
  std::vector<std::string> texts = std::move(set.train.texts);
  for (LabelledTexts* part : {&set.validation, &set.test})
    for (std::string& text : part->texts) texts.push_back(std::move(text));
  return texts;
}

TextPreparation with_words(const TextPreparation& like, const std::vector<std::string>& words) {
  Json json = like.to_json();
  json["vocabulary"] = words;
  return TextPreparation::from_json(json, "text");
}

struct Counted {
  std::vector<std::string> words;  // by how often they come
  std::vector<int64_t> counts;
  std::vector<std::vector<int32_t>> texts;  // numbers of words, -1 for rare ones
};

Counted count_words(const std::vector<std::string>& texts, const TextPreparation& cutter, int64_t min_count) {
  std::unordered_map<std::string, int32_t> numbers;
  std::vector<int64_t> counts;
  Counted counted;
  for (const std::string& text : texts) {
    auto& row = counted.texts.emplace_back();
    for (std::string& token : cutter.tokens(text)) {
      const auto [found, is_new] = numbers.try_emplace(std::move(token), static_cast<int32_t>(counts.size()));
      if (is_new) counts.push_back(0);
      ++counts[static_cast<size_t>(found->second)];
      row.push_back(found->second);
    }
  }
  std::vector<const std::string*> words(counts.size());
  for (const auto& [word, number] : numbers) words[static_cast<size_t>(number)] = &word;
  std::vector<size_t> order;
  for (size_t i = 0; i < counts.size(); ++i)
    if (counts[i] >= min_count) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return counts[a] > counts[b]; });
  std::vector<int32_t> place(counts.size(), -1);
  for (size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = static_cast<int32_t>(i);
    counted.words.push_back(*words[order[i]]);
    counted.counts.push_back(counts[order[i]]);
  }
  for (auto& row : counted.texts)
    for (int32_t& number : row) number = place[static_cast<size_t>(number)];
  return counted;
}

// Words in the plane in which they differ most; behind the most frequent ones, which say little.
std::string map_of(const WordVectors& vectors) {
  constexpr int64_t kPassedOver = 50, kMost = 250;
  constexpr double kWidth = 1200, kHeight = 900, kBorder = 60;
  const auto all = static_cast<int64_t>(vectors.words.size());
  const int64_t first = all > 2 * kPassedOver ? kPassedOver : 0, last = std::min(all, first + kMost);
  const Tensor plane = principal_plane(vectors.vectors.rows(first, last).clone());
  double low[2] = {0, 0}, high[2] = {0, 0};
  for (int64_t i = 0; i < last - first; ++i)
    for (int k = 0; k < 2; ++k) {
      low[k] = std::min(low[k], plane.at(2 * i + k));
      high[k] = std::max(high[k], plane.at(2 * i + k));
    }
  const auto place = [&](int64_t i, int k, double size) {
    const double range = high[k] > low[k] ? high[k] - low[k] : 1;
    return kBorder + (plane.at(2 * i + k) - low[k]) / range * (size - 2 * kBorder);
  };
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"11\" text-anchor=\"middle\">\n<rect width=\"{0}\" "
      "height=\"{1}\" "
      "fill=\"white\"/>\n",
      kWidth, kHeight);
  for (int64_t i = 0; i < last - first; ++i)
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", place(i, 0, kWidth),
                       place(i, 1, kHeight), escape_markup(vectors.words[static_cast<size_t>(first + i)]));
  return svg + "</svg>\n";
}

}  // namespace

std::vector<Setting> embedding_settings() {
  return {{"method", "skipgram", "skipgram (a word tells those around it) or cbow (they tell the word)"},
          {"width", "100", "numbers of a vector", {1, 10'000, true}},
          {"window", "5", "words to each side at most", {1, 100, true}},
          {"negatives", "5", "words drawn at random for each right one", {1, 64, true}},
          {"min_count", "5", "words that come less often are left out", kCounts},
          {"subsample",
           "0.0001",
           "words with a larger share of the text are left out now and then; 0: never",
           {0, 1}},
          {"strip_html", "yes", "yes or no: tags, comments and scripts go, entities are read"},
          {"lower", "yes", "yes or no: lower case"},
          {"punctuation", "strip", "strip or keep"}};
}

Model embedding_network(const RecipeTask& task, const Settings& settings) {
  const Value tokens = Input(task.input, {.dtype = DType::int32, .name = "tokens"});
  const auto width = static_cast<int64_t>(settings.number("width"));
  return Model(tokens, Embedding(task.vocabulary, width, {.name = "words"})(tokens), "embeddings");
}

Model embedding_model(const WordVectors& vectors, const TextPreparation& like) {
  const int64_t width = vectors.width(), words = static_cast<int64_t>(vectors.words.size());
  const TextPreparation preparation = with_words(like, vectors.words);
  const Value tokens = Input({preparation.length()}, {.dtype = DType::int32, .name = "tokens"});
  Embedding embedding(words + kFirst, width, {.name = "words"});
  const Model model(tokens, embedding(tokens), "embeddings");
  Tensor weights({words + kFirst, width});
  weights.rows(kFirst, words + kFirst).assign(vectors.vectors);
  embedding.set_weights({weights});
  set_preparation(model.model().assets, preparation);
  return model;
}

Model embedding_model(const WordVectors& vectors) {
  TextOptions options{.length = 1};
  options.cleaning = {.strip_html = false,
                      .normal_form = "none",
                      .lower = false,
                      .punctuation_to_spaces = false,
                      .drop_single_characters = false};
  return embedding_model(vectors, TextPreparation::fit({"word"}, options));
}

WordVectors word_vectors_of(const Model& model) {
  const auto preparation = preparation_of<TextPreparation>(model);
  if (!preparation)
    throw Error(
        fmt::format("the model \"{}\": expected one of words, got one that does not know any; train one "
                    "with folio train embeddings",
                    model.name()));
  for (const Layer& layer : model.layers()) {
    if (layer.class_name() != "Embedding") continue;
    const Tensor weights = layer.weights()[0].value();
    const int64_t words = static_cast<int64_t>(preparation->words().size());
    if (weights.shape()[0] != words + kFirst) continue;
    return {preparation->words(), weights.rows(kFirst, words + kFirst).cast(DType::float32).clone()};
  }
  throw Error(fmt::format("the model \"{}\": expected an Embedding of its {} words, got none", model.name(),
                          preparation->words().size()));
}

WordVectors load_word_vectors(const std::string& path) {
  if (is_vector_file(path) && !folder_exists(path)) return read_word_vectors(path);
  return word_vectors_of(Model::load(folder_exists(path) ? path + "/model.keras" : path));
}

Tensor initial_vectors(const std::vector<std::string>& words, int64_t first, const WordVectors& vectors,
                       uint64_t seed, int64_t& known) {
  constexpr double kSmall = 0.05;  // as Keras begins
  const int64_t width = vectors.width();
  std::unordered_map<std::string, int64_t> rows;
  for (size_t i = 0; i < vectors.words.size(); ++i) rows.emplace(vectors.words[i], static_cast<int64_t>(i));
  const int64_t numbers = first + static_cast<int64_t>(words.size());
  Tensor table({numbers, width});
  const RandomStream random{seed, 0x76656373, 0};
  known = 0;
  for (int64_t w = first; w < numbers; ++w) {
    const std::string& word = words[static_cast<size_t>(w - first)];
    auto found = rows.find(word);
    if (found == rows.end()) found = rows.find(lower_case(word));
    if (found != rows.end()) {
      ++known;
      std::copy_n(vectors.vectors.data<float>() + found->second * width, width,
                  table.data<float>() + w * width);
    } else {
      for (int64_t c = 0; c < width; ++c)
        table.set(w * width + c,
                  kSmall * (2 * random.uniform(static_cast<uint32_t>(w), static_cast<uint32_t>(c)) - 1));
    }
  }
  return table;
}

RunResult train_embeddings(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  const std::string data = request.data.empty() ? recipe.data[0] : request.data;
  TextOptions options{.length = 1};
  options.cleaning.strip_html = settings.choice("strip_html", {"yes", "no"}) == "yes";
  options.cleaning.lower = settings.choice("lower", {"yes", "no"}) == "yes";
  options.cleaning.punctuation_to_spaces = settings.choice("punctuation", {"strip", "keep"}) == "strip";
  options.cleaning.drop_single_characters = false;
  const auto whole = [&](const char* key) { return static_cast<int64_t>(settings.number(key)); };
  Word2VecOptions training{.cbow = settings.choice("method", {"skipgram", "cbow"}) == "cbow",
                           .width = whole("width"),
                           .window = whole("window"),
                           .negatives = whole("negatives"),
                           .subsample = settings.number("subsample"),
                           .learning_rate = *request.training.learning_rate,
                           .epochs = *request.training.epochs,
                           .seed = *request.training.seed};
  const TextPreparation cutter = TextPreparation::fit({"word"}, options);
  const Counted counted = count_words(texts_of(data), cutter, whole("min_count"));
  if (counted.words.size() < 2)
    throw Error(
        fmt::format("{}: expected at least two words that come {} times or more, got {}; give more text, or "
                    "a smaller --set min_count",
                    data, whole("min_count"), counted.words.size()));
  int64_t total = 0;
  for (const int64_t count : counted.counts) total += count;
  if (!request.quiet)
    tell(fmt::format("{}: {} texts, {} words, {} of them different\n", data, counted.texts.size(), total,
                     counted.words.size()));
  RunResult result;
  training.stop = [] { return stop_requested(); };
  training.on_epoch_end = [&](int epoch, double loss, double pace) {
    result.history.epochs.push_back(epoch);
    result.history.add({{"loss", loss}});
    if (!request.quiet)
      tell(fmt::format("epoch {}/{}  loss: {:.4f}  {:.0f} words a second\n", epoch + 1, training.epochs, loss,
                       pace));
  };
  const double begun = seconds_now();
  const WordVectors vectors{counted.words, word2vec(counted.texts, counted.counts, training)};
  result.seconds = seconds_now() - begun;
  result.folder = request.folder;
  if ((result.interrupted = stop_requested())) return result;
  const Model model = embedding_model(vectors, cutter);
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.save(request.folder + "/model.keras");
  write_file_atomically(request.folder + "/map.svg", map_of(vectors));
  result.parameters = model.count_parameters();
  return result;
}

}  // namespace folio

#include "folio/recipes/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/analysis/classification.h"
#include "folio/analysis/logistic_regression.h"
#include "folio/analysis/naive_bayes.h"
#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/data/split.h"
#include "folio/data/text/text_preparation.h"
#include "folio/recipes/baselines.h"
#include "folio/recipes/embeddings.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/recipes/text_data.h"

namespace folio {
namespace {

bool is_yes(const Settings& settings, const std::string& key) {
  return settings.choice(key, {"yes", "no"}) == "yes";
}

TextOptions options_of(const Settings& settings) {
  const std::string& network = settings.text("network");
  TextOptions options;
  options.cleaning.strip_html = is_yes(settings, "strip_html");
  options.cleaning.normal_form = settings.choice("normal_form", {"nfc", "nfd", "nfkc", "nfkd", "none"});
  options.cleaning.lower = is_yes(settings, "lower");
  options.cleaning.punctuation_to_spaces = settings.choice("punctuation", {"strip", "keep"}) == "strip";
  options.cleaning.drop_single_characters = settings.choice("single", {"drop", "keep"}) == "drop";
  options.unit = settings.choice("unit", {"word", "character"});
  options.words = static_cast<int64_t>(settings.number("words"));
  options.length = static_cast<int64_t>(settings.number("length"));
  if (network == "ngrams") {
    options.ngrams = static_cast<int64_t>(settings.number("pairs"));
    options.distinct = true;
    options.least_texts = 2;
  } else if (options.words == 0) {
    options.words = 20'000;
  }
  return options;
}

// Texts of several thousand words are rare: the longest decides only up to here, and then the end of a text
// stays.
int64_t most_tokens(const std::string& network) {
  if (network == "ngrams") return 4000;
  return network == "lstm" || network == "gru" ? 200 : 400;
}

LabelledTexts take(const LabelledTexts& from, const std::vector<int64_t>& rows) {
  LabelledTexts taken;
  for (const int64_t row : rows) {
    taken.texts.push_back(from.texts[static_cast<size_t>(row)]);
    taken.labels.push_back(from.labels[static_cast<size_t>(row)]);
  }
  return taken;
}

// The numbers of the texts that come for the first time, as they are after cleaning, with their label.
std::vector<int64_t> first_of_each(const LabelledTexts& texts, const TextCleaning& cleaning) {
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<int64_t> rows;
  for (size_t i = 0; i < texts.texts.size(); ++i)
    if (seen.emplace(texts.labels[i], cleaned(texts.texts[i], cleaning)).second)
      rows.push_back(static_cast<int64_t>(i));
  return rows;
}

std::vector<int64_t> numbers_of(const std::vector<std::string>& labels) {
  std::map<std::string, int64_t> numbers;
  std::vector<int64_t> result;
  for (const std::string& label : labels)
    result.push_back(numbers.try_emplace(label, static_cast<int64_t>(numbers.size())).first->second);
  return result;
}

// Takes the shares of validation and test off the training texts, where they are missing.
void divide(TextSet& set, const Settings& settings, uint64_t seed, RecipeData& data) {
  if (!set.validation.empty() && !set.test.empty()) return;
  SplitOptions options;
  options.validation = set.validation.empty() ? settings.number("validation") : 0;
  options.test = set.test.empty() ? settings.number("test") : 0;
  options.seed = seed;
  options.classes = numbers_of(set.train.labels);
  const Split split = split_rows(static_cast<int64_t>(set.train.texts.size()), options);
  const LabelledTexts all = std::move(set.train);
  set.train = take(all, split.train);
  if (set.validation.empty()) set.validation = take(all, split.validation);
  if (set.test.empty()) set.test = take(all, split.test);
  const Json rows = {{"train", split.train}, {"validation", split.validation}, {"test", split.test}};
  data.files = {{"rows.json", json_text(rows) + "\n"}};
}

// Rows of a class that comes n times weigh as n^-balance, 1 in the mean.
Tensor balanced_weights(const Tensor& y, const std::vector<int64_t>& counts, double balance) {
  std::vector<double> weights;
  double sum = 0;
  for (const int64_t count : counts) {
    weights.push_back(std::pow(static_cast<double>(count), -balance));
    sum += static_cast<double>(count) * weights.back();
  }
  Tensor rows({y.shape()[0]});
  for (int64_t r = 0; r < rows.count(); ++r)
    rows.set(r, weights[static_cast<size_t>(y.at(r))] * static_cast<double>(rows.count()) / sum);
  return rows;
}

Tensor targets_of(const LabelledTexts& texts, const std::vector<std::string>& classes, const char* part) {
  Tensor y({static_cast<int64_t>(texts.labels.size())}, DType::int32);
  for (size_t i = 0; i < texts.labels.size(); ++i) {
    const auto found = std::lower_bound(classes.begin(), classes.end(), texts.labels[i]);
    if (found == classes.end() || *found != texts.labels[i])
      throw Error(fmt::format("{}: expected one of the labels {} of the training texts, got \"{}\"", part,
                              fmt::join(classes, ", "), texts.labels[i]));
    y.data<int32_t>()[i] = static_cast<int32_t>(found - classes.begin());
  }
  return y;
}

}  // namespace

Tensor token_weights(const Tensor& x, const Tensor& y, int64_t vocabulary, int64_t classes) {
  const int64_t rows = x.shape()[0], length = x.shape()[1];
  std::vector<double> counts(static_cast<size_t>(vocabulary * classes)), texts(static_cast<size_t>(classes));
  std::set<int32_t> seen;
  for (int64_t r = 0; r < rows; ++r) {
    const auto label = static_cast<int64_t>(y.at(r));
    ++texts[static_cast<size_t>(label)];
    seen.clear();
    for (int64_t t = 0; t < length; ++t)
      if (const int32_t token = x.data<int32_t>()[r * length + t];
          token >= TextPreparation::kFirstWord && seen.insert(token).second)
        ++counts[static_cast<size_t>(token * classes + label)];
  }
  double all = 0;
  for (const double count : texts) all += count;
  const int64_t width = classes == 2 ? 1 : classes;
  Tensor weights({vocabulary, width});
  for (int64_t token = TextPreparation::kFirstWord; token < vocabulary; ++token) {
    double total = 0;
    for (int64_t c = 0; c < classes; ++c) total += counts[static_cast<size_t>(token * classes + c)];
    for (int64_t k = 0; k < width; ++k) {
      const auto c = static_cast<size_t>(classes == 2 ? 1 : k);
      const double inside = counts[static_cast<size_t>(token * classes) + c];
      const double own = (inside + 1) / (texts[c] + 2), others = (total - inside + 1) / (all - texts[c] + 2);
      weights.set(token * width + k, std::log(own / others));
    }
  }
  return weights;
}

std::vector<Setting> text_settings(const std::map<std::string, std::string>& values) {
  std::vector<Setting> settings = {
      {"network", "ngrams",
       "ngrams (runs of tokens weighed by naive Bayes), embedding (their mean), conv, simple_rnn, lstm, gru, "
       "or bidirectional (gru both ways)"},
      {"words", "0", "most frequent tokens that are kept; 0: all for ngrams, 20000 for others",
       kCountsOrNone},
      {"length", "0", "tokens of a text that are read; 0: as the network wants it", kCountsOrNone},
      {"pairs", "3", "of ngrams: runs of so many units at most are tokens too", {1, 10, true}},
      {"embedding", "64", "numbers that stand for a token; 0: one for each token there is (one-hot)",
       kCountsOrNone},
      {"units",
       "64",
       "of each recurrent layer, one or more: 64,32; the first are the filters of each width of conv",
       {1, 1'000'000, true}},
      {"dropout", "0.3", "before the last layer", kShares},
      {"vectors", "",
       "a file of word vectors (.txt, .vec, .bin), or a model of embeddings, with which the network begins"},
      {"balance",
       "0",
       "0: every text counts the same in training; 1: every class does; between them: in between",
       {0, 1}},
      {"text", "", "the column of a table that holds the texts"},
      {"unit", "word", "word or character"},
      {"strip_html", "yes", "yes or no: tags, comments and scripts go, entities are read"},
      {"normal_form", "nfc", "nfc, nfd, nfkc, nfkd or none"},
      {"lower", "yes", "yes or no: lower case"},
      {"punctuation", "strip", "strip or keep"},
      {"single", "drop", "drop or keep: words of one letter"},
      {"duplicates", "keep", "keep or drop: texts that are there twice with the same label"},
      {"validation", "0.1", "share of the texts that early stopping watches", kShares},
      {"test", "0.1", "share kept for the final test, where the set is not divided", kShares}};
  for (Setting& setting : settings)
    if (const auto found = values.find(setting.key); found != values.end()) setting.value = found->second;
  return settings;
}

RecipeData text_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  TextOptions options = options_of(settings);
  RecipeData data;
  TextSet set = read_text_set(request.data.empty() ? recipe.data[0] : request.data, request.target,
                              settings.text("text"));
  data.name = set.name;
  data.folder = set.folder;
  size_t dropped = 0;
  if (settings.choice("duplicates", {"keep", "drop"}) == "drop")
    for (LabelledTexts* part : {&set.train, &set.validation, &set.test}) {
      const size_t all = part->texts.size();
      *part = take(*part, first_of_each(*part, options.cleaning));
      dropped += all - part->texts.size();
    }
  divide(set, settings, *request.training.seed, data);
  data.class_names = set.train.labels;
  std::sort(data.class_names.begin(), data.class_names.end());
  data.class_names.erase(std::unique(data.class_names.begin(), data.class_names.end()),
                         data.class_names.end());
  if (data.class_names.size() < 2)
    throw Error(fmt::format("{}: expected texts of two classes at least, got the one label \"{}\"", data.name,
                            fmt::join(data.class_names, ", ")));
  options.column = settings.text("text");
  options.target = request.target;
  const std::string& network = settings.text("network");
  if (network != "ngrams") options.truncating = "pre";
  if (options.unit == "character" && network != "ngrams") options.padding = "pre";
  const int64_t length = options.length;
  TextPreparation preparation = TextPreparation::fit(set.train.texts, options);
  if (length == 0) preparation.set_length(std::min(preparation.length(), most_tokens(network)));

  const auto classes = static_cast<int64_t>(data.class_names.size());
  const auto rows_of = [&](const LabelledTexts& texts, const char* part) {
    if (texts.empty()) throw Error(fmt::format("{}: expected texts for {}, got none", data.name, part));
    return Data(preparation.transform(texts.texts), targets_of(texts, data.class_names, part));
  };
  data.train = rows_of(set.train, "training");
  data.validation = rows_of(set.validation, "validation");
  data.test = rows_of(set.test, "test");
  data.task.input = {preparation.length()};
  data.task.classes = classes;
  data.task.vocabulary = preparation.vocabulary_size();
  if (network == "ngrams")
    data.task.token_weights = token_weights(data.train.x[0], data.train.y[0], data.task.vocabulary, classes);
  std::vector<int64_t> counts(data.class_names.size());
  for (int64_t i = 0; i < data.train.y[0].count(); ++i) ++counts[static_cast<size_t>(data.train.y[0].at(i))];
  if (classes == 2)  // one share: that of the second class
    for (Data* part : {&data.train, &data.validation, &data.test})
      part->y[0] = part->y[0].cast(DType::float32).reshaped({part->rows(), 1});
  std::string shares;
  for (size_t c = 0; c < counts.size(); ++c)
    shares += fmt::format("{}{} {}", c == 0 ? "" : ", ", data.class_names[c], counts[c]);
  data.description = fmt::format(
      "{} texts for training ({}), {} for validation, {} for test; {} tokens, {} a text{}\n",
      data.train.rows(), shares, data.validation.rows(), data.test.rows(), preparation.words().size(),
      preparation.length(), dropped ? fmt::format("; {} were there already and are left out", dropped) : "");
  if (const std::string& vectors = settings.text("vectors"); !vectors.empty()) {
    if (network == "ngrams")
      throw Error(
          "--set vectors: expected a network with an embedding, got ngrams; give also --set "
          "network=embedding, "
          "conv, lstm, gru or bidirectional");
    int64_t found = 0;
    data.task.word_vectors = initial_vectors(preparation.words(), TextPreparation::kFirstWord,
                                             load_word_vectors(vectors), *request.training.seed, found);
    data.description +=
        fmt::format("{} of {} tokens have a vector in {}\n", found, preparation.words().size(), vectors);
  }
  if (const double balance = settings.number("balance"); balance > 0)
    data.train.sample_weight = balanced_weights(data.train.y[0], counts, balance);
  data.train_texts = std::move(set.train.texts);
  data.test_texts = std::move(set.test.texts);
  set_preparation(data.assets, preparation);
  return data;
}

namespace {

// The numbers of a text's tokens with how often each comes.
SparseRows counts_of(const TextPreparation& preparation, const std::vector<std::string>& texts) {
  SparseRows rows{.features = preparation.vocabulary_size(), .rows = {}};
  for (const std::string& text : texts) {
    std::map<int32_t, double> counts;
    for (const int32_t number : preparation.numbers(text)) ++counts[number];
    auto& row = rows.rows.emplace_back();
    for (const auto& [number, count] : counts) row.push_back({number, count});
  }
  return rows;
}

// Counts weighed as scikit-learn's TfidfVectorizer does with sublinear_tf: (1 + ln count) (1 + ln((1 + n) /
// (1 + d))), rows of length 1.
class TfIdf {
 public:
  explicit TfIdf(const SparseRows& train) : weights_(static_cast<size_t>(train.features)) {
    for (const auto& row : train.rows)
      for (const FeatureEntry& entry : row) ++weights_[static_cast<size_t>(entry.feature)];
    for (double& weight : weights_)
      weight = 1 + std::log((1 + static_cast<double>(train.rows.size())) / (1 + weight));
  }
  SparseRows operator()(SparseRows counts) const {
    for (auto& row : counts.rows) {
      double squares = 0;
      for (FeatureEntry& entry : row) {
        entry.value = (1 + std::log(entry.value)) * weights_[static_cast<size_t>(entry.feature)];
        squares += entry.value * entry.value;
      }
      for (FeatureEntry& entry : row) entry.value /= std::sqrt(squares);
    }
    return counts;
  }

 private:
  std::vector<double> weights_;
};

Logs scores_of(const Tensor& labels, const Tensor& shares, int64_t classes) {
  const ConfusionMatrix matrix = confusion_matrix(labels, shares, classes);
  return {{"accuracy", matrix.accuracy()},
          {"macro_f1", average(matrix.counts(), "macro", &ConfusionCounts::f1)}};
}

}  // namespace

std::vector<Baseline> text_baselines(const Recipe&, const RecipeData& data, const Settings& settings,
                                     const FitOptions&) {
  const Tensor known = data.train.y[0].cast(DType::int32).reshaped({data.train.rows()}),
               wanted = data.test.y[0].cast(DType::int32).reshaped({data.test.rows()});
  std::vector<Baseline> baselines = {most_frequent_class(data)};

  const bool characters = settings.text("unit") == "character";
  TextOptions options = options_of(settings);
  options.words = options.length = 0;
  options.distinct = false;
  options.least_texts = 1;
  options.ngrams = characters ? 3 : 1;
  const auto single = TextPreparation::fit(data.train_texts, options);
  MultinomialNB bayes;
  bayes.fit(counts_of(single, data.train_texts), known);
  baselines.push_back(
      {characters ? "naive Bayes on runs of up to 3 characters" : "naive Bayes on words",
       scores_of(wanted, bayes.predict_proba(counts_of(single, data.test_texts)), data.task.classes)});

  if (!characters) options.ngrams = options.least_texts = 2;
  const auto pairs = TextPreparation::fit(data.train_texts, options);
  const SparseRows train = counts_of(pairs, data.train_texts);
  const TfIdf tf_idf(train);
  LogisticRegression regression({.C = 10});
  regression.fit(tf_idf(train), known, data.task.classes);
  baselines.push_back({characters ? "logistic regression on runs of up to 3 characters"
                                  : "logistic regression on words and pairs",
                       scores_of(wanted, regression.predict_proba(tf_idf(counts_of(pairs, data.test_texts))),
                                 data.task.classes)});
  return baselines;
}

Logs text_scores(const Model& model, const RecipeData& data, const Data& part) {
  Tensor shares = model.predict(part.x[0], 256);
  Tensor labels = part.y[0].cast(DType::int32).reshaped({part.rows()});
  if (shares.shape()[-1] == 1) {  // that of the second class
    Tensor both({part.rows(), 2});
    for (int64_t r = 0; r < part.rows(); ++r) {
      both.set(2 * r, 1 - shares.at(r));
      both.set(2 * r + 1, shares.at(r));
    }
    shares = both;
  }
  return {scores_of(labels, shares, data.task.classes)[1]};
}

}  // namespace folio

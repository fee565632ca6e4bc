#include "folio/recipes/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/analysis/logistic_regression.h"
#include "folio/analysis/naive_bayes.h"
#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/data/split.h"
#include "folio/data/text/text_preparation.h"
#include "folio/recipes/baselines.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/recipes/text_data.h"

namespace folio {
namespace {

bool is_yes(const Settings& settings, const std::string& key) {
  return settings.choice(key, {"yes", "no"}) == "yes";
}

TextOptions options_of(const Settings& settings) {
  const std::string network = settings.choice("network", {"ngrams", "embedding", "conv", "lstm", "gru"});
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

RecipeData text_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  TextOptions options = options_of(settings);
  RecipeData data;
  TextSet set = read_text_set(request.data.empty() ? recipe.data[0] : request.data, request.target,
                              settings.text("text"));
  data.name = set.name;
  data.folder = set.folder;
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
      "{} texts for training ({}), {} for validation, {} for test; {} tokens, {} a text\n", data.train.rows(),
      shares, data.validation.rows(), data.test.rows(), preparation.words().size(), preparation.length());
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

}  // namespace

std::vector<Baseline> text_baselines(const Recipe&, const RecipeData& data, const Settings& settings,
                                     const FitOptions&) {
  const Tensor known = data.train.y[0].cast(DType::int32).reshaped({data.train.rows()}),
               wanted = data.test.y[0].cast(DType::int32).reshaped({data.test.rows()});
  std::vector<Baseline> baselines = {most_frequent_class(data)};

  TextOptions options = options_of(settings);
  options.words = options.length = 0;
  options.distinct = false;
  options.ngrams = options.least_texts = 1;
  const auto words = TextPreparation::fit(data.train_texts, options);
  MultinomialNB bayes;
  const SparseRows train_words = counts_of(words, data.train_texts),
                   test_words = counts_of(words, data.test_texts);
  bayes.fit(train_words, known);
  baselines.push_back({"naive Bayes on words", {{"accuracy", bayes.score(test_words, wanted)}}});

  options.ngrams = options.least_texts = 2;
  const auto pairs = TextPreparation::fit(data.train_texts, options);
  const SparseRows train = counts_of(pairs, data.train_texts);
  const TfIdf tf_idf(train);
  LogisticRegression regression({.C = 10});
  regression.fit(tf_idf(train), known, data.task.classes);
  baselines.push_back({"logistic regression on words and pairs",
                       {{"accuracy", regression.score(tf_idf(counts_of(pairs, data.test_texts)), wanted)}}});
  return baselines;
}

}  // namespace folio

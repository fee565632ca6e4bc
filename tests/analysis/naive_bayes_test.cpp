#include "folio/analysis/naive_bayes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/analysis/bayes.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

std::vector<double> numbers(const Json& list) {
  std::vector<double> result;
  for (const Json& item : list) {  // JSON has no infinity
    const std::string text = item.is_string() ? item.get<std::string>() : "";
    result.push_back(text.empty() ? item.get<double>() : text == "inf" ? INFINITY : -INFINITY);
  }
  return result;
}

Tensor table(const Json& list, int64_t columns) {
  const auto values = numbers(list);
  return Tensor::of({static_cast<int64_t>(values.size()) / columns, columns}, values);
}

std::unique_ptr<NaiveBayes> model_of(const Json& test) {
  const Json& options = test["options"];
  const std::vector<double> priors = options.value("class_prior", std::vector<double>{});
  const bool fit_prior = options.value("fit_prior", true);
  const double alpha = options.value("alpha", 1.0);
  if (test["kind"] == "GaussianNB")
    return std::make_unique<GaussianNB>(GaussianNBOptions{options.value("priors", std::vector<double>{}),
                                                          options.value("var_smoothing", 1e-9)});
  if (test["kind"] == "MultinomialNB")
    return std::make_unique<MultinomialNB>(MultinomialNBOptions{alpha, fit_prior, priors});
  if (test["kind"] == "ComplementNB")
    return std::make_unique<ComplementNB>(
        ComplementNBOptions{alpha, options.value("norm", false), fit_prior, priors});
  return std::make_unique<BernoulliNB>(
      BernoulliNBOptions{alpha, options.value("binarize", 0.0), fit_prior, priors});
}

SparseRows sparse(const Tensor& dense) {
  SparseRows result{dense.shape()[1], {}};
  const FeatureRows rows(dense);
  std::vector<FeatureEntry> buffer;
  for (int64_t r = 0; r < rows.rows(); ++r) result.rows.push_back(rows.entries(r, buffer));
  return result;
}

/// Learns as the case says, from tensors or from `SparseRows`.
std::unique_ptr<NaiveBayes> learned(const Json& test, bool dense) {
  auto model = model_of(test);
  const Tensor x = table(test["x"], test["features"].get<int64_t>());
  const Tensor y = Tensor::of({x.shape()[0]}, test["y"].get<std::vector<int64_t>>());
  const bool weighted = test.contains("weights");
  const Tensor weights = weighted ? Tensor::of({x.shape()[0]}, numbers(test["weights"])) : Tensor();
  const auto learn = [&](int64_t first, int64_t last, bool part) {
    const Tensor rows = x.rows(first, last);
    const SparseRows sparse_rows = sparse(rows);
    const FeatureRows samples = dense ? FeatureRows(rows) : FeatureRows(sparse_rows);
    const Tensor w = weighted ? weights.rows(first, last) : Tensor();
    const auto classes = first == 0 ? test["classes"].get<std::vector<int64_t>>() : std::vector<int64_t>{};
    part ? model->partial_fit(samples, y.rows(first, last), classes, w)
         : model->fit(samples, y.rows(first, last), w);
  };
  const int64_t split = test.value("split", int64_t{0});
  if (split > 0) learn(0, split, true);
  learn(split, x.shape()[0], split > 0);
  if (test.contains("priors")) model->set_priors(numbers(test["priors"]));
  return model;
}

void expect_near(const Tensor& got, const std::vector<double>& wanted, const std::string& what) {
  ASSERT_EQ(got.count(), static_cast<int64_t>(wanted.size())) << what;
  for (int64_t i = 0; i < got.count(); ++i) {
    const double value = wanted[static_cast<size_t>(i)];
    if (std::isinf(value))
      EXPECT_EQ(got.at(i), value) << what << " " << i;
    else
      EXPECT_NEAR(got.at(i), value, 1e-9 * std::max(1.0, std::abs(value))) << what << " " << i;
  }
}

/// Whether the two largest numbers are all but equal.
bool tied(const Tensor& row) {
  std::vector<double> values(row.data<double>(), row.data<double>() + row.count());
  std::sort(values.rbegin(), values.rend());
  return values.size() > 1 && values[0] - values[1] < 1e-9 * std::max(1.0, std::abs(values[0]));
}

TEST(NaiveBayes, EqualsScikitLearn) {
  const Json cases = Json::parse(read_text_file(golden_path(__FILE__, "naive_bayes.json")));
  ASSERT_GT(cases.size(), 300u);
  for (size_t n = 0; n < cases.size(); ++n)
    for (bool dense : {true, false}) {
      const Json& test = cases[n];
      const std::string what = test["kind"].get<std::string>() + " case " + std::to_string(n);
      const auto model = learned(test, dense);
      const Tensor x = table(test["test"], test["features"].get<int64_t>());
      EXPECT_EQ(model->classes(), test["classes"].get<std::vector<int64_t>>()) << what;
      expect_near(model->joint_log_likelihood(x), numbers(test["joint"]), what + " joint");
      expect_near(model->predict_proba(x), numbers(test["proba"]), what + " proba");
      const auto predicted = test["predicted"].get<std::vector<int64_t>>();
      const Tensor got = model->predict(x), joint = model->joint_log_likelihood(x);
      for (int64_t r = 0; r < got.count(); ++r)  // where classes are tied, rounding decides
        EXPECT_TRUE(got.at(r) == predicted[static_cast<size_t>(r)] || tied(joint.rows(r, r + 1))) << what;
    }
}

TEST(NaiveBayes, SavesWhatItLearned) {
  const TemporaryFolder folder;
  const Json cases = Json::parse(read_text_file(golden_path(__FILE__, "naive_bayes.json")));
  for (size_t n = 0; n < cases.size(); n += 5) {
    const auto model = learned(cases[n], true);
    model->save(folder / "model.json");
    const auto again = load_naive_bayes(folder / "model.json");
    EXPECT_EQ(again->kind(), model->kind());
    const Tensor x = table(cases[n]["test"], cases[n]["features"].get<int64_t>());
    const Tensor a = model->joint_log_likelihood(x), b = again->joint_log_likelihood(x);
    for (int64_t i = 0; i < a.count(); ++i) EXPECT_EQ(a.at(i), b.at(i)) << n;
    // Learning goes on where it ended.
    const Tensor y = Tensor::filled({x.shape()[0]}, static_cast<double>(model->classes()[0]));
    model->partial_fit(x, y);
    again->partial_fit(x, y);
    EXPECT_EQ(again->class_count(), model->class_count());
    EXPECT_EQ(again->priors(), model->priors());
  }
}

TEST(NaiveBayes, RefusesDamagedFiles) {
  const TemporaryFolder folder;
  GaussianNB model;
  model.fit(Tensor::of<double>({3, 2}, {1, 2, 3, 4, 5, 7}), Tensor::of<int64_t>({3}, {0, 1, 1}));
  model.save(folder / "a.json");
  const std::string sound = read_text_file(folder / "a.json");
  const auto error_with = [&](const std::string& text) {
    write_file_atomically(folder / "b.json", std::string_view(text));
    return error_of([&] { load_naive_bayes(folder / "b.json"); });
  };
  EXPECT_EQ(error_with(sound), "");
  for (size_t size = 0; size + 1 < sound.size(); size += 7)
    EXPECT_NE(error_with(sound.substr(0, size)), "") << size;
  const Json json = Json::parse(sound);
  for (const auto& [key, value] : json.items())
    for (const Json& other : {Json(nullptr), Json("x"), Json(-1), Json(1e300), Json({1, "a"}),
                              Json::array({-1.0}), Json(9223372036854775807), Json::object()}) {
      Json changed = json;
      changed[key] = other;
      EXPECT_NE(error_with(changed.dump()), "") << key << " " << other.dump();
      changed.erase(key);
      EXPECT_NE(error_with(changed.dump()).find("b.json"), std::string::npos) << key;
    }
  EXPECT_NE(error_with(std::string(100000, '[')), "");
  Json changed = json;
  changed["classes"] = {1, 0};
  EXPECT_NE(error_with(changed.dump()).find("rising order"), std::string::npos);
  changed = json;
  changed["class_count"] = {0, 0};
  EXPECT_NE(error_with(changed.dump()).find("no priors to be learned"), std::string::npos);
  changed = json;
  changed["priors"] = {0.5, 0.4};
  EXPECT_NE(error_with(changed.dump()).find("add up to 1"), std::string::npos);
}

TEST(NaiveBayes, IsDefinedWhereScikitLearnDividesByZero) {
  GaussianNB gauss;  // one sample of each class: no variance anywhere but between them
  gauss.fit(Tensor::of<double>({2, 1}, {3, 3}), Tensor::of<int64_t>({2}, {0, 1}));
  expect_near(gauss.predict_proba(Tensor::of<double>({2, 1}, {3, 4})), {0.5, 0.5, 0.5, 0.5}, "constant");
  GaussianNB points({.var_smoothing = 0});  // each class a point
  points.fit(Tensor::of<double>({3, 1}, {1, 2, 2}), Tensor::of<int64_t>({3}, {0, 1, 1}));
  expect_near(points.predict_proba(Tensor::of<double>({3, 1}, {1, 2, 5})), {1, 0, 0, 1, 1.0 / 3, 2.0 / 3},
              "points");

  MultinomialNB counts({.alpha = 0});
  counts.fit(Tensor::of<double>({3, 2}, {2, 0, 0, 3, 0, 1}), Tensor::of<int64_t>({3}, {0, 1, 1}));
  expect_near(counts.predict_proba(Tensor::of<double>({3, 2}, {1, 0, 1, 1, 0, 0})),
              {1, 0, 1.0 / 3, 2.0 / 3, 1.0 / 3, 2.0 / 3}, "counts");
  MultinomialNB nothing({.alpha = 0});  // nothing was counted: all features alike
  nothing.fit(Tensor({2, 2}), Tensor::of<int64_t>({2}, {0, 1}));
  expect_near(nothing.joint_log_likelihood(Tensor::of<double>({1, 2}, {2, 1})),
              {4 * std::log(0.5), 4 * std::log(0.5)}, "nothing");
  BernoulliNB bits({.alpha = 0});
  bits.fit(Tensor::of<double>({2, 2}, {1, 0, 1, 1}), Tensor::of<int64_t>({2}, {0, 1}));
  expect_near(bits.predict_proba(Tensor::of<double>({3, 2}, {1, 0, 1, 1, 0, 0})), {1, 0, 0, 1, 0.5, 0.5},
              "bits");
  ComplementNB one({.norm = true});
  one.fit(Tensor::of<double>({2, 1}, {1, 2}), Tensor::of<int64_t>({2}, {0, 1}));
  expect_near(one.predict_proba(Tensor::of<double>({1, 1}, {3})), {0.5, 0.5}, "one feature");
}

TEST(NaiveBayes, PriorsCanBeChanged) {
  RandomNumbers random(2);
  const Tensor x = random.tensor({20, 3}, -1, 1),
               y = Tensor::of<int64_t>(
                   {20}, std::vector<int64_t>{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2});
  GaussianNB model;
  model.fit(x, y);
  EXPECT_EQ(model.priors(), (std::vector<double>{0.25, 0.5, 0.25}));
  const Tensor before = model.joint_log_likelihood(x);
  model.set_priors({0.7, 0.1, 0.2});
  const Tensor after = model.joint_log_likelihood(x);
  const double steps[] = {std::log(0.7 / 0.25), std::log(0.1 / 0.5), std::log(0.2 / 0.25)};
  for (int64_t i = 0; i < after.count(); ++i) EXPECT_NEAR(after.at(i) - before.at(i), steps[i % 3], 1e-12);
  model.fit(x, y);  // given priors stay
  EXPECT_EQ(model.priors(), (std::vector<double>{0.7, 0.1, 0.2}));
  model.set_priors({});
  EXPECT_EQ(model.priors(), (std::vector<double>{0.25, 0.5, 0.25}));
  EXPECT_NE(error_of([&] { model.set_priors({0.5, 0.5}); }).find("each of the 3 classes"), std::string::npos);
  EXPECT_NE(error_of([&] { model.set_priors({0.5, 0.6, -0.1}); }).find("not negative"), std::string::npos);
  EXPECT_NE(error_of([&] { model.set_priors({0.5, 0.5, NAN}); }), "");
  model.set_priors({0, 1, 0});
  for (int64_t r = 0; r < 20; ++r) EXPECT_EQ(model.predict(x).at(r), 1);
}

TEST(NaiveBayes, ErrorsChangeNothing) {
  GaussianNB model;
  const Tensor x = Tensor::of<double>({4, 2}, {1, 2, 3, 5, 8, 13, 21, 34}),
               y = Tensor::of<int64_t>({4}, {0, 1, 0, 1});
  EXPECT_NE(error_of([&] { model.predict(x); }).find("call fit first"), std::string::npos);
  EXPECT_NE(error_of([&] { model.partial_fit(x, y); }).find("list of all classes"), std::string::npos);
  EXPECT_NE(error_of([&] { model.save("/nowhere/a.json"); }).find("nothing to save"), std::string::npos);
  model.fit(x, y);
  const Tensor before = model.joint_log_likelihood(x);
  Tensor hole = x.clone();
  hole.set(3, NAN);
  const Tensor huge = Tensor::filled({4, 2}, 1e300, DType::float64), fractions = Tensor::filled({4}, 0.5);
  Tensor spread = huge.clone();
  spread.set(0, -1e300);
  EXPECT_NE(error_of([&] { model.fit(hole, y); }).find("row 1, feature 1: expected a finite"),
            std::string::npos);
  EXPECT_NE(error_of([&] { model.fit(spread, y); }).find("too large"), std::string::npos);
  EXPECT_NE(error_of([&] { model.fit(x, fractions); }).find("whole number"), std::string::npos);
  EXPECT_NE(error_of([&] { model.fit(x, y.rows(0, 3)); }).find("(4,)"), std::string::npos);
  EXPECT_NE(error_of([&] { model.fit(x.reshaped({8}), y); }).find("(rows, features)"), std::string::npos);
  EXPECT_NE(error_of([&] { model.fit(x.rows(0, 0), y.rows(0, 0)); }).find("got none"), std::string::npos);
  EXPECT_NE(error_of([&] { model.fit(x, y, Tensor({4})); }).find("weight above 0"), std::string::npos);
  EXPECT_NE(error_of([&] { model.fit(x, y, Tensor::filled({4}, -1)); }).find("not negative"),
            std::string::npos);
  EXPECT_NE(error_of([&] { model.partial_fit(x, Tensor::filled({4}, 7)); }).find("class 7"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              model.partial_fit(x, y, {0, 2});
            }).find("use fit to start anew"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              model.partial_fit(x.reshaped({8, 1}), y);
            }).find("2 features"),
            std::string::npos);
  EXPECT_NE(error_of([&] { model.predict(x.reshaped({8, 1})); }).find("2 features"), std::string::npos);
  EXPECT_NE(error_of([] { MultinomialNB({.alpha = -1}); }).find("alpha"), std::string::npos);
  EXPECT_NE(error_of([] { BernoulliNB({.binarize = NAN}); }).find("binarize"), std::string::npos);
  MultinomialNB counts;
  EXPECT_NE(error_of([&] {
              counts.fit(Tensor::of<double>({1, 1}, {-1}), Tensor({1}));
            }).find("expected a count"),
            std::string::npos);
  const SparseRows unsorted{3, {{{2, 1}, {1, 1}}}}, outside{3, {{{3, 1}}}};
  EXPECT_NE(error_of([&] { counts.fit(unsorted, Tensor({1})); }).find("rising order"), std::string::npos);
  EXPECT_NE(error_of([&] { counts.fit(outside, Tensor({1})); }).find("below 3"), std::string::npos);
  EXPECT_FALSE(counts.fitted());
  const Tensor after = model.joint_log_likelihood(x);
  for (int64_t i = 0; i < after.count(); ++i) EXPECT_EQ(after.at(i), before.at(i));
}

}  // namespace
}  // namespace folio

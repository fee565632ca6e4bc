// Naive Bayes classifiers as JSON files.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/analysis/bayes.h"
#include "folio/analysis/naive_bayes.h"
#include "folio/base/checked.h"
#include "folio/base/error.h"
#include "folio/base/file.h"

namespace folio {
namespace {

constexpr uint64_t kMostBytes = 64 << 20;

/// A JSON object of a file, whose faults are told with the file's name.
class Fields {
 public:
  Fields(const Json& json, std::string place) : json_(json), place_(std::move(place)) {
    if (!json.is_object()) fail("an object");
  }
  const Json& at(const std::string& key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) throw Error(fmt::format("{}: expected \"{}\", found nothing", place_, key));
    return *found;
  }
  std::string text(const std::string& key) const {
    return at(key).is_string() ? at(key).get<std::string>() : throw fault(key, "a text");
  }
  bool truth(const std::string& key) const {
    return at(key).is_boolean() ? at(key).get<bool>() : throw fault(key, "true or false");
  }
  double number(const std::string& key) const {
    return at(key).is_number() ? at(key).get<double>() : throw fault(key, "a number");
  }
  template <class T>
  std::vector<T> list(const std::string& key) const {
    const bool whole = std::is_same_v<T, int64_t>;
    if (!at(key).is_array()) throw fault(key, "a list");
    std::vector<T> result;
    for (const Json& item : at(key)) {
      if (whole ? !item.is_number_integer() : !item.is_number())
        throw fault(key, whole ? "whole numbers" : "numbers");
      result.push_back(item.get<T>());
      if (!std::isfinite(static_cast<double>(result.back()))) throw fault(key, "finite numbers");
    }
    return result;
  }
  Error fault(const std::string& key, const std::string& expected) const {
    return Error(fmt::format("{}: \"{}\": expected {}, found something else", place_, key, expected));
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const {
    throw Error(fmt::format("{}: expected {}, found something else", place_, expected));
  }
  const Json& json_;
  std::string place_;
};

std::unique_ptr<NaiveBayes> make(const std::string& kind, const Fields& options, bool fit_prior,
                                 const std::string& place) {
  if (kind == "GaussianNB")
    return std::make_unique<GaussianNB>(GaussianNBOptions{.var_smoothing = options.number("var_smoothing")});
  const double alpha = options.number("alpha");
  if (kind == "MultinomialNB")
    return std::make_unique<MultinomialNB>(MultinomialNBOptions{.alpha = alpha, .fit_prior = fit_prior});
  if (kind == "ComplementNB")
    return std::make_unique<ComplementNB>(
        ComplementNBOptions{.alpha = alpha, .norm = options.truth("norm"), .fit_prior = fit_prior});
  if (kind == "BernoulliNB") {
    BernoulliNBOptions bernoulli{.alpha = alpha, .binarize = {}, .fit_prior = fit_prior};
    if (!options.at("binarize").is_null()) bernoulli.binarize = options.number("binarize");
    return std::make_unique<BernoulliNB>(bernoulli);
  }
  throw Error(
      fmt::format("{}: \"kind\": expected GaussianNB, MultinomialNB, ComplementNB or BernoulliNB, found {}",
                  place, kind));
}

}  // namespace

void NaiveBayes::save(const std::string& path) const {
  if (!fitted()) throw Error(path + ": there is nothing to save; call fit first");
  Json json = {{"kind", kind()},
               {"options", options()},
               {"fit_prior", fit_prior_},
               {"priors", given_priors_},
               {"classes", state_.classes},
               {"class_count", state_.class_count},
               {"features", state_.features}};
  for (const std::string& name : table_names()) json[name] = state_.tables.at(name);
  write_file_atomically(path, json.dump() + "\n");
}

std::unique_ptr<NaiveBayes> load_naive_bayes(const std::string& path) {
  const Json json = Json::parse(read_text_file(path, kMostBytes), nullptr, false);
  const Fields fields(json, path);
  std::unique_ptr<NaiveBayes> model = make(
      fields.text("kind"), Fields(fields.at("options"), path + ": options"), fields.truth("fit_prior"), path);
  NaiveBayes::State state;
  state.classes = fields.list<int64_t>("classes");
  if (state.classes.empty() ||
      !std::is_sorted(state.classes.begin(), state.classes.end(), std::less_equal<>()))
    throw fields.fault("classes", "different classes in rising order");
  state.class_count = fields.list<double>("class_count");
  if (state.class_count.size() != state.classes.size())
    throw fields.fault("class_count", "one number per class");
  if (!fields.at("features").is_number_integer() || fields.at("features").get<int64_t>() < 1)
    throw fields.fault("features", "a whole number above 0");
  state.features = fields.at("features").get<int64_t>();
  const int64_t size = checked_multiply(state.features, static_cast<int64_t>(state.classes.size()));
  for (const std::string& name : model->table_names()) {
    state.tables[name] = fields.list<double>(name);
    if (static_cast<int64_t>(state.tables[name].size()) != size)
      throw fields.fault(name, "one number per class and feature");
    if (name != "theta" && *std::min_element(state.tables[name].begin(), state.tables[name].end()) < 0)
      throw fields.fault(name, "numbers that are not negative");
  }
  if (*std::min_element(state.class_count.begin(), state.class_count.end()) < 0)
    throw fields.fault("class_count", "numbers that are not negative");
  model->given_priors_ = fields.list<double>("priors");
  if (!model->given_priors_.empty())
    check_priors(model->given_priors_, static_cast<int64_t>(state.classes.size()), path);
  try {
    model->accept(std::move(state));
  } catch (const Error& error) {
    throw Error(path + ": " + error.what());
  }
  return model;
}

}  // namespace folio

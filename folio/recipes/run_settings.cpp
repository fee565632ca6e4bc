#include "folio/recipes/run_settings.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/range.h"
#include "folio/models/model.h"

namespace folio {
namespace {

using Weights = std::map<int, double>;

// An object by class; in a terminal "0=1,1=5".
struct ClassWeight {
  static void add(Weights& weights, const std::string& label, double weight) {
    int number = 0;
    const char* end = label.data() + label.size();
    const auto read = std::from_chars(label.data(), end, number);
    if (label.empty() || read.ec != std::errc() || read.ptr != end || number < 0 ||
        !Range{.least = 0}.holds(weight))
      throw Error("expected CLASS=WEIGHT such as 0=1,1=5, got \"" + label.substr(0, 80) + "\"");
    weights[number] = weight;
  }
  static void read(const Json& json, void* value, const FieldRules&) {
    Weights weights;
    if (json.is_object()) {
      for (const auto& [label, weight] : json.items()) {
        if (!weight.is_number()) unexpected("numbers by class", json);
        add(weights, label, weight.get<double>());
      }
    } else {
      const std::string text = json.is_string() ? json.get<std::string>() : "";
      for (size_t first = 0; first <= text.size();) {
        const size_t comma = std::min(text.find(',', first), text.size());
        const std::string entry = text.substr(first, comma - first);
        const size_t equals = std::min(entry.find('='), entry.size());
        double weight = -1;
        const char* end = entry.data() + entry.size();
        if (equals == entry.size() || std::from_chars(entry.data() + equals + 1, end, weight).ptr != end)
          throw Error("expected CLASS=WEIGHT such as 0=1,1=5, got \"" + entry.substr(0, 80) + "\"");
        add(weights, entry.substr(0, equals), weight);
        first = comma + 1;
      }
    }
    *static_cast<Weights*>(value) = std::move(weights);
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    json = Json::object();
    for (const auto& [label, weight] : *static_cast<const Weights*>(value))
      json[std::to_string(label)] = weight;
  }
  static void check(void*, const FieldRules&) {}
};
constexpr FieldType kClassWeight = {ClassWeight::read, ClassWeight::write, ClassWeight::check};

}  // namespace

void fields(Fields& f, RunSettings& s) {
  f("epochs", s.epochs, {.least = 1, .most = kLargestSize, .help = "Passes over the data"});
  f("batch_size", s.batch_size, {.least = 1, .most = kLargestSize, .help = "Samples per step"});
  f("steps_per_epoch", s.steps_per_epoch,
    {.least = 1, .most = kLargestSize, .help = "Batches per epoch (default: all)"});
  f("learning_rate", s.learning_rate,
    {.above = 0, .finite = true, .help = "Replaces the learning rate, nothing else"});
  f("optimizer", s.optimizer, {.help = "adam, sgd, rmsprop, adamw, nadam, …: an optimizer of Keras"});
  f.visit({"class_weight", &s.class_weight, kClassWeight, {.help = "Weights of classes: 0=1,1=5"}});
  f("weights", s.weights, {.help = "Start from the weights in this .keras, .h5 or .weights.h5 file"});
  f("early_stopping", s.early_stopping,
    {.least = 1,
     .most = kLargestSize,
     .help = "Stop after this many epochs without a lower validation loss, and take the best weights"});
  f("checkpoint_steps", s.checkpoint_steps,
    {.least = 1,
     .most = kLargestSize,
     .help = "Steps between checkpoints, besides those of every half minute"});
  f("seed", s.seed, {.help = "Seed of everything random (default 1)"});
  f("shuffle", s.shuffle, {.help = "Shuffle rows every epoch (default)"});
}

FitOptions fit_options(const RunSettings& s) {
  FitOptions fit;
  fit.epochs = s.epochs.value_or(fit.epochs);
  fit.batch_size = s.batch_size.value_or(fit.batch_size);
  fit.steps_per_epoch = s.steps_per_epoch.value_or(fit.steps_per_epoch);
  fit.shuffle = s.shuffle.value_or(fit.shuffle);
  fit.class_weight = s.class_weight;
  return fit;
}

void add_early_stopping(FitOptions& options, const RunSettings& s) {
  if (s.early_stopping)
    options.callbacks.push_back(EarlyStopping({.patience = *s.early_stopping, .restore_best_weights = true}));
}

void overlay(RunSettings& settings, const RunSettings& given) {
  Json json;
  write_value(json, given, {});
  if (given.class_weight.empty()) json.erase("class_weight");
  read_fields(json, "settings", [&](Fields& f) { fields(f, settings); });
}

}  // namespace folio

#include "folio/training/loss.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/transpose.h"
#include "folio/training/ctc.h"

namespace folio {
namespace {

const LossRow* find_row(const std::string& given) {
  if (given.empty()) return nullptr;
  std::string small = given;  // Keras takes "MSE" for "mse"
  for (char& letter : small)
    letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  for (const LossRow& row : loss_catalog())
    if (given == row.name || small == row.alias || given == row.class_name) return &row;
  return nullptr;
}

const LossRow& row_of(const Loss& loss) {
  static const LossRow own = {
      "", "",
      "", "a function of one's own",
      {}, [](const Loss& of, const Value& y, const Value& p) { return of.function(y, p); }};
  return loss.function ? own : *find_row(loss.name);
}

// A setting is of the kind that it has already; nothing stands for a whole number.
struct Setting {
  static void read(const Json& json, void* value, const FieldRules& rules) {
    auto& setting = *static_cast<LossSetting*>(value);
    if (std::holds_alternative<std::monostate>(setting)) setting = int64_t{0};
    std::visit(
        [&](auto& member) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(member)>, std::monostate>)
            read_value(json, member, rules);
        },
        setting);
  }
  static void write(Json& json, const void* value, const FieldRules& rules) {
    const auto& setting = *static_cast<const LossSetting*>(value);
    if (const auto* axes = std::get_if<std::vector<int64_t>>(&setting); axes && axes->empty()) return;
    std::visit(
        [&](const auto& member) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(member)>, std::monostate>)
            write_value(json, member, rules);
        },
        setting);
  }
  static void check(void* value, const FieldRules& rules) {
    if (auto* number = std::get_if<double>(static_cast<LossSetting*>(value))) check_value(*number, rules);
  }
};
constexpr FieldType kSetting = {Setting::read, Setting::write, Setting::check};

std::string text_of(const LossSetting& setting) {
  Json json;
  Setting::write(json, &setting, {});
  return json.dump();
}

constexpr FieldRules kReductions = {.words = "sum_over_batch_size mean mean_with_sample_weight sum none"};

// Null is "none"; what Keras 2 left to itself to decide ("auto") comes to the mean.
struct Reduction {
  static void read(const Json& json, void* value, const FieldRules& rules) {
    auto& reduction = *static_cast<std::string*>(value);
    if (json.is_null())
      reduction = "none";
    else
      read_value(json, reduction, rules);
    if (reduction == "auto") reduction = "sum_over_batch_size";
  }
};
constexpr FieldType kReduction = {Reduction::read, kFieldType<std::string>.write,
                                  kFieldType<std::string>.check};

// Dimension `axis` of the predictions becomes the last.
Value with_last(const Value& x, int64_t axis) {
  std::vector<int> order;
  const auto place = static_cast<int>(axis < 0 ? axis + x.rank() : axis);
  for (int i = 0; i < x.rank(); ++i)
    if (i != place) order.push_back(i);
  if (place < 0 || place >= x.rank())
    throw Error(
        fmt::format("axis: expected a dimension of predictions {}, got {}", to_string(x.shape()), axis));
  order.push_back(place);
  return place + 1 == x.rank() ? x : transpose(x, order);
}

// Class numbers without a last dimension of 1.
Value class_numbers(const Loss& loss, const Value& y_true, const Value& y_pred) {
  const Shape wanted = y_pred.shape().without(-1);
  const Value labels =
      y_true.rank() == y_pred.rank() && y_true.shape()[-1] == 1 ? reshape(y_true, wanted) : y_true;
  if (labels.shape() != wanted)
    throw Error("loss \"" + loss.name + "\": expected class numbers of shape " + to_string(wanted) +
                " for predictions " + to_string(y_pred.shape()) + ", got " + to_string(y_true.shape()));
  return labels;
}

// The same with dimensions of 1 behind, up to the rank of `values`.
Value stretched(const Value& x, const Value& values) {
  Shape shape = x.shape();
  while (shape.rank() < values.rank()) shape = shape.joined({1});
  return reshape(x, shape);
}

}  // namespace

Loss::Loss(const std::string& given) {
  if (const LossRow* row = find_row(given)) {
    name = row->name;
    for (const auto& [setting, standard] : row->settings) settings.emplace(setting, standard);
    return;
  }
  std::string names;
  for (const LossRow& row : loss_catalog()) names += (names.empty() ? "" : ", ") + std::string(row.name);
  throw Error("loss: expected one of " + names + ", got \"" + given.substr(0, 80) + "\"");
}

Loss& Loss::set(const std::string& setting, const LossSetting& value) {
  std::string names;
  for (const auto& [key, standard] : row_of(*this).settings) {
    names += (names.empty() ? "" : ", ") + std::string(key);
    if (setting != key) continue;
    LossSetting changed = value;
    const auto* whole = std::get_if<int64_t>(&value);
    if (whole && std::holds_alternative<double>(standard))
      changed = static_cast<double>(*whole);
    else if (whole && std::holds_alternative<std::vector<int64_t>>(standard))
      changed = std::vector<int64_t>{*whole};
    else if (value.index() != standard.index() && !(whole && standard.index() == 0))
      throw Error(fmt::format("loss \"{}\": {}: expected a value like {}, got {}", name, key,
                              text_of(standard), text_of(value)));
    settings[key] = changed;
    check_fields("loss \"" + name + "\"", [this](Fields& f) { fields(f); });
    return *this;
  }
  throw Error(fmt::format("loss \"{}\": expected {}, got setting \"{}\"", name,
                          names.empty() ? "no settings" : "one of the settings " + names, setting));
}

std::optional<int64_t> Loss::ignored_class() const {
  const auto found = settings.find("ignore_class");
  if (found == settings.end() || !std::holds_alternative<int64_t>(found->second)) return {};
  return std::get<int64_t>(found->second);
}

void Loss::field(Fields& f, const char* setting, bool hidden) {
  // Class numbers that are smoothed are ours alone: Keras' loss has no such setting, so no file has it.
  const bool ours = sparse() && std::string_view(setting) == "label_smoothing";
  f.visit({setting,
           &settings.at(setting),
           kSetting,
           {.finite = true, .one_as_number = true, .hidden = hidden || ours}});
}

void Loss::fields(Fields& f) {
  for (const auto& [key, standard] : row_of(*this).settings) field(f, key);
  FieldRules reductions = kReductions;
  reductions.null = true;
  f.visit({"reduction", &reduction, kReduction, reductions});
  f.ignore_any("fn");
  if (!settings.count("axis")) f.ignore("axis", "-1");
}

Loss Loss::from_config(const Json& config, const std::string& place) {
  try {
    const NamedConfig given = named_config("", config);
    if (given.class_name == "function" && config.is_object() && config.contains("config") &&
        config["config"].is_string())
      return Loss(config["config"].get<std::string>());
    Loss loss(given.class_name);
    read_fields(
        given.config, loss.name, [&](Fields& f) { loss.fields(f); }, kKerasEntries);
    return loss;
  } catch (const Error& error) {
    throw Error(place + ": " + error.what());
  }
}

Json Loss::config() const {
  if (function)
    throw Error(
        "loss \"" + name +
        "\": is a function of this program, which no file can hold; compile the model with a loss by its "
        "name before it is saved, or save the weights alone (.weights.h5)");
  const LossRow& row = row_of(*this);
  bool standard = reduction == "sum_over_batch_size";
  for (const auto& [key, value] : row.settings) standard = standard && settings.at(key) == value;
  if (standard) return name;
  Loss copy = *this;
  Json values = written_fields([&](Fields& f) { copy.fields(f); });
  values["name"] = name;
  return keras_object("keras.losses", row.class_name, std::move(values));
}

Value Loss::per_sample(const Value& y_true, const Value& y_pred) const {
  const Shape& shape = y_pred.shape();
  if (shape.rank() < 1)
    throw Error("loss \"" + name + "\": expected predictions with a batch dimension, got a scalar");
  const LossRow& row = row_of(*this);
  if (function || takes_labels(*this)) return row.formula(*this, y_true, y_pred);
  if (sparse()) return row.formula(*this, class_numbers(*this, y_true, y_pred), y_pred);
  Value y = y_true;
  if (y.rank() + 1 == shape.rank() && shape[-1] == 1) y = reshape(y, shape);
  if (y.shape() != shape)
    throw Error("loss \"" + name + "\": expected targets of the predictions' shape " + to_string(shape) +
                ", got " + to_string(y_true.shape()) +
                (name == "categorical_crossentropy"
                     ? "; use sparse_categorical_crossentropy for class numbers"
                     : ""));
  const auto axis = settings.find("axis");
  if (axis == settings.end() || !std::holds_alternative<int64_t>(axis->second))
    return row.formula(*this, y, y_pred);
  const auto last = std::get<int64_t>(axis->second);
  return row.formula(*this, with_last(y, last), with_last(y_pred, last));
}

Value Loss::operator()(const Value& y_true, const Value& y_pred, const Value& weights,
                       const Value& given_mask) const {
  std::string known = reduction;
  check_fields("loss \"" + name + "\"", [&](Fields& f) { f("reduction", known, kReductions); });
  if (reduction == "none")
    throw Error("loss \"" + name +
                "\": reduction \"none\" gives a number for every sample, and training needs one for all; "
                "choose sum_over_batch_size or sum");
  Value values = per_sample(y_true, y_pred), mask = given_mask;
  if (mask.defined() && mask.rank() > values.rank() && values.rank() > 0)
    throw Error("loss \"" + name + "\": expected a mask of at most the losses' dimensions " +
                to_string(values.shape()) + ", got " + to_string(mask.shape()));
  if (const auto ignored = ignored_class()) {
    const Value labels = class_numbers(*this, y_true, y_pred),
                counts = cast(not_equal(labels, constant(static_cast<double>(*ignored), labels.dtype())),
                              values.dtype());
    mask = mask.defined() ? stretched(mask, values) * counts : counts;
  }
  Value shares;  // how much each value counts
  if (weights.defined()) shares = stretched(weights, values);
  if (mask.defined()) {
    // Steps that count share the weight of those that do not.
    const bool mean_of_all = reduction == "sum_over_batch_size" || reduction == "mean";
    Value by = stretched(mask, values);
    if (mean_of_all) by = by * (static_cast<double>(mask.shape().count()) / maximum(sum(mask), 1.0));
    shares = shares.defined() ? shares * by : by;
  }
  if (shares.defined()) values = values * shares;
  if (reduction == "sum") return sum(values);
  if (reduction != "mean_with_sample_weight" || !shares.defined()) return mean(values);
  // Nothing that counts has no loss.
  const Value total = sum(broadcast_to(shares, values.shape()));
  return sum(values) / select(equal(total, 0.0), constant(1, total.dtype()), total);
}

Loss binary_crossentropy(bool from_logits, double label_smoothing) {
  return Loss("binary_crossentropy").set("from_logits", from_logits).set("label_smoothing", label_smoothing);
}
Loss categorical_crossentropy(bool from_logits, double label_smoothing) {
  return Loss("categorical_crossentropy")
      .set("from_logits", from_logits)
      .set("label_smoothing", label_smoothing);
}
Loss sparse_categorical_crossentropy(bool from_logits, std::optional<int64_t> ignore_class) {
  Loss loss("sparse_categorical_crossentropy");
  if (ignore_class) loss.set("ignore_class", *ignore_class);
  return loss.set("from_logits", from_logits);
}
Loss huber(double delta) { return Loss("huber").set("delta", delta); }
Loss binary_focal_crossentropy(FocalOptions options) {
  return Loss("binary_focal_crossentropy")
      .set("alpha", options.alpha)
      .set("gamma", options.gamma)
      .set("from_logits", options.from_logits)
      .set("label_smoothing", options.label_smoothing)
      .set("apply_class_balancing", options.apply_class_balancing);
}
Loss categorical_focal_crossentropy(FocalOptions options) {
  return Loss("categorical_focal_crossentropy")
      .set("alpha", options.alpha)
      .set("gamma", options.gamma)
      .set("from_logits", options.from_logits)
      .set("label_smoothing", options.label_smoothing);
}
Loss dice(std::vector<int64_t> axis) { return Loss("dice").set("axis", std::move(axis)); }
Loss tversky(double alpha, double beta, std::vector<int64_t> axis) {
  return Loss("tversky").set("alpha", alpha).set("beta", beta).set("axis", std::move(axis));
}

}  // namespace folio

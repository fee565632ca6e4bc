#include "folio/training/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/tell.h"
#include "folio/layers/layer.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

constexpr FieldRules kRateRules = {.least = 0, .finite = true};

// A number, or a schedule.
struct Rate {
  static void read(const Json& json, void* value, const FieldRules& rules) {
    auto& rate = *static_cast<LearningRate*>(value);
    if (json.is_object())
      rate = Schedule::from_config(json, "");
    else
      read_value(json, (rate = 0.0).value, rules);
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    const auto& rate = *static_cast<const LearningRate*>(value);
    json = rate.scheduled ? rate.schedule.config() : Json(rate.value);
  }
  static void check(void* value, const FieldRules& rules) {
    check_value(static_cast<LearningRate*>(value)->value, rules);
  }
};
constexpr FieldType kRate = {Rate::read, Rate::write, Rate::check};

}  // namespace

void OptimizerBody::fields(Fields& f) {
  OptimizerOptions& o = options_;
  if (learning_rate_.defined() && !given_rate_.scheduled) given_rate_.value = learning_rate();
  f("name", o.name);
  f.visit({"learning_rate", &given_rate_, kRate, kRateRules});
  f("weight_decay", o.weight_decay, {.empty_as_null = true});
  f("clipnorm", o.clipnorm, {.empty_as_null = true});
  f("global_clipnorm", o.global_clipnorm, {.empty_as_null = true});
  f("clipvalue", o.clipvalue, {.empty_as_null = true});
  f("use_ema", o.use_ema);
  f("ema_momentum", o.ema_momentum);
  f("ema_overwrite_frequency", o.ema_overwrite_frequency, {.empty_as_null = true});
  f("loss_scale_factor", o.loss_scale_factor, {.least = 0, .finite = true, .empty_as_null = true});
  // Versions of Keras before 3.1 do not know the entry.
  f("gradient_accumulation_steps", o.gradient_accumulation_steps, {.sparing = true});
  f("form", o.form, {.words = "keras sheet"});
  for (const char* key : {"is_legacy_optimizer", "jit_compile", "decay"}) f.ignore_any(key);
  own_fields(f);
}

void OptimizerBody::finish_making() {
  if (iterations_.defined()) return;
  check_fields(class_name(), [this](Fields& f) { fields(f); });
  begin();
}

void OptimizerBody::read(const Json& config, const std::string& place) {
  learning_rate_ = Parameter();
  read_fields(
      config, place, [this](Fields& f) { fields(f); }, kKerasEntries);
  begin();
}

// Checks what settings must be together.
void OptimizerBody::begin() {
  if ((options_.clipnorm > 0) + (options_.clipvalue > 0) + (options_.global_clipnorm > 0) > 1)
    throw Error("optimizer: only one of clipnorm, clipvalue and global_clipnorm can be set; choose one");
  if (options_.gradient_accumulation_steps < 0 || options_.gradient_accumulation_steps == 1)
    throw Error("optimizer: gradient_accumulation_steps: expected at least 2, or 0 for none, got " +
                std::to_string(options_.gradient_accumulation_steps));
  if (options_.name.empty()) options_.name = snake_case(class_name());
  iterations_ = Parameter("iteration", Tensor::scalar(0, DType::int64), false);
  learning_rate_ = Parameter("learning_rate", Tensor::scalar(given_rate_.value, floatx()), false);
}

double OptimizerBody::learning_rate() const {
  return given_rate_.scheduled ? given_rate_.schedule(iterations_.value().at(0))
                               : learning_rate_.value().at(0);
}

Value OptimizerBody::rate() const {
  if (!given_rate_.scheduled) return Value(learning_rate_);
  return given_rate_.schedule.at(cast(Value(iterations_), learning_rate_.dtype()));
}

void OptimizerBody::set_learning_rate(double rate) {
  check_fields(class_name(), [&](Fields& f) { f("learning_rate", rate, kRateRules); });
  if (given_rate_.scheduled)
    throw Error(
        "optimizer: the learning rate follows a schedule and cannot be set; make the optimizer with a "
        "number");
  learning_rate_.set(Tensor::scalar(rate, learning_rate_.dtype()));
}

Json OptimizerBody::config() const {
  if (as_on_sheet())
    throw Error("optimizer: " + class_name() +
                " in the sheet's form has no place in Keras' files; save the weights alone (.weights.h5), or "
                "compile the model with the form \"keras\" first");
  Json config = settings();
  config.erase("form");
  return config;
}

Json OptimizerBody::settings() const {
  return written_fields([this](Fields& f) { const_cast<OptimizerBody*>(this)->fields(f); });
}

Parameter OptimizerBody::slot(const Parameter& weight, const std::string& role, double initial) {
  return slot_of(weight.shape(), weight, role, initial);
}

Parameter OptimizerBody::slot_of(const Shape& shape, const Parameter& weight, const std::string& role,
                                 double initial) {
  Tensor values(shape, weight.dtype());
  if (initial != 0)
    for (int64_t i = 0; i < values.count(); ++i) values.set(i, initial);
  slots_.emplace_back(weight.name() + "/" + role, std::move(values), false);
  return slots_.back();
}

Parameter OptimizerBody::scalar_slot(const std::string& role, double initial) {
  slots_.emplace_back(role, Tensor::scalar(initial, learning_rate_.dtype()), false);
  return slots_.back();
}

void OptimizerBody::build(const std::vector<Parameter>& weights) {
  if (built_) return;
  if (as_on_sheet() && !on_sheet())
    throw Error("optimizer: form: the sheet does not print " + class_name() + "; use the form \"keras\"");
  if (options_.use_ema)
    for (const Parameter& weight : weights) averages_.push_back(slot(weight, "average"));
  if (options_.gradient_accumulation_steps > 0)
    for (const Parameter& weight : weights) sums_.push_back(slot(weight, "gradient_accumulator"));
  make_slots(weights);
  built_for_ = weights;
  built_ = true;
}

// Of each weight, which of those that slots were made for it is.
std::vector<size_t> OptimizerBody::places_of(const std::vector<Parameter>& weights) const {
  std::vector<size_t> places;
  for (const Parameter& weight : weights) {
    const auto found = std::find(built_for_.begin(), built_for_.end(), weight);
    if (found == built_for_.end())
      throw Error(
          fmt::format("optimizer: {} has been trained with other weights and has no state for \"{}\"; "
                      "compile the model again after making layers trainable",
                      class_name(), weight.name()));
    places.push_back(static_cast<size_t>(found - built_for_.begin()));
  }
  return places;
}

std::vector<Parameter> OptimizerBody::variables() const {
  std::vector<Parameter> all{iterations_};
  if (!given_rate_.scheduled) all.push_back(learning_rate_);
  all.insert(all.end(), slots_.begin(), slots_.end());
  return all;
}

Value OptimizerBody::step_number() const {
  const auto batches = static_cast<double>(options_.gradient_accumulation_steps);
  if (batches == 0) return cast(Value(iterations_) + constant(1, DType::int64), learning_rate_.dtype());
  return floor(cast(Value(iterations_), learning_rate_.dtype()) / batches) + 1.0;
}

Value OptimizerBody::scaled(const Value& loss) const {
  return options_.loss_scale_factor > 0 ? loss * options_.loss_scale_factor : loss;
}

// Between steps nothing changes but the sums of gradients, which start anew after each.
void OptimizerBody::accumulate(const Values& gradients, const std::vector<size_t>& places,
                               std::vector<Update>& updates) const {
  const auto batches = static_cast<double>(options_.gradient_accumulation_steps);
  const Value number = cast(Value(iterations_) + constant(1, DType::int64), learning_rate_.dtype()),
              last = floor(number / batches) * batches >= number;
  for (Update& update : updates) update.value = select(last, update.value, Value(update.parameter));
  for (size_t i = 0; i < gradients.size(); ++i) {
    const Parameter& sum = sums_[places[i]];
    updates.push_back({sum, select(last, constant(0, sum.dtype()), Value(sum) + gradients[i])});
  }
}

Values OptimizerBody::clipped(Values gradients) const {
  if (options_.clipvalue > 0)
    for (Value& g : gradients) g = minimum(maximum(g, -options_.clipvalue), options_.clipvalue);
  if (options_.clipnorm > 0)
    for (Value& g : gradients) {
      const Value norm = sqrt(sum(square(g)));
      g = g * (options_.clipnorm / maximum(norm, options_.clipnorm));
    }
  if (options_.global_clipnorm > 0 && !gradients.empty()) {
    Value total;
    for (const Value& g : gradients) {
      const Value squares = sum(square(g));
      total = total.defined() ? total + squares : squares;
    }
    const Value factor = options_.global_clipnorm / maximum(sqrt(total), options_.global_clipnorm);
    for (Value& g : gradients) g = g * factor;
  }
  return gradients;
}

std::vector<Update> OptimizerBody::updates(const std::vector<Parameter>& weights, const Values& given) {
  build(weights);
  const std::vector<size_t> places = places_of(weights);
  Values gradients = given;
  if (options_.loss_scale_factor > 0)
    for (Value& g : gradients) g = g / options_.loss_scale_factor;
  const Values of_batch = gradients;
  if (const auto batches = static_cast<double>(options_.gradient_accumulation_steps); batches > 0)
    for (size_t i = 0; i < gradients.size(); ++i)
      gradients[i] = (gradients[i] + Value(sums_[places[i]])) / batches;
  gradients = clipped(std::move(gradients));
  std::vector<Update> updates;
  begin_step(updates);
  for (size_t i = 0; i < weights.size(); ++i) {
    const Scope scope("update " + weights[i].name());
    const size_t before = updates.size();
    step(places[i], weights[i], gradients[i], updates);
    // Decay acts on the weight before the step: w - w * decay * rate, and the step's change after it.
    if (options_.weight_decay > 0)
      for (size_t u = before; u < updates.size(); ++u)
        if (updates[u].parameter == weights[i])
          updates[u].value = updates[u].value - Value(weights[i]) * (options_.weight_decay * rate());
  }
  if (options_.gradient_accumulation_steps > 0) accumulate(of_batch, places, updates);
  if (options_.use_ema) average(weights, places, updates);
  updates.push_back({iterations_, Value(iterations_) + constant(1, DType::int64)});
  return updates;
}

// The first step copies; later ones mix the new weights in.
void OptimizerBody::average(const std::vector<Parameter>& weights, const std::vector<size_t>& places,
                            std::vector<Update>& updates) const {
  const Value step = step_number(), kept = select(step > 1.0, number(options_.ema_momentum), number(0));
  for (size_t i = 0; i < weights.size(); ++i)
    for (Update& update : updates) {
      if (!(update.parameter == weights[i])) continue;
      const Parameter& average = averages_[places[i]];
      const Value mean = kept * Value(average) + (1.0 - kept) * update.value;
      if (const auto every = static_cast<double>(options_.ema_overwrite_frequency); every > 0)
        update.value = select(floor(step / every) * every >= step, mean, update.value);
      updates.push_back({average, mean});
      break;
    }
}

void OptimizerBody::finish(const std::vector<Parameter>& weights) const {
  if (!options_.use_ema || !built_ || iterations_.value().at(0) == 0) return;
  const std::vector<size_t> places = places_of(weights);
  for (size_t i = 0; i < weights.size(); ++i) Parameter(weights[i]).set(averages_[places[i]].value());
}

Optimizer::Optimizer(const std::string& name) {
  std::string names;
  for (const OptimizerRow& row : optimizer_catalog()) {
    if (name == row.name || name == row.class_name) {
      *this = row.make();
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error("optimizer: expected one of " + names + ", got \"" + name + "\"");
}

Optimizer Optimizer::fresh(double learning_rate) const {
  Json settings = body_->settings();
  settings["learning_rate"] = learning_rate;
  return from_config({{"class_name", body_->class_name()}, {"config", settings}}, "optimizer");
}

Optimizer OptimizerRow::from_config(const Json& config, const std::string& place) const {
  Optimizer optimizer = make();
  optimizer->read(config, place);
  return optimizer;
}

// Keras 2 divided the rate of step t by 1 + decay t. Its Nadam meant something else by the word.
static void honour_decay(Json& config, const std::string& class_name, const std::string& place) {
  const auto decay = config.find("decay");
  if (decay == config.end() || !decay->is_number() || decay->get<double>() == 0) return;
  if (class_name == "Nadam") {
    warn(fmt::format(
        "{}: this is the Nadam of Keras before 2.11, whose momentum follows another schedule (decay "
        "{}); it is trained as today's, which has none",
        place, decay->get<double>()));
    return;
  }
  const auto rate = config.find("learning_rate");
  if (rate != config.end() && rate->is_number())
    *rate = InverseTimeDecay(rate->get<double>(), 1, decay->get<double>()).config();
}

Optimizer Optimizer::from_config(const Json& envelope, const std::string& place) {
  if (envelope.is_string()) return Optimizer(envelope.get<std::string>());
  if (!envelope.is_object() || !envelope.contains("class_name") || !envelope["class_name"].is_string())
    throw Error(place + ": expected an optimizer with class_name and config, got " +
                envelope.dump().substr(0, 80));
  const auto name = envelope["class_name"].get<std::string>();
  Json config = envelope.value("config", Json::object());
  if (config.is_object()) honour_decay(config, name, place);
  std::string names;
  for (const OptimizerRow& row : optimizer_catalog()) {
    if (name == row.class_name) return row.from_config(config, place + " (" + name + ")");
    names += (names.empty() ? "" : ", ") + std::string(row.class_name);
  }
  throw Error(place + ": expected one of the optimizers " + names + ", got \"" + name + "\"");
}

}  // namespace folio

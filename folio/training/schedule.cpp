#include "folio/training/schedule.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/ops/elementwise.h"

namespace folio {

class Schedule::Body {
 public:
  virtual ~Body() = default;
  virtual std::string class_name() const = 0;
  virtual Json config() const = 0;
  virtual double rate(double step) const = 0;
  virtual Value rate(const Value& step) const = 0;
};

namespace {

// Each formula is written once, for numbers and for values of graphs; these are the words that numbers lack.
double minimum(double a, double b) { return std::min(a, b); }
double maximum(double a, double b) { return std::max(a, b); }
double choose(bool condition, double a, double b) { return condition ? a : b; }
using folio::cos, folio::floor, folio::log, folio::maximum, folio::minimum, folio::pow;
using std::cos, std::floor, std::log, std::pow;
Value constant_like(double value, const Value& like) { return constant(value, like.dtype()); }
double constant_like(double value, double) { return value; }
Value choose(const Value& condition, const Value& a, const Value& b) { return select(condition, a, b); }

/// `Formula` has a class name, a list of fields and a template `at(step)`.
template <class Formula>
class BodyOf final : public Schedule::Body {
 public:
  explicit BodyOf(Formula formula) : formula_(std::move(formula)) {}
  std::string class_name() const override { return Formula::kName; }
  Json config() const override {
    Formula copy = formula_;
    return written_fields([&](Fields& f) { copy.fields(f); });
  }
  double rate(double step) const override { return formula_.at(step); }
  Value rate(const Value& step) const override { return formula_.at(step); }

 private:
  Formula formula_;
};

template <class Formula>
Schedule make(Formula formula) {
  check_fields(Formula::kName, [&](Fields& f) { formula.fields(f); });
  if constexpr (requires { formula.check(); }) formula.check();
  return Schedule(std::make_shared<const BodyOf<Formula>>(std::move(formula)));
}

template <class Formula>
Schedule read(const Json& config, const std::string& place) {
  Formula formula;
  read_fields(
      config, place, [&](Fields& f) { formula.fields(f); }, kKerasEntries);
  return make(std::move(formula));
}

constexpr FieldRules kRequired = {.required = true}, kSteps = {.required = true, .above = 0};

struct Exponential {
  static constexpr auto kName = "ExponentialDecay";
  double initial = 0, steps = 1, decay = 1;
  bool staircase = false;
  template <class T>
  T at(const T& step) const {
    const T part = step / steps;
    return initial * pow(constant_like(decay, step), staircase ? T(floor(part)) : part);
  }
  void fields(Fields& f) {
    f("initial_learning_rate", initial, kRequired);
    f("decay_steps", steps, kSteps);
    f("decay_rate", decay, kRequired);
    f("staircase", staircase);
  }
};

struct InverseTime {
  static constexpr auto kName = "InverseTimeDecay";
  double initial = 0, steps = 1, decay = 1;
  bool staircase = false;
  template <class T>
  T at(const T& step) const {
    const T part = step / steps;
    return constant_like(initial, step) / (1.0 + decay * (staircase ? T(floor(part)) : part));
  }
  void fields(Fields& f) {
    f("initial_learning_rate", initial, kRequired);
    f("decay_steps", steps, kSteps);
    f("decay_rate", decay, kRequired);
    f("staircase", staircase);
  }
};

struct Power {
  static constexpr auto kName = "PowerScheduling";
  double initial = 0, steps = 1, power = 1;
  template <class T>
  T at(const T& step) const {
    return initial * pow(1.0 + step / steps, -power);
  }
  void fields(Fields& f) {
    f("initial_learning_rate", initial, kRequired);
    f("decay_steps", steps, kSteps);
    f("power", power, {.finite = true});
  }
};

struct PiecewiseConstant {
  static constexpr auto kName = "PiecewiseConstantDecay";
  std::vector<double> boundaries, values;
  template <class T>
  T at(const T& step) const {
    T result = constant_like(values.back(), step);
    for (size_t i = boundaries.size(); i-- > 0;)
      result = choose(step <= boundaries[i], constant_like(values[i], step), result);
    return result;
  }
  void fields(Fields& f) {
    f("boundaries", boundaries, {.required = true, .not_empty = true});
    f("values", values, kRequired);
  }
  void check() const {
    if (values.size() != boundaries.size() + 1)
      throw Error(
          fmt::format("PiecewiseConstantDecay: values: expected one more than boundaries, got {} and {}",
                      values.size(), boundaries.size()));
  }
};

struct Polynomial {
  static constexpr auto kName = "PolynomialDecay";
  double initial = 0, steps = 1, end = 1e-4, power = 1;
  bool cycle = false;
  template <class T>
  T at(const T& step) const {
    // The first multiple of `steps` that is not before the step.
    const T turns = maximum(0.0 - T(floor(0.0 - step / steps)), 1.0);
    const T part = cycle ? step / (steps * turns) : minimum(step, steps) / steps;
    return (initial - end) * pow(1.0 - part, power) + end;
  }
  void fields(Fields& f) {
    f("initial_learning_rate", initial, kRequired);
    f("decay_steps", steps, kSteps);
    f("end_learning_rate", end);
    f("power", power);
    f("cycle", cycle);
  }
};

struct Cosine {
  static constexpr auto kName = "CosineDecay";
  double initial = 0, steps = 1;
  CosineDecayOptions options = {};
  bool warm() const { return options.warmup_target > 0; }
  template <class T>
  T at(const T& step) const {
    const double before = warm() ? options.warmup_steps : 0, top = warm() ? options.warmup_target : initial;
    const T here = minimum(step, steps + before), part = (here - before) / steps;
    const T decayed =
        top * ((1 - options.alpha) * (0.5 * (1.0 + cos(std::numbers::pi * part))) + options.alpha);
    if (before == 0) return decayed;
    return choose(here < before, (top - initial) * (here / before) + initial, decayed);
  }
  void fields(Fields& f) {
    f("initial_learning_rate", initial, kRequired);
    f("decay_steps", steps, kSteps);
    f("alpha", options.alpha);
    f("warmup_target", options.warmup_target, {.empty_as_null = true});
    f("warmup_steps", options.warmup_steps, {.least = 0});
  }
};

struct CosineRestarts {
  static constexpr auto kName = "CosineDecayRestarts";
  double initial = 0, first_steps = 1, t_mul = 2, m_mul = 1, alpha = 0;
  template <class T>
  T at(const T& step) const {
    const T turns = step / first_steps;
    T restarts = floor(turns), part = turns - restarts;
    if (t_mul != 1) {  // turns of growing length: a geometric series
      restarts = floor(log(1.0 - turns * (1 - t_mul)) / std::log(t_mul));
      const T length = pow(constant_like(t_mul, step), restarts);
      part = (turns - (1.0 - length) / (1 - t_mul)) / length;
    }
    const T height = pow(constant_like(m_mul, step), restarts);
    return initial * ((1 - alpha) * (0.5 * height * (1.0 + cos(std::numbers::pi * part))) + alpha);
  }
  void fields(Fields& f) {
    f("initial_learning_rate", initial, kRequired);
    f("first_decay_steps", first_steps, kSteps);
    f("t_mul", t_mul, {.least = 1});
    f("m_mul", m_mul);
    f("alpha", alpha);
  }
};

}  // namespace

Schedule ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                          bool staircase) {
  return make(Exponential{initial_learning_rate, decay_steps, decay_rate, staircase});
}
Schedule InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                          bool staircase) {
  return make(InverseTime{initial_learning_rate, decay_steps, decay_rate, staircase});
}
Schedule ExponentialScheduling(double initial_learning_rate, double decay_steps) {
  return ExponentialDecay(initial_learning_rate, decay_steps, 0.1);
}
Schedule PowerScheduling(double initial_learning_rate, double decay_steps, double power) {
  if (power == 1) return InverseTimeDecay(initial_learning_rate, decay_steps, 1);
  return make(Power{initial_learning_rate, decay_steps, power});
}
Schedule OneCycle(double max_learning_rate, double total_steps, OneCycleOptions options) {
  check_fields("OneCycle", [&](Fields& f) {
    f("total_steps", total_steps, {.above = 0});
    f("share_up", options.share_up, {.above = 0, .below = 1});
    f("div_factor", options.div_factor, {.above = 0});
    f("final_div_factor", options.final_div_factor, {.above = 0});
  });
  const double up = options.share_up * total_steps;
  return CosineDecay(max_learning_rate / options.div_factor, total_steps - up,
                     {.alpha = 1 / (options.div_factor * options.final_div_factor),
                      .warmup_target = max_learning_rate,
                      .warmup_steps = up});
}
Schedule PiecewiseConstantDecay(std::vector<double> boundaries, std::vector<double> values) {
  return make(PiecewiseConstant{std::move(boundaries), std::move(values)});
}
Schedule PolynomialDecay(double initial_learning_rate, double decay_steps, double end_learning_rate,
                         double power, bool cycle) {
  return make(Polynomial{initial_learning_rate, decay_steps, end_learning_rate, power, cycle});
}
Schedule CosineDecay(double initial_learning_rate, double decay_steps, CosineDecayOptions options) {
  return make(Cosine{initial_learning_rate, decay_steps, options});
}
Schedule CosineDecayRestarts(double initial_learning_rate, double first_decay_steps, double t_mul,
                             double m_mul, double alpha) {
  return make(CosineRestarts{initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha});
}

const std::vector<ScheduleRow>& schedule_catalog() {
  static const std::vector<ScheduleRow> rows = {
      {"CosineDecay", "half a cosine, after a warm-up if wanted", read<Cosine>},
      {"CosineDecayRestarts", "cosines one after the other", read<CosineRestarts>},
      {"ExponentialDecay", "a constant factor every so many steps", read<Exponential>},
      {"InverseTimeDecay", "one over a line", read<InverseTime>},
      {"PiecewiseConstantDecay", "steps down at given places", read<PiecewiseConstant>},
      {"PolynomialDecay", "a power of the steps that are left", read<Polynomial>},
  };
  return rows;
}

Schedule Schedule::from_config(const Json& envelope, const std::string& place) {
  const Json name = envelope.is_object() ? envelope.value("class_name", Json()) : Json();
  std::string names;
  for (const ScheduleRow& row : schedule_catalog()) {
    if (name == row.class_name)
      return row.from_config(envelope.value("config", Json::object()), place + " (" + row.class_name + ")");
    names += (names.empty() ? "" : ", ") + std::string(row.class_name);
  }
  throw Error(fmt::format("{}: expected a number or one of the schedules {}, got {}", place, names,
                          envelope.dump().substr(0, 80)));
}

Json Schedule::config() const {
  const std::string name = body_->class_name();
  if (name == Power::kName)
    throw Error(
        "PowerScheduling: has no place in Keras' files unless its power is 1; save the weights alone "
        "(.weights.h5), or compile the model with another learning rate first");
  Json config = body_->config();
  config["name"] = name;
  return keras_object("keras.optimizers.schedules", name, std::move(config));
}

double Schedule::operator()(double step) const { return body_->rate(step); }
Value Schedule::at(const Value& step) const { return body_->rate(step); }

}  // namespace folio

#include "folio/training/schedule.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
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

/// `Formula` has a class_name, a config and a template `at(step)`.
template <class Formula>
class BodyOf final : public Schedule::Body {
 public:
  explicit BodyOf(Formula formula) : formula_(std::move(formula)) {}
  std::string class_name() const override { return Formula::kName; }
  Json config() const override { return formula_.config(); }
  double rate(double step) const override { return formula_.at(step); }
  Value rate(const Value& step) const override { return formula_.at(step); }

 private:
  Formula formula_;
};

template <class Formula>
Schedule make(Formula formula) {
  return Schedule(std::make_shared<const BodyOf<Formula>>(std::move(formula)));
}

void check(bool good, const char* name, const char* what, const char* expected, double got) {
  if (!good) throw Error(fmt::format("{}: {}: expected {}, got {}", name, what, expected, got));
}

struct Exponential {
  static constexpr auto kName = "ExponentialDecay";
  double initial, steps, decay;
  bool staircase;
  template <class T>
  T at(const T& step) const {
    const T part = step / steps;
    return initial * pow(constant_like(decay, step), staircase ? T(floor(part)) : part);
  }
  Json config() const {
    return {{"initial_learning_rate", initial},
            {"decay_steps", steps},
            {"decay_rate", decay},
            {"staircase", staircase}};
  }
};

struct InverseTime {
  static constexpr auto kName = "InverseTimeDecay";
  double initial, steps, decay;
  bool staircase;
  template <class T>
  T at(const T& step) const {
    const T part = step / steps;
    return constant_like(initial, step) / (1.0 + decay * (staircase ? T(floor(part)) : part));
  }
  Json config() const {
    return {{"initial_learning_rate", initial},
            {"decay_steps", steps},
            {"decay_rate", decay},
            {"staircase", staircase}};
  }
};

struct Power {
  static constexpr auto kName = "PowerScheduling";
  double initial, steps, power;
  template <class T>
  T at(const T& step) const {
    return initial * pow(1.0 + step / steps, -power);
  }
  Json config() const {
    throw Error(
        "PowerScheduling: has no place in Keras' files unless its power is 1; save the weights alone "
        "(.weights.h5), or compile the model with another learning rate first");
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
  Json config() const { return {{"boundaries", boundaries}, {"values", values}}; }
};

struct Polynomial {
  static constexpr auto kName = "PolynomialDecay";
  double initial, steps, end, power;
  bool cycle;
  template <class T>
  T at(const T& step) const {
    // The first multiple of `steps` that is not before the step.
    const T turns = maximum(0.0 - T(floor(0.0 - step / steps)), 1.0);
    const T part = cycle ? step / (steps * turns) : minimum(step, steps) / steps;
    return (initial - end) * pow(1.0 - part, power) + end;
  }
  Json config() const {
    return {{"initial_learning_rate", initial},
            {"decay_steps", steps},
            {"end_learning_rate", end},
            {"power", power},
            {"cycle", cycle}};
  }
};

struct Cosine {
  static constexpr auto kName = "CosineDecay";
  double initial, steps;
  CosineDecayOptions options;
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
  Json config() const {
    return {{"initial_learning_rate", initial},
            {"decay_steps", steps},
            {"alpha", options.alpha},
            {"warmup_target", warm() ? Json(options.warmup_target) : Json()},
            {"warmup_steps", options.warmup_steps}};
  }
};

struct CosineRestarts {
  static constexpr auto kName = "CosineDecayRestarts";
  double initial, first_steps, t_mul, m_mul, alpha;
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
  Json config() const {
    return {{"initial_learning_rate", initial},
            {"first_decay_steps", first_steps},
            {"t_mul", t_mul},
            {"m_mul", m_mul},
            {"alpha", alpha}};
  }
};

std::vector<double> numbers(ConfigReader& read, const char* key) {
  const Json& list = read.raw(key);
  std::vector<double> result;
  if (!list.is_array()) read.fail(key, "a list of numbers");
  for (const Json& item : list) {
    if (!item.is_number()) read.fail(key, "a list of numbers");
    result.push_back(item.get<double>());
  }
  return result;
}

double required(ConfigReader& read, const char* key) {
  if (!read.has(key)) read.fail(key, "a number");
  return read.number(key, 0);
}

template <Schedule (*make)(double, double, double, bool)>
Schedule read_decay(const Json& config, const std::string& place) {
  ConfigReader read(config, place);
  const double initial = required(read, "initial_learning_rate"), steps = required(read, "decay_steps"),
               decay = required(read, "decay_rate");
  const bool staircase = read.flag("staircase", false);
  read.finish();
  return make(initial, steps, decay, staircase);
}

}  // namespace

Schedule ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                          bool staircase) {
  check(decay_steps > 0, Exponential::kName, "decay_steps", "a number above 0", decay_steps);
  return make(Exponential{initial_learning_rate, decay_steps, decay_rate, staircase});
}
Schedule InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                          bool staircase) {
  check(decay_steps > 0, InverseTime::kName, "decay_steps", "a number above 0", decay_steps);
  return make(InverseTime{initial_learning_rate, decay_steps, decay_rate, staircase});
}
Schedule ExponentialScheduling(double initial_learning_rate, double decay_steps) {
  return ExponentialDecay(initial_learning_rate, decay_steps, 0.1);
}
Schedule PowerScheduling(double initial_learning_rate, double decay_steps, double power) {
  if (power == 1) return InverseTimeDecay(initial_learning_rate, decay_steps, 1);
  check(decay_steps > 0, Power::kName, "decay_steps", "a number above 0", decay_steps);
  check(std::isfinite(power), Power::kName, "power", "a finite number", power);
  return make(Power{initial_learning_rate, decay_steps, power});
}
Schedule OneCycle(double max_learning_rate, double total_steps, OneCycleOptions options) {
  check(total_steps > 0, "OneCycle", "total_steps", "a number above 0", total_steps);
  check(options.share_up > 0 && options.share_up < 1, "OneCycle", "share_up", "a number between 0 and 1",
        options.share_up);
  check(options.div_factor > 0, "OneCycle", "div_factor", "a number above 0", options.div_factor);
  check(options.final_div_factor > 0, "OneCycle", "final_div_factor", "a number above 0",
        options.final_div_factor);
  const double up = options.share_up * total_steps;
  return CosineDecay(max_learning_rate / options.div_factor, total_steps - up,
                     {.alpha = 1 / (options.div_factor * options.final_div_factor),
                      .warmup_target = max_learning_rate,
                      .warmup_steps = up});
}
Schedule PiecewiseConstantDecay(std::vector<double> boundaries, std::vector<double> values) {
  if (boundaries.empty() || values.size() != boundaries.size() + 1)
    throw Error(
        fmt::format("PiecewiseConstantDecay: values: expected one more than boundaries, got {} and {}",
                    values.size(), boundaries.size()));
  return make(PiecewiseConstant{std::move(boundaries), std::move(values)});
}
Schedule PolynomialDecay(double initial_learning_rate, double decay_steps, double end_learning_rate,
                         double power, bool cycle) {
  check(decay_steps > 0, Polynomial::kName, "decay_steps", "a number above 0", decay_steps);
  return make(Polynomial{initial_learning_rate, decay_steps, end_learning_rate, power, cycle});
}
Schedule CosineDecay(double initial_learning_rate, double decay_steps, CosineDecayOptions options) {
  check(decay_steps > 0, Cosine::kName, "decay_steps", "a number above 0", decay_steps);
  check(options.warmup_steps >= 0, Cosine::kName, "warmup_steps", "at least 0", options.warmup_steps);
  return make(Cosine{initial_learning_rate, decay_steps, options});
}
Schedule CosineDecayRestarts(double initial_learning_rate, double first_decay_steps, double t_mul,
                             double m_mul, double alpha) {
  check(first_decay_steps > 0, CosineRestarts::kName, "first_decay_steps", "a number above 0",
        first_decay_steps);
  check(t_mul >= 1, CosineRestarts::kName, "t_mul", "at least 1", t_mul);
  return make(CosineRestarts{initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha});
}

const std::vector<ScheduleRow>& schedule_catalog() {
  static const std::vector<ScheduleRow> rows = {
      {"CosineDecay", "half a cosine, after a warm-up if wanted",
       [](const Json& config, const std::string& place) {
         ConfigReader read(config, place);
         const double initial = required(read, "initial_learning_rate"),
                      steps = required(read, "decay_steps");
         const CosineDecayOptions options{read.number("alpha", 0), read.number("warmup_target", 0),
                                          read.number("warmup_steps", 0)};
         read.finish();
         return CosineDecay(initial, steps, options);
       }},
      {"CosineDecayRestarts", "cosines one after the other",
       [](const Json& config, const std::string& place) {
         ConfigReader read(config, place);
         const double initial = required(read, "initial_learning_rate"),
                      steps = required(read, "first_decay_steps"), t_mul = read.number("t_mul", 2),
                      m_mul = read.number("m_mul", 1), alpha = read.number("alpha", 0);
         read.finish();
         return CosineDecayRestarts(initial, steps, t_mul, m_mul, alpha);
       }},
      {"ExponentialDecay", "a constant factor every so many steps", read_decay<ExponentialDecay>},
      {"InverseTimeDecay", "one over a line", read_decay<InverseTimeDecay>},
      {"PiecewiseConstantDecay", "steps down at given places",
       [](const Json& config, const std::string& place) {
         ConfigReader read(config, place);
         auto boundaries = numbers(read, "boundaries"), values = numbers(read, "values");
         read.finish();
         return PiecewiseConstantDecay(std::move(boundaries), std::move(values));
       }},
      {"PolynomialDecay", "a power of the steps that are left",
       [](const Json& config, const std::string& place) {
         ConfigReader read(config, place);
         const double initial = required(read, "initial_learning_rate"),
                      steps = required(read, "decay_steps"), end = read.number("end_learning_rate", 1e-4),
                      power = read.number("power", 1);
         const bool cycle = read.flag("cycle", false);
         read.finish();
         return PolynomialDecay(initial, steps, end, power, cycle);
       }},
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
  Json config = body_->config();
  config["name"] = body_->class_name();
  return {{"module", "keras.optimizers.schedules"},
          {"class_name", body_->class_name()},
          {"config", config},
          {"registered_name", nullptr}};
}

double Schedule::operator()(double step) const { return body_->rate(step); }
Value Schedule::at(const Value& step) const { return body_->rate(step); }

}  // namespace folio

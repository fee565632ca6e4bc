// Learning rates that change with the step. (sheet D2)
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/graph/value.h"

namespace folio {

/// A formula for the rate of each step, counted from 0. A cheap shared handle.
class Schedule {
 public:
  /// What a schedule is; made by the functions below.
  class Body;

  Schedule() = default;
  explicit Schedule(std::shared_ptr<const Body> body) : body_(std::move(body)) {}
  /// From Keras' envelope {class_name, config}; throws `Error` naming `place`.
  static Schedule from_config(const Json& envelope, const std::string& place);
  /// Keras' envelope.
  Json config() const;
  /// The rate of step `step`.
  double operator()(double step) const;
  /// The same as a float scalar of a graph.
  Value at(const Value& step) const;

 private:
  std::shared_ptr<const Body> body_;
};

/// rate * decay_rate ^ (step / decay_steps); `staircase` takes whole powers only.
Schedule ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                          bool staircase = false);
/// rate * 10 ^ (-step / decay_steps), as the sheet prints it: ExponentialDecay with the rate 0.1.
Schedule ExponentialScheduling(double initial_learning_rate, double decay_steps);
/// rate * (1 + step / decay_steps) ^ -power, as the sheet prints it. With the power 1 it is InverseTimeDecay;
/// no other has a place in Keras' files, and saving it throws `Error`.
Schedule PowerScheduling(double initial_learning_rate, double decay_steps, double power = 1);
/// rate / (1 + decay_rate * step / decay_steps)
Schedule InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                          bool staircase = false);
/// values[0] up to and with step boundaries[0], then values[1], …: one value more than boundaries, which
/// ascend.
Schedule PiecewiseConstantDecay(std::vector<double> boundaries, std::vector<double> values);
/// From the initial rate to the last one along (1 - step / decay_steps) ^ power. `cycle` begins anew, each
/// time over a longer stretch.
Schedule PolynomialDecay(double initial_learning_rate, double decay_steps, double end_learning_rate = 1e-4,
                         double power = 1, bool cycle = false);

struct CosineDecayOptions {
  double alpha = 0;          ///< the last rate, as a share of the first
  double warmup_target = 0;  ///< where `warmup_steps` lead; the cosine begins there
  double warmup_steps = 0;
};
/// Half a cosine from the initial rate down to alpha times it; before that, a straight line up to the target.
Schedule CosineDecay(double initial_learning_rate, double decay_steps, CosineDecayOptions options = {});
struct OneCycleOptions {
  double share_up = 0.3;          ///< of all steps, those on which the rate rises
  double div_factor = 25;         ///< the highest rate over the first
  double final_div_factor = 1e4;  ///< the first rate over the last
};
/// One cycle (Smith 2018): a straight line up to `max_learning_rate`, then half a cosine down, far below the
/// first rate, over `total_steps` together. It is Keras' CosineDecay with a warm-up.
Schedule OneCycle(double max_learning_rate, double total_steps, OneCycleOptions options = {});
/// Cosines one after the other, each t_mul times as long and m_mul times as high (SGDR, Loshchilov 2016).
Schedule CosineDecayRestarts(double initial_learning_rate, double first_decay_steps, double t_mul = 2,
                             double m_mul = 1, double alpha = 0);

/// A number or a schedule, for optimizers.
struct LearningRate {
  LearningRate(double value) : value(value) {}  // NOLINT: numbers convert
  LearningRate(Schedule schedule) : schedule(std::move(schedule)), scheduled(true) {}  // NOLINT
  double value = 0;
  Schedule schedule;
  bool scheduled = false;
};

/// All schedules: what look-up, files and tests walk.
struct ScheduleRow {
  const char *class_name, *what;
  Schedule (*from_config)(const Json& config, const std::string& place);
};
const std::vector<ScheduleRow>& schedule_catalog();

}  // namespace folio

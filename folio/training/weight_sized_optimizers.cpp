// The optimizers whose steps are measured by the size of the weights.

#include "folio/base/fields.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/training/optimizer.h"

namespace folio {
namespace {

Value root_mean_square(const Value& x) { return sqrt(mean(square(x))); }

class LambBody final : public OptimizerBody {
 public:
  LambBody(LearningRate rate, double beta_1, double beta_2, double epsilon, OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)),
        beta_1_(beta_1),
        beta_2_(beta_2),
        epsilon_(epsilon) {}
  std::string class_name() const override { return "Lamb"; }

 private:
  void own_fields(Fields& f) override {
    f("beta_1", beta_1_);
    f("beta_2", beta_2_);
    f("epsilon", epsilon_);
  }
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) {
      means_.push_back(slot(weight, "momentum"));
      squares_.push_back(slot(weight, "velocity"));
    }
  }
  void begin_step(std::vector<Update>&) override {
    const Value t = step_number();
    of_mean_ = 1.0 - pow(number(beta_1_), t), of_square_ = 1.0 - pow(number(beta_2_), t);
    rate_ = rate();
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value w(weight), m(means_[i]), v(squares_[i]);
    const Value mean = m + (gradient - m) * (1 - beta_1_),
                squared = v + (square(gradient) - v) * (1 - beta_2_);
    updates.push_back({means_[i], mean});
    updates.push_back({squares_[i], squared});
    const Value change = mean / of_mean_ / (sqrt(squared / of_square_) + epsilon_);
    const Value size = sqrt(sum(square(w))), length = sqrt(sum(square(change)));
    const Value one = constant(1, w.dtype()),
                ratio = select((size > 0.0) * (length > 0.0), size / length, one);
    updates.push_back({weight, w - ratio * rate_ * change});
  }
  double beta_1_, beta_2_, epsilon_;
  std::vector<Parameter> means_, squares_;
  Value of_mean_, of_square_, rate_;
};

class AdafactorBody final : public OptimizerBody {
 public:
  AdafactorBody(LearningRate rate, AdafactorOptions adafactor, OptimizerOptions options)
      : OptimizerBody(std::move(rate), std::move(options)), own_(adafactor) {}
  std::string class_name() const override { return "Adafactor"; }

 private:
  void own_fields(Fields& f) override {
    f("beta_2_decay", own_.beta_2_decay);
    f("epsilon_1", own_.epsilon_1);
    f("epsilon_2", own_.epsilon_2);
    f("clip_threshold", own_.clip_threshold);
    f("relative_step", own_.relative_step);
  }
  // Rows and columns of the last two dimensions. Where there are none Keras keeps a number that it never
  // uses.
  void make_slots(const std::vector<Parameter>& weights) override {
    for (const Parameter& weight : weights) {
      const bool factored = weight.shape().rank() > 1;
      rows_.push_back(factored ? slot_of(weight.shape().without(-1), weight, "row") : scalar_slot("row", 0));
      columns_.push_back(factored ? slot_of(weight.shape().without(-2), weight, "column")
                                  : scalar_slot("column", 0));
      squares_.push_back(slot(weight, "velocity"));
    }
  }
  void begin_step(std::vector<Update>&) override {
    const Value t = step_number();
    forget_ = pow(t, own_.beta_2_decay);
    rate_ = minimum(rate(), rsqrt(t));
  }
  // The running mean of what is new.
  Value followed(const Parameter& mean, const Value& now, std::vector<Update>& updates) const {
    updates.push_back({mean, (1.0 - forget_) * Value(mean) + forget_ * now});
    return updates.back().value;
  }
  void step(size_t i, const Parameter& weight, const Value& gradient, std::vector<Update>& updates) override {
    const Value w(weight), squares = square(gradient) + own_.epsilon_1;
    Value velocity;
    if (w.rank() > 1) {
      const Value row = followed(rows_[i], mean(squares, {-1}), updates),
                  column = followed(columns_[i], mean(squares, {-2}), updates);
      const Value shares = row / mean(row, {-1}, true);
      velocity = reshape(shares, shares.shape().joined({1})) *
                 reshape(column, column.shape().inserted(column.rank() - 1, 1));
      updates.push_back({squares_[i], velocity});
    } else {
      velocity = followed(squares_[i], squares, updates);
    }
    const Value change = gradient / sqrt(velocity),
                kept = change / maximum(root_mean_square(change) / own_.clip_threshold, 1.0);
    const Value size = maximum(root_mean_square(w), own_.epsilon_2);
    updates.push_back({weight, w - size * rate_ * kept});
  }
  AdafactorOptions own_;
  std::vector<Parameter> rows_, columns_, squares_;
  Value forget_, rate_;
};

}  // namespace

Lamb::Lamb(LearningRate rate, double beta_1, double beta_2, double epsilon, OptimizerOptions options)
    : Optimizer(std::make_shared<LambBody>(std::move(rate), beta_1, beta_2, epsilon, std::move(options))) {}
Adafactor::Adafactor(LearningRate rate, AdafactorOptions adafactor, OptimizerOptions options)
    : Optimizer(std::make_shared<AdafactorBody>(std::move(rate), adafactor, std::move(options))) {}

}  // namespace folio

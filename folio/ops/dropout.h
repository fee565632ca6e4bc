// Dropout: elements set to 0 at random.
#pragma once
#include "folio/base/random.h"
#include "folio/graph/op.h"

namespace folio {

/// Elements of x survive with probability 1 - rate and are divided by it (sheet D4; errata 9). Which ones
/// survive is a function of (seed, site, step, row, feature): row counts the first dimension, feature all
/// others. It is linear in x, so its gradient is itself. x: (rows, …), step: int64 scalar, the training step.
class DropoutOp final : public Op {
 public:
  DropoutOp(double rate, uint64_t seed, uint32_t site) : rate_(rate), seed_(seed), site_(site) {}
  std::string name() const override { return "Dropout"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node&) const override {
    return {.apart = true, .aligned = {true, false}, .numbered = true};
  }
  double rate() const { return rate_; }
  uint64_t seed() const { return seed_; }
  uint32_t site() const { return site_; }
  /// An element is kept when its random word is at least this.
  static uint32_t threshold(double rate) { return static_cast<uint32_t>(rate * 0x1p32); }

 private:
  double rate_;
  uint64_t seed_;
  uint32_t site_;
};

/// rate in [0, 1); 0 gives x itself.
Value dropout(const Value& x, const Value& step, double rate, uint64_t seed, uint32_t site);

}  // namespace folio

// Uniform random numbers.
#pragma once
#include "folio/base/random.h"
#include "folio/graph/op.h"

namespace folio {

/// Numbers from 0 to below 1, each a function of (seed, site, step, row, feature): row counts the first
/// dimension, feature all others. step: int64 scalar, the training step -> shape
class RandomUniformOp final : public Op {
 public:
  RandomUniformOp(TensorType type, uint64_t seed, uint32_t site)
      : type_(std::move(type)), seed_(seed), site_(site) {}
  std::string name() const override { return "RandomUniform"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext&) const override { return {Value()}; }
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node&) const override { return {.apart = true, .aligned = {false}, .numbered = true}; }

 private:
  TensorType type_;
  uint64_t seed_;
  uint32_t site_;
};

Value random_uniform(const TensorType& type, const Value& step, uint64_t seed, uint32_t site);

}  // namespace folio

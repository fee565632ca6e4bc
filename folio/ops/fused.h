// Several element by element ops as one; made by the compiler, never by people.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// All instructions have the output's shape; their inputs may be stretched to it.
class FusedElementwiseOp final : public Op {
 public:
  struct Instruction {
    std::shared_ptr<const Op> op;
    std::vector<int>
        arguments;  ///< below the number of inputs: an input; from there on: an earlier instruction
  };
  FusedElementwiseOp(int inputs, std::vector<Instruction> instructions, std::vector<int> results, Shape shape)
      : inputs_(inputs),
        instructions_(std::move(instructions)),
        results_(std::move(results)),
        shape_(std::move(shape)) {}

  std::string name() const override { return "Fused"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  /// Runs the instructions' definitions one after the other.
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override;
  double flops(const Node&) const override {
    return static_cast<double>(shape_.count()) * static_cast<double>(instructions_.size());
  }

  int inputs() const { return inputs_; }
  const std::vector<Instruction>& instructions() const { return instructions_; }
  /// Which instructions are outputs.
  const std::vector<int>& results() const { return results_; }
  const Shape& shape() const { return shape_; }

 private:
  int inputs_;
  std::vector<Instruction> instructions_;
  std::vector<int> results_;
  Shape shape_;
};

}  // namespace folio

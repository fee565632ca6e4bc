// Recurrence: one step, a graph of its own, along the time of sequences.
#pragma once
#include <functional>

#include "folio/ops/scan_body.h"

namespace folio {

/// Takes states through all steps of sequences.
/// Inputs: first states, of the body's shapes; sequences (batch, time, …); shared values.
/// Outputs: the last states; one sequence (batch, time, …) of each of the body's outputs; the body's sums.
class ScanOp final : public Op {
 public:
  /// `reverse` goes from the last step to the first; what a step gives stands at its place either way. `base`
  /// is the op of which this one computes the same, and more outputs. With a `grain` the sums are those of
  /// every so many rows, (rows / grain, …), so that rows can be computed apart from each other; the compiler
  /// makes that of scans with sums.
  explicit ScanOp(ScanBody body, bool reverse, std::shared_ptr<const ScanOp> base = nullptr,
                  int64_t grain = 0);
  std::string name() const override { return "Scan"; }
  std::string attributes() const override { return attributes_; }
  Types infer(const Types& in) const override;
  /// A scan the other way. What it needs of each step is kept by a scan that has this one as its base.
  Values gradient(const GradientContext& g) const override;
  /// Runs the definitions of the body's ops step by step.
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node&) const override { return rows_; }
  double flops(const Node& node) const override;

  const ScanBody& body() const { return body_; }
  bool reverse() const { return reverse_; }
  const ScanOp* base() const { return base_.get(); }
  int64_t grain() const { return grain_; }
  int64_t steps(const Node& node) const { return node.inputs[body_.states.size()].shape()[1]; }
  /// The same with the sums of every `grain` rows apart.
  std::shared_ptr<const ScanOp> by_grains(int64_t grain) const;
  /// The same without the outputs for which `wanted` is false; the last states always stay.
  std::shared_ptr<const ScanOp> keeping(const std::vector<bool>& wanted) const;

 private:
  void find_rows();

  ScanBody body_;
  bool reverse_;
  std::shared_ptr<const ScanOp> base_;
  int64_t grain_;
  std::string attributes_;
  std::vector<std::shared_ptr<const Node>> nodes_;  ///< of the body, in order
  RowMap rows_;
};

/// States, and what is given out beside them: of one step, or of all.
struct ScanValues {
  Values states, outputs;
};

struct ScanOptions {
  /// From the last step to the first.
  bool reverse = false;
  /// (batch, time), any type: where it is 0 the states stay as they are.
  Value mask = {};
  /// Outputs of masked steps are zeros; otherwise those of the step before, at first zeros.
  bool zero_output_for_mask = false;
};

/// One step: states (batch, …) and the step's inputs (batch, …) -> new states of the same types, and outputs
/// (batch, …). Called once, with values that stand for those of any step. It may use other values, which are
/// then the same at every step.
using ScanStep = std::function<ScanValues(const Values& states, const Values& inputs)>;

/// Applies `step` along the time of `sequences` (batch, time, …), of which there is at least one. Returns the
/// last states and the outputs as sequences (batch, time, …). Of small batches, products of a step's input
/// and a shared matrix are computed for all steps at once. Throws `Error` where shapes do not fit.
ScanValues scan(const ScanStep& step, const Values& initial_states, const Values& sequences,
                const ScanOptions& options = {});

}  // namespace folio

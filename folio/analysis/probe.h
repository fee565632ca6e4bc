// The plan that looks inside a model: one run forward and back of a few rows, of which only statistics come
// out.
#pragma once
#include <vector>

#include "folio/analysis/layer_statistics.h"
#include "folio/runtime/plan.h"

namespace folio {

/// Features as they reach the first kernel, nothing trained before it: per place of the last dimension.
struct FeatureStatistics {
  std::string layer, label;  ///< whose kernel it is: its name, and `Dense "fc1"`
  bool pictures = false;     ///< whether they came with more dimensions than (batch, features)
  std::vector<double> means, variances;
};

/// What one run tells.
struct ProbeResult {
  LayerStatistics statistics;
  std::vector<FeatureStatistics> features;
  Tensor predicted;  ///< of a model with one output; shares the probe's memory until the next run
};

class Probe {
 public:
  /// For batches like this one, of which the first `rows` are looked at. Makes the optimizer's slots if there
  /// are none yet, as a training step would.
  Probe(const Model& model, const Batch& batch, int64_t rows);
  /// Reads the weights as they are; changes neither them nor moving statistics nor slots.
  ProbeResult run(const Batch& batch);
  int64_t rows() const { return rows_; }
  const Plan& plan() const { return plan_; }

 private:
  // Where the numbers of a layer stand among the plan's outputs; -1 where there are none.
  struct Place {
    LayerReport report;  // what is known without running
    double count = 0;    // elements of the output
    int sums = -1, squares = -1, zeros = -1, saturated = -1, output_gradient = -1;
    std::vector<int> weights, gradients, updates;  // sums of squares, one for each weight
  };
  struct FeaturePlace {
    std::string layer, label;
    bool pictures = false;
    int means = -1, variances = -1;
  };
  double number(int output) const { return frame_->output(output).at(0); }
  double root(const std::vector<int>& outputs) const;
  LayerReport report(const Place& place) const;

  int64_t rows_;
  int total_ = -1, predicted_ = -1;
  std::vector<std::pair<int, double>> losses_;  // with their shares in the total
  std::vector<Place> places_;
  std::vector<FeaturePlace> features_;
  Plan plan_;
  std::unique_ptr<Frame> frame_;
};

}  // namespace folio

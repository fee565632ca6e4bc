// What each layer does with a batch: outputs, dead units, gradients, and how far a step would move it.
// (sheet C8)
#pragma once
#include <string>
#include <vector>

#include "folio/models/model.h"

namespace folio {

/// One layer on one batch, as while training: with dropout, and with the batch's own statistics in batch
/// normalization. A unit is a place along the last dimension: a neuron, or a channel.
struct LayerReport {
  std::string layer;       ///< its name
  std::string class_name;  ///< "Dense"
  std::string activation;  ///< what the output comes from, if "relu", "sigmoid" or "tanh"; else ""
  bool is_output = false;  ///< whether the output is one of the model's
  bool finite = true;      ///< whether all numbers of the output are

  double mean = 0, deviation = 0;  ///< of the outputs
  double zeros = 0;                ///< share of a rectifier's outputs that are 0
  /// Share of the outputs of a sigmoid or tanh whose slope is under 4 % of the largest: beyond 0.01 and 0.99,
  /// or beyond -0.98 and 0.98.
  double saturated = 0;
  int64_t units = 0, dead_units = 0;  ///< dead: a rectifier's that gave 0 for every row and place
  std::vector<uint8_t> active;        ///< of a rectifier, for each unit: 1 when it is not dead

  /// Norm of the loss' gradient with respect to the outputs, of a layer with a kernel; 0 for an output whose
  /// logits the loss takes instead.
  double output_gradient = 0;
  int64_t trained = 0;      ///< numbers in trainable weights, which the following are about
  bool has_kernel = false;  ///< whether one of them has more than one dimension
  double weight_norm = 0, gradient_norm = 0;
  double update_norm = 0;  ///< of what the optimizer would add to the weights in one step
  /// update_norm / weight_norm; 0 when there are no weights or all are 0.
  double update_ratio() const { return weight_norm > 0 ? update_norm / weight_norm : 0; }
};

struct LayerStatistics {
  double loss = 0;                  ///< of the rows looked at, with penalties
  double penalty = 0;               ///< the part of it that regularizers ask for
  int64_t rows = 0;                 ///< that were looked at
  std::vector<LayerReport> layers;  ///< in the order of the calls; those of inner models among them
  /// A table for people, one line per layer.
  std::string table() const;
};

/// Runs the batch forward and back and changes nothing; the model must be compiled. Throws `Error` as fit
/// does when the batch does not fit the model.
LayerStatistics inspect(const Model& model, const Data& batch);

}  // namespace folio

#include "folio/analysis/layer_statistics.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/analysis/probe.h"
#include "folio/models/trainer.h"

namespace folio {

LayerStatistics inspect(const Model& model, const Data& batch) {
  const Batch whole = Trainer(model).one_batch(batch);
  return Probe(model, whole, whole.rows).run(whole).statistics;
}

std::string LayerStatistics::table() const {
  size_t width = 5;
  for (const LayerReport& layer : layers) width = std::max(width, layer.layer.size());
  std::string text = fmt::format("{:<{}}  {:>10} {:>9} {:>7} {:>9} {:>11} {:>9} {:>9} {:>9} {:>9}\n", "layer",
                                 width, "mean", "deviation", "zeros", "saturated", "dead units", "d output",
                                 "weights", "gradient", "update");
  const auto share = [](bool known, double value) {
    return known ? fmt::format("{:.1f} %", 100 * value) : std::string();
  };
  const auto norm = [](bool known, double value) {
    return known ? fmt::format("{:.2e}", value) : std::string();
  };
  for (const LayerReport& layer : layers) {
    const bool rectifier = layer.activation == "relu", bounded = !rectifier && !layer.activation.empty();
    const std::string dead = rectifier ? fmt::format("{} of {}", layer.dead_units, layer.units) : "";
    text += fmt::format(
        "{:<{}}  {:>10.4g} {:>9.4g} {:>7} {:>9} {:>11} {:>9} {:>9} {:>9} {:>9}\n", layer.layer, width,
        layer.mean, layer.deviation, share(rectifier, layer.zeros), share(bounded, layer.saturated), dead,
        norm(layer.has_kernel && layer.output_gradient > 0, layer.output_gradient),
        norm(layer.trained > 0, layer.weight_norm), norm(layer.trained > 0, layer.gradient_norm),
        norm(layer.trained > 0, layer.update_ratio()));
  }
  return text + fmt::format(
                    "loss {:.6g} on {} rows; d output, weights, gradient: norms; update: of one step, "
                    "as a share of the weights\n",
                    loss, rows);
}

}  // namespace folio

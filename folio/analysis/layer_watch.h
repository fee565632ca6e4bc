// What the doctor remembers of layers from probe to probe, and what it says of them.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "folio/analysis/finding.h"
#include "folio/analysis/layer_statistics.h"

namespace folio {

/// Told of a finding and how bad it is: a number of at least 1, which grows as it gets worse.
using Say = std::function<void(Finding finding, double badness)>;

class LayerWatch {
 public:
  /// Looks at the statistics of a probe and says what they tell.
  void look(const LayerStatistics& statistics, const Say& say);
  /// The largest update-to-weight ratio of a layer with a kernel so far, and at the latest probe.
  double peak_ratio() const { return peak_ratio_; }
  double latest_ratio() const { return latest_ratio_; }
  const std::string& peak_layer() const { return peak_layer_; }
  const std::string& peak_label() const { return peak_label_; }
  /// What regularizers asked for at the latest probe, and at most.
  double latest_penalty() const { return penalty_; }
  double peak_penalty() const { return peak_penalty_; }

  template <class F>
  void fields(F&& f) {
    f("probes", probes_), f("last_active", last_active_), f("saturated", saturated_),
        f("vanishing", vanishing_);
    f("exploding", exploding_), f("unmoved", unmoved_), f("peak_ratio", peak_ratio_);
    f("latest_ratio", latest_ratio_), f("peak_layer", peak_layer_), f("peak_label", peak_label_),
        f("penalty", penalty_), f("peak_penalty", peak_penalty_);
  }

 private:
  void look_at_units(const LayerStatistics& statistics, const Say& say);
  void look_at_saturation(const LayerStatistics& statistics, const Say& say);
  void look_at_gradients(const LayerStatistics& statistics, const Say& say);
  void look_at_updates(const LayerStatistics& statistics, const Say& say);

  int64_t probes_ = 0;
  std::vector<std::vector<int64_t>> last_active_;        // per layer and unit: the probe that saw it active
  std::vector<int64_t> saturated_;                       // per layer: probes in a row
  int64_t vanishing_ = 0, exploding_ = 0, unmoved_ = 0;  // probes in a row
  double peak_ratio_ = 0, latest_ratio_ = 0, penalty_ = 0, peak_penalty_ = 0;
  std::string peak_layer_, peak_label_;
};

/// `Dense "fc1"`
std::string label_of(const LayerReport& layer);

}  // namespace folio

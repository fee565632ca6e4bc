#include "folio/analysis/layer_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace folio {
namespace {

// Every threshold is told with its reason in docs/doctor.md, beside what healthy trainings measure.

// A unit counts as dead that was inactive for this many rows and probes: a unit that answers to one class of
// ten is missed by 256 rows with probability 0.9^256 = 2e-12, one that answers to 2 % of the rows with 0.6 %.
constexpr int64_t kDeadRows = 256, kDeadProbes = 4;
// Healthy layers lose up to three quarters of their units for a while and learn all the same.
constexpr double kDead = 0.8, kAllDead = 0.95;
// Share of saturated outputs of a hidden layer. A layer that puts most of its outputs at their ends passes
// on little of a gradient; healthy layers put up to 0.2 of them there.
constexpr double kSaturated = 0.6, kAllSaturated = 0.95;
// Norms of the gradient at the first and last layers. A layer with the initialization that fits it keeps the
// norm (He 2015, Glorot 2010); sigmoids take at least a factor of 4 each, so that 1000 is five of them.
// Healthy trainings stay between 0.24 and 16.
constexpr double kVanishing = 1e-3, kExploding = 1e3;
// How often in a row something must be seen that one unlucky batch could show.
constexpr int64_t kProbesInARow = 2;

std::string others(size_t count) {
  if (count < 2) return {};
  return fmt::format(" ({} other layer{} too)", count - 1, count > 2 ? "s" : "");
}

const LayerReport* last_with_gradient(const LayerStatistics& statistics) {
  const LayerReport* last = nullptr;
  for (const LayerReport& layer : statistics.layers)
    if (layer.has_kernel && layer.output_gradient > 0) last = &layer;
  return last;
}

}  // namespace

std::string label_of(const LayerReport& layer) { return layer.class_name + " \"" + layer.layer + "\""; }

void LayerWatch::look(const LayerStatistics& statistics, const Say& say) {
  ++probes_;
  last_active_.resize(statistics.layers.size());
  saturated_.resize(statistics.layers.size());
  if (std::isfinite(statistics.penalty)) penalty_ = statistics.penalty;
  peak_penalty_ = std::max(peak_penalty_, penalty_);
  look_at_units(statistics, say);
  look_at_saturation(statistics, say);
  look_at_gradients(statistics, say);
  look_at_updates(statistics, say);
}

void LayerWatch::look_at_units(const LayerStatistics& statistics, const Say& say) {
  const int64_t window =
      std::max(kDeadProbes, (kDeadRows + statistics.rows - 1) / std::max<int64_t>(statistics.rows, 1));
  const LayerReport* worst = nullptr;
  double worst_share = 0;
  int64_t worst_dead = 0;
  size_t sick = 0;
  for (size_t i = 0; i < statistics.layers.size(); ++i) {
    const LayerReport& layer = statistics.layers[i];
    if (layer.active.empty() || !layer.finite) continue;
    std::vector<int64_t>& seen = last_active_[i];
    seen.resize(layer.active.size());
    int64_t dead = 0;
    for (size_t u = 0; u < seen.size(); ++u) {
      if (layer.active[u]) seen[u] = probes_;
      dead += probes_ - seen[u] >= window;
    }
    const double share = static_cast<double>(dead) / static_cast<double>(seen.size());
    if (share < kDead) continue;
    ++sick;
    if (share > worst_share) worst = &layer, worst_share = share, worst_dead = dead;
  }
  if (!worst) return;
  Finding finding{worst_share >= kAllDead ? Severity::serious : Severity::warning, "dead_units",
                  worst->layer};
  finding.number = worst_share;
  finding.sentence = fmt::format(
      "{}: {} of its {} units ({:.0f} %) gave 0 for all of the last {} rows looked at, so that no "
      "gradient reaches their weights{}.",
      label_of(*worst), worst_dead, worst->units, 100 * worst_share, window * statistics.rows, others(sick));
  finding.remedy =
      "a smaller learning rate (D2), He initialization (C7), leaky ReLU or ELU in place of ReLU (C1), or "
      "batch "
      "normalization before it (C6)";
  say(finding, 1 + worst_share);
}

void LayerWatch::look_at_saturation(const LayerStatistics& statistics, const Say& say) {
  const LayerReport* worst = nullptr;
  size_t sick = 0;
  for (size_t i = 0; i < statistics.layers.size(); ++i) {
    const LayerReport& layer = statistics.layers[i];
    // Outputs of the model want to be at the ends: those are its answers.
    const bool is_sick = !layer.is_output && layer.finite && layer.saturated >= kSaturated;
    saturated_[i] = is_sick ? saturated_[i] + 1 : 0;
    if (saturated_[i] < kProbesInARow) continue;
    ++sick;
    if (!worst || layer.saturated > worst->saturated) worst = &layer;
  }
  if (!worst) return;
  Finding finding{worst->saturated >= kAllSaturated ? Severity::serious : Severity::warning, "saturated",
                  worst->layer};
  finding.number = worst->saturated;
  finding.sentence = fmt::format(
      "{}: {:.0f} % of its outputs lie at the ends of {}, where the slope is under 4 % of the "
      "largest{}.",
      label_of(*worst), 100 * worst->saturated, worst->activation, others(sick));
  finding.remedy =
      "scaled inputs (B1, B2), Xavier initialization (C7), batch normalization before it (C6), or ReLU (C8)";
  say(finding, 1 + worst->saturated);
}

void LayerWatch::look_at_gradients(const LayerStatistics& statistics, const Say& say) {
  const LayerReport* last = last_with_gradient(statistics);
  const LayerReport *least = nullptr, *most = nullptr;
  for (const LayerReport& layer : statistics.layers) {
    if (&layer == last) break;
    if (!layer.has_kernel || !std::isfinite(layer.output_gradient) || layer.output_gradient == 0) continue;
    if (!least || layer.output_gradient < least->output_gradient) least = &layer;
    if (!most || layer.output_gradient > most->output_gradient) most = &layer;
  }
  const bool known = last && std::isfinite(last->output_gradient) && least;
  vanishing_ = known && least->output_gradient < kVanishing * last->output_gradient ? vanishing_ + 1 : 0;
  exploding_ = known && most->output_gradient > kExploding * last->output_gradient ? exploding_ + 1 : 0;
  const auto tell = [&](const char* kind, const LayerReport& layer, const char* how, const char* remedy) {
    const double ratio = layer.output_gradient / last->output_gradient;
    Finding finding{Severity::warning, kind, layer.layer};
    finding.number = ratio;
    finding.sentence = fmt::format(
        "{}: the gradient {} on its way back: its norm is {:.2g} here and {:.2g} at {}, "
        "a ratio of {:.1e}.",
        label_of(layer), how, layer.output_gradient, last->output_gradient, label_of(*last), ratio);
    finding.remedy = remedy;
    say(finding, std::abs(std::log10(ratio)));
  };
  if (vanishing_ >= kProbesInARow)
    tell(
        "vanishing_gradients", *least, "vanishes",
        "ReLU or ELU in place of sigmoid or tanh (C8), He or Xavier initialization (C7), batch normalization "
        "(C6), or residual connections (F7)");
  if (exploding_ >= kProbesInARow)
    tell(
        "exploding_gradients", *most, "explodes",
        "He or Xavier initialization (C7), gradient clipping, such as clipnorm = 1 (C8), batch normalization "
        "(C6), or a smaller learning rate (D2)");
}

void LayerWatch::look_at_updates(const LayerStatistics& statistics, const Say& say) {
  latest_ratio_ = 0;
  const LayerReport* unmoved = nullptr;
  size_t count = 0;
  bool blocked = false;  // a rectifier that is dead from end to end stops gradients and is told as such
  for (const LayerReport& layer : statistics.layers) {
    blocked = blocked || (!layer.active.empty() && layer.dead_units == layer.units);
    if (!layer.has_kernel || layer.trained == 0) continue;
    const double ratio = layer.update_ratio();
    if (std::isfinite(ratio)) latest_ratio_ = std::max(latest_ratio_, ratio);
    if (std::isfinite(ratio) && ratio > peak_ratio_) {
      peak_ratio_ = ratio;
      peak_layer_ = layer.layer;
      peak_label_ = label_of(layer);
    }
    if (layer.gradient_norm != 0) continue;
    ++count;
    if (!unmoved) unmoved = &layer;
  }
  // A loss of 0 asks for no change.
  const bool finished = statistics.loss - statistics.penalty < 1e-6;
  unmoved_ = unmoved && !blocked && !finished ? unmoved_ + 1 : 0;
  if (unmoved_ < kProbesInARow) return;
  Finding finding{Severity::warning, "weights_do_not_move", unmoved->layer};
  finding.number = 0;
  finding.sentence =
      fmt::format("{}: the gradient of its {} weights is exactly 0, so that they do not move{}.",
                  label_of(*unmoved), unmoved->trained, others(count));
  finding.remedy =
      "Xavier or He initialization if weights start with zeros (C7), and a look at whether the loss depends "
      "on "
      "this layer at all (C5)";
  say(finding, 1);
}

}  // namespace folio

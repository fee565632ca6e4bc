// How a run trains, as one list of settings.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "folio/base/fields.h"

namespace folio {

struct FitOptions;

/// What the options of `folio train` and `folio fit`, settings.json, a run that goes on and the recipes' own
/// values say of a training. What is not set is left to whoever trains.
struct RunSettings {
  std::optional<int> epochs = {};
  std::optional<int64_t> batch_size = {}, steps_per_epoch = {};
  std::optional<double> learning_rate = {};
  std::optional<std::string> optimizer = {};
  std::map<int, double> class_weight = {};
  std::optional<std::string> weights = {};
  std::optional<int> early_stopping = {};
  std::optional<int64_t> checkpoint_steps = {};
  std::optional<uint64_t> seed = {};
  std::optional<bool> shuffle = {};
};

/// The one list of them, with what people are told of each.
void fields(Fields& f, RunSettings& settings);
/// Those that `fit` itself takes; the rest of its options as they are.
FitOptions fit_options(const RunSettings& settings);
/// Adds the callback that stops early, if that is set.
void add_early_stopping(FitOptions& options, const RunSettings& settings);
/// What `given` sets replaces what `settings` holds.
void overlay(RunSettings& settings, const RunSettings& given);

}  // namespace folio

// Recipes: data, a model and training settings under one name, each trained to a known result.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "folio/models/model.h"

namespace folio {

/// A recipe's own setting, as `--set KEY=VALUE` takes it.
struct Setting {
  std::string key, value, what;  ///< value: the default
};

/// The settings of one run; reads are checked, errors name the key.
class Settings {
 public:
  explicit Settings(const std::vector<Setting>& known) {
    for (const Setting& setting : known) values_[setting.key] = setting.value;
  }
  /// Throws `Error` listing the known keys.
  void set(const std::string& key, const std::string& value);
  const std::string& text(const std::string& key) const { return values_.at(key); }
  double number(const std::string& key) const;
  int64_t integer(const std::string& key) const;
  /// One of `choices`, else `Error`.
  const std::string& choice(const std::string& key, const std::vector<std::string>& choices) const;
  const std::map<std::string, std::string>& all() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

struct Recipe {
  std::string name, what;
  std::string rows;               ///< of the sheet
  std::vector<std::string> data;  ///< names of data sets it knows; the first is the default
  Shape input;                    ///< of one sample, for `summary`; recipes adapt to the data given
  int64_t classes;
  int epochs;
  int64_t batch_size;
  double learning_rate;
  int64_t steps_per_epoch;  ///< 0: all batches
  std::string schedule;     ///< of the learning rate over the epochs: "constant" or "cosine"
  std::vector<Setting> settings;
  /// A model for samples of this shape, not compiled.
  Model (*build)(const Shape& input, int64_t classes, const Settings& settings);
  /// categorical: targets are vectors, as in the sheet's own programs.
  bool categorical = false;
};

/// All recipes: what the command, help and tests walk.
const std::vector<Recipe>& recipes();
/// Throws `Error` with the nearest name.
const Recipe& recipe(const std::string& name);

/// The candidate nearest to `word` by edit distance, or "" when none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace folio

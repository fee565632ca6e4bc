// Reading a layer's Keras config: typed, with defaults, and nothing overlooked.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/layers/weights/weight_rules.h"

namespace folio {

/// Hands out a config's entries; `finish` refuses entries nobody asked for unless they say nothing (null, or
/// the default that `ignore` was told). Every error names the place: `config.json: layers[2] (Dense "fc1"):
/// units: expected …, got …`.
class ConfigReader {
 public:
  ConfigReader(const Json& config, std::string place);
  ~ConfigReader() = default;

  bool has(const std::string& key);  ///< present and not null
  std::string text(const std::string& key, const std::string& otherwise);
  bool flag(const std::string& key, bool otherwise);
  double number(const std::string& key, double otherwise);
  int64_t integer(const std::string& key);  ///< required
  int64_t integer(const std::string& key, int64_t otherwise);
  /// A number or a list of `count` numbers.
  std::vector<int64_t> integers(const std::string& key, size_t count, int64_t otherwise);
  /// A number or a list of any length.
  std::vector<int64_t> integers(const std::string& key, std::vector<int64_t> otherwise);
  /// A name, an object, or nothing: no regularizer.
  Regularizer regularizer(const std::string& key);
  Initializer initializer(const std::string& key, const char* otherwise);
  Constraint constraint(const std::string& key);
  /// The three entries of a weight: "kernel_initializer", "kernel_regularizer", "kernel_constraint".
  WeightRules weight(const std::string& role, const char* initializer);
  /// A name, or an object that stands for a plain activation function.
  std::string activation(const std::string& key);
  /// The raw entry, or null.
  const Json& raw(const std::string& key);
  /// Entries that may be there but must say nothing: null or one of Keras' defaults.
  void ignore(const std::string& key);
  void ignore(const std::string& key, const std::vector<Json>& defaults);
  void finish();
  [[noreturn]] void fail(const std::string& key, const std::string& expected);
  const std::string& place() const { return place_; }

 private:
  const Json& config_;
  std::string place_;
  std::set<std::string> used_;
};

}  // namespace folio

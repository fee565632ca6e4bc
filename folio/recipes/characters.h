// The characters of a text as numbers.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "folio/base/json.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// Which character of UTF-8 has which number; it travels in the model file.
struct Characters {
  static constexpr const char* kAsset = "characters.json";
  std::vector<std::string> list;  ///< by number, in order of their code points

  /// All characters of a text. Throws `Error` where it is no UTF-8.
  static Characters of(std::string_view text);
  /// Throws `Error` naming the first character that is unknown.
  std::vector<int32_t> numbers(std::string_view text) const;
  std::string text(const std::vector<int64_t>& numbers) const;
  int64_t size() const { return static_cast<int64_t>(list.size()); }

  Json to_json() const;
  /// Throws `Error` for what is damaged.
  static Characters from_json(const Json& json, const std::string& place);
};

}  // namespace folio

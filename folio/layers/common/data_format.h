// The order of a picture's dimensions.
#pragma once
#include <cstddef>
#include <string>

namespace folio {

/// "channels_last", the only order there is here: (batch, height, width, channels). Keras' other order is
/// refused with the cure. Written where Keras has `data_format`.
class DataFormat {
 public:
  DataFormat() = default;
  template <size_t N>
  DataFormat(const char (&name)[N]) : DataFormat(std::string(name)) {}  // NOLINT: names convert
  DataFormat(const std::string& name);                                  // NOLINT
  static constexpr const char* name() { return "channels_last"; }
};

}  // namespace folio

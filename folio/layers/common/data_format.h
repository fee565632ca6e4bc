// The order of a picture's dimensions.
#pragma once
#include <cstddef>
#include <string>

#include "folio/graph/value.h"

namespace folio {

/// "channels_last", (batch, height, width, channels), or "channels_first", (batch, channels, height, width).
/// All layers work with the channels last: where they come first they are moved there and back, so that files
/// of Keras run, at the price of two copies. Written where Keras has `data_format`.
class DataFormat {
 public:
  DataFormat() = default;
  template <size_t N>
  DataFormat(const char (&name)[N]) : DataFormat(std::string(name)) {}  // NOLINT: names convert
  /// Throws `Error` unless it is one of the two.
  DataFormat(const std::string& name);  // NOLINT
  const char* name() const { return channels_first_ ? "channels_first" : "channels_last"; }

  /// What a layer is given, with the channels last.
  Shape inside(const Shape& shape) const;
  Value inside(const Value& x) const;
  /// What it leaves, in the order asked for; without cells there is nothing to move.
  Value outside(const Value& y) const;

 private:
  bool channels_first_ = false;
};

}  // namespace folio

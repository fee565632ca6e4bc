// What a model that makes pictures whole is given, and what it is to make of it.
#pragma once
#include <cstdint>
#include <string>

#include "folio/base/json.h"
#include "folio/data/batches.h"

namespace folio {

/// Travels in model files of autoencoders, so that they can be evaluated on other pictures.
struct Reconstruction {
  static constexpr const char* kAsset = "reconstruction.json";

  std::string task = "compress";  ///< compress, denoise or inpaint
  double noise = 0.2;             ///< its deviation, where black is 0 and white 1
  int64_t hole = 8;               ///< side of the square that is missing, in pixels
  uint64_t seed = 1;

  /// Of clean bytes (pictures, height, width, channels): what goes in, as bytes, and what is to come out,
  /// from 0 to 1. Noise is added unless `training`, where the model adds its own in every step; holes are
  /// white, as what is transparent in a file is. Both are functions of (seed, row).
  Data data(const Tensor& clean, bool training) const;
  /// uint8 of that shape: 1 where the pictures have their hole.
  Tensor holes(const Shape& pictures) const;

  Json to_json() const;
  /// Throws `Error` naming `place` for what is damaged.
  static Reconstruction from_json(const Json& json, const std::string& place);
};

}  // namespace folio

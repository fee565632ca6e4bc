#include "folio/recipes/reconstruction.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/fields.h"
#include "folio/base/random.h"

namespace folio {
namespace {

constexpr uint32_t kNoise = 1, kHoles = 2;  // sites of random numbers

void list(Fields& f, Reconstruction& r) {
  f("task", r.task, {.required = true, .words = "compress denoise inpaint"});
  f("noise", r.noise, {.least = 0, .most = 1, .finite = true});
  f("hole", r.hole, {.least = 1, .most = 4096});
  f("seed", r.seed);
}

Tensor with_noise(const Tensor& clean, double deviation, uint64_t seed) {
  Tensor noisy(clean.shape(), DType::uint8);
  const RandomStream stream{seed, kNoise, 0};
  const int64_t size = clean.count() / clean.shape()[0];
  for (int64_t i = 0; i < clean.count(); ++i) {
    const double noise =
        stream.normal(static_cast<uint32_t>(i / size), static_cast<uint32_t>(i % size)) * deviation;
    noisy.data<uint8_t>()[i] =
        static_cast<uint8_t>(std::lround(std::clamp(clean.data<uint8_t>()[i] + 255 * noise, 0.0, 255.0)));
  }
  return noisy;
}

}  // namespace

Data Reconstruction::data(const Tensor& clean, bool training) const {
  constexpr uint8_t kWhite = 255;
  Tensor wanted(clean.shape());
  for (int64_t i = 0; i < clean.count(); ++i)
    wanted.data<float>()[i] = static_cast<float>(clean.data<uint8_t>()[i]) / 255;
  if (task == "denoise" && !training) return {with_noise(clean, noise, seed), wanted};
  if (task != "inpaint") return {clean, wanted};
  Tensor given = clean.clone();
  const Tensor missing = holes(clean.shape());
  for (int64_t i = 0; i < given.count(); ++i)
    if (missing.data<uint8_t>()[i] != 0) given.data<uint8_t>()[i] = kWhite;
  return {given, wanted};
}

Tensor Reconstruction::holes(const Shape& pictures) const {
  const int64_t height = pictures[1], width = pictures[2], channels = pictures[3];
  const int64_t tall = std::min(hole, height), wide = std::min(hole, width);
  Tensor mask(pictures, DType::uint8);
  const RandomStream stream{seed, kHoles, 0};
  for (int64_t r = 0; r < pictures[0]; ++r) {
    const auto place = [&](uint32_t axis, int64_t free) {
      return static_cast<int64_t>(stream.below(static_cast<uint32_t>(r), axis, static_cast<uint32_t>(free)));
    };
    const int64_t top = place(0, height - tall + 1), left = place(1, width - wide + 1);
    for (int64_t y = top; y < top + tall; ++y)
      std::fill_n(mask.data<uint8_t>() + ((r * height + y) * width + left) * channels, wide * channels,
                  uint8_t{1});
  }
  return mask;
}

Json Reconstruction::to_json() const {
  Reconstruction copy = *this;
  return written_fields([&](Fields& f) { list(f, copy); });
}

Reconstruction Reconstruction::from_json(const Json& json, const std::string& place) {
  Reconstruction result;
  read_fields(json, place, [&](Fields& f) { list(f, result); });
  return result;
}

}  // namespace folio

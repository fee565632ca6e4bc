// Random streams that are functions of where they are used, so that resuming, thread counts and the order of
// work never move them: word = philox(seed; site, step, row, feature).
#pragma once
#include <array>
#include <cstdint>

namespace folio {

/// Philox4x32-10 (Salmon et al. 2011): four random words from a 128-bit counter and a 64-bit key.
inline std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * counter[0], p1 = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(p1),
               static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(p0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// One stream: `seed` is the user's, `site` the place in the model, `step` the training step.
struct RandomStream {
  uint64_t seed = 0;
  uint32_t site = 0;
  uint32_t step = 0;

  /// The word of element `feature` in row `row`. Words of features 4i … 4i + 3 come from one philox block.
  uint32_t word(uint32_t row, uint32_t feature) const {
    return philox({feature / 4, row, site, step},
                  {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)})[feature % 4];
  }
  /// Uniform in [0, 1).
  double uniform(uint32_t row, uint32_t feature) const { return word(row, feature) * 0x1p-32; }
  /// Standard normal, by Box and Muller from the words of features 2 * feature and 2 * feature + 1.
  double normal(uint32_t row, uint32_t feature) const;
  /// A whole number in [0, bound), without bias beyond 2^-32; bound must be positive.
  uint32_t below(uint32_t row, uint32_t feature, uint32_t bound) const {
    return static_cast<uint32_t>((uint64_t{word(row, feature)} * bound) >> 32);
  }
};

}  // namespace folio

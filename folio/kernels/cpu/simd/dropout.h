// Dropout. Its random words are those of base/random.h: philox4x32-10 of the key {key0, key1} and the counter
// {feature / 4, row, site, step}; word feature % 4 of the four belongs to the element.
//
// Four registers hold the counters of kWidth / 2 blocks, each number in the low half of 64 bits: the widening
// multiply of 32-bit numbers reads just that and leaves the high part of the product one shift away.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/arithmetic.h"

namespace {

typedef uint64_t WideVector __attribute__((vector_size(kWidth * 4)));
constexpr int64_t kBlocks = kWidth / 2;

/// The product of the low halves of a and of m.
inline __attribute__((always_inline)) WideVector multiply_low_halves(WideVector a, WideVector m) {
#if defined(__AVX512F__)
  return (WideVector)_mm512_maskz_mul_epu32(0xff, (__m512i)a, (__m512i)m);
#elif defined(__AVX2__)
  return (WideVector)_mm256_mul_epu32((__m256i)a, (__m256i)m);
#else
  return (WideVector)_mm_mul_epu32((__m128i)a, (__m128i)m);
#endif
}

/// The words of kWidth / 2 blocks; the high halves hold rubbish.
struct Blocks {
  WideVector word[4];
};

inline __attribute__((always_inline)) Blocks philox_blocks(Blocks counter, uint32_t key0, uint32_t key1) {
  const WideVector multiplier0 = WideVector{} + 0xD2511F53, multiplier1 = WideVector{} + 0xCD9E8D57;
  for (int round = 0; round < 10; ++round) {
    const WideVector product0 = multiply_low_halves(counter.word[0], multiplier0);
    const WideVector product1 = multiply_low_halves(counter.word[2], multiplier1);
    counter.word[0] = (product1 >> 32) ^ counter.word[1] ^ (WideVector{} + key0);
    counter.word[1] = product1;
    counter.word[2] = (product0 >> 32) ^ counter.word[3] ^ (WideVector{} + key1);
    counter.word[3] = product0;
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return counter;
}

/// Words from two registers of low halves: low 0, high 0, low 1, high 1, …
inline __attribute__((always_inline)) WordVector weave(WideVector low, WideVector high) {
  return (WordVector)((low & 0xffffffff) | high << 32);
}

/// What dropout does to one vector.
struct Mask {
  WordVector least;  ///< the least word that keeps its element
  Vector factor;
  inline __attribute__((always_inline)) Vector apply(WordVector words, Vector x) const {
    return choose((IntVector)(words >= least), x * factor, Vector{});
  }
};

/// False when the rate keeps nothing.
inline bool make_mask(float rate, Mask* mask) {
  if (!(rate < 1.0f)) return false;
  const double bound = static_cast<double>(rate) * 4294967296.0;  // exact, and below 2^32
  uint64_t least = bound > 0 ? static_cast<uint64_t>(bound) : 0;
  if (static_cast<double>(least) < bound) ++least;
  mask->least = WordVector{} + static_cast<uint32_t>(least);
  mask->factor = splat(1.0f / (1.0f - rate));
  return true;
}

/// The words of features 4 * block … 4 * block + 2 * kWidth - 1 of a row, in order.
inline __attribute__((always_inline)) void words_of_row(const folio::cpu::StreamKey& key, uint32_t row,
                                                        uint32_t block, WordVector* first,
                                                        WordVector* second) {
  // Unpacking works within 128 bits and takes even places to the first result, odd ones to the second:
  // numbered like this, the blocks come out in order.
  WideVector order{};
  for (int64_t i = 0; i < kBlocks; ++i) order[i] = static_cast<uint64_t>(i / 2 + (i % 2) * (kBlocks / 2));
  Blocks counter;
  counter.word[0] = order + block;
  counter.word[1] = WideVector{} + row;
  counter.word[2] = WideVector{} + key.site;
  counter.word[3] = WideVector{} + key.step;
  const Blocks blocks = philox_blocks(counter, key.key0, key.key1);
  const WordVector front = weave(blocks.word[0], blocks.word[1]),
                   back = weave(blocks.word[2], blocks.word[3]);
#if defined(__AVX512F__)
  *first = (WordVector)_mm512_maskz_unpacklo_epi64(0xff, (__m512i)front, (__m512i)back);
  *second = (WordVector)_mm512_maskz_unpackhi_epi64(0xff, (__m512i)front, (__m512i)back);
#elif defined(__AVX2__)
  *first = (WordVector)_mm256_unpacklo_epi64((__m256i)front, (__m256i)back);
  *second = (WordVector)_mm256_unpackhi_epi64((__m256i)front, (__m256i)back);
#else
  *first = (WordVector)_mm_unpacklo_epi64((__m128i)front, (__m128i)back);
  *second = (WordVector)_mm_unpackhi_epi64((__m128i)front, (__m128i)back);
#endif
}

/// x and dst point to element (first_row, first_feature).
inline void dropout(const folio::cpu::StreamKey& key, float rate, int64_t first_row, int64_t rows,
                    int64_t first_feature, int64_t features, int64_t row_stride, const float* x, float* dst) {
  constexpr int64_t kGroup = 2 * kWidth;  // features a call of words_of_row
  Mask mask{};
  const bool keeps = make_mask(rate, &mask);
  const int64_t start = first_feature / 4 * 4 - first_feature;  // where the first block starts, at most 0
  for (int64_t r = 0; r < rows; ++r, x += row_stride, dst += row_stride) {
    if (!keeps) {
      for (int64_t i = 0; i < features; ++i) dst[i] = 0;
      continue;
    }
    const uint32_t row = static_cast<uint32_t>(first_row + r);
    for (int64_t i = start; i < features; i += kGroup) {
      WordVector words[2];
      words_of_row(key, row, static_cast<uint32_t>((first_feature + i) / 4), &words[0], &words[1]);
      if (i >= 0 && i + kGroup <= features) {
        store(dst + i, mask.apply(words[0], load(x + i)));
        store(dst + i + kWidth, mask.apply(words[1], load(x + i + kWidth)));
        continue;
      }
      for (int64_t j = 0; j < kGroup; ++j)
        if (i + j >= 0 && i + j < features)
          dst[i + j] = words[j / kWidth][j % kWidth] >= mask.least[0] ? x[i + j] * mask.factor[0] : 0.0f;
    }
  }
}

/// x and dst point to element (first_row, first_feature) of a group.
inline void lanes_dropout(const folio::cpu::StreamKey& key, float rate, int64_t first_row,
                          int64_t first_feature, int64_t features, const float* x, float* dst) {
  using folio::cpu::kLanes;
  Mask mask{};
  if (!make_mask(rate, &mask)) {
    for (int64_t i = 0; i < features * kLanes; ++i) dst[i] = 0;
    return;
  }
  WideVector pairs{};  // 0, 2, 4, …: even rows in one register, odd ones in another, to be woven together
  for (int64_t i = 0; i < kBlocks; ++i) pairs[i] = static_cast<uint64_t>(2 * i);
  for (int64_t i = first_feature / 4 * 4 - first_feature; i < features; i += 4)
    for (int64_t lane = 0; lane < kLanes; lane += kWidth) {
      Blocks counter;
      counter.word[0] = WideVector{} + static_cast<uint32_t>((first_feature + i) / 4);
      counter.word[1] = pairs + static_cast<uint32_t>(first_row + lane);
      counter.word[2] = WideVector{} + key.site;
      counter.word[3] = WideVector{} + key.step;
      const Blocks even = philox_blocks(counter, key.key0, key.key1);
      counter.word[1] += 1;
      const Blocks odd = philox_blocks(counter, key.key0, key.key1);
      for (int64_t w = 0; w < 4; ++w) {
        const int64_t at = (i + w) * kLanes + lane;
        if (i + w >= 0 && i + w < features)
          store(dst + at, mask.apply(weave(even.word[w], odd.word[w]), load(x + at)));
      }
    }
}

inline void fill_dropout(folio::cpu::Functions& table) {
  table.dropout = dropout;
  table.lanes_dropout = lanes_dropout;
}

}  // namespace

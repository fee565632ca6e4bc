#include "hardware.h"

#include <cstdint>
#include <vector>

#include "folio/base/threads.h"
#include "measure.h"

namespace benchmarks {
namespace {

constexpr int kChains = 12;  // independent chains: enough to hide the latency, and they fit into 16 registers

// x = x * k + k in every chain. A macro, because the instruction set is an attribute of each function.
#define FOLIO_FMA_CHAINS(NAME, WIDTH, ATTRIBUTE)                                                \
  ATTRIBUTE float NAME(int64_t rounds) {                                                        \
    typedef float Vector __attribute__((vector_size(WIDTH * sizeof(float))));                   \
    const Vector k = Vector{} + 0.999f;                                                         \
    Vector chains[kChains];                                                                     \
    for (int c = 0; c < kChains; ++c) chains[c] = k * static_cast<float>(c);                    \
    for (int64_t r = 0; r < rounds; ++r) {                                                      \
      _Pragma("GCC unroll 12") for (int c = 0; c < kChains; ++c) chains[c] = chains[c] * k + k; \
    }                                                                                           \
    Vector sum = chains[0];                                                                     \
    for (int c = 1; c < kChains; ++c) sum += chains[c];                                         \
    return sum[0];                                                                              \
  }

FOLIO_FMA_CHAINS(chains_baseline, 4, )
#if defined(__x86_64__)
FOLIO_FMA_CHAINS(chains_avx2, 8, __attribute__((target("avx2,fma"))))
FOLIO_FMA_CHAINS(chains_avx512, 16, __attribute__((target("avx512f,fma,prefer-vector-width=512"))))
#endif
#undef FOLIO_FMA_CHAINS

struct VectorSet {
  const char* name;
  int width;
  float (*chains)(int64_t rounds);
};

const VectorSet& widest() {
  static const VectorSet set = [] {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return VectorSet{"avx512", 16, chains_avx512};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      return VectorSet{"avx2", 8, chains_avx2};
#endif
    return VectorSet{"baseline", 4, chains_baseline};
  }();
  return set;
}

// Results go here, so that no compiler finds the work needless.
volatile float sink;

}  // namespace

const char* vector_set() { return widest().name; }

double peak_gflops(int threads, double seconds) {
  constexpr int64_t kRounds = 400000;
  const VectorSet& set = widest();
  const Measurement m =
      measure([&] { folio::in_parallel(threads, [&](int) { sink = set.chains(kRounds); }); }, seconds);
  return 2.0 * static_cast<double>(kRounds * kChains * set.width * threads) / m.p10 * 1e-9;
}

double bandwidth_gigabytes(int threads, double bytes, double seconds) {
  const auto count = static_cast<size_t>(bytes / 3 / sizeof(float));
  const auto repeats = static_cast<int64_t>(std::max(1.0, 8e6 / bytes));
  struct Arrays {
    std::vector<float> a, b, c;
  };
  std::vector<Arrays> all(static_cast<size_t>(threads));
  // Each thread writes its arrays first: memory belongs to the processor that first touches it.
  folio::in_parallel(threads, [&](int thread) {
    Arrays& mine = all[static_cast<size_t>(thread)];
    mine.a.assign(count, 0);
    mine.b.assign(count, 1);
    mine.c.assign(count, 2);
  });
  const Measurement m = measure(
      [&] {
        folio::in_parallel(threads, [&](int thread) {
          Arrays& mine = all[static_cast<size_t>(thread)];
          float* __restrict a = mine.a.data();
          const float *b = mine.b.data(), *c = mine.c.data();
          for (int64_t r = 0; r < repeats; ++r) {
            for (size_t i = 0; i < count; ++i) a[i] = b[i] + 0.5f * c[i];
            asm volatile("" ::: "memory");  // every repeat counts
          }
        });
      },
      seconds);
  return static_cast<double>(count * 3 * sizeof(float)) * static_cast<double>(repeats * threads) / m.p10 *
         1e-9;
}

}  // namespace benchmarks

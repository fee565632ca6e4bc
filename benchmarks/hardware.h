// What the processor itself can do: the measure for everything else.
#pragma once

namespace benchmarks {

/// Fused multiply-adds of float32, in GFLOP/s (10^9 operations a second), with the widest vectors the
/// processor has.
double peak_gflops(int threads, double seconds = 0.5);
/// GB/s of a = b + s * c over three arrays of `bytes` together, for each thread.
double bandwidth_gigabytes(int threads, double bytes, double seconds = 0.5);
/// "avx512", "avx2" or "baseline": the vectors `peak_gflops` uses.
const char* vector_set();

}  // namespace benchmarks

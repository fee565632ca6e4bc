// Prints what this machine can do, a line of JSON for each number of threads.
#include "hardware.h"
#include "measure.h"

int main(int count, char** texts) {
  using namespace benchmarks;
  try {
    const Arguments arguments(count, texts, {"threads", "seconds"}, {});
    const int most = static_cast<int>(arguments.number("threads", 2));
    const double seconds = arguments.number("seconds", 0.5);
    for (int threads = 1; threads <= most; ++threads)
      JsonLine()
          .whole("threads", threads)
          .text("vectors", vector_set())
          .number("peak_gflops", peak_gflops(threads, seconds))
          .number("cache_gigabytes_per_second", bandwidth_gigabytes(threads, 512e3, seconds))
          .number("memory_gigabytes_per_second", bandwidth_gigabytes(threads, 192e6, seconds))
          .print();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "folio_peak: %s\nusage: folio_peak [--threads N] [--seconds S]\n", error.what());
    return 2;
  }
}

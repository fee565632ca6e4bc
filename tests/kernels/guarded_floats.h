// Floats whose surroundings are watched: the memory right behind them cannot be touched at all, and bytes
// before them are checked. They are aligned to 4 bytes only, as the kernels allow.
#pragma once
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace folio::cpu {

class GuardedFloats {
 public:
  explicit GuardedFloats(int64_t count, float value = 0) : count_(count) {
    const int64_t page = sysconf(_SC_PAGESIZE), floats = page / 4;
    const int64_t pages = (count + kGuard + floats - 1) / floats;
    bytes_ = (pages + 1) * page;
    start_ = static_cast<float*>(
        mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (start_ == MAP_FAILED) throw std::bad_alloc();
    mprotect(start_ + pages * floats, page, PROT_NONE);
    data_ = start_ + pages * floats - count;
    std::fill(start_, data_, kSentinel);
    std::fill_n(data_, count, value);
  }
  explicit GuardedFloats(const std::vector<float>& values)
      : GuardedFloats(static_cast<int64_t>(values.size())) {
    std::copy(values.begin(), values.end(), data_);
  }
  GuardedFloats(const GuardedFloats&) = delete;
  GuardedFloats& operator=(const GuardedFloats&) = delete;
  ~GuardedFloats() {
    EXPECT_TRUE(std::all_of(start_, data_, [](float x) { return x == kSentinel; }))
        << "memory before the floats changed";
    munmap(start_, bytes_);
  }

  float* data() { return data_; }
  const float* data() const { return data_; }
  float& operator[](int64_t i) { return data_[i]; }
  float operator[](int64_t i) const { return data_[i]; }
  std::vector<float> values() const { return {data_, data_ + count_}; }

 private:
  static constexpr int64_t kGuard = 64;
  static constexpr float kSentinel = -12345.5f;
  int64_t count_, bytes_;
  float *start_, *data_;
};

/// Whole numbers from -4 to 4: sums of up to a million products of them are exact.
inline std::vector<float> whole_numbers(int64_t count, uint32_t seed) {
  std::mt19937 engine(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(static_cast<int>(engine() % 9) - 4);
  return values;
}

inline std::vector<float> random_numbers(int64_t count, uint32_t seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> distribution(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = distribution(engine);
  return values;
}

}  // namespace folio::cpu

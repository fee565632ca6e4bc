#include "folio/base/fingerprint.h"

#include <bit>
#include <cstring>
#include <utility>

namespace folio {
namespace {

// Primes between 2^63 and 2^64.
constexpr uint64_t k0 = 0xc3a5c85c97cb3127, k1 = 0xb492b66fbe98f273, k2 = 0x9ae16a3b2f90404f;

uint64_t word(const char* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
uint64_t half(const char* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
uint64_t turned(uint64_t value, int bits) { return std::rotr(value, bits); }
uint64_t mixed(uint64_t value) { return value ^ (value >> 47); }

uint64_t joined(uint64_t u, uint64_t v, uint64_t factor) {
  return mixed((mixed((u ^ v) * factor) ^ v) * factor) * factor;
}

uint64_t of_16(const char* s, size_t n) {
  const uint64_t factor = k2 + n * 2;
  if (n >= 8) {
    const uint64_t a = word(s) + k2, b = word(s + n - 8);
    return joined(turned(b, 37) * factor + a, (turned(a, 25) + b) * factor, factor);
  }
  if (n >= 4) return joined(n + (half(s) << 3), half(s + n - 4), factor);
  if (n == 0) return k2;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(s[i])); };
  const uint32_t y = byte(0) + (byte(n / 2) << 8), z = static_cast<uint32_t>(n) + (byte(n - 1) << 2);
  return mixed(y * k2 ^ z * k0) * k2;
}

uint64_t of_32(const char* s, size_t n) {
  const uint64_t factor = k2 + n * 2;
  const uint64_t a = word(s) * k1, b = word(s + 8), c = word(s + n - 8) * factor, d = word(s + n - 16) * k2;
  return joined(turned(a + b, 43) + turned(c, 30) + d, a + turned(b + k2, 18) + c, factor);
}

uint64_t of_64(const char* s, size_t n) {
  const uint64_t factor = k2 + n * 2;
  const uint64_t a = word(s) * k2, b = word(s + 8), c = word(s + n - 8) * factor, d = word(s + n - 16) * k2;
  const uint64_t y = turned(a + b, 43) + turned(c, 30) + d, z = joined(y, a + turned(b + k2, 18) + c, factor);
  const uint64_t e = word(s + 16) * factor, f = word(s + 24);
  const uint64_t g = (y + word(s + n - 32)) * factor, h = (z + word(s + n - 24)) * factor;
  return joined(turned(e + f, 43) + turned(g, 30) + h, e + turned(f + a, 18) + g, factor);
}

using Pair = std::pair<uint64_t, uint64_t>;

Pair pair_of_32(const char* s, uint64_t a, uint64_t b) {
  a += word(s);
  b = turned(b + a + word(s + 24), 21);
  const uint64_t c = a;
  a += word(s + 8) + word(s + 16);
  return {a + word(s + 24), b + turned(a, 44) + c};
}

}  // namespace

uint64_t fingerprint(std::string_view text) {
  const char* s = text.data();
  const size_t n = text.size();
  if (n <= 16) return of_16(s, n);
  if (n <= 32) return of_32(s, n);
  if (n <= 64) return of_64(s, n);
  uint64_t x = 81, y = x * k1 + 113, z = mixed(y * k2 + 113) * k2;
  Pair v = {0, 0}, w = {0, 0};
  x = x * k2 + word(s);
  const char *end = s + (n - 1) / 64 * 64, *last = s + n - 64;
  const auto round = [&](uint64_t factor, uint64_t more) {
    x = turned(x + y + v.first + word(s + 8), 37) * factor;
    y = turned(y + v.second + word(s + 48), 42) * factor;
    x ^= w.second * more;
    y += v.first * more + word(s + 40);
    z = turned(z + w.first, 33) * factor;
    v = pair_of_32(s, v.second * factor, x + w.first);
    w = pair_of_32(s + 32, z + w.second, y + word(s + 16));
    std::swap(z, x);
  };
  for (; s != end; s += 64) round(k1, 1);
  const uint64_t factor = k1 + ((z & 0xff) << 1);
  s = last;
  w.first += (n - 1) & 63;
  v.first += w.first;
  w.first += v.first;
  round(factor, 9);
  return joined(joined(v.first, w.first, factor) + mixed(y) * k0 + z, joined(v.second, w.second, factor) + x,
                factor);
}

}  // namespace folio

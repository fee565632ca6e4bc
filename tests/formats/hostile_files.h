// Small sound model files, and what it takes to turn them into others.
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "folio/base/zip.h"
#include "folio/folio.h"
#include "tests/base/files_for_tests.h"

namespace folio {

using Bytes = std::vector<std::byte>;

inline void put_file(const std::string& path, const Bytes& bytes) {
  FILE* file = std::fopen(path.c_str(), "wb");
  if (!bytes.empty()) std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
}

/// A small model file as Folio writes it, in one of the three formats.
inline Bytes written(const std::string& name) {
  const TemporaryFolder folder;
  set_random_seed(1);
  const Sequential model({Input({2}), Dense(2, {.name = "d"})}, "m");
  model.compile({SGD(0.01), "mse"});
  model.save(folder / name);
  return read_file(folder / name);
}

inline std::string config_of_sound() {
  const TemporaryFolder folder;
  put_file(folder / "m.keras", written("m.keras"));
  const Bytes bytes = ZipReader(folder / "m.keras").read("config.json", 1 << 20);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A zip file of these members; weights of the sound model if none are given.
inline Bytes zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "z");
  ZipWriter zip(file);
  for (const auto& [name, text] : members) zip.add(name, text);
  zip.finish();
  file.commit();
  return read_file(folder / "z");
}

inline Bytes keras_of(const std::string& config) {
  const TemporaryFolder folder;
  put_file(folder / "m.keras", written("m.keras"));
  const Bytes weights = ZipReader(folder / "m.keras").read("model.weights.h5", 1 << 20);
  return zip_of({{"metadata.json", "{}"},
                 {"config.json", config},
                 {"model.weights.h5", {reinterpret_cast<const char*>(weights.data()), weights.size()}}});
}

/// Every occurrence of `from` replaced; texts of one length, so that a file keeps its shape.
inline Bytes patched(Bytes bytes, const std::string& from, const std::string& to) {
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  const auto all = bytes_of(text);
  return {all.begin(), all.end()};
}

/// `bytes` with a little-endian number in place of those at `at`.
inline Bytes with_number(Bytes bytes, size_t at, uint64_t value, size_t width) {
  for (size_t i = 0; i < width && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<std::byte>(value >> 8 * i);
  return bytes;
}

/// Where the n-th `signature` begins.
inline size_t place_of(const Bytes& bytes, const std::string& signature, int n = 0) {
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  size_t at = text.find(signature);
  while (n-- > 0) at = text.find(signature, at + 1);
  return at;
}
inline const std::string kZipHeader = "PK\x03\x04", kZipEntry = "PK\x01\x02", kZipEnd = "PK\x05\x06";

/// `count` zeros deflated: matches of 258 bytes, each of 13 bits in the fixed code.
inline Bytes deflated_zeros(uint64_t count) {
  Bytes bytes;
  uint64_t bits = 0;
  int filled = 0;
  const auto put = [&](uint32_t value, int width) {  // lowest bit first
    bits |= static_cast<uint64_t>(value) << filled;
    for (filled += width; filled >= 8; filled -= 8, bits >>= 8) bytes.push_back(static_cast<std::byte>(bits));
  };
  const auto put_code = [&](uint32_t code, int width) {  // highest bit first
    for (int i = width; i-- > 0;) put(code >> i & 1, 1);
  };
  put(1, 1), put(1, 2);  // the last block, in the fixed code
  put_code(0x30, 8);     // a zero
  for (uint64_t done = 1; done + 258 <= count; done += 258) put_code(0xC5, 8), put_code(0, 5);
  put_code(0, 7);
  put(0, 7);
  return bytes;
}

/// A .keras whose config is `packed`, said to be `size` bytes deflated.
inline Bytes bomb(const Bytes& packed, uint32_t size) {
  const std::string text(reinterpret_cast<const char*>(packed.data()), packed.size());
  Bytes bytes = keras_of(text);
  for (const auto& [at, method, sizes] :
       {std::tuple{place_of(bytes, kZipHeader, 1), size_t{8}, size_t{22}},
        std::tuple{place_of(bytes, kZipEntry, 1), size_t{10}, size_t{24}}}) {
    bytes = with_number(bytes, at + method, 8, 2);
    bytes = with_number(bytes, at + sizes, size, 4);
  }
  return bytes;
}

}  // namespace folio

// Datasets cut into chunks, each found through a B-tree and packed by filters.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "folio/base/error.h"
#include "folio/base/gzip.h"
#include "folio/formats/hdf5_format.h"

namespace folio {
namespace {

/// Deflate packs at most 1032 : 1; a dataset beyond that cannot be what the chunks hold.
constexpr uint64_t kMostPacking = 1032;

struct Chunk {
  std::vector<int64_t> start;
  uint64_t address = 0;
  uint32_t size = 0, skipped_filters = 0;
};

/// The leaves of a B-tree of chunks (III.A.1).
void find_chunks(H5File& file, uint64_t address, int level, int rank, std::vector<Chunk>& chunks) {
  file.visit_once(address, "B-tree");
  ByteReader reader = file.at(address, 24, "B-tree");
  const bool sound = reader.take_text(4, "signature") == "TREE" && reader.little<uint8_t>("kind") == 1;
  const int here = reader.little<uint8_t>("level");
  const auto count = reader.little<uint16_t>("entries");
  if (!sound || here > 32 || (level >= 0 && here != level))
    reader.fail("a B-tree of chunks", "other bytes; the file is damaged");
  const uint64_t key_size = 8 + 8 * (static_cast<uint64_t>(rank) + 1);
  ByteReader entries = file.at(address + 24, count * (key_size + 8), "B-tree");
  for (int i = 0; i < count; ++i) {
    Chunk chunk;
    chunk.size = entries.little<uint32_t>("chunk size");
    chunk.skipped_filters = entries.little<uint32_t>("filter mask");
    for (int d = 0; d < rank; ++d) chunk.start.push_back(entries.little<int64_t>("chunk offset"));
    entries.take(8, "chunk offset");
    chunk.address = entries.little<uint64_t>("chunk address");
    if (here > 0)
      find_chunks(file, chunk.address, here - 1, rank, chunks);
    else
      chunks.push_back(std::move(chunk));
  }
}

/// The checksum of Fletcher over words of 16 bits, most significant byte first.
uint32_t fletcher32(std::span<const std::byte> bytes) {
  uint64_t low = 0, high = 0;
  const auto at = [&](size_t i) { return i < bytes.size() ? static_cast<uint64_t>(bytes[i]) : 0; };
  for (size_t i = 0; i < bytes.size(); i += 2) {
    low = (low + (at(i) << 8 | at(i + 1))) % 65535;
    high = (high + low) % 65535;
  }
  return static_cast<uint32_t>(high << 16 | low);
}

/// The checksum of zlib.
uint32_t adler32(std::span<const std::byte> bytes) {
  uint32_t low = 1, high = 0;
  for (const std::byte byte : bytes) {
    low = (low + static_cast<uint32_t>(byte)) % 65521;
    high = (high + low) % 65521;
  }
  return high << 16 | low;
}

std::vector<std::byte> without_checksum(std::vector<std::byte> bytes, const std::string& name, uint64_t at) {
  ByteReader reader(bytes, name, at);
  const auto data = reader.take(bytes.size() < 4 ? 0 : bytes.size() - 4, "chunk");
  const auto stored = reader.little<uint32_t>("checksum");
  // libhdf5 writes 0 and 65535 for the same sum.
  const auto same = [](uint32_t a, uint32_t b) { return a % 65535 == b % 65535; };
  const uint32_t sum = fletcher32(data);
  if (!same(sum & 0xFFFF, stored & 0xFFFF) || !same(sum >> 16, stored >> 16))
    reader.fail(fmt::format("checksum {:08x}", sum), fmt::format("{:08x}; the file is damaged", stored));
  bytes.resize(bytes.size() - 4);
  return bytes;
}

/// zlib's wrapping: two bytes, deflated bytes, and a checksum.
std::vector<std::byte> inflated(const std::vector<std::byte>& bytes, uint64_t limit, const std::string& name,
                                uint64_t at) {
  ByteReader reader(bytes, fmt::format("{}: chunk", name), at);
  const ByteReader place = reader;
  const auto head = reader.big<uint16_t>("deflated chunk");
  if (bytes.size() < 6 || (head >> 8 & 15) != 8 || head % 31 != 0 || (head & 0x20))
    place.fail("deflated bytes", "others; the file is damaged");
  const MemorySource source(bytes, name);
  auto result = inflate(source, 2, bytes.size() - 6, Wrapping::none, limit);
  reader.take(bytes.size() - 6, "deflated chunk");
  const auto stored = reader.big<uint32_t>("checksum");
  const uint32_t sum = adler32(result);
  if (sum != stored)
    place.fail(fmt::format("checksum {:08x}", stored), fmt::format("{:08x}; the file is damaged", sum));
  return result;
}

/// Shuffle stores the first bytes of all elements, then the second ones, and so on.
std::vector<std::byte> unshuffled(const std::vector<std::byte>& bytes, size_t element) {
  std::vector<std::byte> result(bytes.size());
  const size_t count = bytes.size() / element;
  for (size_t part = 0; part < element; ++part)
    for (size_t i = 0; i < count; ++i) result[i * element + part] = bytes[part * count + i];
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(count * element), bytes.end(),
            result.begin() + static_cast<std::ptrdiff_t>(count * element));
  return result;
}

/// Copies the part of a chunk that lies within the dataset.
void place_chunk(const Chunk& chunk, const H5Object& object, const std::vector<std::byte>& from,
                 std::vector<std::byte>& to) {
  const int rank = object.shape.rank();
  const auto& sizes = object.storage.chunk;
  const auto element = static_cast<int64_t>(object.type.size);
  std::vector<int64_t> inside(sizes.size()), at(sizes.size(), 0);
  for (int d = 0; d < rank; ++d) inside[d] = std::min(sizes[d], object.shape[d] - chunk.start[d]);
  for (;;) {
    int64_t source = 0, target = 0;
    for (int d = 0; d < rank; ++d) {
      source = source * sizes[d] + at[d];
      target = target * object.shape[d] + chunk.start[d] + at[d];
    }
    std::memcpy(to.data() + target * element, from.data() + source * element,
                static_cast<size_t>(inside[rank - 1] * element));
    int d = rank - 2;
    while (d >= 0 && ++at[d] == inside[d]) at[d--] = 0;
    if (d < 0) return;
  }
}

}  // namespace

std::vector<std::byte> read_h5_chunks(std::span<const std::byte> bytes, const H5Object& object,
                                      const std::string& name, const std::string& place) {
  const auto fail = [&](const std::string& expected, const std::string& got) {
    throw Error(fmt::format("{}: {}: expected {}, got {}; the file is damaged or not safe to use", name,
                            place, expected, got));
  };
  const H5Storage& storage = object.storage;
  const int rank = object.shape.rank();
  if (static_cast<size_t>(rank) != storage.chunk.size())
    fail(fmt::format("chunks of {} dimensions", rank), fmt::format("{}", storage.chunk.size()));
  const int64_t total = object.shape.count() * static_cast<int64_t>(object.type.size);
  if (total == 0) return {};
  if (storage.address == kH5Nowhere) fail("the values of " + to_string(object.shape), "none stored");

  // Every chunk must be there, once: what is missing was never written.
  int64_t chunk_bytes = object.type.size;
  uint64_t expected_chunks = 1;
  for (int d = 0; d < rank; ++d) {
    const int64_t size = storage.chunk[d];
    if (size < 1 || __builtin_mul_overflow(chunk_bytes, size, &chunk_bytes) || chunk_bytes > int64_t{1} << 32)
      fail("chunks within 4 GiB", "larger ones");
    if (__builtin_mul_overflow(expected_chunks, static_cast<uint64_t>((object.shape[d] - 1) / size + 1),
                               &expected_chunks))
      fail("chunks that can be counted", "more");
  }
  std::vector<Chunk> chunks;
  H5File file(bytes, name);
  find_chunks(file, storage.address, -1, rank, chunks);
  if (chunks.size() != expected_chunks)
    fail(fmt::format("{} chunks", expected_chunks), fmt::format("{}", chunks.size()));
  uint64_t stored = 0;
  for (const Chunk& chunk : chunks) {
    for (int d = 0; d < rank; ++d)
      if (chunk.start[d] < 0 || chunk.start[d] >= object.shape[d] || chunk.start[d] % storage.chunk[d] != 0)
        fail("chunks inside " + to_string(object.shape),
             fmt::format("one that starts at {}", chunk.start[d]));
    stored += chunk.size;
  }
  std::sort(chunks.begin(), chunks.end(), [](const Chunk& a, const Chunk& b) { return a.start < b.start; });
  for (size_t i = 1; i < chunks.size(); ++i)
    if (chunks[i].start == chunks[i - 1].start) fail("every chunk once", "one twice");
  file.spend(stored);  // so that chunks do not share their bytes
  if (static_cast<uint64_t>(total) / kMostPacking > stored + 64)
    fail(fmt::format("{} bytes of values", total),
         fmt::format("chunks of {} bytes, too few even if packed", stored));

  // All chunks are unpacked before there is room for the whole: a promise is no reason to take memory.
  std::vector<std::vector<std::byte>> unpacked;
  for (const Chunk& chunk : chunks) {
    const auto packed = file.from(chunk.address, "chunk").take(chunk.size, "chunk");
    std::vector<std::byte> data(packed.begin(), packed.end());
    for (size_t i = storage.filters.size(); i-- > 0;) {
      if (chunk.skipped_filters >> i & 1) continue;
      switch (storage.filters[i]) {
        // A checksum before the deflating adds 4 bytes.
        case H5Storage::Filter::deflate:
          data = inflated(data, static_cast<uint64_t>(chunk_bytes) + 4, name, chunk.address);
          break;
        case H5Storage::Filter::shuffle:
          data = unshuffled(data, object.type.size);
          break;
        case H5Storage::Filter::fletcher32:
          data = without_checksum(std::move(data), name, chunk.address);
          break;
      }
    }
    if (data.size() != static_cast<size_t>(chunk_bytes))
      fail(fmt::format("a chunk of {} bytes", chunk_bytes), fmt::format("{}", data.size()));
    unpacked.push_back(std::move(data));
  }
  std::vector<std::byte> result(static_cast<size_t>(total));
  for (size_t i = 0; i < chunks.size(); ++i)
    place_chunk(chunks[i], object, std::exchange(unpacked[i], {}), result);
  return result;
}

}  // namespace folio

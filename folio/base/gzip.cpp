#include "folio/base/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/base/file.h"

namespace folio {
namespace {

constexpr uint64_t kInputBlock = 256 << 10;
constexpr uint64_t kFirstOutput = 64 << 10;
/// zlib counts room in 32 bits.
constexpr uint64_t kMostRoom = 1 << 30;

/// Frees zlib's memory whichever way the function ends.
struct Stream : z_stream {
  explicit Stream(Wrapping wrapping) : z_stream{} {
    const int window = wrapping == Wrapping::gzip ? 16 + MAX_WBITS : -MAX_WBITS;
    if (inflateInit2(this, window) != Z_OK) throw Error("out of memory: could not start to inflate");
  }
  ~Stream() { inflateEnd(this); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

}  // namespace

std::vector<std::byte> inflate(const ByteSource& source, uint64_t offset, uint64_t size, Wrapping wrapping,
                               uint64_t limit, AtLimit at_limit) {
  if (offset > source.size() || size > source.size() - offset)
    throw Error(
        fmt::format("{}: at byte {}: expected {} deflated bytes, found {}; the file is cut short or damaged",
                    source.name(), offset, size, offset > source.size() ? 0 : source.size() - offset));
  const uint64_t end = offset + size;
  std::vector<std::byte> input(std::min(kInputBlock, size)), output;
  uint64_t filled = 0;  // bytes of output that are real
  Stream stream(wrapping);
  const auto place = [&] { return offset - stream.avail_in; };

  for (;;) {
    if (stream.avail_in == 0 && offset < end) {
      const uint64_t block = std::min<uint64_t>(input.size(), end - offset);
      source.read_at(offset, std::span(input).first(block));
      offset += block;
      stream.next_in = reinterpret_cast<Bytef*>(input.data());
      stream.avail_in = static_cast<uInt>(block);
    }
    // One byte of room beyond the limit tells "just as much" from "more".
    if (filled == output.size()) {
      const uint64_t most = limit == UINT64_MAX ? limit : limit + 1;
      output.resize(std::min(most, std::max(kFirstOutput, 2 * filled)));
    }
    const uint64_t room = std::min(output.size() - filled, kMostRoom);
    stream.next_out = reinterpret_cast<Bytef*>(output.data() + filled);
    stream.avail_out = static_cast<uInt>(room);
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    filled += room - stream.avail_out;

    if (filled > limit) {
      if (at_limit == AtLimit::refuse)
        throw Error(
            fmt::format("{}: at byte {}: expected at most {} bytes once inflated, found more; the file is "
                        "damaged or too large",
                        source.name(), place(), limit));
      filled = limit;
      break;
    }
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0 && offset == end) break;
      if (wrapping == Wrapping::none)
        throw Error(
            fmt::format("{}: at byte {}: expected the end of the deflated bytes, found {} bytes more; the "
                        "file is damaged",
                        source.name(), place(), end - place()));
      inflateReset(&stream);  // another gzip member; anything else is refused as a wrong header
      continue;
    }
    if (result == Z_MEM_ERROR) throw Error(fmt::format("{}: out of memory while inflating", source.name()));
    if (result != Z_OK && result != Z_BUF_ERROR)
      throw Error(
          fmt::format("{}: at byte {}: expected deflated bytes, found damage ({}); get the file again",
                      source.name(), place(), stream.msg ? stream.msg : "unknown"));
    if (stream.avail_in == 0 && offset == end && stream.avail_out != 0)
      throw Error(
          fmt::format("{}: at byte {}: expected more deflated bytes, found the end; the file is cut short",
                      source.name(), end));
  }
  output.resize(filled);
  return output;
}

std::vector<std::byte> read_maybe_gzip(const std::string& path, uint64_t limit, AtLimit at_limit) {
  const FileSource file(path);
  if (file.size() >= 2) {
    const auto magic = file.copy(0, 2);
    if (magic[0] == std::byte{0x1f} && magic[1] == std::byte{0x8b})
      return inflate(file, 0, file.size(), Wrapping::gzip, limit, at_limit);
  }
  if (file.size() <= limit) return file.copy(0, file.size());
  if (at_limit == AtLimit::stop) return file.copy(0, limit);
  throw Error(fmt::format("{}: expected at most {} bytes, found {}; choose a smaller file or raise the limit",
                          path, limit, file.size()));
}

}  // namespace folio

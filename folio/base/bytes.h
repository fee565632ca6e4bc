// Bytes from outside: where they come from, and how to read them without ever leaving them.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace folio {

/// Bytes that can be read at any offset: a file, or memory. Every reader of container files stands on this.
class ByteSource {
 public:
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// The file's path, for messages.
  const std::string& name() const { return name_; }
  /// Bytes there are.
  virtual uint64_t size() const = 0;
  /// Fills `into` from `offset`; throws `Error` when that reaches beyond the end.
  void read_at(uint64_t offset, std::span<std::byte> into) const;
  /// A copy of `count` bytes from `offset`; nothing is allocated unless they are there.
  std::vector<std::byte> copy(uint64_t offset, uint64_t count) const;

 private:
  virtual void fetch(uint64_t offset, std::span<std::byte> into) const = 0;
  std::string name_;
};

/// The caller's own bytes; the caller keeps them alive.
class MemorySource : public ByteSource {
 public:
  MemorySource(std::span<const std::byte> bytes, std::string name)
      : ByteSource(std::move(name)), bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }

 private:
  void fetch(uint64_t offset, std::span<std::byte> into) const override;
  std::span<const std::byte> bytes_;
};

/// A cursor over bytes in memory. Reading past the end throws `Error`:
/// `FILE: at byte 16: expected 4 bytes of height, found 2; …`.
class ByteReader {
 public:
  /// `start` is the place of `bytes` in the file, for messages. The caller keeps the bytes alive.
  ByteReader(std::span<const std::byte> bytes, std::string name, uint64_t start = 0)
      : bytes_(bytes), name_(std::move(name)), start_(start) {}

  const std::string& name() const { return name_; }
  /// The offset in the file of the next byte.
  uint64_t position() const { return start_ + at_; }
  uint64_t remaining() const { return bytes_.size() - at_; }

  /// The next `count` bytes, without a copy; `what` names them in the message.
  std::span<const std::byte> take(uint64_t count, std::string_view what);
  /// The same as text.
  std::string_view take_text(uint64_t count, std::string_view what);

  /// The next integer, least significant byte first.
  template <std::integral T>
  T little(std::string_view what) {
    const auto bytes = take(sizeof(T), what);
    uint64_t value = 0;
    for (size_t i = sizeof(T); i-- > 0;) value = value << 8 | static_cast<uint64_t>(bytes[i]);
    return static_cast<T>(value);
  }
  /// The next integer, most significant byte first.
  template <std::integral T>
  T big(std::string_view what) {
    uint64_t value = 0;
    for (std::byte b : take(sizeof(T), what)) value = value << 8 | static_cast<uint64_t>(b);
    return static_cast<T>(value);
  }

  /// Throws `Error("FILE: at byte POSITION: expected EXPECTED, found FOUND")`, POSITION being the next byte.
  [[noreturn]] void fail(std::string_view expected, std::string_view found) const;

 private:
  std::span<const std::byte> bytes_;
  std::string name_;
  uint64_t start_;
  uint64_t at_ = 0;
};

/// Appends `value` to `to`, least significant byte first.
template <std::integral T>
void append_little(std::vector<std::byte>& to, T value) {
  for (size_t i = 0; i < sizeof(T); ++i)
    to.push_back(static_cast<std::byte>(static_cast<uint64_t>(value) >> 8 * i));
}

/// The bytes of a text.
inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace folio

#include "folio/data/npy_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <string_view>

#include "folio/base/checked.h"
#include "folio/base/error.h"

namespace folio {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr uint64_t kMostHeader = 64 << 10;
constexpr size_t kMostDimensions = 32;

static_assert(std::endian::native == std::endian::little, "elements are written as they lie in memory");

/// Walks through the text; every step either fits or throws with the place in the file.
class Text {
 public:
  Text(std::string_view text, uint64_t start, std::string name)
      : text_(text), start_(start), name_(std::move(name)) {}

  bool next_is(char c) {
    skip_blanks();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool accept(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(fmt::format("'{}'", c));
  }
  std::string_view string() {
    const char quote = next_is('"') ? '"' : '\'';
    expect(quote);
    const size_t end = text_.find(quote, at_);
    // No name or type that NumPy writes here needs an escape.
    if (end == std::string_view::npos || text_.substr(at_, end - at_).find('\\') != std::string_view::npos)
      fail("the end of a string");
    const auto value = text_.substr(at_, end - at_);
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    skip_blanks();
    for (std::string_view word : {"True", "False"})
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return word == "True";
      }
    fail("True or False");
  }
  int64_t dimension() {
    skip_blanks();
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc() || value < 0) fail("a dimension from 0 to 2^63 - 1");
    at_ = static_cast<size_t>(end - text_.data());
    accept('L');  // Python 2 wrote large integers so
    return value;
  }
  void expect_end() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    if (at_ != text_.size()) fail("the end of the header");
  }
  [[noreturn]] void fail(std::string_view expected) const {
    std::string found;
    for (char c : text_.substr(std::min(at_, text_.size()), 12))
      found +=
          c >= 32 && c < 127 ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    throw Error(
        fmt::format("{}: at byte {}: expected {} in the header, found \"{}\"; the file is damaged or no .npy "
                    "file",
                    name_, start_ + at_, expected, found));
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::string_view text_;
  uint64_t start_;
  std::string name_;
  size_t at_ = 0;
};

/// "<f4" and its like.
void read_type(Text& text, NpyHeader& header) {
  if (text.next_is('[')) text.fail("one element type (records have several; save their fields one by one)");
  const Text before = text;
  const std::string_view type = text.string();
  const char order = type.empty() ? '?' : type[0];
  header.kind = type.size() < 2 ? '?' : type[1];
  header.size = type.size() == 3 ? type[2] - '0' : 0;
  header.big_endian = order == '>';
  const auto sizes = [&](std::initializer_list<int> known) {
    for (int size : known)
      if (size == header.size) return true;
    return false;
  };
  const bool known = (header.kind == 'f' && sizes({2, 4, 8})) || (header.kind == 'b' && sizes({1})) ||
                     ((header.kind == 'i' || header.kind == 'u') && sizes({1, 2, 4, 8}));
  const bool ordered = order == '<' || order == '>' || order == '=' || (order == '|' && header.size == 1);
  if (!known || !ordered)
    before.fail("numbers or booleans (convert others first, by array.astype(\"float32\"))");
}

}  // namespace

NpyHeader read_npy_header(ByteReader& reader) {
  const ByteReader at_start = reader;
  if (reader.remaining() < kMagic.size() || reader.take_text(kMagic.size(), "magic") != kMagic)
    at_start.fail("\"\\x93NUMPY\"", "other bytes; this is no .npy file");
  const auto major = reader.little<uint8_t>("version"), minor = reader.little<uint8_t>("version");
  if (major < 1 || major > 3 || minor != 0)
    reader.fail("version 1.0, 2.0 or 3.0",
                fmt::format("{}.{}; save the array with a known version", major, minor));
  const uint64_t size =
      major == 1 ? reader.little<uint16_t>("header size") : reader.little<uint32_t>("header size");
  if (size > kMostHeader)
    reader.fail(fmt::format("a header of at most {} bytes", kMostHeader),
                fmt::format("{}; the file is damaged", size));
  const uint64_t start = reader.position();
  Text text(reader.take_text(size, "header"), start, at_start.name());

  NpyHeader header;
  bool has_type = false, has_order = false, has_shape = false;
  text.expect('{');
  while (!text.accept('}')) {
    const Text before = text;
    const std::string_view key = text.string();
    text.expect(':');
    bool& seen = key == "descr" ? has_type : key == "fortran_order" ? has_order : has_shape;
    if (seen || (key != "descr" && key != "fortran_order" && key != "shape"))
      before.fail("'descr', 'fortran_order' and 'shape', each once");
    seen = true;
    if (key == "descr") {
      read_type(text, header);
    } else if (key == "fortran_order") {
      header.column_major = text.boolean();
    } else {
      text.expect('(');
      while (!text.accept(')')) {
        if (header.shape.size() == kMostDimensions)
          text.fail(fmt::format("at most {} dimensions", kMostDimensions));
        header.shape.push_back(text.dimension());
        if (!text.next_is(')')) text.expect(',');
      }
    }
    if (!text.next_is('}')) text.expect(',');
  }
  text.expect_end();
  if (!has_type || !has_order || !has_shape) text.fail("'descr', 'fortran_order' and 'shape', each once");
  return header;
}

std::vector<std::byte> npy_header_of(const Tensor& tensor) {
  const char* type = "<f4";
  switch (tensor.dtype()) {
    case DType::float32:
      break;
    case DType::float64:
      type = "<f8";
      break;
    case DType::int32:
      type = "<i4";
      break;
    case DType::int64:
      type = "<i8";
      break;
    case DType::uint8:
      type = "|u1";
      break;
    case DType::boolean:
      type = "|b1";
      break;
  }
  std::string shape;
  for (int64_t dim : tensor.shape()) shape += fmt::format("{}{}", shape.empty() ? "" : " ", dim) + ",";
  if (tensor.shape().rank() > 1) shape.pop_back();  // (2, 3), but (2,)
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape);
  const size_t before = kMagic.size() + 4,
               whole = static_cast<size_t>(round_up(before + text.size() + 1, 64));
  text.append(whole - before - text.size() - 1, ' ');
  text += '\n';

  std::vector<std::byte> bytes;
  const auto append = [&](std::string_view more) {
    for (char c : more) bytes.push_back(static_cast<std::byte>(c));
  };
  append(kMagic);
  append(std::string_view("\x01\x00", 2));
  append_little<uint16_t>(bytes, static_cast<uint16_t>(text.size()));
  append(text);
  return bytes;
}

}  // namespace folio

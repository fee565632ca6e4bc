#include "folio/formats/python_json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "folio/base/error.h"
#include "folio/base/utf8.h"

namespace folio {
namespace {

/// What the values of a text may take in memory: thousands of layers. They can take 24 bytes for every byte
/// of it, and a long list or object takes three times its size while it grows.
constexpr size_t kMostMemory = 40 << 20, kLong = 4096;

class Parser {
 public:
  Parser(std::string_view text, const std::string& place) : text_(text), place_(place) {}

  Json parse() {
    Json result = value(0);
    skip_space();
    if (at_ != text_.size()) fail("the end of the text", found());
    return result;
  }

 private:
  Json value(int depth) {
    skip_space();
    if (depth > kMostJsonDepth)
      fail(fmt::format("at most {} levels of nesting", kMostJsonDepth), "more; the file is not safe to use");
    // Texts, lists and objects lie in memory of their own.
    if (next() == '{' || next() == '[' || next() == '"') spend(48);
    switch (next()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return Json(string());
      default:
        break;
    }
    if (word("null")) return nullptr;
    if (word("true")) return true;
    if (word("false")) return false;
    if (word("NaN")) return std::numeric_limits<double>::quiet_NaN();
    if (word("Infinity")) return std::numeric_limits<double>::infinity();
    if (word("-Infinity")) return -std::numeric_limits<double>::infinity();
    return number();
  }

  Json object(int depth) {
    Json result = Json::object();
    // The map looks through all keys to add one; keys are checked here, so they can go straight to its end.
    Json::object_t::Container& entries = result.get_ref<Json::object_t&>();
    std::unordered_set<std::string> keys;
    ++at_;
    skip_space();
    if (next() == '}') return ++at_, result;
    for (;;) {
      skip_space();
      if (next() != '"') fail("a key in quotes", found());
      const size_t start = at_;
      std::string key = string();
      if (!keys.insert(key).second) {
        at_ = start;
        fail("different keys", fmt::format("\"{}\" twice; the file is not safe to use", key.substr(0, 80)));
      }
      skip_space();
      if (next() != ':') fail("':'", found());
      ++at_;
      Json item = value(depth + 1);
      spend(sizeof entries[0] * (entries.size() < kLong ? 1 : 4));
      entries.emplace_back(std::move(key), std::move(item));
      skip_space();
      if (next() == '}') return ++at_, result;
      if (next() != ',') fail("',' or '}'", found());
      ++at_;
    }
  }

  Json array(int depth) {
    Json result = Json::array();
    ++at_;
    skip_space();
    if (next() == ']') return ++at_, result;
    for (;;) {
      spend(sizeof result * (result.size() < kLong ? 1 : 3));
      result.push_back(value(depth + 1));
      skip_space();
      if (next() == ']') return ++at_, result;
      if (next() != ',') fail("',' or ']'", found());
      ++at_;
    }
  }

  std::string string() {
    std::string result;
    ++at_;
    for (;;) {
      if (at_ == text_.size()) fail("the closing quote of a text", "the end");
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 32) fail("a text without control characters", found());
      ++at_;
      if (c == '"') return spend(result.capacity()), result;
      if (c == '\\')
        escape(result);
      else
        result += c;
    }
  }

  void escape(std::string& to) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const char c = next();
    ++at_;
    if (const size_t i = kLetters.find(c); c != '\0' && i != kLetters.npos) return void(to += kMeanings[i]);
    if (c != 'u') {
      --at_;
      fail("an escape of JSON", found());
    }
    uint32_t code = four_digits();
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      const uint32_t low = four_digits();
      if (low < 0xDC00 || low > 0xDFFF) fail("the second half of a character", "another");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xD800 && code < 0xE000) {
      fail("a whole character", "half of one");
    }
    const auto put = [&](uint32_t byte) { to += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 63));
    if (code < 0x10000) return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63)),
        put(0x80 | (code & 63));
  }

  uint32_t four_digits() {
    uint32_t code = 0;
    const auto digits = text_.substr(at_, 4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4)
      fail("four hexadecimal digits", found());
    at_ += 4;
    return code;
  }

  Json number() {
    const size_t start = at_;
    const auto digits = [&] {
      const size_t first = at_;
      while (next() >= '0' && next() <= '9') ++at_;
      if (at_ == first) fail("a value", found());
    };
    if (next() == '-') ++at_;
    const bool zero = next() == '0';
    const size_t first = at_;
    digits();
    if (zero && at_ > first + 1) fail("a number without leading zeros", "one with them");
    bool whole = true;
    if (next() == '.') whole = false, ++at_, digits();
    if (next() == 'e' || next() == 'E') {
      whole = false, ++at_;
      if (next() == '+' || next() == '-') ++at_;
      digits();
    }
    const char *from = text_.data() + start, *to = text_.data() + at_;
    if (whole) {
      int64_t integer;
      if (std::from_chars(from, to, integer).ec == std::errc()) return integer;
    }
    double real;
    if (std::from_chars(from, to, real).ec == std::errc()) return real;
    // Beyond the range of doubles: Python reads 1e999 as infinity and 1e-999 as 0.
    at_ = start;
    fail("a number within the range of doubles", "one beyond");
  }

  void spend(size_t bytes) {
    memory_ += bytes;
    if (memory_ > kMostMemory)
      fail(fmt::format("values that fit into {} MiB", kMostMemory >> 20),
           "more; the file is not safe to use");
  }
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  void skip_space() {
    while (next() == ' ' || next() == '\t' || next() == '\n' || next() == '\r') ++at_;
  }
  std::string found() const {
    if (at_ >= text_.size()) return "the end";
    const auto c = static_cast<unsigned char>(text_[at_]);
    return c > 32 && c < 127 ? fmt::format("'{}'", text_[at_]) : fmt::format("byte {:02x}", c);
  }
  [[noreturn]] void fail(const std::string& expected, const std::string& got) const {
    size_t line = 1, column = 1;
    for (const char c : text_.substr(0, at_)) c == '\n' ? (++line, column = 1) : ++column;
    throw Error(
        fmt::format("{}: line {}, column {}: expected {}, got {}", place_, line, column, expected, got));
  }

  std::string_view text_;
  const std::string& place_;
  size_t at_ = 0, memory_ = 0;
};

// nlohmann writes null for what is not finite; Python's word for it is put there instead.
void write(const Json& json, std::string& to) {
  if (json.is_object() || json.is_array()) {
    to += json.is_object() ? '{' : '[';
    bool first = true;
    for (const auto& [key, item] : json.items()) {
      if (!first) to += ", ";
      first = false;
      if (json.is_object()) to += Json(key).dump(-1, ' ', true) + ": ";
      write(item, to);
    }
    to += json.is_object() ? '}' : ']';
  } else if (json.is_number_float() && !std::isfinite(json.get<double>())) {
    const double value = json.get<double>();
    to += std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  } else {
    to += json.dump(-1, ' ', true);
  }
}

}  // namespace

Json parse_python_json(std::string_view text, const std::string& place) {
  if (text.size() > kMostJsonBytes)
    throw Error(fmt::format("{}: expected at most {} bytes, got {}", place, kMostJsonBytes, text.size()));
  if (const size_t at = find_invalid_utf8(text); at != text.npos)
    throw Error(fmt::format("{}: expected UTF-8, got other bytes at {}; the file is damaged", place, at));
  return Parser(text, place).parse();
}

std::string python_json(const Json& json) {
  std::string text;
  try {
    write(json, text);
  } catch (const Json::exception&) {
    throw Error("config: expected names in UTF-8, got other bytes; rename the layer");
  }
  return text;
}

}  // namespace folio

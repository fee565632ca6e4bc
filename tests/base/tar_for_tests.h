// Members of tar files, byte by byte.
#pragma once
#include <fmt/format.h>

#include <string>

namespace folio {

/// A head of 512 bytes and the content, filled up to whole blocks. `size`: what the head says of the size, if
/// not the truth.
inline std::string tar_member(const std::string& name, const std::string& content, char kind = '0',
                              const std::string& prefix = "", const char* size = nullptr) {
  std::string head(512, '\0');
  const auto put = [&](size_t at, const std::string& text) { head.replace(at, text.size(), text); };
  put(0, name);
  put(100, "0000644");
  put(124, size ? size : fmt::format("{:011o}", content.size()));
  put(136, "00000000000");
  head[156] = kind;
  put(257, "ustar");
  put(263, "00");
  put(345, prefix);
  put(148, "        ");
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum) + '\0' + ' ');
  std::string member = head + content;
  member.resize((member.size() + 511) / 512 * 512, '\0');
  return member;
}

inline std::string tar_end() { return std::string(1024, '\0'); }

}  // namespace folio

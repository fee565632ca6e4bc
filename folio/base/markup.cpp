#include "folio/base/markup.h"

#include "folio/base/utf8.h"

namespace folio {

std::string valid_utf8(std::string_view text) {
  std::string valid;
  for (size_t wrong = find_invalid_utf8(text); wrong != text.npos; wrong = find_invalid_utf8(text)) {
    valid.append(text.substr(0, wrong)).append("\xEF\xBF\xBD");
    text.remove_prefix(wrong + 1);
  }
  return valid.append(text);
}

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (const char c : valid_utf8(text)) switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 32 ? ' ' : c;
    }
  return escaped;
}

std::string escape_dot(std::string_view text) {
  std::string escaped;
  for (const char c : valid_utf8(text)) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += static_cast<unsigned char>(c) < 32 ? ' ' : c;
  }
  return escaped;
}

}  // namespace folio

#include "folio/report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "folio/base/json.h"
#include "folio/base/markup.h"
#include "folio/base/version.h"
#include "folio/report/page_assets.h"
#include "folio/report/png.h"

namespace folio {
namespace {

// A JSON text inside a script element must not be able to end it.
std::string script_json(const Json& json) {
  std::string text;
  for (const char c : json.dump(-1, ' ', true, Json::error_handler_t::replace)) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

Json numbers_json(const std::vector<double>& values) {
  Json list = Json::array();
  // Six digits are more than a picture can show.
  for (const double v : values)
    list.push_back(std::isfinite(v) ? Json(std::strtod(fmt::format("{:.6g}", v).c_str(), nullptr)) : Json());
  return list;
}

Json axis_json(const FigureAxis& axis) {
  Json json = {
      {"label", axis.label}, {"log", axis.log}, {"logSwitch", axis.log_switch}, {"whole", axis.whole}};
  if (axis.low < axis.high) json["min"] = axis.low, json["max"] = axis.high;
  return json;
}

Json figure_json(const Figure& figure) {
  Json series = Json::array();
  for (const FigureSeries& s : figure.series)
    series.push_back({{"name", s.name},
                      {"x", numbers_json(s.x)},
                      {"y", numbers_json(s.y)},
                      {"colour", s.colour},
                      {"dash", s.dash},
                      {"thin", s.thin},
                      {"scatter", s.scatter},
                      {"bars", s.bars},
                      {"points", s.points},
                      {"still", s.still}});
  return {{"series", series},
          {"x", axis_json(figure.x)},
          {"y", axis_json(figure.y)},
          {"nearest", figure.nearest}};
}

// What Content-Security-Policy calls a script that may run.
std::string script_hash(std::string_view hex) {
  std::vector<std::byte> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return "'sha256-" + base64(bytes) + "'";
}

// The text of a comment must not hold two hyphens.
std::string comment(std::string_view text) {
  std::string safe;
  for (const char c : text)
    safe += c == '-' && !safe.empty() && safe.back() == '-' ? " -" : std::string(1, c);
  return "<!--\n" + safe + "\n-->\n";
}

std::string cells(const std::vector<std::string>& row, const Table& table, const char* first,
                  const char* others) {
  std::string text = "<tr>";
  for (size_t i = 0; i < row.size(); ++i) {
    const bool left =
        std::find(table.text_columns.begin(), table.text_columns.end(), i) != table.text_columns.end();
    const char* tag = i == 0 ? first : others;
    text += fmt::format("<{}{}>{}</{}>", tag, left ? " class=\"text\"" : "", escape_markup(row[i]),
                        std::string(tag).substr(0, 2));
  }
  return text + "</tr>\n";
}

}  // namespace

FigureAxis epoch_axis(size_t epochs) {
  return {.label = "epoch", .whole = true, .low = 1, .high = static_cast<double>(epochs)};
}

HtmlPage::HtmlPage(std::string title, std::string under)
    : title_(std::move(title)), under_(std::move(under)) {}

void HtmlPage::section(const std::string& id, const std::string& title) {
  body_ += fmt::format("{}<section id=\"{}\" aria-labelledby=\"{}-title\">\n<h2 id=\"{}-title\">{}</h2>\n",
                       sections_.empty() ? "" : "</section>\n", id, id, id, escape_markup(title));
  sections_.emplace_back(id, title);
}

void HtmlPage::heading(const std::string& text) { body_ += "<h3>" + escape_markup(text) + "</h3>\n"; }
void HtmlPage::paragraph(const std::string& text) { body_ += "<p>" + escape_markup(text) + "</p>\n"; }

void HtmlPage::facts(const std::vector<std::array<std::string, 3>>& entries) {
  body_ += "<dl class=\"facts\">\n";
  for (const auto& [what, value, remark] : entries)
    body_ += fmt::format("<div><dt>{}</dt><dd>{}{}</dd></div>\n", escape_markup(what), escape_markup(value),
                         remark.empty() ? "" : " <small>" + escape_markup(remark) + "</small>");
  body_ += "</dl>\n";
}

void HtmlPage::verdict(const std::string& kind, const std::string& head,
                       const std::vector<std::string>& sentences) {
  body_ += fmt::format("<div class=\"verdict {}\"><strong>{}</strong>", kind, escape_markup(head));
  for (const std::string& sentence : sentences) body_ += "<p>" + escape_markup(sentence) + "</p>";
  body_ += "</div>\n";
}

void HtmlPage::figure(const Figure& figure, const Table& numbers) {
  std::string inner = fmt::format(
      "<div class=\"legend\"></div>\n<div class=\"chart\"><canvas data-figure=\"{}\" role=\"img\" "
      "aria-label=\"{}. {}\"></canvas></div>\n",
      figures_.size(), escape_markup(figure.title), escape_markup(figure.reading));
  figures_.push_back(figure);
  if (figure.square) inner = "<div class=\"square\">" + inner + "</div>\n";
  std::string after;
  if (!numbers.rows.empty())
    after = "<details><summary>Numbers</summary><div class=\"scroll\" tabindex=\"0\">" +
            table_markup(numbers, "", false) + "</div></details>\n";
  body_ += fmt::format("<figure>\n{}<figcaption><b>Figure {}.</b> {}. {}</figcaption>\n{}</figure>\n", inner,
                       ++numbered_, escape_markup(figure.title), escape_markup(figure.reading), after);
}

void HtmlPage::figure_of(const std::string& markup, const std::string& title, const std::string& reading) {
  body_ += fmt::format("<figure>\n{}<figcaption><b>Figure {}.</b> {}. {}</figcaption>\n</figure>\n", markup,
                       ++numbered_, escape_markup(title), escape_markup(reading));
}

std::string HtmlPage::table_markup(const Table& table, const std::string& caption, bool wide) {
  std::string text = wide ? "<table class=\"wide\">\n" : "<table>\n";
  if (!caption.empty()) text += "<caption>" + escape_markup(caption) + "</caption>\n";
  text +=
      "<thead>" + cells(table.head, table, "th scope=\"col\"", "th scope=\"col\"") + "</thead>\n<tbody>\n";
  for (const auto& row : table.rows) text += cells(row, table, "th scope=\"row\"", "td");
  text += "</tbody>\n";
  if (!table.foot.empty()) text += "<tfoot>\n";
  for (const auto& row : table.foot) text += cells(row, table, "th scope=\"row\"", "td");
  return text + (table.foot.empty() ? "</table>\n" : "</tfoot>\n</table>\n");
}

void HtmlPage::table(const Table& table, const std::string& caption, bool wide) {
  body_ += "<div class=\"scroll\" tabindex=\"0\">" + table_markup(table, caption, wide) + "</div>\n";
}

void HtmlPage::pairs(const std::vector<std::pair<std::string, std::string>>& rows) {
  body_ += "<table class=\"pairs\"><tbody>\n";
  for (const auto& [key, value] : rows)
    body_ += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape_markup(key),
                         escape_markup(value));
  body_ += "</tbody></table>\n";
}

std::string HtmlPage::finish() const {
  Json figures = Json::array();
  for (const Figure& figure : figures_) figures.push_back(figure_json(figure));
  std::string contents;
  for (const auto& [id, title] : sections_)
    contents += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", id, escape_markup(title));
  // Nothing may be fetched, and no script runs but the two that are part of Folio.
  const std::string policy = fmt::format(
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {} {}; base-uri 'none'; "
      "form-action 'none'",
      script_hash(kChartScriptSha256), script_hash(kPageScriptSha256));
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += "<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy + "\">\n";
  html +=
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  html += "<title>" + escape_markup(title_) + "</title>\n<style>\n";
  html.append(kPageStyle).append("</style>\n</head>\n<body>\n<div class=\"page\">\n");
  html += "<nav aria-label=\"Contents\"><ol>\n" + contents + "</ol></nav>\n<main>\n";
  html += "<h1>" + escape_markup(title_) + "</h1>\n<p class=\"under\">" + escape_markup(under_) + "</p>\n";
  html +=
      "<noscript><p>The charts need JavaScript; the tables beside them hold the same "
      "numbers.</p></noscript>\n";
  html += body_ + (sections_.empty() ? "" : "</section>\n");
  html += fmt::format(
      "<footer>Made by Folio {}. Charts are drawn by Chart.js (MIT licence), which is part of this "
      "file; nothing is fetched.</footer>\n</main>\n</div>\n",
      kVersion);
  html += "<script type=\"application/json\" id=\"figures\">" + script_json(figures) + "</script>\n";
  html += comment(kChartLicence);
  html.append("<script>").append(kChartScript).append("</script>\n");
  html.append("<script>").append(kPageScript).append("</script>\n</body>\n</html>\n");
  return html;
}

std::string number_text(double value) { return std::isfinite(value) ? fmt::format("{:.4g}", value) : "–"; }

std::string count_text(double value) {
  if (!std::isfinite(value)) return "–";
  if (value != std::floor(value) || std::abs(value) > 1e15) return number_text(value);
  std::string digits = fmt::format("{:.0f}", value);
  for (int at = static_cast<int>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string time_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "–";
  if (seconds < 1e-3) return fmt::format("{:.3g} µs", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.3g} ms", seconds * 1e3);
  if (seconds < 100) return fmt::format("{:.3g} s", seconds);
  const double minutes = std::floor(seconds / 60);
  if (minutes < 100) return fmt::format("{:.0f} min {:.0f} s", minutes, seconds - 60 * minutes);
  return fmt::format("{:.0f} h {:.0f} min", std::floor(minutes / 60),
                     minutes - 60 * std::floor(minutes / 60));
}

std::string percent_text(double share) {
  if (!std::isfinite(share)) return "–";
  if (share >= 0.99995 && share < 1) return "over 99.99\u00A0%";
  return fmt::format("{:.{}f}\u00A0%", 100 * share, share > 0.999 && share < 1 ? 2 : 1);
}

}  // namespace folio

#include "cli/site.h"

#include <fmt/format.h>
#include <md4c-html.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/bundles.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/base/markup.h"
#include "folio/base/version.h"

namespace folio::cli {
namespace {

namespace fs = std::filesystem;

// By which an older site is known.
constexpr const char* kGenerator = "<meta name=\"generator\" content=\"folio sheet --html\">";

/// A file of the bundle as a page of the site.
struct Source {
  std::string name;   ///< in the repository: "docs/runs.md"
  std::string title;  ///< for people
  std::string text;
  bool is_code() const { return !name.ends_with(".md"); }
  /// "docs/runs.html", "folio/base/file.h.html"
  std::string page() const { return (is_code() ? name : name.substr(0, name.size() - 3)) + ".html"; }
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::vector<Source> sources_of(const ZipReader& docs) {
  std::vector<Source> all;
  for (const auto& member : docs.members()) {
    const std::string& name = member.name;
    if (!name.ends_with(".md") && !name.ends_with(".h") && !name.ends_with(".cpp")) continue;
    Source source{name, name, bundled_text(docs, name)};
    if (!source.is_code())
      source.title = first_line(source.text).substr(std::min<size_t>(2, source.text.size()));
    all.push_back(std::move(source));
  }
  return all;
}

/// Links as they are in the repository become those of the site; what is not in the site is no link.
std::string relinked(const std::string& html, const std::string& page) {
  std::string result;
  size_t done = 0;
  for (size_t at; (at = html.find("href=\"", done)) != std::string::npos;) {
    const size_t begin = at + 6, end = html.find('"', begin);
    const std::string target = html.substr(begin, end - begin);
    const size_t cut = std::min(target.find('#'), target.size());
    const std::string path = target.substr(0, cut);
    if (path.empty() || path.find("://") != std::string::npos) {
      result += html.substr(done, end + 1 - done);
    } else {
      const std::string full = (fs::path(page).parent_path() / path).lexically_normal().generic_string();
      result += html.substr(done, at - done);
      if (bundled_docs().contains(full)) {
        const bool markdown = path.ends_with(".md"), code = path.ends_with(".h") || path.ends_with(".cpp");
        result += fmt::format("href=\"{}{}{}\"", markdown ? path.substr(0, cut - 3) : path,
                              markdown || code ? ".html" : "", target.substr(cut));
      }
    }
    done = end + 1;
  }
  return result + html.substr(done);
}

/// Ids for headings, by which other pages link to them: "Going on" -> "going-on".
std::string with_anchors(const std::string& html) {
  std::string result;
  size_t done = 0;
  for (size_t at; (at = html.find("<h", done)) != std::string::npos;) {
    result += html.substr(done, at - done);
    done = at;
    const size_t close = html.find("</h", at);
    if (at + 3 < html.size() && html[at + 2] >= '2' && html[at + 2] <= '4' && html[at + 3] == '>' &&
        close != std::string::npos) {
      std::string id;
      for (const char c : html.substr(at + 4, close - at - 4)) {
        if (c == ' ' || c == '-') id += '-';
        if (std::isalnum(static_cast<unsigned char>(c))) id += static_cast<char>(std::tolower(c));
      }
      result += fmt::format("<h{} id=\"{}\">", html[at + 2], id);
      done = at + 4;
    } else {
      result += "<h";
      done = at + 2;
    }
  }
  return result + html.substr(done);
}

std::string html_of(const std::string& markdown, const std::string& page) {
  std::string html;
  const auto take = [](const MD_CHAR* text, MD_SIZE size, void* into) {
    static_cast<std::string*>(into)->append(text, size);
  };
  if (md_html(markdown.data(), static_cast<MD_SIZE>(markdown.size()), take, &html,
              MD_DIALECT_GITHUB | MD_FLAG_LATEXMATHSPANS, 0) != 0)
    throw InternalError("site: a page could not be read");
  return with_anchors(relinked(html, page));
}

/// Code with its comments apart, and includes that lead to their headers.
std::string html_of_code(const Source& source) {
  std::string html = fmt::format("<h1>{}</h1>\n<pre class=\"code\"><code>", source.name);
  const std::string up = [&] {
    std::string steps;
    for (const char c : source.name)
      if (c == '/') steps += "../";
    return steps;
  }();
  for (size_t at = 0; at < source.text.size();) {
    const size_t end = std::min(source.text.find('\n', at), source.text.size());
    const std::string line = source.text.substr(at, end - at);
    at = end + 1;
    const size_t quote = line.find_first_of("\"<");
    const size_t close = quote == std::string::npos ? quote : line.find_first_of("\">", quote + 1);
    if (line.starts_with("#include ") && close != std::string::npos) {
      const std::string header = line.substr(quote + 1, close - quote - 1);
      if (bundled_docs().contains(header)) {
        html += fmt::format("#include \"<a href=\"{}{}.html\">{}</a>\"\n", up, header, header);
        continue;
      }
    }
    const size_t comment = line.find("//");
    html += escape_markup(line.substr(0, comment));
    if (comment != std::string::npos) html += "<i>" + escape_markup(line.substr(comment)) + "</i>";
    html += "\n";
  }
  return html + "</code></pre>\n";
}

/// The lists at the side of every page, and of the first one.
std::string lists(const std::vector<Source>& sources, const std::string& up, const std::string& current) {
  const auto item = [&](const std::string& page, const std::string& title) {
    return fmt::format("<li><a href=\"{}{}\"{}>{}</a></li>\n", up, page,
                       page == current ? " aria-current=\"page\"" : "", escape_markup(title));
  };
  std::string rows, guides;
  for (const SheetPage& page : sheet_pages())
    rows += item("docs/sheet/" + page.row + ".html", page.row + " " + page.title);
  for (const Source& source : sources)
    if (source.name.starts_with("docs/") && source.name.find('/', 5) == std::string::npos)
      guides += item(source.page(), source.title);
  return fmt::format("<h2>The sheet</h2>\n<ol>\n{}</ol>\n<h2>Guides</h2>\n<ol>\n{}{}</ol>\n", rows, guides,
                     item("api.html", "Headers of the library"));
}

std::string page_of(const std::string& name, const std::string& title, const std::string& body,
                    const std::vector<Source>& sources) {
  std::string up;
  for (const char c : name)
    if (c == '/') up += "../";
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\" data-up=\"{0}\">\n<head>\n<meta charset=\"utf-8\">\n{1}\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{2}</title>\n"
      "<link rel=\"stylesheet\" href=\"{0}katex/katex.min.css\">\n<link rel=\"stylesheet\" "
      "href=\"{0}site.css\">\n"
      "</head>\n<body>\n<header><a href=\"{0}index.html\">Folio</a><input type=\"search\" id=\"search\" "
      "placeholder=\"Search\" aria-label=\"Search\" autocomplete=\"off\"><button type=\"button\" "
      "id=\"shade\" "
      "aria-label=\"Light or dark\">◐</button></header>\n<div id=\"found\" role=\"status\"></div>\n"
      "<div class=\"page\">\n<nav aria-label=\"Pages\">\n{3}</nav>\n<main>\n{4}</main>\n</div>\n"
      "<script src=\"{0}katex/katex.min.js\"></script>\n<script src=\"{0}search.js\"></script>\n"
      "<script src=\"{0}site.js\"></script>\n</body>\n</html>\n",
      up, kGenerator, escape_markup(title), lists(sources, up, name), body);
}

std::string api_list(const std::vector<Source>& sources) {
  std::string html =
      "<h1>Headers of the library</h1>\n<p><code>#include &lt;folio/folio.h&gt;</code> brings all that a "
      "program "
      "needs; each header can be included by itself.</p>\n";
  std::string folder;
  for (const Source& source : sources) {
    if (!source.name.starts_with("folio/")) continue;
    const std::string own = source.name.substr(0, source.name.rfind('/'));
    if (own != folder) html += fmt::format("{}<h2>{}</h2>\n<dl>\n", folder.empty() ? "" : "</dl>\n", own);
    folder = own;
    const std::string line = first_line(source.text);
    html += fmt::format("<dt><a href=\"{}\">{}</a></dt><dd>{}</dd>\n", source.page(), source.name,
                        line.starts_with("// ") ? escape_markup(line.substr(3)) : "");
  }
  return html + "</dl>\n";
}

void check_folder(const std::string& folder) {
  if (!fs::exists(folder)) return;
  const std::string index = folder + "/index.html";
  const bool older = file_exists(index) && read_text_file(index).find(kGenerator) != std::string::npos;
  if (!folder_exists(folder) || (!older && !fs::is_empty(folder)))
    throw Error(
        fmt::format("{}: expected a new folder, an empty one or an older site, found something else; "
                    "choose another for --html",
                    folder));
}

void write(const std::string& folder, const std::string& name, std::string_view text) {
  const fs::path path = fs::path(folder) / name;
  make_folders(path.parent_path().string());
  write_file_atomically(path.string(), text);
}

}  // namespace

void write_site(const std::string& folder) {
  check_folder(folder);
  const ZipReader& docs = bundled_docs();
  std::vector<Source> sources = sources_of(docs);
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.name < b.name; });
  // First, since by it a site is known, also one that was not finished.
  write(folder, "index.html",
        page_of("index.html", "Folio",
                fmt::format("<h1>Folio</h1>\n<p>The deep-learning cheat sheet, as software; version {}. A "
                            "page for each row of the "
                            "sheet, guides, and the headers of the library.</p>\n{}",
                            kVersion, lists(sources, "", "")),
                sources));
  Json search = Json::array();
  for (const Source& source : sources) {
    const std::string body = source.is_code() ? html_of_code(source) : html_of(source.text, source.name);
    write(folder, source.page(), page_of(source.page(), source.title, body, sources));
    search.push_back({source.page(), source.title, source.text});
  }
  write(folder, "api.html", page_of("api.html", "Headers of the library", api_list(sources), sources));
  for (const auto& member : docs.members())
    if (member.name.starts_with("docs/pictures/"))
      write(folder, member.name, bundled_text(docs, member.name));
  for (const char* file : {"site.css", "site.js"})
    write(folder, file, bundled_text(docs, std::string("cli/site/") + file));
  for (const auto& member : bundled_katex().members())
    write(folder, member.name, bundled_text(bundled_katex(), member.name));
  write(folder, "search.js", "var pages = " + json_text(search) + ";\n");
}

}  // namespace folio::cli

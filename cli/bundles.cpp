#include "cli/bundles.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <tuple>

// The assembler puts the files where constants lie.
#define FOLIO_BUNDLE(name, path)                                                               \
  asm(".pushsection .rodata\n.global folio_" #name "_begin, folio_" #name "_end\nfolio_" #name \
      "_begin: .incbin \"" path "\"\nfolio_" #name "_end:\n.popsection\n");                    \
  extern "C" const std::byte folio_##name##_begin[], folio_##name##_end[];

FOLIO_BUNDLE(docs, FOLIO_DOCS_ZIP)
FOLIO_BUNDLE(katex, FOLIO_KATEX_ZIP)

namespace folio::cli {
namespace {

constexpr uint64_t kLargestMember = 16 << 20;

ZipReader reader_of(const std::byte* begin, const std::byte* end, const char* name) {
  return ZipReader(std::make_unique<MemorySource>(std::span(begin, end), name));
}

}  // namespace

const ZipReader& bundled_docs() {
  static const ZipReader reader = reader_of(folio_docs_begin, folio_docs_end, "docs.zip");
  return reader;
}

const ZipReader& bundled_katex() {
  static const ZipReader reader = reader_of(folio_katex_begin, folio_katex_end, "katex.zip");
  return reader;
}

std::string bundled_text(const ZipReader& bundle, const std::string& name) {
  const std::vector<std::byte> bytes = bundle.read(name, kLargestMember);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const std::vector<SheetPage>& sheet_pages() {
  static const std::vector<SheetPage> all = [] {
    const std::string folder = "docs/sheet/", ending = ".md";
    std::vector<SheetPage> pages;
    for (const auto& member : bundled_docs().members()) {
      if (!member.name.starts_with(folder) || member.name.ends_with("README.md")) continue;
      SheetPage& page = pages.emplace_back();
      page.row = member.name.substr(folder.size(), member.name.size() - folder.size() - ending.size());
      page.text = bundled_text(bundled_docs(), member.name);
      // "# D1 Optimizers"
      const size_t behind = page.row.size() + 3;
      page.title = page.text.substr(behind, page.text.find('\n') - behind);
    }
    // D2 comes before D10.
    std::sort(pages.begin(), pages.end(), [](const SheetPage& a, const SheetPage& b) {
      return std::make_tuple(a.row[0], a.row.size(), a.row) < std::make_tuple(b.row[0], b.row.size(), b.row);
    });
    return pages;
  }();
  return all;
}

}  // namespace folio::cli

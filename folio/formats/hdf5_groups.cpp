// What is in a group: old-style (a B-tree over blocks of names) or new-style (link messages).
#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/formats/hdf5_format.h"

namespace folio {
namespace {

constexpr size_t kMostLinks = 200'000, kLongestName = 1024;

/// A name must be usable as a part of a path.
void check_name(const ByteReader& place, std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.size() > kLongestName ||
      name.find('/') != std::string_view::npos || name.find('\0') != std::string_view::npos)
    place.fail(fmt::format("a name of 1 to {} bytes without '/'", kLongestName),
               fmt::format("one of {} bytes; the file is damaged or not safe to use", name.size()));
}

[[noreturn]] void refuse_link(const ByteReader& place, std::string_view name, std::string_view kind) {
  place.fail("data that lies in this file under one name",
             fmt::format("\"{}\", a {} link; the file is not safe to use, save the model again", name, kind));
}

class OldGroup {
 public:
  OldGroup(H5File& file, uint64_t tree, uint64_t heap) : file_(file) {
    ByteReader header = file.at(heap, 32, "local heap");
    if (header.take_text(4, "signature") != "HEAP" || header.little<uint8_t>("version") != 0)
      header.fail("a local heap", "other bytes; the file is damaged");
    header.take(3, "local heap");
    names_size_ = header.little<uint64_t>("heap size");
    header.take(8, "local heap");
    names_ = header.little<uint64_t>("heap address");
    file.from(names_, "names of a group").take(names_size_, "names of a group");
    read_tree(tree, -1);
  }
  std::vector<H5Link> links;

 private:
  // Nodes of B-trees (III.A.1); `level` is the one that a child must have, or -1 at the top.
  void read_tree(uint64_t address, int level) {
    file_.visit_once(address, "B-tree");
    ByteReader reader = file_.at(address, 24, "B-tree");
    const bool sound = reader.take_text(4, "signature") == "TREE" && reader.little<uint8_t>("kind") == 0;
    const int here = reader.little<uint8_t>("level");
    const auto count = reader.little<uint16_t>("entries");
    if (!sound || here > 32 || (level >= 0 && here != level))
      reader.fail("a B-tree of a group", "other bytes; the file is damaged");
    ByteReader entries = file_.at(address + 24, uint64_t{count} * 16 + 8, "B-tree");
    for (int i = 0; i < count; ++i) {
      entries.take(8, "key");
      const auto child = entries.little<uint64_t>("child");
      if (here > 0)
        read_tree(child, here - 1);
      else
        read_block(child);
    }
  }

  // A symbol table node (III.B) with entries (III.C).
  void read_block(uint64_t address) {
    file_.visit_once(address, "symbol table");
    ByteReader reader = file_.at(address, 8, "symbol table");
    if (reader.take_text(4, "signature") != "SNOD" || reader.little<uint8_t>("version") != 1)
      reader.fail("a symbol table", "other bytes; the file is damaged");
    reader.take(1, "symbol table");
    const auto count = reader.little<uint16_t>("entries");
    ByteReader entries = file_.at(address + 8, uint64_t{count} * 40, "symbol table");
    for (int i = 0; i < count; ++i) {
      const ByteReader place = entries;
      const auto name_at = entries.little<uint64_t>("name");
      H5Link link;
      link.address = entries.little<uint64_t>("object address");
      const auto cache = entries.little<uint32_t>("cache type");
      entries.take(20, "symbol table");
      link.name = name(name_at, place);
      if (cache == 2) refuse_link(place, link.name, "soft");
      if (cache > 1) refuse_link(place, link.name, "strange");
      links.push_back(std::move(link));
      if (links.size() > kMostLinks) place.fail("at most 200,000 entries in a group", "more");
    }
  }

  std::string name(uint64_t at, const ByteReader& place) {
    if (at >= names_size_) place.fail("a name in the group's heap", "one outside; the file is damaged");
    ByteReader heap = file_.from(names_ + at, "name");
    const auto text = heap.take_text(std::min<uint64_t>(names_size_ - at, kLongestName + 1), "name");
    const std::string_view name = text.substr(0, text.find('\0'));
    file_.spend(name.size());
    check_name(place, name);
    return std::string(name);
  }

  H5File& file_;
  uint64_t names_ = 0, names_size_ = 0;
};

/// A link message (IV.A.2.g).
H5Link read_link(ByteReader body) {
  const ByteReader place = body;
  if (body.little<uint8_t>("version") != 1)
    place.fail("a link of version 1", "another; save the file with h5py");
  const auto flags = body.little<uint8_t>("flags");
  const int kind = flags & 0x08 ? body.little<uint8_t>("link kind") : 0;
  body.take((flags & 0x04 ? 8 : 0) + (flags & 0x10 ? 1 : 0), "link");
  uint64_t size = 0;
  switch (flags & 3) {
    case 0:
      size = body.little<uint8_t>("name size");
      break;
    case 1:
      size = body.little<uint16_t>("name size");
      break;
    case 2:
      size = body.little<uint32_t>("name size");
      break;
    default:
      size = body.little<uint64_t>("name size");
  }
  H5Link link;
  link.name = body.take_text(size, "name");
  check_name(place, link.name);
  if (kind == 1) refuse_link(place, link.name, "soft");
  if (kind == 64) refuse_link(place, link.name, "external");
  if (kind != 0) refuse_link(place, link.name, "strange");
  link.address = body.little<uint64_t>("object address");
  return link;
}

}  // namespace

std::vector<H5Link> read_h5_links(H5File& file, const std::vector<H5Message>& messages) {
  std::vector<H5Link> links;
  for (const H5Message& message : messages) {
    ByteReader body = message.body;
    if (message.kind == h5::symbol_table) {
      const auto tree = body.little<uint64_t>("tree address"), heap = body.little<uint64_t>("heap address");
      for (H5Link& link : OldGroup(file, tree, heap).links) links.push_back(std::move(link));
    } else if (message.kind == h5::link) {
      links.push_back(read_link(body));
    } else if (message.kind == h5::link_info) {
      body.take(1, "version");
      if (body.little<uint8_t>("flags") & 1) body.take(8, "creation order");
      if (body.little<uint64_t>("heap of links") != kH5Nowhere)
        message.body.fail(
            "a group as Keras writes it",
            "one with a fractal heap, which Folio does not read; save it without libver=\"latest\"");
    }
  }
  return links;
}

}  // namespace folio

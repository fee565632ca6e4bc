// Writes HDF5 the way libhdf5 1.6 did, which everything reads: first all structure, then all data.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "folio/base/checked.h"
#include "folio/base/error.h"
#include "folio/formats/hdf5_format.h"

namespace folio {
namespace {

// Sizes that the superblock declares: a block of names holds 2 · kLeafHalf, a node of the tree 2 · kNodeHalf.
constexpr uint16_t kLeafHalf = 4, kNodeHalf = 16;
constexpr size_t kSuperblock = 96, kTreeNode = 24 + 8 * (2 * kNodeHalf) + 8 * (2 * kNodeHalf + 1);
constexpr size_t kNameBlock = 8 + 40 * (2 * kLeafHalf);
constexpr uint64_t kUnused = 1;  // "no free space" in a heap
// Longer texts do not fit in a header and lie in a heap of their own; a heap has at least 4096 bytes.
constexpr size_t kLongestInHeader = 60'000;

using Bytes = std::vector<std::byte>;

void append_text(Bytes& to, std::string_view text, size_t size) {
  for (size_t i = 0; i < size; ++i)
    to.push_back(i < text.size() ? static_cast<std::byte>(text[i]) : std::byte{0});
}
void pad(Bytes& to, size_t step = 8) {
  to.resize(static_cast<size_t>(round_up(static_cast<int64_t>(to.size()), static_cast<int64_t>(step))));
}

template <class T>
void put(Bytes& to, size_t at, T value) {
  for (size_t i = 0; i < sizeof(T); ++i)
    to[at + i] = static_cast<std::byte>(static_cast<uint64_t>(value) >> 8 * i);
}

// Message bodies.
Bytes dataspace(const Shape& shape) {
  Bytes body;
  append_little<uint8_t>(body, 1);
  append_little<uint8_t>(body, static_cast<uint8_t>(shape.rank()));
  append_text(body, "", 6);
  for (int64_t size : shape) append_little(body, size);
  return body;
}

Bytes float_type(uint32_t size, int exponent, int mantissa) {
  Bytes body;
  const uint32_t sign_at = 8 * size - 1;
  append_little<uint32_t>(body,
                          0x11 | 0x20u << 8 | sign_at << 16);  // class 1, version 1, little-endian, implied 1
  append_little<uint32_t>(body, size);
  append_little<uint16_t>(body, 0);
  append_little<uint16_t>(body, static_cast<uint16_t>(8 * size));
  for (int part : {mantissa, exponent, 0, mantissa}) append_little<uint8_t>(body, static_cast<uint8_t>(part));
  append_little<uint32_t>(body, (uint32_t{1} << (exponent - 1)) - 1);
  append_text(body, "", 4);  // to a multiple of 8
  return body;
}

Bytes whole_type(uint32_t size, bool is_signed) {
  Bytes body;
  append_little<uint32_t>(body, 0x10 | (is_signed ? 0x08u << 8 : 0));
  append_little<uint32_t>(body, size);
  append_little<uint16_t>(body, 0);
  append_little<uint16_t>(body, static_cast<uint16_t>(8 * size));
  append_text(body, "", 4);
  return body;
}

Bytes datatype(DType type) {
  switch (type) {
    case DType::float64:
      return float_type(8, 11, 52);
    case DType::int32:
      return whole_type(4, true);
    case DType::int64:
      return whole_type(8, true);
    case DType::uint8:
    case DType::boolean:
      return whole_type(1, false);
    case DType::float32:
      break;
  }
  return float_type(4, 8, 23);
}

// Texts of one length in UTF-8, padded with zeros.
Bytes text_type(size_t size) {
  Bytes body;
  append_little<uint32_t>(body, 0x13 | 0x11u << 8);  // class 3, version 1
  append_little<uint32_t>(body, static_cast<uint32_t>(size));
  return body;
}

// Texts of any length in UTF-8: places in a heap of bytes.
Bytes long_text_type() {
  Bytes body;
  append_little<uint32_t>(body, 0x19 | 0x101u << 8);  // class 9, version 1
  append_little<uint32_t>(body, 16);
  const Bytes base = whole_type(1, false);
  body.insert(body.end(), base.begin(), base.end());
  return body;
}

Bytes attribute(const std::string& name, const Bytes& type, const Shape& shape, const Bytes& values) {
  Bytes body;
  const Bytes space = dataspace(shape);
  append_little<uint16_t>(body, 1);  // version, reserved
  append_little<uint16_t>(body, static_cast<uint16_t>(name.size() + 1));
  append_little<uint16_t>(body, static_cast<uint16_t>(type.size()));
  append_little<uint16_t>(body, static_cast<uint16_t>(space.size()));
  append_text(body, name, static_cast<size_t>(round_up(static_cast<int64_t>(name.size()) + 1, 8)));
  for (const Bytes* part : {&type, &space}) {
    body.insert(body.end(), part->begin(), part->end());
    pad(body);
  }
  body.insert(body.end(), values.begin(), values.end());
  return body;
}

// A list without texts is one of numbers, as numpy makes it.
Bytes attribute(const std::string& name, const std::vector<std::string>& texts) {
  const Shape shape{static_cast<int64_t>(texts.size())};
  if (texts.empty()) return attribute(name, datatype(DType::float64), shape, {});
  size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  Bytes values;
  for (const std::string& text : texts) append_text(values, text, longest);
  return attribute(name, text_type(longest), shape, values);
}

struct Entry {
  std::string_view name;
  size_t address = 0;
};

// Appends structure; what is not known yet is put in place later.
class Writer {
 public:
  Bytes bytes;
  struct Waiting {
    size_t at;  ///< where the address of the data goes
    const Tensor* tensor;
  };
  std::vector<Waiting> waiting;

  size_t write_group(const H5Group& group) {
    std::vector<Entry> entries;
    for (const auto& [name, child] : group.groups) entries.push_back({name, write_group(child)});
    for (const auto& [name, tensor] : group.datasets) entries.push_back({name, write_dataset(tensor)});
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    check(entries);

    std::vector<size_t> name_at;
    const size_t heap = write_heap(entries, name_at);
    const size_t tree = write_tree(entries, name_at);
    Bytes table;
    append_little<uint64_t>(table, tree);
    append_little<uint64_t>(table, heap);
    std::vector<std::pair<uint16_t, Bytes>> messages{{uint16_t{h5::symbol_table}, table}};
    for (const auto& [name, text] : group.attributes)
      messages.emplace_back(uint16_t{h5::attribute}, text_attribute(name, text));
    for (const auto& [name, texts] : group.lists)
      messages.emplace_back(uint16_t{h5::attribute}, attribute(name, texts));
    return write_header(messages, nullptr);
  }

 private:
  static void check(const std::vector<Entry>& entries) {
    for (size_t i = 0; i < entries.size(); ++i) {
      const std::string_view name = entries[i].name;
      if (name.empty() || name == "." || name.size() > 1000 || name.find('/') != name.npos ||
          name.find('\0') != name.npos)
        throw Error(fmt::format("HDF5: expected a name of 1 to 1000 bytes without '/', got \"{}\"",
                                name.substr(0, 80)));
      if (i > 0 && name == entries[i - 1].name)
        throw Error(fmt::format("HDF5: expected different names in a group, got \"{}\" twice", name));
    }
  }

  Bytes text_attribute(const std::string& name, const std::string& text) {
    Bytes values;
    if (text.size() > kLongestInHeader) {
      append_little<uint32_t>(values, static_cast<uint32_t>(text.size()));
      append_little<uint64_t>(values, write_text_heap(text));
      append_little<uint32_t>(values, 1);
      return attribute(name, long_text_type(), {}, values);
    }
    const size_t size = std::max<size_t>(text.size(), 1);
    append_text(values, text, size);
    return attribute(name, text_type(size), {}, values);
  }

  // A collection of the global heap (III.E) that holds one text, under index 1.
  size_t write_text_heap(const std::string& text) {
    const size_t start = begin();
    append_text(bytes, "GCOL\x01", 8);
    append_text(bytes, "", 8);                     // size, below
    append_little<uint32_t>(bytes, 1 | 1u << 16);  // index and references
    append_little<uint32_t>(bytes, 0);
    append_little<uint64_t>(bytes, text.size());
    append_text(bytes, text, text.size());
    pad(bytes);
    put<uint64_t>(bytes, start + 8, bytes.size() - start);
    return start;
  }

  size_t write_dataset(const Tensor& tensor) {
    Bytes fill{std::byte{2}, std::byte{2}, std::byte{2}, std::byte{1}};  // allocated late, zeros
    append_text(fill, "", 4);
    Bytes layout{std::byte{3}, std::byte{1}};  // contiguous
    append_little<uint64_t>(layout, kH5Nowhere);
    append_little<uint64_t>(layout, static_cast<uint64_t>(tensor.bytes()));
    return write_header({{uint16_t{h5::dataspace}, dataspace(tensor.shape())},
                         {uint16_t{h5::datatype}, datatype(tensor.dtype())},
                         {uint16_t{0x05}, fill},
                         {uint16_t{h5::layout}, layout}},
                        tensor.bytes() > 0 ? &tensor : nullptr);
  }

  size_t write_header(const std::vector<std::pair<uint16_t, Bytes>>& messages, const Tensor* tensor) {
    const size_t start = begin();
    append_little<uint16_t>(bytes, 1);  // version, reserved
    append_little<uint16_t>(bytes, static_cast<uint16_t>(messages.size()));
    append_little<uint32_t>(bytes, 1);  // references
    append_little<uint32_t>(bytes, 0);  // size, below
    append_little<uint32_t>(bytes, 0);
    for (const auto& [kind, body] : messages) {
      const int64_t size = round_up(static_cast<int64_t>(body.size()), 8);
      if (size > 65528) throw Error("HDF5: expected attributes below 64 KiB, got a longer one");
      append_little<uint16_t>(bytes, kind);
      append_little<uint16_t>(bytes, static_cast<uint16_t>(size));
      append_little<uint32_t>(bytes, kind == h5::datatype ? 1 : 0);  // constant
      if (kind == h5::layout && tensor) waiting.push_back({bytes.size() + 2, tensor});
      bytes.insert(bytes.end(), body.begin(), body.end());
      pad(bytes);
    }
    put(bytes, start + 8, static_cast<uint32_t>(bytes.size() - start - 16));
    return start;
  }

  size_t write_heap(const std::vector<Entry>& entries, std::vector<size_t>& name_at) {
    const size_t start = begin();
    append_text(bytes, "HEAP", 8);
    append_text(bytes, "", 8);  // size, below
    append_little<uint64_t>(bytes, kUnused);
    append_little<uint64_t>(bytes, bytes.size() + 8);
    const size_t names = bytes.size();
    append_text(bytes, "", 8);  // the empty name, first key of the tree
    for (const Entry& entry : entries) {
      name_at.push_back(bytes.size() - names);
      append_text(bytes, entry.name, entry.name.size() + 1);
      pad(bytes);
    }
    put<uint64_t>(bytes, start + 8, bytes.size() - names);
    return start;
  }

  // Blocks of names, then levels of nodes until one node holds all.
  size_t write_tree(const std::vector<Entry>& entries, const std::vector<size_t>& name_at) {
    struct Child {
      size_t address, last_name;
    };
    std::vector<Child> level;
    for (size_t first = 0; first < entries.size(); first += 2 * kLeafHalf) {
      const size_t end = std::min(entries.size(), first + 2 * kLeafHalf), start = begin();
      append_text(bytes, "SNOD\x01", 6);
      append_little<uint16_t>(bytes, static_cast<uint16_t>(end - first));
      for (size_t i = first; i < end; ++i) {
        append_little<uint64_t>(bytes, name_at[i]);
        append_little<uint64_t>(bytes, entries[i].address);
        append_text(bytes, "", 24);
      }
      bytes.resize(start + kNameBlock);
      level.push_back({start, name_at[end - 1]});
    }
    for (uint8_t depth = 0;; ++depth) {
      std::vector<Child> above;
      const size_t count = std::max<size_t>(1, (level.size() + 2 * kNodeHalf - 1) / (2 * kNodeHalf)),
                   start = begin();
      size_t before = 0;  // last name of the node before
      for (size_t node = 0; node < count; ++node) {
        const size_t first = node * 2 * kNodeHalf, end = std::min(level.size(), first + 2 * kNodeHalf);
        const size_t here = bytes.size();
        append_text(bytes, "TREE", 5);
        append_little<uint8_t>(bytes, depth);
        append_little<uint16_t>(bytes, static_cast<uint16_t>(end - first));
        append_little<uint64_t>(bytes, node > 0 ? here - kTreeNode : kH5Nowhere);
        append_little<uint64_t>(bytes, node + 1 < count ? here + kTreeNode : kH5Nowhere);
        append_little<uint64_t>(bytes, before);
        for (size_t i = first; i < end; ++i) {
          append_little<uint64_t>(bytes, level[i].address);
          append_little<uint64_t>(bytes, before = level[i].last_name);
        }
        bytes.resize(here + kTreeNode);
        above.push_back({here, before});
      }
      if (count == 1) return start;
      level = std::move(above);
    }
  }

  size_t begin() {
    pad(bytes);
    return bytes.size();
  }
};

}  // namespace

H5Image write_h5(const H5Group& root) {
  Writer writer;
  writer.bytes.resize(kSuperblock);
  const size_t root_at = writer.write_group(root);
  pad(writer.bytes);

  H5Image image;
  uint64_t end = writer.bytes.size();
  for (const auto& [at, tensor] : writer.waiting) {
    put<uint64_t>(writer.bytes, at, end);
    end += static_cast<uint64_t>(round_up(tensor->bytes(), 8));
    image.data_.push_back(*tensor);
  }

  Bytes super;
  append_text(super, "\x89HDF\r\n\x1a\n", 13);  // signature and versions 0
  append_little<uint8_t>(super, 8);             // bytes of an offset
  append_little<uint8_t>(super, 8);             // and of a length
  append_little<uint8_t>(super, 0);
  append_little<uint16_t>(super, kLeafHalf);
  append_little<uint16_t>(super, kNodeHalf);
  append_little<uint32_t>(super, 0);
  for (uint64_t value : {uint64_t{0}, kH5Nowhere, end, kH5Nowhere}) append_little(super, value);
  append_little<uint64_t>(super, 0);  // name of the root
  append_little<uint64_t>(super, root_at);
  append_text(super, "", 24);
  ensure(super.size() == kSuperblock, "HDF5 superblock: wrong size");
  std::copy(super.begin(), super.end(), writer.bytes.begin());
  image.structure_ = std::move(writer.bytes);
  return image;
}

std::vector<std::span<const std::byte>> H5Image::pieces() const {
  static constexpr std::byte kZeros[8] = {};
  std::vector<std::span<const std::byte>> pieces{structure_};
  for (const Tensor& tensor : data_) {
    pieces.emplace_back(static_cast<const std::byte*>(tensor.raw()), static_cast<size_t>(tensor.bytes()));
    const auto rest = static_cast<size_t>(round_up(tensor.bytes(), 8) - tensor.bytes());
    if (rest > 0) pieces.emplace_back(kZeros, rest);
  }
  return pieces;
}

std::vector<std::byte> H5Image::bytes() const {
  std::vector<std::byte> all;
  for (const auto piece : pieces()) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

H5Group& H5Group::at(const std::string& path) {
  const size_t slash = path.find('/');
  const std::string first = path.substr(0, slash);
  auto found =
      std::find_if(groups.begin(), groups.end(), [&](const auto& entry) { return entry.name == first; });
  if (found == groups.end()) found = groups.insert(groups.end(), {first, H5Group()});
  return slash == std::string::npos ? found->group : found->group.at(path.substr(slash + 1));
}

}  // namespace folio

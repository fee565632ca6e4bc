// What the parts of the HDF5 reader hand to each other. Section numbers are those of the HDF5 File Format
// Specification, version 3.0.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "folio/base/bytes.h"
#include "folio/formats/hdf5.h"

namespace folio {

/// The address that stands for "nowhere".
inline constexpr uint64_t kH5Nowhere = ~uint64_t{0};

/// How an element is stored.
struct H5Type {
  enum class Kind : uint8_t { whole, real, truth, opaque, text, variable_text, other };
  Kind kind = Kind::other;
  uint32_t size = 0;
  bool big_endian = false, is_signed = false;
  bool brain = false;  ///< bfloat16
};

/// Where the elements of a dataset lie.
struct H5Storage {
  enum class Kind : uint8_t { none, contiguous, chunked };
  enum class Filter : uint16_t { deflate = 1, shuffle = 2, fletcher32 = 3 };
  Kind kind = Kind::none;
  uint64_t address = kH5Nowhere, size = 0;  ///< contiguous: the data; chunked: address of the tree of chunks
  std::vector<int64_t> chunk;               ///< dimensions of a chunk
  std::vector<Filter> filters;              ///< in the order of writing
};

/// A group or dataset, as far as its header tells.
struct H5Object {
  bool is_group = false;
  std::vector<std::string> children;  ///< of a group, sorted
  Shape shape;                        ///< of a dataset
  H5Type type;
  H5Storage storage;
  /// Only those made of texts.
  std::map<std::string, std::vector<std::string>> attributes;
  /// Why the values cannot be read; empty when they can. Told only to those who ask for them.
  std::string refusal;
};

/// A message of an object header.
struct H5Message {
  uint16_t kind = 0;
  uint8_t flags = 0;
  ByteReader body;
};

/// The bytes of a file, handed out within bounds and within a budget: a sound file never makes its reader
/// look at much more structure than it has bytes, so one that does is after the reader's time or memory.
class H5File {
 public:
  H5File(std::span<const std::byte> bytes, const std::string& name)
      : bytes_(bytes), name_(name), budget_(4 * bytes.size() + (1 << 20)) {}

  const std::string& name() const { return name_; }
  uint64_t size() const { return bytes_.size(); }
  /// A reader of bytes [address, address + size); throws `Error` unless they are in the file.
  ByteReader at(uint64_t address, uint64_t size, std::string_view what);
  /// From `address` to the end of the file; charges nothing.
  ByteReader from(uint64_t address, std::string_view what) const;
  /// Charges work to the budget.
  void spend(uint64_t bytes);
  /// Throws `Error` when a piece of structure was visited before: two ways to one place are a cycle or an
  /// attack.
  void visit_once(uint64_t address, std::string_view what);
  /// Text `index` of the global heap at `address`.
  std::string_view heap_text(uint64_t address, uint32_t index, uint32_t size);

 private:
  std::span<const std::byte> bytes_;
  std::string name_;
  uint64_t budget_;
  std::set<uint64_t> visited_;
  std::map<uint64_t, std::map<uint32_t, std::string_view>> heaps_;
};

/// All messages of the object header at `address` (IV.A.1), continuations followed. hdf5_headers.cpp.
std::vector<H5Message> read_h5_header(H5File& file, uint64_t address);
/// Name and header address of all that is in a group. Links that lead elsewhere are refused. hdf5_groups.cpp.
struct H5Link {
  std::string name;
  uint64_t address = 0;
};
std::vector<H5Link> read_h5_links(H5File& file, const std::vector<H5Message>& messages);

/// What the messages of a header say; children are not filled in. hdf5_messages.cpp.
H5Object describe_h5_object(H5File& file, const std::vector<H5Message>& messages);

/// The values. `place` is for messages. hdf5_data.cpp.
Tensor read_h5_values(std::span<const std::byte> bytes, const H5Object& object, const std::string& name,
                      const std::string& place);
/// The type that `read_h5_values` gives.
DType folio_type(const H5Type& type);
/// All chunks of a dataset joined, filters undone. hdf5_chunks.cpp.
std::vector<std::byte> read_h5_chunks(std::span<const std::byte> bytes, const H5Object& object,
                                      const std::string& name, const std::string& place);

/// The kinds of message that Folio knows (IV.A.2).
namespace h5 {
enum Kind : uint16_t {
  nil = 0x00,
  dataspace = 0x01,
  link_info = 0x02,
  datatype = 0x03,
  link = 0x06,
  external_files = 0x07,
  layout = 0x08,
  filters = 0x0B,
  attribute = 0x0C,
  continuation = 0x10,
  symbol_table = 0x11,
};
inline constexpr uint8_t kShared = 0x02, kMustKnow = 0x80;
}  // namespace h5

}  // namespace folio

// HDF5, as far as Keras' weight files need it: groups, numeric datasets, string attributes. No library behind
// it.
//
// A hostile file gets an `Error`, never memory: every extent is checked to lie in the file before anything is
// allocated, and what could lead elsewhere (soft and external links, external and virtual storage, plugin
// filters) is refused.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

struct H5Object;

/// Reads files of the 1.6 and 1.8 formats: old-style groups, compact new-style ones; contiguous, compact and
/// chunked data, plain or with deflate, shuffle and fletcher32. Paths look like "layers/dense/vars/0"; "" is
/// the root.
class H5Reader {
 public:
  /// Reads the structure of the whole file, no data. `file_name` is for messages.
  H5Reader(std::vector<std::byte> bytes, std::string file_name);
  ~H5Reader();
  H5Reader(H5Reader&&) noexcept;
  H5Reader& operator=(H5Reader&&) noexcept;

  const std::string& name() const { return name_; }
  /// How many values the datasets hold together; promises that the file's bytes do not keep do not count.
  int64_t elements() const;
  /// Names of groups and datasets in the group, sorted; throws `Error` when there is no such group.
  std::vector<std::string> children(const std::string& path) const;
  bool has(const std::string& path) const;
  bool is_dataset(const std::string& path) const;
  /// Shape and type that `read` would give, without reading.
  const Shape& shape(const std::string& path) const;
  DType dtype(const std::string& path) const;
  /// The values; small integers and floats come in the next wider of Folio's types. Throws `Error` when the
  /// shape is not `expected` (if given), before reading.
  Tensor read(const std::string& path, const std::optional<Shape>& expected = {}) const;
  /// String attributes of a group or dataset: one text or a list; nothing when there is no such string
  /// attribute.
  std::optional<std::string> attribute(const std::string& path, const std::string& name) const;
  std::optional<std::vector<std::string>> attribute_list(const std::string& path,
                                                         const std::string& name) const;

 private:
  const H5Object& find(const std::string& path) const;
  const H5Object& dataset(const std::string& path) const;

  std::vector<std::byte> bytes_;
  std::string name_;
  std::map<std::string, std::unique_ptr<H5Object>> objects_;  // by path
};

struct H5NamedGroup;

/// What to write: a group with everything below it. Names are unique within a group and hold no '/'.
struct H5Group {
  std::vector<H5NamedGroup> groups;
  std::vector<std::pair<std::string, Tensor>> datasets;
  /// Texts of any length.
  std::vector<std::pair<std::string, std::string>> attributes;
  /// Lists of texts, each padded to the longest; a list takes at most 64 KiB.
  std::vector<std::pair<std::string, std::vector<std::string>>> lists;

  /// The group at a path like "layers/dense/vars" below this one; made where missing.
  H5Group& at(const std::string& path);
};
struct H5NamedGroup {
  std::string name;
  H5Group group;
};

/// A file ready to be written. Data is not copied: it lies in the tensors.
class H5Image {
 public:
  /// The file's bytes, one piece after another; valid as long as the image.
  std::vector<std::span<const std::byte>> pieces() const;
  /// All pieces in one.
  std::vector<std::byte> bytes() const;

 private:
  friend H5Image write_h5(const H5Group& root);
  std::vector<std::byte> structure_;
  std::vector<Tensor> data_;
};

/// Superblock 0, old-style groups, contiguous little-endian data: what h5py and every Keras 3 opens.
H5Image write_h5(const H5Group& root);

}  // namespace folio

// Opening an HDF5 file, and finding things in it by path.
#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/formats/hdf5_format.h"

namespace folio {
namespace {

constexpr std::string_view kSignature("\x89HDF\r\n\x1a\n", 8);
constexpr int kMostDepth = 64;
/// Every object takes at least this much of the file.
constexpr uint64_t kLeastObject = 40;

// The superblock (II.A, II.B): where the root group is.
uint64_t find_root(H5File& file) {
  ByteReader reader = file.from(0, "superblock");
  const ByteReader place = reader;
  if (file.size() < 8 || reader.take_text(8, "signature") != kSignature)
    place.fail("an HDF5 file", "other bytes; check that this is the right file");
  const auto version = reader.little<uint8_t>("superblock version");
  if (version > 3)
    place.fail("a superblock of version 0 to 3", fmt::format("{}; save the file with h5py", version));
  const bool old = version < 2;
  if (old) reader.take(4, "superblock");
  const auto offset_size = reader.little<uint8_t>("size of offsets"),
             length_size = reader.little<uint8_t>("size of lengths");
  if (offset_size != 8 || length_size != 8)
    place.fail("offsets and lengths of 8 bytes",
               fmt::format("{} and {}; save the file with h5py", offset_size, length_size));
  reader.take(old ? (version == 0 ? 9 : 13) : 1, "superblock");
  const auto base = reader.little<uint64_t>("base address");
  reader.take(8, "superblock");
  const auto end = reader.little<uint64_t>("end of file");
  if (base != 0)
    place.fail("an HDF5 file from its first byte on", fmt::format("one that begins at {}", base));
  if (end > file.size())
    place.fail(fmt::format("{} bytes", end), fmt::format("{}; the file is cut short", file.size()));
  if (old) reader.take(16, "superblock");  // driver block, name of the root
  return reader.little<uint64_t>("root address");
}

}  // namespace

H5Reader::H5Reader(std::vector<std::byte> bytes, std::string file_name)
    : bytes_(std::move(bytes)), name_(std::move(file_name)) {
  H5File file(bytes_, name_);
  struct Pending {
    std::string path;
    uint64_t address = 0;
    int depth = 0;
  };
  std::vector<Pending> pending{{"", find_root(file), 0}};
  uint64_t stored = 0;
  const uint64_t most = file.size() / kLeastObject + 1;
  while (!pending.empty()) {
    const Pending here = std::move(pending.back());
    pending.pop_back();
    file.spend(here.path.size());
    const auto messages = read_h5_header(file, here.address);
    auto object = std::make_unique<H5Object>(describe_h5_object(file, messages));
    if (object->is_group) {
      if (here.depth == kMostDepth)
        throw Error(fmt::format("{}: expected groups at most {} deep, got more; the file is not safe to use",
                                name_, kMostDepth));
      for (const H5Link& link : read_h5_links(file, messages)) {
        object->children.push_back(link.name);
        pending.push_back(
            {here.path.empty() ? link.name : here.path + "/" + link.name, link.address, here.depth + 1});
      }
      std::sort(object->children.begin(), object->children.end());
    } else if (object->storage.kind == H5Storage::Kind::contiguous && object->storage.address != kH5Nowhere) {
      // Datasets that share their bytes could ask for more memory than the file pays for.
      if (object->storage.size > file.size() || (stored += object->storage.size) > file.size())
        throw Error(
            fmt::format("{}: {}: expected values that lie in the file's {} bytes, got {}; the file is "
                        "damaged or not safe "
                        "to use",
                        name_, here.path, file.size(), std::max(stored, object->storage.size)));
    }
    if (!objects_.emplace(here.path, std::move(object)).second)
      throw Error(fmt::format("{}: {}: expected one object of this name, got two; the file is damaged", name_,
                              here.path));
    if (objects_.size() + pending.size() > most)
      throw Error(fmt::format("{}: expected at most {} objects in {} bytes, got more; the file is damaged",
                              name_, most, file.size()));
  }
  if (!objects_.at("")->is_group)
    throw Error(name_ + ": expected a group at the root, got a dataset; the file is damaged");
}

H5Reader::~H5Reader() = default;
H5Reader::H5Reader(H5Reader&&) noexcept = default;
H5Reader& H5Reader::operator=(H5Reader&&) noexcept = default;

bool H5Reader::has(const std::string& path) const { return objects_.count(path) != 0; }

const H5Object& H5Reader::find(const std::string& path) const {
  const auto found = objects_.find(path);
  if (found == objects_.end())
    throw Error(fmt::format(
        "{}: expected a group or dataset \"{}\", got none; check that the file belongs to this model", name_,
        path));
  return *found->second;
}

const H5Object& H5Reader::dataset(const std::string& path) const {
  const H5Object& object = find(path);
  if (object.is_group)
    throw Error(fmt::format(
        "{}: {}: expected a dataset, got a group; check that the file belongs to this model", name_, path));
  if (!object.refusal.empty()) throw Error(fmt::format("{}: {}: expected {}", name_, path, object.refusal));
  return object;
}

std::vector<std::string> H5Reader::children(const std::string& path) const {
  const H5Object& object = find(path);
  if (!object.is_group)
    throw Error(fmt::format(
        "{}: {}: expected a group, got a dataset; check that the file belongs to this model", name_, path));
  return object.children;
}

bool H5Reader::is_dataset(const std::string& path) const { return has(path) && !find(path).is_group; }
const Shape& H5Reader::shape(const std::string& path) const { return dataset(path).shape; }
int64_t H5Reader::elements() const {
  uint64_t total = 0;
  for (const auto& [path, object] : objects_) {
    const H5Storage& storage = object->storage;
    if (storage.kind == H5Storage::Kind::contiguous && storage.address != kH5Nowhere) {
      total += storage.size / std::max<uint32_t>(object->type.size, 1);
    } else if (storage.kind == H5Storage::Kind::chunked) {
      // What packed values promise is known once they are unpacked.
      try {
        total += static_cast<uint64_t>(read(path).count());
      } catch (const Error&) {
      }
    }
  }
  return static_cast<int64_t>(total);
}
DType H5Reader::dtype(const std::string& path) const { return folio_type(dataset(path).type); }

Tensor H5Reader::read(const std::string& path, const std::optional<Shape>& expected) const {
  const H5Object& object = dataset(path);
  if (expected && object.shape != *expected)
    throw Error(fmt::format("{}: {}: expected shape {}, got {}; check that the file belongs to this model",
                            name_, path, to_string(*expected), to_string(object.shape)));
  return read_h5_values(bytes_, object, name_, path);
}

std::optional<std::string> H5Reader::attribute(const std::string& path, const std::string& name) const {
  const auto texts = attribute_list(path, name);
  return texts && texts->size() == 1 ? std::optional(texts->front()) : std::nullopt;
}

std::optional<std::vector<std::string>> H5Reader::attribute_list(const std::string& path,
                                                                 const std::string& name) const {
  const H5Object& object = find(path);
  const auto found = object.attributes.find(name);
  return found == object.attributes.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace folio

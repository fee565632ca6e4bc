// What the messages of an object header say: shape, element type, place of the data, attributes.
#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/formats/hdf5_format.h"

namespace folio {
namespace {

constexpr uint32_t kMostTexts = 1 << 20;
constexpr int kMostRank = 32;

// A dataspace (IV.A.2.b). A "null" one has no elements at all.
Shape read_shape(ByteReader body) {
  const ByteReader place = body;
  const auto version = body.little<uint8_t>("dataspace version"), rank = body.little<uint8_t>("rank");
  const auto flags = body.little<uint8_t>("dataspace flags");
  if ((version != 1 && version != 2) || rank > kMostRank || flags > 3)
    place.fail(fmt::format("a dataspace of at most {} dimensions", kMostRank),
               "another; the file is damaged");
  if (version == 1)
    body.take(5, "dataspace");
  else if (body.little<uint8_t>("dataspace kind") == 2)
    return Shape{0};
  std::vector<int64_t> dims;
  int64_t count = 1;
  for (int i = 0; i < rank; ++i) {
    dims.push_back(body.little<int64_t>("dimension"));
    // Sizes of 2^31 and more are no weights; their product must be countable even when one of them is 0.
    if (dims.back() < 0 || __builtin_mul_overflow(count, std::max<int64_t>(dims.back(), 1), &count))
      place.fail("a shape whose elements can be counted",
                 "one that is too large; the file is not safe to use");
  }
  return Shape(std::move(dims));
}

// IEEE floats of 16, 32 and 64 bits, and bfloat16: bits of exponent and mantissa, and the exponent's bias.
bool understand_float(ByteReader body, uint32_t bits, H5Type& type) {
  const bool usual_order = (bits & 0x40) == 0, implied_bit = (bits >> 4 & 3) == 2;
  const auto offset = body.little<uint16_t>("bit offset"), precision = body.little<uint16_t>("precision");
  const auto exponent_at = body.little<uint8_t>("exponent"), exponent = body.little<uint8_t>("exponent");
  const auto mantissa_at = body.little<uint8_t>("mantissa"), mantissa = body.little<uint8_t>("mantissa");
  const auto bias = body.little<uint32_t>("exponent bias");
  const uint32_t sign_at = bits >> 8 & 0xFF;
  if (exponent == 0 || !usual_order || !implied_bit || offset != 0 || precision != 8 * type.size ||
      sign_at + 1u != precision || mantissa_at != 0 || exponent_at != mantissa ||
      1 + exponent + mantissa != precision || bias + 1 != uint32_t{1} << (exponent - 1) % 32)
    return false;
  type.brain = type.size == 2 && exponent == 8;
  return type.brain || (type.size == 2 && exponent == 5) || (type.size == 4 && exponent == 8) ||
         (type.size == 8 && exponent == 11);
}

// A datatype (IV.A.2.d). Kinds that are no numbers and no texts become `other`.
H5Type read_type(ByteReader body) {
  H5Type type;
  const auto head = body.little<uint32_t>("datatype");
  type.size = body.little<uint32_t>("element size");
  const uint32_t bits = head >> 8;
  const int version = head >> 4 & 15;
  if (version < 1 || version > 5) return type;
  const bool whole_size = type.size == 1 || type.size == 2 || type.size == 4 || type.size == 8;
  using Kind = H5Type::Kind;
  switch (head & 15) {
    case 0: {  // fixed point
      type.big_endian = bits & 1;
      type.is_signed = bits & 8;
      const auto offset = body.little<uint16_t>("bit offset"), precision = body.little<uint16_t>("precision");
      if (whole_size && offset == 0 && precision == 8 * type.size) type.kind = Kind::whole;
      break;
    }
    case 1:  // floating point
      type.big_endian = bits & 1;
      if (whole_size && understand_float(body, bits, type)) type.kind = Kind::real;
      break;
    case 3:
      type.kind = type.size > 0 ? Kind::text : Kind::other;
      break;
    case 5:
      type.kind = Kind::opaque;
      break;
    case 8:  // enumeration: h5py's bool, when it stands on one byte
      if (type.size == 1 && read_type(body).kind == Kind::whole) type.kind = Kind::truth;
      break;
    case 9:  // of variable length: a text when its first four bits say so
      if ((bits & 15) == 1 && type.size == 16) type.kind = Kind::variable_text;
      break;
    default:
      break;
  }
  return type;
}

// Where the data lies (IV.A.2.i).
H5Storage read_storage(ByteReader body, std::string& refusal) {
  H5Storage storage;
  const ByteReader place = body;
  const auto version = body.little<uint8_t>("layout version");
  if (version != 3 && version != 4) {
    refusal = fmt::format("a data layout of version 3 or 4, got {}", version);
    return storage;
  }
  switch (body.little<uint8_t>("layout class")) {
    case 0:
      storage.kind = H5Storage::Kind::contiguous;  // compact: the data is in the header itself
      storage.size = body.little<uint16_t>("data size");
      storage.address = body.position();
      body.take(storage.size, "data");
      break;
    case 1:
      storage.kind = H5Storage::Kind::contiguous;
      storage.address = body.little<uint64_t>("data address");
      storage.size = body.little<uint64_t>("data size");
      break;
    case 2: {
      if (version == 4) {
        refusal = "chunks as Keras and h5py write them by default, got those of libver=\"latest\"";
        break;
      }
      storage.kind = H5Storage::Kind::chunked;
      const int rank = body.little<uint8_t>("chunk rank") - 1;
      storage.address = body.little<uint64_t>("chunk tree");
      if (rank < 1 || rank > kMostRank) place.fail("chunks of 1 to 32 dimensions", fmt::format("{}", rank));
      for (int i = 0; i < rank; ++i) storage.chunk.push_back(body.little<uint32_t>("chunk size"));
      break;
    }
    case 3:
      refusal = "data that lies in this file, got a virtual dataset; save the model again";
      break;
    default:
      refusal = "contiguous, compact or chunked data, got another layout";
  }
  return storage;
}

// How chunks were packed (IV.A.2.l).
void read_filters(ByteReader body, H5Storage& storage, std::string& refusal) {
  const auto version = body.little<uint8_t>("filter version"), count = body.little<uint8_t>("filters");
  if ((version != 1 && version != 2) || count > 32)
    return void(refusal = "filters of version 1 or 2, got others");
  if (version == 1) body.take(6, "filters");
  for (int i = 0; i < count; ++i) {
    const auto id = body.little<uint16_t>("filter");
    const bool named = version == 1 || id >= 256;
    const uint64_t name_size = named ? body.little<uint16_t>("filter name size") : 0;
    body.take(2, "filter flags");
    const auto values = body.little<uint16_t>("filter values");
    body.take(version == 1 ? (name_size + 7) / 8 * 8 : name_size, "filter name");
    body.take(uint64_t{values} * 4 + (version == 1 && values % 2 ? 4 : 0), "filter values");
    if (id < 1 || id > 3)
      return void(refusal = fmt::format(
                      "deflate, shuffle or fletcher32, got filter {}; save it with gzip or plain", id));
    storage.filters.push_back(static_cast<H5Storage::Filter>(id));
  }
}

// An attribute (IV.A.2.m); those that are no texts are passed over.
void read_attribute(H5File& file, ByteReader body, H5Object& object) {
  const auto version = body.little<uint8_t>("attribute version"),
             flags = body.little<uint8_t>("attribute flags");
  if (version < 1 || version > 3 || (version > 1 && flags != 0)) return;
  const auto name_size = body.little<uint16_t>("name size"), type_size = body.little<uint16_t>("type size");
  const auto space_size = body.little<uint16_t>("dataspace size");
  if (version == 3) body.take(1, "character set");
  const auto part = [&](uint64_t size) {
    const uint64_t at = body.position();
    const auto bytes = body.take(version == 1 ? (size + 7) / 8 * 8 : size, "attribute");
    return ByteReader(bytes.first(size), file.name(), at);
  };
  std::string name(part(name_size).take_text(name_size, "name"));
  name = name.substr(0, name.find('\0'));
  const H5Type type = read_type(part(type_size));
  const Shape shape = read_shape(part(space_size));
  if (type.kind != H5Type::Kind::text && type.kind != H5Type::Kind::variable_text) {
    // Keras writes an empty list of texts as an empty list of numbers.
    if (shape.count() == 0) object.attributes[name];
    return;
  }
  const auto count = static_cast<uint64_t>(shape.count());
  if (shape.rank() > 1 || count > kMostTexts || count > body.remaining() / type.size)
    body.fail(fmt::format("{} bytes for the texts of attribute \"{}\"",
                          count * std::min<uint64_t>(type.size, 1 << 20), name),
              fmt::format("{}; the file is damaged", body.remaining()));
  std::vector<std::string>& texts = object.attributes[name];
  texts.clear();
  for (uint64_t i = 0; i < count; ++i) {
    ByteReader element(body.take(type.size, "text"), file.name(), body.position());
    std::string_view text;
    if (type.kind == H5Type::Kind::text) {
      text = element.take_text(type.size, "text");
      text = text.substr(0, text.find('\0'));
      file.spend(text.size());
    } else {
      const auto size = element.little<uint32_t>("text size");
      const auto heap = element.little<uint64_t>("heap");
      const auto index = element.little<uint32_t>("heap index");
      if (size > 0) text = file.heap_text(heap, index, size);
    }
    texts.emplace_back(text);
  }
}

}  // namespace

// A collection of the global heap (III.E), read once.
std::string_view H5File::heap_text(uint64_t address, uint32_t index, uint32_t size) {
  auto found = heaps_.find(address);
  if (found == heaps_.end()) {
    found = heaps_.try_emplace(address).first;
    ByteReader head = at(address, 16, "global heap");
    const bool sound = head.take_text(4, "signature") == "GCOL" && head.little<uint8_t>("version") == 1;
    head.take(3, "global heap");
    const auto total = head.little<uint64_t>("heap size");
    if (!sound || total < 16) head.fail("a global heap", "other bytes; the file is damaged");
    ByteReader objects = at(address + 16, total - 16, "global heap");
    while (objects.remaining() >= 16) {
      const auto number = objects.little<uint16_t>("heap index");
      objects.take(6, "global heap");
      const auto bytes = objects.little<uint64_t>("text size");
      if (number == 0) break;  // the rest is free
      const auto text = objects.take_text(bytes, "text");
      objects.take(std::min((8 - bytes % 8) % 8, objects.remaining()), "global heap");
      found->second.emplace(number, text);
    }
  }
  const auto text = found->second.find(index);
  if (text == found->second.end() || text->second.size() < size)
    from(address, "global heap")
        .fail(fmt::format("a text of {} bytes under index {}", size, index), "none; the file is damaged");
  spend(size);
  return text->second.substr(0, size);
}

H5Object describe_h5_object(H5File& file, const std::vector<H5Message>& messages) {
  H5Object object;
  bool has_shape = false, has_type = false, has_layout = false;
  for (const H5Message& message : messages) {
    ByteReader body = message.body;
    if ((message.flags & h5::kShared) && message.kind != h5::attribute) {
      if (message.kind == h5::datatype) has_type = true;
      object.refusal = "a type of its own, got one that is shared between datasets";
      continue;
    }
    switch (message.kind) {
      case h5::symbol_table:
      case h5::link_info:
      case h5::link:
        object.is_group = true;
        break;
      case h5::dataspace:
        object.shape = read_shape(body);
        has_shape = true;
        break;
      case h5::datatype:
        object.type = read_type(body);
        has_type = true;
        break;
      case h5::layout:
        object.storage = read_storage(body, object.refusal);
        has_layout = true;
        break;
      case h5::external_files:
        body.fail("data that lies in this file",
                  "a list of other files; the file is not safe to use, save the model again");
      case h5::attribute:
        if (!(message.flags & h5::kShared)) read_attribute(file, body, object);
        break;
      default:
        if (message.kind != h5::filters && (message.flags & h5::kMustKnow))
          body.fail("messages that Folio knows",
                    fmt::format("kind {}, which must be understood", message.kind));
    }
  }
  // The layout may come behind the filters, so these are last.
  for (const H5Message& message : messages)
    if (message.kind == h5::filters && object.refusal.empty())
      read_filters(message.body, object.storage, object.refusal);
  if (object.is_group) return object;
  if (!has_shape || !has_type || !has_layout) {
    if (object.refusal.empty()) object.refusal = "a group or dataset, got a header that is neither";
    return object;
  }
  const auto brain = object.attributes.find("dtype");
  if (object.type.kind == H5Type::Kind::opaque && object.type.size == 2 && brain != object.attributes.end() &&
      brain->second == std::vector<std::string>{"bfloat16"}) {
    object.type.kind = H5Type::Kind::real;
    object.type.brain = true;
  }
  using Kind = H5Type::Kind;
  if (object.type.kind != Kind::whole && object.type.kind != Kind::real && object.type.kind != Kind::truth &&
      object.refusal.empty())
    object.refusal = "whole numbers of 8 to 64 bits or floats of 16 to 64 bits, got other elements";
  return object;
}

}  // namespace folio

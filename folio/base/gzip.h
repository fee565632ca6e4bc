// Deflated bytes (gzip files, members of zip files), inflated into memory under a hard limit.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "folio/base/bytes.h"

namespace folio {

/// What lies around deflated bytes: a gzip header and checksum, or nothing (as inside zip files).
enum class Wrapping : uint8_t { gzip, none };

/// What to do when there is more than the limit: throw, or stop there and leave the rest unread.
enum class AtLimit : uint8_t { refuse, stop };

/// Inflates bytes [offset, offset + size) of `source`. Memory grows with what really comes out, never with
/// what a header claims. Several gzip members in a row give their joined contents. Throws `Error` when the
/// bytes are truncated, damaged, followed by others, or inflate to more than `limit` bytes.
std::vector<std::byte> inflate(const ByteSource& source, uint64_t offset, uint64_t size, Wrapping wrapping,
                               uint64_t limit, AtLimit at_limit = AtLimit::refuse);

/// The contents of a file, inflated when it begins as gzip does, whatever its name says.
std::vector<std::byte> read_maybe_gzip(const std::string& path, uint64_t limit,
                                       AtLimit at_limit = AtLimit::refuse);

}  // namespace folio

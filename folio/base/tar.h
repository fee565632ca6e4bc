// Tar files (POSIX ustar), as sets of pictures are packed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "folio/base/file.h"

namespace folio {

/// The plain files of a .tar, which may be gzip'ed, in memory. Folders, links and what else there may be are
/// passed over; nothing is ever written.
class TarFile {
 public:
  /// Throws `Error` naming file and offset for what is damaged or cut short, and when the file is larger than
  /// `limit` bytes.
  explicit TarFile(const std::string& path, uint64_t limit = default_load_limit());

  /// In the order of their bytes.
  std::vector<std::string> names() const;
  /// The bytes of a file, valid as long as this object; empty when there is none of this name.
  std::span<const std::byte> find(const std::string& name) const;

 private:
  struct Place {
    size_t first, size;
  };
  std::vector<std::byte> bytes_;
  std::map<std::string, Place> places_;
};

}  // namespace folio

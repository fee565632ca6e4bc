#include "folio/data/cifar.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/base/gzip.h"

namespace folio {
namespace {

constexpr int64_t kSide = 32, kPlane = kSide * kSide, kChannels = 3;
constexpr int64_t kRecord = 1 + kChannels * kPlane;
/// Ten times the records of a published file; what a gzip'ed file may inflate to.
constexpr uint64_t kMostRecords = 100'000;

std::vector<std::byte> read_records(const std::string& path) {
  auto bytes = read_maybe_gzip(path, kMostRecords * kRecord);
  if (bytes.empty() || bytes.size() % kRecord != 0)
    throw Error(fmt::format(
        "{}: at byte {}: expected records of {} bytes each, found {} bytes after the last; the file "
        "is cut short or of another kind",
        path, bytes.size() - bytes.size() % kRecord, kRecord, bytes.size() % kRecord));
  return bytes;
}

}  // namespace

CifarPictures read_cifar(const std::vector<std::string>& paths, int classes) {
  std::vector<std::vector<std::byte>> files;
  int64_t count = 0;
  for (const auto& path : paths) {
    files.push_back(read_records(path));
    count += static_cast<int64_t>(files.back().size()) / kRecord;
  }
  CifarPictures pictures{Tensor({count, kSide, kSide, kChannels}, DType::uint8),
                         Tensor({count}, DType::int32)};
  uint8_t* pixel = count ? pictures.x.data<uint8_t>() : nullptr;
  int32_t* label = count ? pictures.y.data<int32_t>() : nullptr;
  for (size_t f = 0; f < files.size(); ++f) {
    const int64_t records = static_cast<int64_t>(files[f].size()) / kRecord;
    for (int64_t i = 0; i < records; ++i) {
      const std::byte* record = files[f].data() + i * kRecord;
      *label = static_cast<int32_t>(record[0]);
      if (*label >= classes)
        throw Error(fmt::format(
            "{}: at byte {}: expected a label from 0 to {} in row {}, found {}; the file is damaged "
            "or of another set",
            paths[f], i * kRecord, classes - 1, i, *label));
      ++label;
      for (int64_t at = 0; at < kPlane; ++at)
        for (int64_t channel = 0; channel < kChannels; ++channel)
          *pixel++ = static_cast<uint8_t>(record[1 + channel * kPlane + at]);
    }
    files[f] = {};  // what is copied need not stay
  }
  return pictures;
}

}  // namespace folio

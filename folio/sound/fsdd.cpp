#include "folio/sound/fsdd.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/tar.h"
#include "folio/data/class_folder.h"

namespace folio {
namespace {

constexpr const char* kArchives[] = {"/recordings.tar.gz", "/recordings.tar"};

// What a name says: 7_jackson_32.wav.
std::optional<SpokenDigit> named(const std::string& path) {
  const std::string name = std::filesystem::path(path).stem();
  const size_t first = name.find('_'), last = name.rfind('_');
  if (first != 1 || last == first || !is_sound_file(path) || name[0] < '0' || name[0] > '9') return {};
  SpokenDigit result;
  result.source.path = path;
  result.digit = name[0] - '0';
  result.speaker = name.substr(first + 1, last - first - 1);
  const char *begin = name.data() + last + 1, *end = name.data() + name.size();
  const auto [next, error] = std::from_chars(begin, end, result.index);
  if (error != std::errc() || next != end || result.index < 0 || result.speaker.empty()) return {};
  return result;
}

// Where its recordings lie: an archive or a folder; "" when they do not.
std::string recordings_in(const std::string& folder) {
  for (const char* archive : kArchives)
    if (file_exists(folder + archive)) return folder + archive;
  for (const std::string& place : {folder + "/recordings", folder}) {
    if (!folder_exists(place)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(place))
      if (named(entry.path())) return place;
  }
  return "";
}

}  // namespace

bool is_fsdd(const std::string& folder) {
  return !recordings_in(folder).empty() || !recordings_in(folder + "/fsdd").empty();
}

std::string find_fsdd(const std::string& folder) {
  std::vector<std::string> places;
  if (!folder.empty()) {
    places = {folder, folder + "/fsdd"};
  } else {
    if (const char* data = std::getenv("FOLIO_DATA"); data && *data)
      places.push_back(std::string(data) + "/fsdd");
    places.emplace_back("/usr/share/datasets/fsdd");
  }
  for (const std::string& place : places)
    if (!recordings_in(place).empty()) return place;
  throw Error(fmt::format(
      "data set \"fsdd\": expected recordings.tar.gz, or a folder recordings, in {}, found none; get "
      "the \"Free Spoken Digit Dataset\" (Jakobovski/free-spoken-digit-dataset) and put it into "
      "$FOLIO_DATA/fsdd",
      fmt::join(places, " or ")));
}

std::vector<SpokenDigit> load_fsdd(const std::string& folder) {
  const std::string place = recordings_in(folder);
  std::vector<SpokenDigit> digits;
  if (place.find(".tar") != std::string::npos && !folder_exists(place)) {
    const TarFile archive(place);
    for (const std::string& name : archive.names())
      if (auto digit = named(name)) {
        const auto bytes = archive.find(name);
        digit->source.bytes = {bytes.begin(), bytes.end()};
        digits.push_back(std::move(*digit));
      }
  } else {
    for (const std::string& path : sounds_in(place))
      if (auto digit = named(path)) digits.push_back(std::move(*digit));
  }
  std::sort(digits.begin(), digits.end(),
            [](const SpokenDigit& a, const SpokenDigit& b) { return a.source.path < b.source.path; });
  if (digits.empty())
    throw Error(place +
                ": expected recordings called <digit>_<speaker>_<index>.wav, found none; get the set again");
  return digits;
}

}  // namespace folio

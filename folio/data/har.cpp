#include "folio/data/har.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <span>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/gzip.h"

namespace folio {
namespace {

constexpr int64_t kSteps = 128;
constexpr const char* kChannels[] = {"body_acc_x",  "body_acc_y",  "body_acc_z",
                                     "body_gyro_x", "body_gyro_y", "body_gyro_z",
                                     "total_acc_x", "total_acc_y", "total_acc_z"};

std::string there(const std::string& path) {
  for (const char* ending : {"", ".gz"})
    if (file_exists(path + ending)) return path + ending;
  throw Error(path + ": expected a file of this name, plain or with .gz, found none; get the whole set");
}

// All numbers of a file, `width` a line.
std::vector<float> numbers_of(const std::string& path, int64_t width) {
  const auto bytes = read_maybe_gzip(path, default_load_limit());
  const char* at = reinterpret_cast<const char*>(bytes.data());
  const char* const end = at + bytes.size();
  std::vector<float> numbers;
  int64_t line = 1, in_line = 0;
  const auto fail = [&](const std::string& what) {
    throw Error(fmt::format("{}:{}: expected {} numbers a line, found {}; get the file again", path, line,
                            width, what));
  };
  while (true) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
    if (at == end || *at == '\n') {
      if (in_line != 0 && in_line != width) fail(fmt::format("{}", in_line));
      if (at == end) return numbers;
      in_line = 0;
      ++line;
      ++at;
      continue;
    }
    float value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || !std::isfinite(value)) fail("something else");
    numbers.push_back(value);
    at = next;
    if (++in_line > width) fail("more");
  }
}

}  // namespace

const std::vector<std::string>& har_class_names() {
  static const std::vector<std::string> names = {"walking", "walking upstairs", "walking downstairs",
                                                 "sitting", "standing",         "laying"};
  return names;
}

std::string find_har(const std::string& folder) {
  std::vector<std::string> places;
  if (!folder.empty()) {
    places = {folder, folder + "/har"};
  } else {
    if (const char* data = std::getenv("FOLIO_DATA"); data && *data)
      places.push_back(std::string(data) + "/har");
    places.emplace_back("/usr/share/datasets/har");
  }
  for (const std::string& place : places)
    if (folder_exists(place + "/train/Inertial_Signals")) return place;
  throw Error(fmt::format(
      "data set \"har\": expected train/Inertial_Signals in {}, found none; get \"Human Activity Recognition "
      "Using "
      "Smartphones\" from the UCI repository and put its folders train and test into $FOLIO_DATA/har",
      fmt::join(places, " or ")));
}

ActivityWindows load_har(const std::string& folder, const std::string& part) {
  const std::string base = folder + "/" + part + "/";
  const std::vector<float> labels = numbers_of(there(base + "y_" + part + ".txt"), 1),
                           persons = numbers_of(there(base + "subject_" + part + ".txt"), 1);
  const auto rows = static_cast<int64_t>(labels.size());
  const auto check = [&](const std::string& path, size_t found, int64_t expected) {
    if (static_cast<int64_t>(found) != expected)
      throw Error(
          fmt::format("{}: expected {} numbers, as many as belong to the {} labels, found {}; get both files "
                      "again",
                      path, expected, rows, found));
  };
  check(base + "subject_" + part + ".txt", persons.size(), rows);
  constexpr auto kWidth = static_cast<int64_t>(std::size(kChannels));
  ActivityWindows set{Tensor({rows, kSteps, kWidth}), Tensor({rows}, DType::int32),
                      Tensor({rows}, DType::int64)};
  for (int64_t r = 0; r < rows; ++r) {
    const auto label = static_cast<int64_t>(labels[static_cast<size_t>(r)]);
    if (label < 1 || label > static_cast<int64_t>(har_class_names().size()))
      throw Error(
          fmt::format("{}y_{}.txt:{}: expected a label from 1 to 6, found {}", base, part, r + 1, label));
    set.y.data<int32_t>()[r] = static_cast<int32_t>(label - 1);
    set.persons.data<int64_t>()[r] = static_cast<int64_t>(persons[static_cast<size_t>(r)]);
  }
  for (int64_t c = 0; c < kWidth; ++c) {
    const std::string path = there(base + "Inertial_Signals/" + kChannels[c] + "_" + part + ".txt");
    const std::vector<float> values = numbers_of(path, kSteps);
    check(path, values.size(), rows * kSteps);
    float* to = set.x.data<float>() + c;
    for (size_t i = 0; i < values.size(); ++i) to[static_cast<int64_t>(i) * kWidth] = values[i];
  }
  return set;
}

}  // namespace folio

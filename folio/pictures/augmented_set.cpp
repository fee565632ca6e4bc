#include "folio/pictures/augmented_set.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>

#include "folio/base/checked.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/range.h"
#include "folio/base/threads.h"
#include "folio/compiler/compile.h"
#include "folio/data/dataset.h"
#include "folio/data/npy.h"
#include "folio/models/trainer.h"
#include "folio/pictures/contact_sheet.h"
#include "folio/pictures/picture_file.h"
#include "folio/pictures/picture_folder.h"
#include "folio/pictures/resize.h"

namespace folio {
namespace {

namespace fs = std::filesystem;

constexpr size_t kSheetRows = 8;
constexpr int64_t kSheetCopies = 7;
constexpr const char* kSheetName = "contact-sheet.png";

/// A folder that is built beside its place and put there whole, or vanishes.
class NewFolder {
 public:
  explicit NewFolder(const std::string& path) : path_(fs::absolute(path).lexically_normal()) {
    if (path_.filename().empty()) path_ = path_.parent_path();  // of "out/"
    if (fs::exists(path_) && !(fs::is_directory(path_) && fs::is_empty(path_)))
      throw Error(path + ": is there already; choose a new name, or an empty folder");
    make_folders(path_.parent_path());
    check_writable_folder(path_.parent_path());
    work_ = path_.string() + fmt::format(".part-{}", ::getpid());
    make_folders(work_);
  }
  ~NewFolder() {
    std::error_code ignored;
    if (!work_.empty()) fs::remove_all(work_, ignored);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  fs::path operator/(const fs::path& name) const { return work_ / name; }
  void commit() {
    fs::rename(work_, path_);
    work_.clear();
  }

 private:
  fs::path path_, work_;
};

// Rows of the contact sheet: some of so many.
std::vector<size_t> shown(size_t count) {
  std::vector<size_t> rows;
  for (size_t i = 0; i < std::min(count, kSheetRows); ++i)
    rows.push_back(i * count / std::min(count, kSheetRows));
  return rows;
}

std::vector<Tensor> sheet_row(const Tensor& picture, const ImageAugmenter& augmenter, int64_t number) {
  std::vector<Tensor> row = {picture};
  for (int64_t copy = 0; copy < kSheetCopies; ++copy)
    row.push_back(rounded(augmenter.random_transform(picture, copy, number)));
  return row;
}

// Calls `work` for 0 … count - 1 on all threads; stops early when the user asks for it.
template <class Work>
void for_each(size_t count, const Work& work) {
  const size_t shares = std::min(count, static_cast<size_t>(default_threads()));
  in_parallel(static_cast<int>(shares), [&](int share) {
    for (auto i = static_cast<size_t>(share); i < count && !stop_requested(); i += shares) work(i);
  });
}

struct Source {
  std::string path;
  bool changes;
};

std::vector<Source> sources_in(const std::string& folder, bool& divided) {
  std::vector<Source> sources;
  std::set<std::string> kept;
  if (is_picture_folder(folder)) {
    const std::vector<std::string> all = pictures_in(folder);
    try {
      const PictureFolder classes = read_picture_folder(folder);
      divided = classes.is_divided();
      for (const auto* part : {&classes.validation, &classes.test})
        for (const auto& entry : *part) kept.insert(entry.path);
    } catch (const Error&) {  // no folder of classes, but one of pictures
    }
  }
  const fs::path sheet = fs::path(folder) / kSheetName;  // of a set that was made here
  for (const std::string& path : pictures_in(folder))
    if (path != sheet) sources.push_back({path, !kept.count(path)});
  if (sources.empty()) throw Error(folder + ": expected pictures (.png, .jpg), found none");
  return sources;
}

// "cat-1.png" beside "cat.jpg", or with another number where that name is taken.
std::vector<std::string> names_for(const fs::path& picture, int64_t copies, std::set<std::string>& taken) {
  std::vector<std::string> names;
  for (int64_t number = 1; static_cast<int64_t>(names.size()) < copies; ++number) {
    const std::string name =
        (picture.parent_path() / (picture.stem().string() + fmt::format("-{}.png", number))).string();
    if (taken.insert(name).second) names.push_back(name);
  }
  return names;
}

AugmentedSet of_folder(const std::string& data, NewFolder& output, const ImageAugmenter& augmenter,
                       int64_t copies) {
  AugmentedSet result;
  const std::vector<Source> sources = sources_in(data, result.divided);
  std::set<std::string> taken;
  std::vector<std::string> places;
  for (const Source& source : sources) {
    places.push_back(fs::path(source.path).lexically_relative(data).string());
    taken.insert(places.back());
  }
  std::vector<std::vector<std::string>> names(sources.size());
  std::vector<size_t> changing;
  for (size_t i = 0; i < sources.size(); ++i) {
    make_folders((output / places[i]).parent_path());
    if (!sources[i].changes) continue;
    names[i] = names_for(places[i], copies, taken);
    changing.push_back(i);
  }
  std::vector<std::string> errors(sources.size());
  for_each(sources.size(), [&](size_t i) {
    try {
      const Tensor picture = read_picture(sources[i].path);
      fs::copy_file(sources[i].path, output / places[i]);
      for (size_t copy = 0; copy < names[i].size(); ++copy)
        write_png(output / names[i][copy],
                  rounded(augmenter.random_transform(picture, static_cast<int64_t>(copy),
                                                     static_cast<int64_t>(i))));
    } catch (const Error& error) {
      errors[i] = error.what();
    }
  });
  std::vector<size_t> good;
  for (size_t i : changing)
    if (errors[i].empty()) good.push_back(i);
  for (const std::string& error : errors)
    if (!error.empty()) result.left_out.push_back(error);
  if (good.empty())
    throw Error(result.left_out.empty() ? data + ": found no pictures to change" : result.left_out[0]);
  result.pictures = static_cast<int64_t>(sources.size() - result.left_out.size());
  result.changed = static_cast<int64_t>(good.size()) * copies;
  std::vector<std::vector<Tensor>> rows;
  for (size_t i : shown(good.size()))
    rows.push_back(sheet_row(read_picture(sources[good[i]].path), augmenter, static_cast<int64_t>(good[i])));
  write_png(output / kSheetName, contact_sheet(rows));
  return result;
}

// Row `number` of (rows, height, width) or (rows, height, width, channels), as a picture.
Tensor picture_of(const Tensor& x, int64_t number) {
  const Shape row = x.shape().from(1);
  return x.rows(number, number + 1).reshaped(row.rank() == 2 ? row.joined({1}) : row);
}

void write_sheet(const Tensor& x, NewFolder& output, const ImageAugmenter& augmenter) {
  std::vector<std::vector<Tensor>> rows;
  for (size_t i : shown(static_cast<size_t>(x.shape()[0])))
    rows.push_back(sheet_row(picture_of(x, static_cast<int64_t>(i)), augmenter, static_cast<int64_t>(i)));
  write_png(output / kSheetName, contact_sheet(rows));
}

AugmentedSet of_known_set(const std::string& name, NewFolder& output, const ImageAugmenter& augmenter,
                          int64_t copies) {
  AugmentedSet result;
  result.divided = true;
  for (const char* split : {"train", "validation", "test"}) {
    const Dataset set = load(name, split);
    const bool changes = std::string(split) == "train";
    const auto folder = [&](int64_t label) {
      std::string plain = set.class_names[static_cast<size_t>(label)];
      std::replace(plain.begin(), plain.end(), '/', '-');
      return output / split / plain;
    };
    for (size_t label = 0; label < set.class_names.size(); ++label)
      make_folders(folder(static_cast<int64_t>(label)));
    for_each(static_cast<size_t>(set.x.shape()[0]), [&](size_t i) {
      const auto number = static_cast<int64_t>(i);
      const Tensor picture = picture_of(set.x, number);
      const fs::path place = folder(static_cast<int64_t>(set.y.at(number)));
      write_png(place / fmt::format("{:05}.png", i), picture);
      for (int64_t copy = 0; changes && copy < copies; ++copy)
        write_png(place / fmt::format("{:05}-{}.png", i, copy + 1),
                  rounded(augmenter.random_transform(picture, copy, number)));
    });
    result.pictures += set.x.shape()[0];
    if (!changes) continue;
    result.changed = set.x.shape()[0] * copies;
    write_sheet(set.x, output, augmenter);
  }
  return result;
}

AugmentedSet of_arrays(const std::string& path, NewFolder& output, const ImageAugmenter& augmenter,
                       int64_t copies) {
  NamedTensors arrays = read_npz(path);
  const auto found =
      std::find_if(arrays.begin(), arrays.end(), [](const auto& entry) { return entry.first == "x"; });
  if (found == arrays.end() || found->second.shape().rank() < 3 || found->second.count() == 0)
    throw Error(path + ": expected pictures x (rows, height, width, channels), found none");
  const Tensor x = found->second;
  augmenter.check(x.shape().from(1));
  const int64_t rows = x.shape()[0];
  uint64_t bytes = 0;
  for (const auto& [name, array] : arrays) {
    if (array.shape().rank() == 0 || array.shape()[0] != rows)
      throw Error(fmt::format("{}: {}: expected {} rows as in x, got shape {}", path, name, rows,
                              to_string(array.shape())));
    bytes += static_cast<uint64_t>(array.bytes());
  }
  if (bytes > default_load_limit() / static_cast<uint64_t>(copies + 1))
    throw Error(fmt::format("{}: {} copies take more memory than there is; ask for fewer", path, copies));
  for (auto& [name, array] : arrays) {
    Tensor all(array.shape().with(0, rows * (copies + 1)), array.dtype());
    for (int64_t copy = 0; copy <= copies; ++copy) all.rows(copy * rows, (copy + 1) * rows).assign(array);
    array = all;
  }
  const Tensor all = found->second;
  for_each(static_cast<size_t>(rows * copies), [&](size_t i) {
    const auto row = static_cast<int64_t>(i) % rows, copy = static_cast<int64_t>(i) / rows;
    const Tensor changed = augmenter.random_transform(picture_of(x, row), copy, row);
    Tensor into = all.rows((copy + 1) * rows + row, (copy + 1) * rows + row + 1);
    const Tensor typed = x.dtype() == DType::uint8 ? rounded(changed) : changed.cast(x.dtype());
    into.assign(typed.reshaped(into.shape()));
  });
  write_npz(output / "augmented.npz", arrays);
  write_sheet(x, output, augmenter);
  AugmentedSet result;
  result.pictures = rows;
  result.changed = rows * copies;
  return result;
}

bool lies_in(const std::string& folder, const std::string& path) {
  const fs::path outer = fs::weakly_canonical(fs::absolute(folder)),
                 inner = fs::weakly_canonical(fs::absolute(path));
  const fs::path way = inner.lexically_relative(outer);
  return !way.empty() && *way.begin() != "..";
}

}  // namespace

AugmentedSet write_augmented_set(const std::string& data, const std::string& output,
                                 const ImageAugmenter& augmenter, int64_t copies) {
  Range{1, 1000, true}.check(static_cast<double>(copies), "copies");
  if (augmenter.options().rescale != 0)
    throw Error("rescale: expected pictures to be written as they are, from 0 to 255; leave it to training");
  const bool folder = folder_exists(data),
             known = std::any_of(datasets().begin(), datasets().end(),
                                 [&](const auto&set) { return set.name == data; });
  if (!folder && !known && !(data.ends_with(".npz") && file_exists(data)))
    throw Error(data +
                ": expected a folder of pictures, an .npz with pictures x, or a known data set, found none");
  if (folder && lies_in(data, output))
    throw Error(output + ": expected a folder outside of " + data +
                ", where it would be taken for a part of it; choose another place");
  NewFolder result(output);
  AugmentedSet set = folder  ? of_folder(data, result, augmenter, copies)
                     : known ? of_known_set(data, result, augmenter, copies)
                             : of_arrays(data, result, augmenter, copies);
  set.interrupted = stop_requested();
  if (!set.interrupted) result.commit();
  set.contact_sheet = (fs::path(output) / kSheetName).string();
  return set;
}

}  // namespace folio

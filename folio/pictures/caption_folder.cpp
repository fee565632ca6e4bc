#include "folio/pictures/caption_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/utf8.h"
#include "folio/data/text/text_files.h"
#include "folio/pictures/picture_folder.h"

namespace folio {
namespace {

constexpr const char* kImages = "images";

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line)
    if (c == '\t')
      cells.emplace_back();
    else
      cells.back() += c;
  return cells;
}

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \r"), last = text.find_last_not_of(" \r");
  return first == text.npos ? "" : text.substr(first, last - first + 1);
}

// "dog.jpg#0" as Flickr8k's own file has it.
std::string without_number(const std::string& name) {
  const size_t mark = name.rfind('#');
  const bool numbered = mark != name.npos && mark + 1 < name.size() &&
                        name.find_first_not_of("0123456789", mark + 1) == name.npos &&
                        is_picture_file(name.substr(0, mark));
  return numbered ? name.substr(0, mark) : name;
}

bool leads_out(const std::string& name) {
  const std::filesystem::path path(name);
  return path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
}

// 0, 1, 2 for the parts; -1 for none of them.
int part_of(const std::string& name) {
  if (name == "train" || name == "training") return 0;
  if (name == "val" || name == "validation" || name == "valid" || name == "dev") return 1;
  return name == "test" || name == "testing" ? 2 : -1;
}

}  // namespace

bool CaptionFolder::is_one(const std::string& path) { return file_exists(path + "/" + kFile); }

CaptionFolder::CaptionFolder(const std::string& path) : folder_(path) {
  const std::string file = path + "/" + kFile, tar = path + "/" + kImages + ".tar";
  if (!is_one(path))
    throw Error(
        fmt::format("{}: expected a folder with pictures and a {} of lines picture<TAB>caption, found "
                    "no {}",
                    path, kFile, kFile));
  if (file_exists(tar)) packed_ = std::make_shared<const TarFile>(tar);

  struct Known {
    int part;
    size_t place;  // in the part
  };
  std::vector<CaptionedPicture>* parts[] = {&train, &validation, &test};
  std::map<std::string, Known> known;
  std::set<std::string> absent;
  size_t columns = 0;
  int64_t number = 0;
  for (const std::string& line : read_lines(file)) {
    ++number;
    if (trimmed(line).empty()) continue;
    std::vector<std::string> cells = cells_of(line);
    for (std::string& cell : cells) cell = trimmed(cell);
    const auto refuse = [&](const std::string& expected) {
      throw Error(fmt::format("{}:{}: expected {}, got \"{}\"", file, number, expected, shortened(line, 60)));
    };
    const std::string name = without_number(cells[0]);
    if (columns == 0) {
      if (cells.size() < 2 || cells.size() > 4)
        refuse(
            "picture<TAB>caption, picture<TAB>part<TAB>caption or picture<TAB>part<TAB>number<TAB>caption");
      columns = cells.size();
      if (!is_picture_file(name) && cells.back() == "caption") continue;  // names of the columns
    }
    if (cells.size() != columns) refuse(fmt::format("{} columns between tabs, as above", columns));
    if (!is_picture_file(name)) refuse("the name of a picture (.jpg, .png) in front");
    if (leads_out(name)) refuse("a picture in the folder, not a name that leads out of it");
    if (cells.back().empty()) refuse("a caption behind the picture's name");
    const int part = columns == 2 ? 0 : part_of(cells[1]);
    if (part < 0) refuse("train, val or test as the picture's part");
    auto found = known.find(name);
    if (found == known.end()) {
      if (absent.count(name)) continue;
      if (path_for(name).empty()) {
        absent.insert(name);
        missing.push_back(name);
        continue;
      }
      found = known.emplace(name, Known{part, parts[part]->size()}).first;
      parts[part]->push_back({name, {}});
    } else if (found->second.part != part) {
      refuse("all captions of a picture in one part");
    }
    (*parts[part])[found->second.place].captions.push_back(cells.back());
  }
  if (known.empty())
    throw Error(
        missing.empty()
            ? file + ": expected lines picture<TAB>caption, got none; the file is empty"
            : fmt::format("{}: expected pictures in {}, in its folder {} or in its {}.tar, found none "
                          "of {}, such as \"{}\"",
                          file, path, kImages, kImages, missing.size(), missing[0]));
  if (train.empty())
    throw Error(file + ": expected pictures to train on, got such for validation and test alone");
  const auto all = packed_ ? packed_->names() : pictures_in(path);
  const auto there = std::count_if(all.begin(), all.end(), is_picture_file);
  without_caption = std::max<int64_t>(0, there - static_cast<int64_t>(known.size()));
}

// Where a picture lies: a file, or a name in the tar; "" when it is not there.
std::string CaptionFolder::path_for(const std::string& name) const {
  for (const std::string& inner : {name, std::string(kImages) + "/" + name}) {
    if (file_exists(folder_ + "/" + inner)) return folder_ + "/" + inner;
    if (packed_ && !packed_->find(inner).empty()) return inner;
  }
  return "";
}

PreparedPictures CaptionFolder::read(const std::vector<CaptionedPicture>& part,
                                     const PicturePreparation& preparation) const {
  std::vector<std::string> paths;
  for (const CaptionedPicture& picture : part) paths.push_back(path_for(picture.name));
  return prepare_pictures(
      paths,
      [&](const std::string& path) {
        const auto bytes = packed_ ? packed_->find(path) : std::span<const std::byte>();
        return bytes.empty() ? read_picture(path) : decode_picture(bytes, folder_ + "/images.tar: " + path);
      },
      preparation);
}

}  // namespace folio

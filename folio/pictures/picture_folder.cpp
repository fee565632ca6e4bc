#include "folio/pictures/picture_folder.h"

#include <filesystem>

namespace folio {
namespace {

constexpr FileKind kPictures = {is_picture_file, "pictures"};

}  // namespace

bool is_picture_file(const std::string& path) {
  const std::string name = lower_ascii(std::filesystem::path(path).filename());
  return !is_left_behind(name) &&
         (name.ends_with(".png") || name.ends_with(".jpg") || name.ends_with(".jpeg"));
}

std::vector<std::string> pictures_in(const std::string& folder) { return files_in(folder, kPictures); }
bool is_picture_folder(const std::string& folder) { return is_class_folder(folder, kPictures); }
PictureFolder read_picture_folder(const std::string& folder) { return read_class_folder(folder, kPictures); }
PictureFiles read_picture_files(const std::string& folder) { return read_folder_files(folder, kPictures); }

}  // namespace folio

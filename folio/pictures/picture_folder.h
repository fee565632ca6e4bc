// Folders of pictures, as people have them.
#pragma once
#include <string>
#include <vector>

#include "folio/data/class_folder.h"

namespace folio {

/// By its name: .png, .jpg or .jpeg, in any case.
bool is_picture_file(const std::string& path);

/// See `files_in`.
std::vector<std::string> pictures_in(const std::string& folder);

/// A folder with one sub-folder for each class.
using PictureFolder = ClassFolder;

/// True when `read_picture_folder` would find a class.
bool is_picture_folder(const std::string& folder);

/// See `read_class_folder`.
PictureFolder read_picture_folder(const std::string& folder);

/// The pictures of a folder, whatever their classes.
using PictureFiles = FolderFiles;
PictureFiles read_picture_files(const std::string& folder);

}  // namespace folio

// Folders of pictures, as people have them.
#pragma once
#include <string>
#include <vector>

namespace folio {

/// By its name: .png, .jpg or .jpeg, in any case.
bool is_picture_file(const std::string& path);

/// The pictures in a folder and its folders, in the order of their names; hidden files and what programs
/// leave behind (.DS_Store, ._…, Thumbs.db, __MACOSX) are passed over.
std::vector<std::string> pictures_in(const std::string& folder);

/// A folder with one sub-folder for each class.
struct PictureFolder {
  struct Entry {
    std::string path;
    int label;
  };
  std::vector<std::string> class_names;  ///< in the order of their bytes
  /// All in `train` when the folder is not divided.
  std::vector<Entry> train, validation, test;
  std::vector<std::string> empty;  ///< folders without a picture, which make no class

  bool is_divided() const { return !validation.empty() || !test.empty(); }
};

/// True when `read_picture_folder` would find a class.
bool is_picture_folder(const std::string& folder);

/// Classes are the sub-folders, or those below `train`, `val` / `validation` / `valid` and `test` where the
/// folder is divided already. Throws `Error` when there are fewer than two classes, or when a part has a
/// class that training has not.
PictureFolder read_picture_folder(const std::string& folder);

/// The pictures of a folder, whatever their classes.
struct PictureFiles {
  std::vector<std::string> train, validation, test;  ///< all in `train` when the folder is not divided
};
/// Takes all pictures below the folder, or below its parts as `read_picture_folder` finds them.
PictureFiles read_picture_files(const std::string& folder);

}  // namespace folio

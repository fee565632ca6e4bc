// Folders of files of one kind, as people have them: pictures, sounds.
#pragma once
#include <string>
#include <vector>

namespace folio {

/// Which files are meant, and what people call them.
struct FileKind {
  bool (*matches)(const std::string& path);  ///< by its name alone
  const char* plural;                        ///< "pictures"
};

/// Hidden files and what programs leave behind (.DS_Store, ._…, __MACOSX).
bool is_left_behind(const std::string& name);
/// With the letters A to Z small.
std::string lower_ascii(std::string text);

/// Those in a folder and its folders, in the order of their names, but for what is left behind.
std::vector<std::string> files_in(const std::string& folder, const FileKind& kind);

/// A folder with one sub-folder for each class.
struct ClassFolder {
  struct Entry {
    std::string path;
    int label;
  };
  std::vector<std::string> class_names;  ///< in the order of their bytes
  /// All in `train` when the folder is not divided.
  std::vector<Entry> train, validation, test;
  std::vector<std::string> empty;  ///< folders without such a file, which make no class

  bool is_divided() const { return !validation.empty() || !test.empty(); }
};

/// True when `read_class_folder` would find a class.
bool is_class_folder(const std::string& folder, const FileKind& kind);

/// Classes are the sub-folders, or those below `train`, `val` / `validation` / `valid` and `test` where the
/// folder is divided already. Throws `Error` when there are fewer than two classes, or when a part has a
/// class that training has not.
ClassFolder read_class_folder(const std::string& folder, const FileKind& kind);

/// The files of a folder, whatever their classes.
struct FolderFiles {
  std::vector<std::string> train, validation, test;  ///< all in `train` when the folder is not divided
};
/// Takes all files below the folder, or below its parts as `read_class_folder` finds them.
FolderFiles read_folder_files(const std::string& folder, const FileKind& kind);

}  // namespace folio

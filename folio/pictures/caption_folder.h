// Folders of pictures with captions, as people have them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/base/tar.h"
#include "folio/pictures/picture_preparation.h"

namespace folio {

/// A picture and what people say of it.
struct CaptionedPicture {
  std::string name;                   ///< as in captions.tsv
  std::vector<std::string> captions;  ///< in the order of the file, at least one
};

/// A folder with a `captions.tsv` and its pictures: beside it, in a folder `images`, or in an `images.tar`.
class CaptionFolder {
 public:
  static constexpr const char* kFile = "captions.tsv";

  /// Lines `picture<TAB>caption`, any number for a picture; with a part between the two (`train`, `val`,
  /// `validation`, `dev` or `test`), and with the caption's number behind the part. A first line that names
  /// the columns, empty lines and the "#0" that some write behind a picture's name are passed over. Pictures
  /// that are not there are left out. Throws `Error` naming the line that has other columns, no caption, no
  /// such part, another part for the same picture, or a name that leads out of the folder; and when there is
  /// no picture.
  explicit CaptionFolder(const std::string& path);

  /// Whether a folder has a captions.tsv.
  static bool is_one(const std::string& path);

  /// All in `train` when the file does not say.
  std::vector<CaptionedPicture> train, validation, test;
  std::vector<std::string> missing;  ///< named in captions.tsv, but not there
  int64_t without_caption = 0;       ///< pictures that captions.tsv does not name

  /// The pictures of a part, prepared on all threads; those that cannot be read are said, and not kept.
  PreparedPictures read(const std::vector<CaptionedPicture>& part,
                        const PicturePreparation& preparation) const;

 private:
  std::string path_for(const std::string& name) const;

  std::string folder_;
  std::shared_ptr<const TarFile> packed_;  // images.tar, when there is one
};

}  // namespace folio

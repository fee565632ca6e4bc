// How pictures of any size become a model's input.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "folio/base/json.h"
#include "folio/pictures/picture_file.h"

namespace folio {

/// Travels in model files trained on pictures.
struct PicturePreparation {
  static constexpr const char* kAsset = "pictures.json";

  int64_t height = 0, width = 0, channels = 3;
  /// What is done to pictures of another shape: "crop" keeps the middle, "stretch" all of it.
  std::string fit = "crop";

  /// uint8 (height, width, channels), resized by `resize`.
  Tensor prepared(const Tensor& picture) const;
  Json to_json() const;
  /// Throws `Error` naming `place` for what is damaged.
  static PicturePreparation from_json(const Json& json, const std::string& place);
};

/// Pictures read and prepared on all threads.
struct PreparedPictures {
  Tensor x;                       ///< uint8 (pictures, height, width, channels)
  std::vector<size_t> kept;       ///< numbers of the paths that could be read, in order
  std::vector<std::string> said;  ///< why the others could not
};
/// Throws `Error` when none of the pictures can be read.
PreparedPictures prepare_pictures(const std::vector<std::string>& paths,
                                  const PicturePreparation& preparation);
/// The same of pictures that `read` gives for their paths, on several threads at once.
PreparedPictures prepare_pictures(const std::vector<std::string>& paths,
                                  const std::function<Tensor(const std::string& path)>& read,
                                  const PicturePreparation& preparation);

}  // namespace folio

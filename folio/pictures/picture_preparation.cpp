#include "folio/pictures/picture_preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/threads.h"
#include "folio/compiler/compile.h"
#include "folio/pictures/resize.h"

namespace folio {
namespace {

void list(Fields& f, PicturePreparation& p) {
  f("height", p.height, {.required = true, .least = 1, .most = 4096});
  f("width", p.width, {.required = true, .least = 1, .most = 4096});
  f("channels", p.channels, {.required = true, .least = 1, .most = 3});
  f("fit", p.fit);
}

}  // namespace

Tensor PicturePreparation::prepared(const Tensor& picture) const {
  const Tensor part = fit == "crop" ? crop_to_aspect(picture, height, width) : picture;
  const Tensor channeled = with_channels(part, channels);
  if (channeled.shape()[0] == height && channeled.shape()[1] == width) return channeled;
  return rounded(resize(channeled, height, width));
}

Json PicturePreparation::to_json() const {
  PicturePreparation copy = *this;
  return written_fields([&](Fields& f) { list(f, copy); });
}

PicturePreparation PicturePreparation::from_json(const Json& json, const std::string& place) {
  PicturePreparation result;
  read_fields(json, place, [&](Fields& f) { list(f, result); });
  if (result.channels == 2 || (result.fit != "crop" && result.fit != "stretch"))
    throw Error(place + ": expected 1 or 3 channels and a fit of crop or stretch; the file is damaged");
  return result;
}

PreparedPictures prepare_pictures(const std::vector<std::string>& paths,
                                  const PicturePreparation& preparation) {
  return prepare_pictures(
      paths, [](const std::string& path) { return read_picture(path); }, preparation);
}

PreparedPictures prepare_pictures(const std::vector<std::string>& paths,
                                  const std::function<Tensor(const std::string& path)>& read_one,
                                  const PicturePreparation& preparation) {
  std::vector<Tensor> pictures(paths.size());
  std::vector<std::string> errors(paths.size());
  const auto read = [&](size_t i) {
    try {
      pictures[i] = preparation.prepared(read_one(paths[i]));
    } catch (const Error& error) {
      errors[i] = error.what();
    }
  };
  const size_t shares = std::min(paths.size(), static_cast<size_t>(default_threads()));
  in_parallel(static_cast<int>(shares), [&](int share) {
    for (auto i = static_cast<size_t>(share); i < paths.size(); i += shares) read(i);
  });
  PreparedPictures result;
  for (size_t i = 0; i < paths.size(); ++i)
    if (errors[i].empty())
      result.kept.push_back(i);
    else
      result.said.push_back(errors[i]);
  if (result.kept.empty())
    throw Error(paths.empty() ? "expected pictures (.png, .jpg), found none" : result.said[0]);
  const int64_t size = preparation.height * preparation.width * preparation.channels;
  result.x = Tensor(
      {static_cast<int64_t>(result.kept.size()), preparation.height, preparation.width, preparation.channels},
      DType::uint8);
  for (size_t i = 0; i < result.kept.size(); ++i)
    std::copy_n(pictures[result.kept[i]].data<uint8_t>(), size,
                result.x.data<uint8_t>() + static_cast<int64_t>(i) * size);
  return result;
}

}  // namespace folio

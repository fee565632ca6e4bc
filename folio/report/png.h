// Pictures inside pages.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "folio/tensor/tensor.h"

namespace folio {

/// True for (height, width), (height, width, 1) and (height, width, 3) of a size worth looking at.
bool is_picture(const Shape& shape);

/// A sample as "data:image/png;base64,…". Numbers of type uint8 are taken as they are; others are spread from
/// the least to the largest of the picture over black to white. Throws `Error` when it is no picture.
std::string png_uri(const Tensor& picture);

std::string base64(std::span<const std::byte> bytes);
/// A drawing as "data:image/svg+xml;base64,…". Browsers run no scripts of drawings shown as pictures.
std::string svg_uri(const std::string& svg);
/// True when `uri` is a PNG picture written out in base64 and nothing else: what a page may show.
bool is_png_uri(const std::string& uri);
/// The same, or such a drawing.
bool is_picture_uri(const std::string& uri);

}  // namespace folio

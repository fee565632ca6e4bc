#include "folio/layers/preprocessing/text_input.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/cast.h"

namespace folio {

Values TextInputBody::call(const LayerCall& call, Effects&) {
  const TensorType expected = numbers();
  const Value& x = call.input();
  const Shape shape = expected.shape.with(0, kUnknown);
  if (x.rank() != shape.rank() || !compatible(x.shape().with(0, kUnknown), shape))
    throw Error("takes texts, and a model begins with what it makes of them, " + to_string(expected) +
                ", got " + to_string(x.shape()) + "; begin the model with it");
  return {x.dtype() == expected.dtype ? x : cast(x, expected.dtype)};
}

void TextInputBody::text_fields(Fields& f) { f(kTextShape, texts_, {.least = kUnknown, .hidden = true}); }

void TextInputBody::check_texts() const {
  if (texts_.empty() || texts_.size() > 2 || (texts_.size() == 2 && texts_[1] < 1))
    throw Error("expected an input of texts of shape (batch,) or (batch, texts of a row), got " +
                to_string(Shape(texts_)));
}

void TextInputBody::set_width(int64_t width) {
  if (width < 1) throw Error(fmt::format("width: expected at least 1 text in a row, got {}", width));
  texts_ = {kUnknown, width};
}

int64_t TextInputBody::rows_of(size_t texts) const {
  if (static_cast<int64_t>(texts) % width() != 0)
    throw Error(fmt::format("expected {} texts for each row, got {} in all", width(), texts));
  return static_cast<int64_t>(texts) / width();
}

}  // namespace folio

#include "folio/layers/pictures.h"

#include "folio/base/error.h"

namespace folio {

void check_pictures(const Shape& shape) {
  if (shape.rank() != 4) {
    const char* cure = shape.rank() == 3 ? "Reshape({height, width, 1}) before it makes grey pictures"
                                         : "add Reshape({height, width, channels}) before it";
    throw Error("expects pictures (batch, height, width, channels), got " + to_string(shape) + "; " + cure);
  }
  if (shape[3] == kUnknown)
    throw Error("needs to know the number of channels, got " + to_string(shape) +
                "; give Input a complete shape");
}

}  // namespace folio

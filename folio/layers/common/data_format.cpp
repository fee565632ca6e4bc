#include "folio/layers/common/data_format.h"

#include "folio/base/error.h"

namespace folio {

DataFormat::DataFormat(const std::string& given) {
  if (given == name()) return;
  throw Error("data_format: expected \"channels_last\", got \"" + given +
              "\"; bring pictures into the order (batch, height, width, channels)");
}

}  // namespace folio

#include "folio/layers/common/data_format.h"

#include "folio/base/error.h"
#include "folio/layers/common/config.h"

namespace folio {

DataFormat::DataFormat(const std::string& given) {
  if (given == name()) return;
  throw Error("data_format: expected \"channels_last\", got \"" + given +
              "\"; bring pictures into the order (batch, height, width, channels)");
}

DataFormat DataFormat::from_config(ConfigReader& read) {
  try {
    return {read.text("data_format", name())};
  } catch (const Error& error) {
    const std::string text = error.what();
    throw Error(text.starts_with(read.place()) ? text : read.place() + ": " + text);
  }
}

}  // namespace folio

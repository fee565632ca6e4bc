#include "folio/tensor/dtype.h"

#include "folio/base/error.h"

namespace folio {
namespace {
constexpr const char* kNames[] = {"float32", "float64", "int32", "int64", "uint8", "bool"};
}

int64_t size_of(DType type) {
  return visit(type, [](auto t) { return static_cast<int64_t>(sizeof(t)); });
}

std::string to_string(DType type) { return kNames[static_cast<int>(type)]; }

DType dtype_from(const std::string& name) {
  for (int i = 0; i < 6; ++i)
    if (name == kNames[i]) return static_cast<DType>(i);
  throw Error("dtype: expected float32, float64, int32, int64, uint8 or bool, got \"" + name + "\"");
}

}  // namespace folio

#include "folio/layers/common/pictures.h"

#include "folio/base/error.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

// What the user is told about the three kinds of inputs.
struct Cells {
  const char *plural, *sizes, *grey;
};
constexpr Cells kCells[] = {{"sequences", "steps", "sequences of one channel"},
                            {"pictures", "height, width", "grey pictures"},
                            {"volumes", "depth, height, width", "volumes of one channel"}};

}  // namespace

void check_pictures(const Shape& shape) { check_cells(shape, 2); }

void check_cells(const Shape& shape, size_t rank) {
  const Cells& cells = kCells[rank - 1];
  const int expected = static_cast<int>(rank) + 2;
  const std::string sizes = cells.sizes;
  if (shape.rank() != expected) {
    const std::string cure = shape.rank() == expected - 1
                                 ? "Reshape({" + sizes + ", 1}) before it makes " + cells.grey
                                 : "add Reshape({" + sizes + ", channels}) before it";
    throw Error(std::string("expects ") + cells.plural + " (batch, " + sizes + ", channels), got " +
                to_string(shape) + "; " + cure);
  }
  if (shape[-1] == kUnknown)
    throw Error("needs to know the number of channels, got " + to_string(shape) +
                "; give Input a complete shape");
}

void check_fit(const char* action, const char* window, const Shape& shape, const Sizes& sizes,
               const Sizes& dilations, Padding padding) {
  bool fits = true;
  Sizes inputs;
  for (size_t i = 0; i < sizes.size(); ++i) {
    inputs.push_back(shape[static_cast<int>(i) + 1]);
    const int64_t output = Window{sizes[i], 1, dilations[i]}.output(inputs[i], padding);
    fits = fits && (output > 0 || output == kUnknown);
  }
  if (fits) return;
  throw Error(std::string(action) + ": a " + window + " of " + to_string(sizes) + " does not fit into " +
              kCells[sizes.size() - 1].plural + " of " + to_string(inputs) +
              "; use padding \"same\" or a smaller " + window);
}

int64_t times(int64_t a, int64_t b) { return a == kUnknown || b == kUnknown ? kUnknown : a * b; }

Value row_of_cells(const Value& sequences) { return reshape(sequences, sequences.shape().inserted(1, 1)); }

Value without_rows(const Value& pictures) { return reshape(pictures, pictures.shape().without(1)); }

Value slices_of(const Value& volumes) {
  const Shape& shape = volumes.shape();
  return reshape(volumes, shape.from(2).inserted(0, times(shape[0], shape[1])));
}

Value volumes_of(const Value& slices, int64_t batch, int64_t depth) {
  return reshape(slices, slices.shape().from(1).inserted(0, depth).inserted(0, batch));
}

}  // namespace folio

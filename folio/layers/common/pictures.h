// What layers on sequences, pictures and volumes share: checks of their input, and volumes and sequences seen
// as pictures.
#pragma once
#include "folio/graph/value.h"
#include "folio/layers/common/sizes.h"
#include "folio/ops/window.h"

namespace folio {

/// Throws `Error` with the cure unless `shape` is (batch, height, width, channels) with known channels.
void check_pictures(const Shape& shape);
/// The same for sequences (batch, steps, channels), rank 1, and for volumes (batch, depth, height, width,
/// channels), rank 3.
void check_cells(const Shape& shape, size_t rank);

/// Throws `Error` unless windows of `sizes` fit into `shape`: "pooling: a window of 5x5 does not fit into …".
void check_fit(const char* action, const char* window, const Shape& shape, const Sizes& sizes,
               const Sizes& dilations, Padding padding);

/// A product of sizes, of which some may be unknown.
int64_t times(int64_t a, int64_t b);

/// (batch, steps, channels) <-> (batch, 1, steps, channels)
Value row_of_cells(const Value& sequences);
Value without_rows(const Value& pictures);
/// (batch, depth, height, width, channels) <-> (batch · depth, height, width, channels)
Value slices_of(const Value& volumes);
Value volumes_of(const Value& slices, int64_t batch, int64_t depth);

}  // namespace folio

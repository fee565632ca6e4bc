// How the compiler sees the body of a scan: its program, and where its values lie.
#pragma once
#include "folio/compiler/passes.h"

namespace folio {

/// Rewrites the body of a scan: element by element ops on what is then split work on the parts, and products
/// that are added up are added where the first of them lies.
void prepare_body(Program& body);

/// Where a value of the body lies.
struct Seat {
  enum class Kind {
    own,       ///< in memory of its own
    part,      ///< in columns of another value
    sequence,  ///< in its step of one of the scan's sequences
  } kind = Kind::own;
  int64_t of = 0;      ///< the value, or the number of the scan's operand
  int64_t offset = 0;  ///< bytes from the beginning of a row of that value
};

struct Seats {
  std::vector<Seat> of;        ///< by value
  std::vector<char> vanishes;  ///< by node: no kernel runs it
  std::vector<std::vector<int>>
      copied;  ///< by node that vanishes: inputs that have to be copied to their part

  /// The value in whose memory `value` lies, which is no part of another one.
  int home(const Program& body, int value) const;
};

/// How many there are of a scan's operands: first states, sequences, shared values (`inputs` with these),
/// then last states, sequences (`results` with these) and sums.
struct ScanOperands {
  size_t states, slices, inputs, results;
};

/// Finds out what can be read and written where it lies instead of being copied: steps of sequences, parts of
/// values and values put together. `by_rows`: rows of the batch go through the body apart from each other;
/// otherwise nearly everything has memory of its own.
Seats seat_values(const Program& body, const ScanOperands& operands, bool by_rows);

/// Through changes of shape back to the value that was written.
int written_value(const Program& program, int value);

}  // namespace folio

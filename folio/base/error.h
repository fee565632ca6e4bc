// The two kinds of failure: a mistake of the user's, told in plain words, and a mistake of ours.
#pragma once
#include <stdexcept>
#include <string>

namespace folio {

/// Something outside the program is wrong: an argument, a file, a shape. The message names the place, what
/// was expected, what came, and the cure: `Dense "fc1": expects at least 2 dimensions, got (32); add Flatten
/// before it`.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The command line asks for something that does not exist.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Training met a value that is not finite; the message names tensor, layer, epoch and batch.
class NonFiniteError : public Error {
 public:
  using Error::Error;
};

/// A broken promise inside Folio itself; a user should never see one.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws `Error(message)` unless `condition` holds. Build costly messages only when needed: use `if` for
/// those.
inline void require(bool condition, const char* message) {
  if (!condition) throw Error(message);
}

/// Throws `InternalError` unless `condition` holds.
inline void ensure(bool condition, const char* message) {
  if (!condition) throw InternalError(message);
}

}  // namespace folio

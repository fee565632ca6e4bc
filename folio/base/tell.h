// Words for people, beside the results.
#pragma once
#include <functional>
#include <string_view>

namespace folio {

/// Writes to standard error what it is given, and no more is known of it: where nobody listens (a terminal
/// that was closed, a full disk behind a log) the words are lost, and the work goes on.
void tell(std::string_view text);

/// The same, as "folio: warning: …" on a line of its own.
void warn(std::string_view text);

/// From now on words go to `listener` instead, progress and warnings alike, from whichever thread has them,
/// one at a time; none: to standard error again.
void set_listener(std::function<void(std::string_view text)> listener);

}  // namespace folio

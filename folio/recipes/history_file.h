// Histories as files.
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio {

/// Keras' History.history: one list per key.
std::string history_json(const History& history);
/// One line per epoch, epochs from 0, as CSVLogger writes.
std::string history_csv(const History& history);
void write_history(const History& history, const std::string& path);
/// Throws `Error` naming the file when it is no history.
History read_history(const std::string& path);

}  // namespace folio

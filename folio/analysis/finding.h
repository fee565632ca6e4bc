// What the doctor says of a training.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "folio/base/json.h"

namespace folio {

enum class Severity : uint8_t {
  note,     ///< worth knowing; nothing is wrong
  warning,  ///< the training would probably be better with the remedy
  serious,  ///< this training is lost, or nearly
};
std::string to_string(Severity severity);

struct Finding {
  Severity severity = Severity::note;
  std::string kind = {};  ///< "dead_units"; docs/doctor.md lists all
  std::string layer =
      {};             ///< name of the layer where it was seen; "" when it is the whole model's or the data's
  int epoch = 0;      ///< from 0, as in histories
  int64_t step = 0;   ///< batches trained on when it was seen
  double number = 0;  ///< the measured number that the sentence tells
  std::string sentence = {};  ///< what was seen, where, with the number
  std::string remedy = {};    ///< what to try, with the sheet's row
};

/// A list of objects with the fields' names as keys: what run folders keep.
Json findings_json(const std::vector<Finding>& findings);
/// Throws `Error` naming `place` when the list is not one of findings.
std::vector<Finding> read_findings(const Json& json, const std::string& place);
/// `warning: Dense "fc1": … Try …`
std::string to_string(const Finding& finding);

}  // namespace folio

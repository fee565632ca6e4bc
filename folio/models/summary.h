// What a model consists of, as data: for tables, JSON and pages.
#pragma once
#include <string>
#include <vector>

#include "folio/models/model.h"

namespace folio {

struct SummaryRow {
  std::string name, class_name;
  std::vector<Shape> outputs;  ///< of the layer's first call
  int64_t parameters;
  std::vector<std::string> connected;  ///< makers of its inputs
};

struct Summary {
  std::string name;
  std::vector<SummaryRow> rows;
  int64_t total = 0, trainable = 0;  ///< parameters, shared ones counted once
};

Summary summarize(const Model& model);

}  // namespace folio

// The page of a run: `report.html`.
#pragma once
#include <string>

#include "folio/report/run_record.h"

namespace folio {

/// One HTML file that holds everything it needs.
std::string report_page(const RunRecord& record);

}  // namespace folio

// The parts of a page that are the same for every run. Their text is compiled in: see cmake/embed.cmake.
#pragma once
#include <string_view>

namespace folio {

extern const std::string_view kPageStyle, kPageScript, kPageScriptSha256;
/// Chart.js, its checksum in hexadecimal, and its licence.
extern const std::string_view kChartScript, kChartScriptSha256, kChartLicence;

}  // namespace folio

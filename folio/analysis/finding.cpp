#include "folio/analysis/finding.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"

namespace folio {
namespace {

constexpr Severity kSeverities[] = {Severity::note, Severity::warning, Severity::serious};

Severity severity_from(const std::string& name, const std::string& place) {
  for (Severity severity : kSeverities)
    if (to_string(severity) == name) return severity;
  throw Error(place + ": expected a severity (note, warning, serious), got \"" + name + "\"");
}

}  // namespace

std::string to_string(Severity severity) {
  return severity == Severity::note ? "note" : severity == Severity::warning ? "warning" : "serious";
}

std::string to_string(const Finding& finding) {
  return to_string(finding.severity) + ": " + finding.sentence + " Try " + finding.remedy + ".";
}

Json findings_json(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings)
    list.push_back({{"severity", to_string(finding.severity)},
                    {"kind", finding.kind},
                    {"layer", finding.layer},
                    {"epoch", finding.epoch},
                    {"step", finding.step},
                    {"number", finding.number},
                    {"sentence", finding.sentence},
                    {"remedy", finding.remedy}});
  return list;
}

std::vector<Finding> read_findings(const Json& json, const std::string& place) {
  std::vector<Finding> findings;
  try {
    for (const Json& item : json)
      findings.push_back({severity_from(item.at("severity").get<std::string>(), place),
                          item.at("kind").get<std::string>(), item.at("layer").get<std::string>(),
                          item.at("epoch").get<int>(), item.at("step").get<int64_t>(),
                          item.at("number").get<double>(), item.at("sentence").get<std::string>(),
                          item.at("remedy").get<std::string>()});
  } catch (const Json::exception& error) {
    throw Error(place + ": expected a list of findings: " + error.what());
  }
  return findings;
}

}  // namespace folio

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/base/tell.h"
#include "folio/recipes/run.h"

namespace folio::cli {

std::string recipe_help(const std::string& name) {
  const Recipe& found = recipe(name);
  std::string text = fmt::format(
      "\n{}: {} (sheet {})\n  data: {}; {} epochs of batch {}, learning rate {} ({})\n", found.name,
      found.what, found.rows, found.data.empty() ? "a file" : fmt::format("{}", fmt::join(found.data, ", ")),
      *found.training.epochs, *found.training.batch_size, *found.training.learning_rate, found.schedule);
  for (const Setting& setting : found.settings)
    text += fmt::format("  --set {}={}  {}\n", setting.key, setting.value, setting.what);
  return text;
}

int train(const Options& options) {
  apply_common(options);
  catch_interrupts();
  RunRequest request;
  request.recipe = options.subject;
  request.data = options.data;
  request.target = options.target;
  request.settings = given_settings(options);
  request.training = options.training;
  request.folder = options.run;
  request.resume = options.resume;
  request.quiet = options.quiet;
  request.doctor = options.doctor;
  request.profile = options.profile;
  const RunResult result = run_recipe(request);
  if (!result.profile.empty()) tell(result.profile);
  if (result.interrupted) {
    tell(fmt::format("folio: interrupted and saved; go on with: folio train {} --run {} --resume\n",
                     options.subject, result.folder));
    return 130;
  }
  if (options.json) {
    Json json = {{"run", result.folder}, {"parameters", result.parameters}, {"seconds", result.seconds}};
    const auto by_name = [](const Logs& logs) {
      Json values = Json::object();
      for (const auto& [name, value] : logs) values[name] = value;
      return values;
    };
    json["test"] = by_name(result.test);
    json["validation"] = by_name(result.validation);
    json["baselines"] = Json::object();
    for (const Baseline& baseline : result.baselines)
      json["baselines"][baseline.name] = by_name(baseline.test);
    fmt::print("{}\n", json_text(json));
  } else {
    if (!result.test.empty()) fmt::print("test {}\n", logs_text(result.test));
    for (const Baseline& baseline : result.baselines)
      fmt::print("for comparison, {}: {}\n", baseline.name, logs_text(baseline.test));
    fmt::print("run folder: {}\nreport: {}/report.html\n", result.folder, result.folder);
  }
  return 0;
}

}  // namespace folio::cli

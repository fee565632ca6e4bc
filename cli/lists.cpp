// What there is: recipes, data sets, this program.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/json_text.h"
#include "folio/base/version.h"
#include "folio/compiler/compile.h"
#include "folio/data/dataset.h"
#include "folio/kernels/cpu/isa.h"
#include "folio/recipes/recipe.h"

namespace folio::cli {

int recipes(const Options& options) {
  Json list = Json::array();
  for (const Recipe& recipe : folio::recipes()) {
    list.push_back({{"name", recipe.name},
                    {"what", recipe.what},
                    {"sheet", recipe.rows},
                    {"data", recipe.data},
                    {"epochs", *recipe.training.epochs},
                    {"batch_size", *recipe.training.batch_size}});
    if (!options.json)
      fmt::print("{:<12} {}\n{:<12} sheet {}; data {}; {} epochs\n", recipe.name, recipe.what, "",
                 recipe.rows, fmt::join(recipe.data, ", "), *recipe.training.epochs);
  }
  if (options.json) fmt::print("{}\n", json_text(list));
  return 0;
}

int datasets(const Options& options) {
  Json list = Json::array();
  for (const DatasetInfo& info : folio::datasets()) {
    list.push_back({{"name", info.name},
                    {"description", info.description},
                    {"train_rows", info.train_rows},
                    {"test_rows", info.test_rows},
                    {"shape", {info.height, info.width, info.channels}},
                    {"classes", info.class_names.size()},
                    {"source", info.source}});
    if (!options.json)
      fmt::print("{:<14} {}\n{:<14} {} train, {} test, {}x{}x{}, {} classes\n{:<14} {}\n", info.name,
                 info.description, "", info.train_rows, info.test_rows, info.height, info.width,
                 info.channels, info.class_names.size(), "", info.source);
  }
  if (options.json) fmt::print("{}\n", json_text(list));
  return 0;
}

int version(const Options& options) {
  std::vector<std::string> isas;
  for (cpu::Isa isa : cpu::available_isas()) isas.emplace_back(cpu::to_string(isa));
  const std::string used = cpu::to_string(cpu::active_isa());
  const int threads = options.threads > 0 ? options.threads : default_threads();
  if (options.json) {
    fmt::print("{}\n", Json({{"version", kVersion},
                             {"instruction_sets", isas},
                             {"instruction_set", used},
                             {"threads", threads},
                             {"compiler", __VERSION__},
                             {"libraries", {{"fmt", FMT_VERSION}, {"json", NLOHMANN_JSON_VERSION_MAJOR}}}})
                           .dump());
  } else {
    fmt::print(
        "folio {}\ninstruction sets: {}; used: {} (FOLIO_ISA chooses)\nthreads: {}\nlibraries: fmt {}.{}.{}, "
        "nlohmann-json {}.{}.{}, zlib; compiled by g++ {}\n",
        kVersion, fmt::join(isas, ", "), used, threads, FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
        FMT_VERSION % 100, NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
        NLOHMANN_JSON_VERSION_PATCH, __VERSION__);
  }
  return 0;
}

}  // namespace folio::cli

#include "folio/recipes/run_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/compiler/compile.h"

namespace folio {
namespace {

std::vector<Tensor> predictions(const Model& model, const Data& data) {
  std::vector<Tensor> all;
  model.predict(
      data,
      [&](const std::vector<Tensor>& outputs, int64_t first) {
        for (size_t i = 0; i < outputs.size(); ++i) {
          const Tensor& batch = outputs[i];
          if (first == 0) all.emplace_back(batch.shape().with(0, data.rows()), batch.dtype());
          all[i].rows(first, first + batch.shape()[0]).assign(batch);
        }
      },
      256);
  return all;
}

}  // namespace

void report_run(const RunFolder& folder, ReportInputs inputs) {
  try {
    inputs.settings = settings_of(RunFolder::read_settings(folder.path()));
    inputs.time.peak_flops = measured_peak_flops(default_threads());
    if (inputs.data.is_streamed()) inputs.data = {};
    if (!inputs.data.empty()) inputs.predictions = predictions(inputs.model, inputs.data);
    write_report(folder.path(), inputs);
  } catch (const Error& error) {
    warn(fmt::format("the report could not be made: {}", error.what()));
  }
}

}  // namespace folio

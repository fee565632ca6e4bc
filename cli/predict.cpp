#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/data/npy.h"

namespace folio::cli {

int predict(const Options& options) {
  apply_common(options);
  if (is_picture_input(options.input)) return predict_pictures(options);
  if (options.input.empty() || options.output.empty())
    throw UsageError("predict: expected --input FILE and --output FILE");
  const bool npz = options.output.ends_with(".npz"), table = options.output.ends_with(".csv");
  if (!npz && !table && !options.output.ends_with(".npy"))
    throw Error(options.output + ": expected a name that ends in .npy, .npz or .csv");
  check_outputs({{"--output", options.output, Output::Kind::predictions}},
                {options.subject, options.training.weights.value_or(""), options.input}, options.overwrite);
  const Model model = load_model(options);
  const Data data = read_data(model, options, options.input, false, "test");
  const int64_t rows = data.rows();
  std::optional<NpyWriter> file;
  std::vector<Tensor> outputs;  // whole arrays, where all are needed at once
  size_t count = 0;
  model.predict(
      data,
      [&](const std::vector<Tensor>& batch, int64_t first) {
        count = batch.size();
        if (!npz && count > 1)
          throw Error(fmt::format("{}: the model gives {} outputs; choose an --output that ends in .npz",
                                  options.output, count));
        if (!npz && !table) {
          if (first == 0) file.emplace(options.output, batch[0].shape().with(0, rows), batch[0].dtype());
          file->add(batch[0]);
          return;
        }
        if (first == 0)
          for (const Tensor& output : batch)
            outputs.emplace_back(output.shape().with(0, rows), output.dtype());
        for (size_t i = 0; i < count; ++i)
          outputs[i].rows(first, first + batch[i].shape()[0]).assign(batch[i]);
      },
      options.training.batch_size.value_or(32));
  if (table) {
    write_file_atomically(options.output, predictions_table(model, options.input, outputs[0]));
  } else if (!npz) {
    file->commit();
  } else {
    NamedTensors named;
    const auto names = output_array_names(model);
    for (size_t i = 0; i < count; ++i) named.emplace_back(count == 1 ? "y" : names[i], outputs[i]);
    write_npz(options.output, named);
  }
  if (options.json)
    fmt::print("{}\n", json_text({{"rows", rows}, {"outputs", count}, {"file", options.output}}));
  else if (!options.quiet)
    fmt::print("{} rows -> {}\n", rows, options.output);
  return 0;
}

}  // namespace folio::cli

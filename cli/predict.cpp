#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "cli/captions.h"
#include "cli/commands.h"
#include "cli/entities.h"
#include "cli/picture_outputs.h"
#include "cli/predictions.h"
#include "cli/raw_rows.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/data/npy.h"

namespace folio::cli {
namespace {

struct Form {
  bool npy, npz, csv, pictures;
  explicit Form(const std::string& output)
      : npy(output.ends_with(".npy")),
        npz(output.ends_with(".npz")),
        csv(output.ends_with(".csv") || output == "-"),
        pictures(is_picture_output(output)) {}
};

// Every output of the model, of all rows.
std::vector<Tensor> whole_outputs(const Model& model, const Data& data, int batch_size) {
  std::vector<Tensor> outputs;
  model.predict(
      data,
      [&](const std::vector<Tensor>& batch, int64_t first) {
        if (first == 0)
          for (const Tensor& output : batch)
            outputs.emplace_back(output.shape().with(0, data.rows()), output.dtype());
        for (size_t i = 0; i < batch.size(); ++i)
          outputs[i].rows(first, first + batch[i].shape()[0]).assign(batch[i]);
      },
      batch_size);
  return outputs;
}

void check_single(size_t count) {
  if (count > 1)
    throw Error(fmt::format("--output: the model gives {} outputs; choose a name that ends in .npz", count));
}

// Of any size: a batch after the other.
void write_npy_in_parts(const Model& model, const Data& data, const std::string& path, int batch_size) {
  std::optional<NpyWriter> file;
  model.predict(
      data,
      [&](const std::vector<Tensor>& batch, int64_t first) {
        check_single(batch.size());
        if (first == 0) file.emplace(path, batch[0].shape().with(0, data.rows()), batch[0].dtype());
        file->add(batch[0]);
      },
      batch_size);
  file->commit();
}

}  // namespace

int predict(const Options& options) {
  apply_common(options);
  const bool arrays = options.input.ends_with(".npy") || options.input.ends_with(".npz");
  if (!arrays && takes_pairs(load_model(options))) return translate(options);
  const Form form(options.output);
  if (!options.output.empty() && !form.npy && !form.npz && !form.csv && !form.pictures)
    throw Error(
        options.output +
        ": expected a name that ends in .npy, .npz or .csv, or of pictures in .png or / for a folder, "
        "or - for standard output");
  if (options.threshold && (form.npy || form.npz || form.pictures))
    throw UsageError("--threshold: expected an output with classes (.csv, or none), got one of arrays");
  const bool to_file = !options.output.empty() && options.output != "-";
  if (to_file && !(form.pictures && !options.output.ends_with(".png"))) {
    std::vector<std::string> read = options.inputs;
    read.insert(read.end(), {options.subject, options.training.weights.value_or("")});
    check_outputs({{"--output", options.output, Output::Kind::predictions}}, read, options.overwrite);
  }
  const Model model = load_model(options);
  if (!arrays && says_captions(model)) return predict_captions(model, options);
  if (finds_entities(model) && !form.npy && !form.npz) return predict_entities(model, options);
  const int batch_size = options.training.batch_size.value_or(32);
  RawRows rows = read_raw_rows(model, options);
  const int64_t count = rows.data.rows();
  size_t outputs = 1;
  if (form.pictures) {
    check_single(model.outputs().size());
    write_pictures(whole_outputs(model, rows.data, batch_size)[0], rows, options.output, options.overwrite);
  } else if (form.npy) {
    write_npy_in_parts(model, rows.data, options.output, batch_size);
  } else if (form.npz) {
    NamedTensors named;
    const std::vector<Tensor> all = whole_outputs(model, rows.data, batch_size);
    const std::vector<std::string> names = output_array_names(model);
    outputs = all.size();
    for (size_t i = 0; i < outputs; ++i) named.emplace_back(outputs == 1 ? "y" : names[i], all[i]);
    write_npz(options.output, named);
  } else {
    check_single(model.outputs().size());
    Tensor output = whole_outputs(model, rows.data, batch_size)[0];
    if (rows.is_series) output = output.reshaped({output.count(), 1});
    const Predictions said(model, std::move(rows), output, options.threshold);
    if (to_file) {
      write_file_atomically(options.output, said.csv());
    } else {
      fmt::print("{}", form.csv ? said.csv() : options.json ? said.json() + "\n" : said.table());
      return 0;
    }
  }
  if (options.json)
    fmt::print("{}\n", json_text({{"rows", count}, {"outputs", outputs}, {"file", options.output}}));
  else if (!options.quiet)
    fmt::print("{} rows -> {}\n", count, options.output);
  return 0;
}

}  // namespace folio::cli

#include <fmt/format.h>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/data/npy.h"
#include "folio/models/model_body.h"

namespace folio::cli {

int predict(const Options& options) {
  apply_common(options);
  const bool npz = options.output.ends_with(".npz");
  if (!npz && !options.output.ends_with(".npy"))
    throw Error(options.output + ": expected a name that ends in .npy or .npz");
  const Model model = load_model(options);
  Data data = read_data(model, options.input, false, "test");
  if (data.scale != 1)
    for (Tensor& x : data.x) {
      x = x.cast(DType::float32).clone();
      for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] *= static_cast<float>(data.scale);
    }
  const std::vector<Tensor> outputs = model.predict(data.x, options.batch_size > 0 ? options.batch_size : 32);
  if (!npz && outputs.size() > 1)
    throw Error(fmt::format("{}: the model gives {} outputs; choose an --output that ends in .npz",
                            options.output, outputs.size()));
  if (!npz) {
    write_npy(options.output, outputs[0]);
  } else {
    NamedTensors named;
    std::map<std::string, int> used;
    const auto names = model.model().output_names();
    for (size_t i = 0; i < outputs.size(); ++i) {
      const int again = used[names[i]]++;
      named.emplace_back(outputs.size() == 1 ? "y"
                         : again == 0        ? names[i]
                                             : names[i] + "_" + std::to_string(again),
                         outputs[i]);
    }
    write_npz(options.output, named);
  }
  if (options.json)
    fmt::print("{{\"rows\": {}, \"outputs\": {}, \"file\": \"{}\"}}\n", outputs[0].shape()[0], outputs.size(),
               options.output);
  else if (!options.quiet)
    fmt::print("{} rows -> {}\n", outputs[0].shape()[0], options.output);
  return 0;
}

}  // namespace folio::cli

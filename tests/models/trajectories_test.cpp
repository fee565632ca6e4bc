// The same file, the same data, the same order: Folio's training follows real Keras'.
// golden/make_trajectories.py made the figures.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/file.h"
#include "folio/data/npy.h"
#include "folio/formats/keras_model.h"
#include "folio/models/model_body.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

constexpr double kLossTolerance = 1e-5;
// Of max(1, largest weight), after 20 steps or so; plain gradient descent is held to more.
double weight_tolerance(const std::string& name) {
  return name == "mlp_sgd" || name == "cnn_sgd" || name == "mlp_categorical" ? 1e-5 : 1e-4;
}

Tensor array(const NamedTensors& arrays, const std::string& name) {
  for (const auto& entry : arrays)
    if (entry.first == name) return entry.second;
  return {};
}

Data data_of(const Model& model, const NamedTensors& arrays) {
  Data data;
  for (const std::string& name : model.model().input_names())
    data.x.push_back(array(arrays, model.inputs().size() == 1 ? "x" : name));
  for (const std::string& name : model.model().output_names())
    data.y.push_back(array(arrays, model.outputs().size() == 1 ? "y" : name));
  data.sample_weight = array(arrays, "sample_weight");
  return data;
}

TEST(Trajectories, FollowKeras) {
  const Json golden = Json::parse(read_text_file(golden_path(__FILE__, "trajectories.json")));
  for (const auto& [name, expected] : golden["cases"].items()) {
    SCOPED_TRACE(name);
    const Model model = Model::load(golden_path(__FILE__, name + ".keras"));
    const Data data = data_of(model, read_npz(golden_path(__FILE__, name + ".npz")));
    FitOptions options;
    options.batch_size = expected["batch_size"].get<int64_t>();
    options.epochs = expected["epochs"].get<int>();
    options.shuffle = false;
    options.verbose = 0;
    const History history = model.fit(data, options);
    for (const auto& [key, values] : expected["history"].items()) {
      ASSERT_TRUE(history.contains(key)) << key;
      for (size_t epoch = 0; epoch < values.size(); ++epoch) {
        const double wanted = values[epoch].get<double>(), got = history[key][epoch];
        EXPECT_LE(std::abs(got - wanted), kLossTolerance * std::max(1e-2, std::abs(wanted)))
            << key << " in epoch " << epoch << ": " << got << ", Keras " << wanted;
      }
    }
    const NamedTensors after = read_npz(golden_path(__FILE__, name + "_after.npz"));
    const std::vector<Tensor> weights = model.get_weights();
    ASSERT_EQ(weights.size(), after.size());
    double largest = 1, worst = 0;
    for (const auto& entry : after)
      for (int64_t i = 0; i < entry.second.count(); ++i)
        largest = std::max(largest, std::abs(entry.second.at(i)));
    for (size_t w = 0; w < weights.size(); ++w) {
      ASSERT_EQ(weights[w].shape(), after[w].second.shape()) << "weight " << w;
      for (int64_t i = 0; i < weights[w].count(); ++i)
        worst = std::max(worst, std::abs(weights[w].at(i) - after[w].second.at(i)));
    }
    EXPECT_LE(worst / largest, weight_tolerance(name));
    RecordProperty(name, std::to_string(worst / largest));
  }
}

}  // namespace
}  // namespace folio

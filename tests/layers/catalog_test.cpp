// Contracts that every layer of the catalogue keeps, on the samples of layer_samples.h.
#include "folio/layers/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/error.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/reduce.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"
#include "tests/layers/layer_samples.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

/// Inputs whose elements all differ, away from the kinks of maxima and rectifiers.
std::vector<Tensor> inputs_of(const LayerSample& sample, DType type) {
  RandomNumbers random(5);
  std::vector<Tensor> tensors;
  for (Tensor& tensor : random.distinct(sample.inputs)) {
    for (int64_t i = 0; i < tensor.count(); ++i) tensor.set(i, tensor.at(i) * 0.3 + sample.shift);
    tensors.push_back(tensor.cast(type));
  }
  return tensors;
}

/// Other weights than the initial ones, so that zeros and ones hide nothing.
void disturb_weights(const Layer& layer) {
  RandomNumbers random(6);
  for (Parameter weight : layer.weights()) {
    for (int64_t i = 0; i < weight.value().count(); ++i) weight.storage().set(i, random.between(0.2, 0.9));
    weight.changed();
  }
}

/// The loss sum(y · w) and its gradients by all inputs and trainable weights.
struct Differentiated {
  Graph graph;  ///< outputs: y, then the gradients
  Tensor weights_of_sum;
  std::vector<Parameter> parameters;
};

Differentiated differentiated(const Layer& layer, const std::vector<Tensor>& inputs, bool training) {
  Differentiated result;
  result.graph = trace_layer(layer, types_of(inputs), training).graph;
  result.parameters = layer.body().trainable_weights();
  const Value y = result.graph.outputs[0];
  RandomNumbers random(7);
  result.weights_of_sum = random.tensor(y.shape(), -1, 1, y.dtype());
  Values wanted(result.graph.inputs.begin(), result.graph.inputs.end() - 1);
  for (const Parameter& parameter : result.parameters) wanted.emplace_back(parameter);
  for (const Value& gradient : gradients(sum(y * constant(result.weights_of_sum)), wanted))
    result.graph.outputs.push_back(gradient);
  return result;
}

std::vector<Tensor> with_step(std::vector<Tensor> inputs) {
  inputs.push_back(Tensor::of<int64_t>({}, {2}));
  return inputs;
}

TEST(LayerCatalog, EveryRowHasASampleAndTheOrderOfNames) {
  std::set<std::string> sampled;
  for (const LayerSample& sample : layer_samples()) sampled.insert(sample.make().class_name());
  const auto& rows = layer_catalog();
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(sampled.count(rows[i].class_name))
        << rows[i].class_name << " has no sample; add one to layer_samples.h";
    EXPECT_NE(std::string(rows[i].what), "") << rows[i].class_name;
    EXPECT_TRUE(i == 0 || std::string(rows[i - 1].class_name) < rows[i].class_name)
        << "rows are sorted by name";
    EXPECT_EQ(&layer_row(rows[i].class_name, "here"), &rows[i]);
  }
}

TEST(LayerCatalog, SuggestsTheNearestName) {
  EXPECT_EQ(error_of([] { layer_row("MaxPool2D", "m.keras: layers[3]"); }),
            "m.keras: layers[3]: layer \"MaxPool2D\" is not known to Folio; the nearest is \"MaxPooling2D\"");
  EXPECT_EQ(error_of([] { layer_row("dense", "m"); }),
            "m: layer \"dense\" is not known to Folio; the nearest is \"Dense\"");
  EXPECT_NE(error_of([] { layer_row(std::string(1 << 20, 'x'), "m"); }), "");
}

TEST(LayerCatalog, ConfigsComeBackEqual) {
  for (const LayerSample& sample : layer_samples()) {
    SCOPED_TRACE(sample.name);
    const Layer layer = sample.make();
    const LayerRow& row = layer_row(layer.class_name(), "test");
    const Json config = layer.body().config();
    const Layer again = row.from_config(config, "given", "test");
    EXPECT_EQ(again.name(), "given");
    EXPECT_EQ(again.class_name(), layer.class_name());
    EXPECT_EQ(again.body().config(), config) << config;
    EXPECT_TRUE(again.trainable());

    Json written = config;
    written["name"] = "in the file", written["trainable"] = true;
    if (!written.contains("dtype")) written["dtype"] = "float32";
    EXPECT_EQ(row.from_config(written, "given", "test").body().config(), config);
    written["surprise"] = 1;
    EXPECT_EQ(error_of([&] { row.from_config(written, "given", "test"); }),
              "test: entry \"surprise\" = 1 is not known to Folio");
    EXPECT_NE(error_of([&] { row.from_config(Json::array(), "given", "test"); }), "");
  }
}

TEST(LayerCatalog, NoEntryOfAConfigIsBelievedBlindly) {
  for (const LayerSample& sample : layer_samples()) {
    const Layer layer = sample.make();
    const LayerRow& row = layer_row(layer.class_name(), "test");
    const Json config = layer.body().config();
    for (const auto& [key, value] : config.items())
      for (const Json& hostile : {Json(-7), Json(1e300), Json("nonsense"), Json::array({Json::array({-1})}),
                                  Json::object(), Json(int64_t{1} << 62), Json(true), Json::array()}) {
        Json changed = config;
        changed[key] = hostile;
        // Either it is refused with an Error or it makes a layer; nothing else may happen.
        const std::string error = error_of([&] { row.from_config(changed, "given", "test"); });
        EXPECT_TRUE(!hostile.is_object() || !error.empty()) << row.class_name << " " << key;
      }
  }
}

TEST(LayerContract, ShapesArePromisedAndKept) {
  for (const LayerSample& sample : layer_samples()) {
    SCOPED_TRACE(sample.name);
    const Layer layer = sample.make();
    const auto inputs = inputs_of(sample, DType::float32);
    const TracedCall call = trace_layer(layer, types_of(inputs));
    const Shape shape = call.graph.outputs[0].shape();
    EXPECT_TRUE(shape.known());
    EXPECT_EQ(call.symbolic, shape.with(0, kUnknown)) << "all but the batch is known";
    // A training call of another batch size, on the same weights.
    std::vector<TensorType> larger;
    for (const Shape& in : sample.inputs) larger.push_back({in.with(0, 7), DType::float32});
    EXPECT_EQ(trace_layer(layer, larger, true).graph.outputs[0].shape(), shape.with(0, 7));
  }
}

TEST(LayerContract, UnknownSizesPassThrough) {
  for (const LayerSample& sample : layer_samples()) {
    SCOPED_TRACE(sample.name);
    const Layer layer = sample.make();
    // An InputLayer is there to say what is known.
    if (layer.class_name() == "InputLayer" || sample.complete) continue;
    Values values;
    for (const Shape& in : sample.inputs) {
      Shape open = in;
      for (int i = 0; i < in.rank() - 1; ++i) open[i] = kUnknown;
      values.push_back(input(open));
    }
    const Shape promised = layer.call(values)[0].shape();
    const Shape kept =
        trace_layer(layer, types_of(inputs_of(sample, DType::float32))).graph.outputs[0].shape();
    EXPECT_TRUE(compatible(promised, kept)) << to_string(promised) << " and " << to_string(kept);
  }
}

TEST(LayerContract, FastPlansAgreeWithTheDefinitions) {
  for (const LayerSample& sample : layer_samples())
    for (const bool training : {false, true}) {
      SCOPED_TRACE(sample.name + (training ? ", training" : ""));
      const Layer layer = sample.make();
      const auto inputs = inputs_of(sample, DType::float32);
      trace_layer(layer, types_of(inputs));  // builds
      disturb_weights(layer);
      const Graph graph = differentiated(layer, inputs, training).graph;
      const auto expected = compile(graph, definitions_only())(with_step(inputs));
      const auto got = compile(graph)(with_step(inputs));
      for (size_t o = 0; o < expected.size(); ++o) {
        double largest = 1;
        for (int64_t i = 0; i < expected[o].count(); ++i)
          largest = std::max(largest, std::abs(expected[o].at(i)));
        for (int64_t i = 0; i < expected[o].count(); ++i)
          ASSERT_NEAR(got[o].at(i), expected[o].at(i), 1e-5 * largest) << "output " << o << ", element " << i;
      }
    }
}

TEST(LayerContract, GradientsMatchCentralDifferences) {
  const FloatType doubles(DType::float64);
  constexpr double kStep = 1e-5;
  for (const LayerSample& sample : layer_samples())
    for (const bool training : {false, true}) {
      SCOPED_TRACE(sample.name + (training ? ", training" : ""));
      const Layer layer = sample.make();
      auto inputs = with_step(inputs_of(sample, DType::float64));
      trace_layer(layer, types_of({inputs.begin(), inputs.end() - 1}));  // builds
      disturb_weights(layer);
      Differentiated call = differentiated(layer, {inputs.begin(), inputs.end() - 1}, training);
      const Plan plan = compile({call.graph.inputs, call.graph.outputs, {}}, definitions_only());
      const auto loss = [&] {
        const Tensor y = plan(inputs)[0];
        double total = 0;
        for (int64_t i = 0; i < y.count(); ++i) total += y.at(i) * call.weights_of_sum.at(i);
        return total;
      };
      const auto results = plan(inputs);
      // Every element of every input and weight is moved a little both ways.
      const auto check = [&](Tensor& moved, const Tensor& gradient, const std::string& what) {
        for (int64_t i = 0; i < moved.count(); ++i) {
          const double before = moved.at(i);
          moved.set(i, before + kStep);
          const double above = loss();
          moved.set(i, before - kStep);
          const double below = loss();
          moved.set(i, before);
          ASSERT_NEAR(gradient.at(i), (above - below) / (2 * kStep), 2e-7) << what << ", element " << i;
        }
      };
      const size_t input_count = inputs.size() - 1;
      for (size_t i = 0; i < input_count; ++i) check(inputs[i], results[1 + i], "input " + std::to_string(i));
      for (size_t p = 0; p < call.parameters.size(); ++p) {
        Tensor values = call.parameters[p].storage();
        check(values, results[1 + input_count + p], call.parameters[p].name());
      }
    }
}

}  // namespace
}  // namespace folio

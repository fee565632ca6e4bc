// Files with layers of attention: those of Keras (golden/attention/README.md), and Folio's own.
#include <gtest/gtest.h>

#include <cmath>

#include "folio/data/npy.h"
#include "folio/folio.h"
#include "folio/formats/keras_model.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, "attention/" + name); }

void expect_near(const Tensor& got, const Tensor& expected, double tolerance = 1e-6) {
  ASSERT_EQ(got.shape(), expected.shape());
  for (int64_t i = 0; i < got.count(); ++i) {
    ASSERT_TRUE(std::isfinite(got.at(i))) << "element " << i;
    ASSERT_NEAR(got.at(i), expected.at(i), tolerance) << "element " << i;
  }
}

const Tensor& named(const NamedTensors& arrays, const std::string& name) {
  for (const auto& [key, tensor] : arrays)
    if (key == name) return tensor;
  throw Error("the golden file has no array " + name);
}

std::vector<Tensor> inputs_of(const Model& model, const NamedTensors& arrays) {
  std::vector<Tensor> inputs;
  for (const std::string& name : model.model().input_names()) inputs.push_back(named(arrays, name));
  return inputs;
}

/// The file's own answers, and those of what Folio writes of it.
void expect_answers(const std::string& file, const std::string& stem, const std::vector<Tensor>& expected) {
  const Model model = Model::load(golden(file));
  const auto x = inputs_of(model, read_npz(golden(stem + ".x.npz")));
  const auto check = [&](const Model& of) {
    const auto got = of.predict(x);
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) expect_near(got[i], expected[i]);
  };
  check(model);
  const TemporaryFolder folder;
  for (const std::string again : {"again.keras", "again.h5"}) {
    SCOPED_TRACE(again);
    model.save(folder / again);
    check(Model::load(folder / again));
  }
}

TEST(AttentionFiles, GiveKerasAnswersUnderAllMasks) {
  const NamedTensors y = read_npz(golden("attention_masks.y.npz"));
  std::vector<Tensor> expected;
  for (const auto& [name, tensor] : y) expected.push_back(tensor);
  expect_answers("attention_masks.keras", "attention_masks", expected);
}

TEST(AttentionFiles, CarryMasksThroughOtherLayers) {
  expect_answers("masks_on_their_way.keras", "masks_on_their_way",
                 {read_npy(golden("masks_on_their_way.y.npy"))});
}

TEST(AttentionFiles, OfEveryLayer) {
  const Tensor y = named(read_npz(golden("layers.y.npz")), "y");
  expect_answers("layers.keras", "layers", {y});
  expect_answers("layers.h5", "layers", {y});
}

// As they are called in C++, with arguments of the call that stand in the file by name.
TEST(AttentionFilesOfFolio, KeepCallsAndWeights) {
  const Value a = Input({kUnknown, 4}), b = Input({kUnknown, 4}), mask = Input({kUnknown});
  const Values scored =
      MultiHeadAttention(2, 3, {.value_dim = 5, .output_shape = {3}})
          .call({a, b, b}, {.mask = {Value(), Value(), mask}, .return_attention_scores = true});
  const Value causal = GroupQueryAttention(3, 4, 2)({a, a}, {.use_causal_mask = true});
  const Value dot = Attention({.use_scale = true})({a, b}, {.mask = {Value(), mask}});
  const Value sums = AdditiveAttention()({a, b});
  const Value wide = EinsumDense("abc,cde->abde", {kUnknown, 2, 3}, {.bias_axes = "de"})(a);
  const Model model({a, b, mask}, {scored[0], scored[1], causal, dot, sums, wide});
  RandomNumbers random(3);
  Tensor counts({3, 4}, DType::float32);
  for (int64_t i = 0; i < counts.count(); ++i) counts.set(i, i % 3 == 0 ? 0 : 1);
  const std::vector<Tensor> x = {random.tensor({3, 6, 4}, -1, 1, DType::float32),
                                 random.tensor({3, 4, 4}, -1, 1, DType::float32), counts};
  const auto expected = model.predict(x);
  const TemporaryFolder folder;
  for (const std::string file : {"model.keras", "model.h5"}) {
    SCOPED_TRACE(file);
    model.save(folder / file);
    const auto got = Model::load(folder / file).predict(x);
    for (size_t i = 0; i < expected.size(); ++i) expect_near(got[i], expected[i], 0);
  }
  // Weights alone, into the same model with other weights.
  model.save(folder / "model.weights.h5");
  const auto weights = model.get_weights();
  for (Parameter weight : model.weights()) weight.set(Tensor::filled(weight.shape(), 0.5, weight.dtype()));
  model.load_weights(folder / "model.weights.h5");
  const auto again = model.get_weights();
  for (size_t i = 0; i < weights.size(); ++i) expect_near(again[i], weights[i], 0);
}

}  // namespace
}  // namespace folio

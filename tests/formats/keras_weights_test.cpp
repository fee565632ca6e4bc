#include "folio/formats/keras_weights.h"

#include <gtest/gtest.h>

#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/regularization/dropout.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

/// Two layers inside one, as wrappers have them.
class PairBody final : public LayerBody {
 public:
  PairBody(Layer first, Layer second) : first_(std::move(first)), second_(std::move(second)) {}
  std::string class_name() const override { return "Bidirectional"; }
  Values call(const LayerCall& call, Effects&) override { return call.inputs; }
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    return {{"forward_layer/cell", first_.handle()}, {"backward_layer/cell", second_.handle()}};
  }

 private:
  Layer first_, second_;
};

Layer built(int64_t units, const std::string& name) {
  const Dense layer(units, {.name = name});
  layer(Input({3}));
  return layer;
}

std::vector<std::string> datasets(const H5Reader& file, const std::string& path = "") {
  if (file.is_dataset(path)) return {path};
  std::vector<std::string> all;
  for (const std::string& name : file.children(path))
    for (const std::string& below : datasets(file, path.empty() ? name : path + "/" + name))
      all.push_back(below);
  return all;
}

H5Reader written(const WeightGroup& tree, const std::vector<Tensor>& optimizer = {}) {
  return H5Reader(write_h5(weights_to_h5(tree, optimizer)).bytes(), "w.h5");
}

TEST(KerasWeights, NumbersLayersPerClass) {
  const std::vector<Layer> layers = {InputLayer({3}), built(2, "zzz"), Dropout(0.5), built(4, "aaa"),
                                     Dropout(0.5)};
  const H5Reader file = written(weight_tree(layers));
  EXPECT_EQ(file.children(""), (std::vector<std::string>{"layers", "vars"}));
  EXPECT_EQ(file.children("layers"),
            (std::vector<std::string>{"dense", "dense_1", "dropout", "dropout_1", "input_layer"}));
  EXPECT_TRUE(file.children("layers/dropout_1/vars").empty());
  EXPECT_EQ(file.shape("layers/dense/vars/0"), (Shape{3, 2}));
  EXPECT_EQ(file.shape("layers/dense_1/vars/1"), (Shape{4}));
  load_weights(file, weight_tree(layers));
}

TEST(KerasWeights, GoesIntoWrappersAndModels) {
  const Layer pair(make_body<PairBody>("pair", true, built(2, "a"), built(3, "b")));
  const Layer model(make_body<PairBody>("inner", true, built(2, "a"), built(3, "b")));
  const LayersOfNested nested = [&](const LayerBody& layer) -> std::optional<std::vector<Layer>> {
    if (&layer != &model.body()) return std::nullopt;
    return std::vector<Layer>{built(5, "c"), built(6, "d")};
  };
  const H5Reader file = written(weight_tree({pair, model}, nested));
  EXPECT_EQ(
      datasets(file),
      (std::vector<std::string>{
          "layers/bidirectional/backward_layer/cell/vars/0",
          "layers/bidirectional/backward_layer/cell/vars/1", "layers/bidirectional/forward_layer/cell/vars/0",
          "layers/bidirectional/forward_layer/cell/vars/1", "layers/bidirectional_1/layers/dense/vars/0",
          "layers/bidirectional_1/layers/dense/vars/1", "layers/bidirectional_1/layers/dense_1/vars/0",
          "layers/bidirectional_1/layers/dense_1/vars/1"}));
}

TEST(KerasWeights, StoresALayerOnce) {
  const Layer a = built(2, "a"), b = built(2, "b");
  const H5Reader file = written(weight_tree({a, b, a}));
  EXPECT_EQ(file.children("layers"), (std::vector<std::string>{"dense", "dense_1"}));
}

TEST(KerasWeights, ReadsOtherPrecisions) {
  const Layer layer = built(2, "a");
  H5Group root;
  H5Group& vars = root.at("layers/dense/vars");
  vars.datasets.emplace_back("0", Tensor::filled(Shape{3, 2}, 0.5, DType::float64));
  vars.datasets.emplace_back("1", Tensor::filled(Shape{2}, 3, DType::int32));
  load_weights(H5Reader(write_h5(root).bytes(), "w.h5"), weight_tree({layer}));
  EXPECT_EQ(layer.get_weights()[0].at(5), 0.5);
  EXPECT_EQ(layer.get_weights()[1].at(1), 3);
}

TEST(KerasWeights, CarriesTheOptimizer) {
  const std::vector<Tensor> state = {Tensor::scalar(12, DType::int64), Tensor::scalar(0.5),
                                     Tensor::filled(Shape{2, 2}, 7)};
  std::vector<Tensor> many = state;
  for (int i = 3; i < 13; ++i) many.push_back(Tensor::scalar(i));  // "10" sorts before "2"
  const auto read = read_optimizer(written(weight_tree({built(2, "a")}), many));
  ASSERT_EQ(read.size(), 13u);
  EXPECT_EQ(read[0].dtype(), DType::int64);
  EXPECT_EQ(read[0].at(0), 12);
  EXPECT_EQ(read[2].shape(), (Shape{2, 2}));
  for (int i = 3; i < 13; ++i) EXPECT_EQ(read[static_cast<size_t>(i)].at(0), i);
}

TEST(KerasWeights, LeavesTheModelAloneOnAnyMistake) {
  const Layer first = built(2, "first"), second = built(2, "second");
  const WeightGroup tree = weight_tree({first, second});
  const auto complaint = [&](const std::function<void(H5Group&)>& damage) {
    H5Group root = weights_to_h5(weight_tree({built(2, "a"), built(2, "b")}));
    damage(root);
    const std::vector<Tensor> before = first.get_weights();
    const std::string text = error_of([&] { load_weights(H5Reader(write_h5(root).bytes(), "w.h5"), tree); });
    for (int64_t i = 0; i < before[0].count(); ++i) EXPECT_EQ(first.get_weights()[0].at(i), before[0].at(i));
    return text;
  };
  EXPECT_EQ(complaint([](H5Group& root) { root.at("layers/dense_1/vars").datasets.pop_back(); }),
            "w.h5: layers/dense_1/vars: expected 2 weights of Dense \"second\", got 1; check that the file "
            "belongs to this model");
  EXPECT_EQ(complaint([](H5Group& root) { root.at("layers").groups.pop_back(); }),
            "w.h5: layers/dense_1/vars: expected 2 weights of Dense \"second\", got no such group; check "
            "that the file belongs to this model");
  EXPECT_EQ(
      complaint([](H5Group& root) { root.at("layers/dense_1/vars").datasets[1].second = Tensor(Shape{3}); }),
      "w.h5: layers/dense_1/vars/1: expected shape (2,) for \"second/bias\" of Dense \"second\", got (3,); "
      "check that the file belongs to this model");
  EXPECT_EQ(complaint([](H5Group& root) {
              root.at("layers/conv2d/vars").datasets.emplace_back("0", Tensor(Shape{1}));
            }),
            "w.h5: layers/conv2d/vars/0: expected no weights here, got some of (1,); check that the file "
            "belongs to this model");
  EXPECT_EQ(complaint([](H5Group& root) { root.at("layers/dense_1/vars").datasets[1].first = "one"; }),
            "w.h5: layers/dense_1/vars: expected weight 1 of Dense \"second\", got none; check that the file "
            "belongs to this model");
}

}  // namespace
}  // namespace folio

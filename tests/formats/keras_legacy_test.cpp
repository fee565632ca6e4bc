// Legacy .h5 files from real Keras, 2 and 3: golden/make_legacy.py wrote them, and beside each what Keras
// says.
#include "folio/formats/keras_legacy.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "folio/data/npy.h"
#include "folio/folio.h"
#include "folio/formats/keras_file.h"
#include "folio/formats/keras_model.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, "legacy/" + name); }

/// weight0, weight1, … of a golden .npz.
std::vector<Tensor> numbered(const std::string& name, const std::string& word) {
  std::vector<Tensor> found;
  const NamedTensors arrays = read_npz(golden(name + ".npz"));
  for (size_t before = 1; before != found.size();) {
    before = found.size();
    for (const auto& [key, tensor] : arrays)
      if (key == word + std::to_string(found.size())) {
        found.push_back(tensor);
        break;
      }
    if (before == found.size()) break;
  }
  return found;
}

void expect_equal(const Tensor& got, const Tensor& expected, const std::string& what) {
  ASSERT_EQ(got.shape(), expected.shape()) << what;
  for (int64_t i = 0; i < got.count(); ++i) ASSERT_EQ(got.at(i), expected.at(i)) << what << " " << i;
}

void expect_golden(const Model& model, const std::string& name) {
  const auto weights = numbered(name, "weight"), answers = numbered(name, "answer");
  ASSERT_EQ(model.weights().size(), weights.size());
  for (size_t i = 0; i < weights.size(); ++i)
    expect_equal(model.weights()[i].value(), weights[i], model.weights()[i].name());
  const auto got = model.predict(numbered(name, "input"));
  ASSERT_EQ(got.size(), answers.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].shape(), answers[i].shape());
    for (int64_t j = 0; j < got[i].count(); ++j)
      EXPECT_NEAR(got[i].at(j), answers[i].at(j), 1e-6 * std::max(1.0, std::abs(answers[i].at(j))));
  }
}

class LegacyModel : public testing::TestWithParam<const char*> {};

TEST_P(LegacyModel, IsWhatKerasSays) {
  const std::string name = GetParam();
  expect_golden(Model::load(golden(name + ".h5")), name);
}

TEST_P(LegacyModel, SurvivesSavingAndLoading) {
  const TemporaryFolder folder;
  const std::string name = GetParam();
  Model::load(golden(name + ".h5")).save(folder / "again.h5");
  const Model again = Model::load(folder / "again.h5");
  expect_golden(again, name);
  again.save(folder / "twice.h5");
  EXPECT_EQ(read_file(folder / "again.h5"), read_file(folder / "twice.h5"));
  again.save(folder / "new.keras");
  expect_golden(Model::load(folder / "new.keras"), name);
}

TEST_P(LegacyModel, GivesItsWeights) {
  const std::string name = GetParam();
  const Model fresh = load_architecture(golden(name + ".h5"));
  fresh.load_weights(golden(name + ".h5"));
  expect_golden(fresh, name);
}
INSTANTIATE_TEST_SUITE_P(KerasLegacy, LegacyModel,
                         testing::Values("plain", "cnn", "branches", "frozen", "functions", "ends", "adam",
                                         "keras3.0.5_cnn", "keras3.15.1_cnn", "keras2_plain", "keras2_cnn",
                                         "keras2_branches", "keras2_ends", "keras2_adam", "keras2_old_sgd"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

class LegacyOptimizer : public testing::TestWithParam<const char*> {};

TEST_P(LegacyOptimizer, GoesOnWhereItWas) {
  const std::string name = GetParam();
  const TemporaryFolder folder;
  const Model model = Model::load(golden(name + ".h5"));
  model.save(folder / "again.h5");
  auto expected = numbered(name, "state");
  // Keras 2 did not count the learning rate among the state.
  if (expected.size() < 2 || expected[1].shape().rank() > 0)
    expected.insert(expected.begin() + 1, Tensor::scalar(0.01, DType::float32));
  if (name == "keras2_old_amsgrad") {
    // Slots were kept by role; today's are kept by weight.
    std::vector<Tensor> slots(expected.begin() + 2, expected.end());
    const size_t weights = model.weights().size();
    for (size_t i = 0; i < weights; ++i)
      expected[2 + 2 * i] = slots[i], expected[3 + 2 * i] = slots[weights + i];
  }
  for (const Model& each : {model, Model::load(folder / "again.h5")}) {
    const auto state = each.optimizer()->variables();
    if (name == "keras2_sgd") expected.resize(2);  // it kept momenta that it did not use
    ASSERT_EQ(state.size(), expected.size());
    for (size_t i = 0; i < state.size(); ++i) expect_equal(state[i].value(), expected[i], state[i].name());
  }
}
INSTANTIATE_TEST_SUITE_P(KerasLegacy, LegacyOptimizer,
                         testing::Values("adam", "rmsprop", "sgd", "branches", "keras2_adam",
                                         "keras2_rmsprop", "keras2_sgd", "keras2_branches",
                                         "keras2_old_amsgrad", "keras2_old_rmsprop", "keras2_old_sgd"),
                         [](const auto& info) { return std::string(info.param); });

TEST(KerasLegacy, KeepsNamesAndTraining) {
  const Model model = Model::load(golden("keras2_adam.h5"));
  EXPECT_EQ(model.optimizer()->class_name(), "Adam");
  EXPECT_EQ(model.training_options().loss.all[0].name, "mean_squared_error");
  EXPECT_EQ(model.training_options().metrics.all.size(), 1u);
  EXPECT_EQ(Model::load(golden("plain.h5")).layers()[1].name(), "zzz");
  EXPECT_FALSE(Model::load(golden("plain.h5")).compiled());
  EXPECT_FALSE(Model::load(golden("frozen.h5")).layer("tower").trainable());
}

TEST(KerasLegacy, ReadsListsInPieces) { expect_golden(Model::load(golden("split.h5")), "plain"); }

TEST(KerasLegacy, ReadsWeightsWithoutArchitecture) {
  const Model model = load_architecture(golden("plain.h5"));
  model.load_weights(golden("keras2_plain.weights.h5"));
  expect_golden(model, "plain");
  EXPECT_NE(error_of([] { Model::load(golden("keras2_plain.weights.h5")); }).find("--weights"),
            std::string::npos);
}

// Keras 2 has layers named "conv1/conv", and Keras 3 opens no file with such names.
TEST(KerasLegacy, WritesNamesWithoutSlashes) {
  const TemporaryFolder folder;
  const Value x = Input({3}, {.name = "a/x"});
  const Value y = Dense(2, {.name = "block/dense"})(Dense(3, {.name = "block_dense"})(x));
  const Model model(x, y, "net/work");
  const Tensor input = Tensor::of<float>({1, 3}, {1, 2, 3});
  for (const char* name : {"m.keras", "m.h5"}) {
    model.save(folder / name);
    const Model again = Model::load(folder / name);
    EXPECT_EQ(again.name(), "net_work");
    EXPECT_EQ(again.layers()[0].name(), "a_x");
    EXPECT_EQ(again.layers()[1].name(), "block_dense");
    EXPECT_EQ(again.layers()[2].name(), "block_dense_");
    const Tensor before = model.predict(input), after = again.predict(input);
    for (int64_t i = 0; i < 2; ++i) EXPECT_EQ(after.at(i), before.at(i)) << name;
  }
}

TEST(KerasLegacy, WritesAnyNumberOfLayers) {
  const TemporaryFolder folder;
  set_random_seed(3);
  const Sequential model({Input({2})});
  for (int i = 0; i < 700; ++i) model.add(Dense(2, {.name = std::string(120, 'a') + std::to_string(i)}));
  model.save(folder / "deep.h5");
  const H5Reader file = open_keras_weights(folder / "deep.h5");
  EXPECT_FALSE(file.attribute_list("model_weights", "layer_names"));
  EXPECT_TRUE(file.attribute_list("model_weights", "layer_names1"));
  EXPECT_GT(file.attribute("", "model_config")->size(), 65536u);
  const Model again = Model::load(folder / "deep.h5");
  ASSERT_EQ(again.weights().size(), 1400u);
  expect_equal(again.weights()[1398].value(), model.weights()[1398].value(), "last kernel");
}

TEST(KerasLegacy, ChangesNothingWhenWeightsDoNotFit) {
  const std::pair<Model, const char*> cases[] = {
      {Sequential({Input({3}), Dense(4), Dense(2), Dense(2)}),
       "model_weights: expected 3 layers with weights, got 2"},
      {Sequential({Input({3}), Dense(4), Dense(3)}), "zzz/kernel: expected shape (4, 3) for"},
      {Sequential({Input({3}), Dense(4), Dense(2, {.use_bias = false})}),
       "model_weights/zzz: expected 1 weights of Dense"}};
  for (const auto& [model, expected] : cases) {
    const Tensor before = model.weights()[0].value().clone();
    const std::string complaint = error_of([&, &model = model] { model.load_weights(golden("plain.h5")); });
    EXPECT_NE(complaint.find(expected), std::string::npos) << complaint;
    EXPECT_NE(complaint.find("plain.h5: model_weights"), std::string::npos) << complaint;
    expect_equal(model.weights()[0].value(), before, "untouched");
  }
}

// A legacy file with one thing changed by hand.
struct Damage {
  const char* name;
  const char* complaint;
  void (*change)(H5Group& root);
};
void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }
class DamagedLegacy : public testing::TestWithParam<Damage> {};

std::string& attribute_of(H5Group& group, const std::string& name) {
  for (auto& [key, text] : group.attributes)
    if (key == name) return text;
  throw InternalError("no attribute " + name);
}

TEST_P(DamagedLegacy, IsRefused) {
  const TemporaryFolder folder;
  H5Group root;
  root.attributes = {
      {"model_config",
       R"({"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "Dense", "config":
           {"name": "d", "units": 2, "batch_input_shape": [null, 3]}}]}})"}};
  H5Group& weights = root.at("model_weights");
  weights.lists = {{"layer_names", {"d"}}};
  H5Group& layer = weights.at("d");
  layer.lists = {{"weight_names", {"d/kernel:0", "d/bias:0"}}};
  layer.at("d").datasets = {{"kernel:0", Tensor({3, 2})}, {"bias:0", Tensor({2})}};
  GetParam().change(root);
  write_h5_file(folder / "damaged.h5", root);
  const std::string complaint = error_of([&] { Model::load(folder / "damaged.h5"); });
  if (*GetParam().complaint == 0) {
    EXPECT_EQ(complaint, "");
  } else {
    EXPECT_NE(complaint.find(folder / "damaged.h5: "), std::string::npos) << complaint;
    EXPECT_NE(complaint.find(GetParam().complaint), std::string::npos) << complaint;
  }
}
INSTANTIATE_TEST_SUITE_P(
    KerasLegacy, DamagedLegacy,
    testing::Values(
        Damage{"nothing", "", [](H5Group&) {}},
        Damage{"no_config", "expected a model, got weights without architecture",
               [](H5Group& root) { root.attributes.clear(); }},
        Damage{"config_cut", "model_config: line 1, column",
               [](H5Group& root) { attribute_of(root, "model_config").resize(40); }},
        Damage{"config_no_json", "model_config: line 1, column 1",
               [](H5Group& root) { attribute_of(root, "model_config") = "hello"; }},
        Damage{"config_of_code", "expected a Sequential or Functional model",
               [](H5Group& root) {
                 attribute_of(root, "model_config") = R"({"class_name": "Mine", "config": {}})";
               }},
        Damage{"config_deep", "at most 128 levels",
               [](H5Group& root) { attribute_of(root, "model_config") = std::string(1000, '['); }},
        Damage{"training_no_json", "training_config: line 1, column",
               [](H5Group& root) { root.attributes.emplace_back("training_config", "{"); }},
        Damage{"training_strange", "training_config: optimizer",
               [](H5Group& root) {
                 root.attributes.emplace_back("training_config", R"({"optimizer_config": 3})");
               }},
        Damage{"no_layer_names", "model_weights: expected the list of texts \"layer_names\"",
               [](H5Group& root) { root.at("model_weights").lists.clear(); }},
        Damage{"no_weight_names", "model_weights/d: expected the list of texts \"weight_names\"",
               [](H5Group& root) { root.at("model_weights/d").lists.clear(); }},
        Damage{"no_weights", "expected 1 layers with weights, got 0",
               [](H5Group& root) { root.at("model_weights/d").lists[0].second.clear(); }},
        Damage{"one_weight", "expected 2 weights of Dense \"d\", got 1",
               [](H5Group& root) { root.at("model_weights/d").lists[0].second.pop_back(); }},
        Damage{"weight_elsewhere", "expected a group or dataset",
               [](H5Group& root) { root.at("model_weights/d").lists[0].second[0] = "../d/kernel:0"; }},
        Damage{"weight_is_group", "expected a dataset, got a group",
               [](H5Group& root) { root.at("model_weights/d").lists[0].second[0] = "d"; }},
        Damage{"layer_elsewhere", "expected a group or dataset",
               [](H5Group& root) { root.at("model_weights").lists[0].second[0] = "other"; }},
        Damage{"layer_twice", "expected 1 layers with weights, got 2",
               [](H5Group& root) { root.at("model_weights").lists[0].second.emplace_back("d"); }},
        Damage{"wrong_shape", "expected shape (3, 2) for",
               [](H5Group& root) {
                 root.at("model_weights/d/d").datasets[0].second = Tensor({2, 3});
               }},
        Damage{"top_level", "top_level_model_weights: expected no weights outside of layers, got 1",
               [](H5Group& root) {
                 root.at("model_weights/top_level_model_weights").lists = {{"weight_names", {"w"}}};
               }},
        Damage{"other_name", "expected weights of Dense \"d\", got none",
               [](H5Group& root) {
                 H5Group& weights = root.at("model_weights");
                 weights.groups[0].name = weights.lists[0].second[0] = "e";
               }}),
    [](const auto& info) { return std::string(info.param.name); });

// A file cut short is always an error; a damaged one is an error or a model, never harm.
TEST(KerasLegacy, CutShortIsAnError) {
  const auto bytes = read_file(golden("keras2_plain.h5"));
  for_each_prefix(bytes, [&](std::vector<std::byte> prefix) {
    const size_t size = prefix.size();
    EXPECT_NE(error_of([&] {
                const H5Reader file(std::move(prefix), "cut.h5");
                read_legacy_model(file, nullptr);
              }),
              "")
        << size;
  });
}

TEST(KerasLegacy, ExtremeBytesDoNoHarm) {
  const auto bytes = read_file(golden("keras2_old_sgd.h5"));
  const Model model = load_architecture(golden("keras2_old_sgd.h5"));
  const size_t step = std::getenv("FOLIO_EVERY_BYTE") ? 1 : 17;  // all of them take minutes
  for (size_t at = 0; at < bytes.size(); at += step)
    for (const uint8_t value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      auto changed = bytes;
      changed[at] = std::byte{value};
      error_of([&] {
        const H5Reader file(std::move(changed), "changed.h5");
        read_legacy_model(file, nullptr);
        load_legacy_weights(file, model.layers(), LegacyMatch::by_order);
        read_legacy_optimizer(file, *model.optimizer());
      });
    }
}

}  // namespace
}  // namespace folio

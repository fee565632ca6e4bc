// Files from real Keras: golden/make.py wrote them and the answers beside them.
#include "folio/formats/keras_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "folio/base/zip.h"
#include "folio/data/npy.h"
#include "folio/folio.h"
#include "folio/formats/keras_model.h"
#include "tests/base/files_for_tests.h"
#include "tests/formats/catalog_models.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, name); }

/// The fixed input that golden/make.py used: two rows.
std::vector<Tensor> sample_of(const Model& model) {
  std::vector<Tensor> inputs;
  for (const Value& value : model.inputs()) {
    Tensor input(value.shape().with(0, 2));
    for (int64_t i = 0; i < input.count(); ++i) input.set(i, static_cast<double>((i + 1) % 7) / 8 - 0.25);
    inputs.push_back(input);
  }
  return inputs;
}

/// Weight number i of a golden model counts up from i / 8 in steps of 1 / 128.
void expect_counted(const std::vector<Parameter>& weights) {
  for (size_t i = 0; i < weights.size(); ++i)
    for (int64_t j = 0; j < weights[i].value().count(); ++j)
      ASSERT_EQ(weights[i].value().at(j),
                static_cast<float>(static_cast<double>(i) / 8 + static_cast<double>(j + 1) / 128))
          << weights[i].name() << " " << j;
}

void expect_golden_answers(const Model& model, const std::string& name) {
  const auto answers = model.predict(sample_of(model));
  for (size_t i = 0; i < answers.size(); ++i) {
    const Tensor expected = read_npy(golden(name + ".expected" + std::to_string(i) + ".npy"));
    ASSERT_EQ(answers[i].shape(), expected.shape());
    for (int64_t j = 0; j < expected.count(); ++j)
      EXPECT_NEAR(answers[i].at(j), expected.at(j), 2e-6 * std::max(1.0, std::abs(expected.at(j))))
          << name << " " << j;
  }
}

struct Golden {
  const char* name;
  size_t weights;
};
class GoldenModel : public testing::TestWithParam<Golden> {};

TEST_P(GoldenModel, GivesKerasAnswers) {
  const auto [name, weights] = GetParam();
  const Model model = Model::load(golden(std::string(name) + ".keras"));
  ASSERT_EQ(model.weights().size(), weights);
  if (std::string(name) != "trained") expect_counted(model.weights());
  expect_golden_answers(model, name);
}

TEST_P(GoldenModel, SurvivesSavingAndLoading) {
  const TemporaryFolder folder;
  const std::string name = GetParam().name;
  const Model model = Model::load(golden(name + ".keras"));
  model.save(folder / "again.keras");
  const Model again = Model::load(folder / "again.keras");
  ASSERT_EQ(again.layers().size(), model.layers().size());
  for (size_t i = 0; i < model.layers().size(); ++i) {
    EXPECT_EQ(again.layers()[i].name(), model.layers()[i].name());
    EXPECT_EQ(again.layers()[i].class_name(), model.layers()[i].class_name());
  }
  expect_golden_answers(again, name);
}

TEST_P(GoldenModel, LoadsWeightsAlone) {
  const TemporaryFolder folder;
  const std::string name = GetParam().name;
  Model::load(golden(name + ".keras")).save(folder / "model.weights.h5");
  const Model fresh = load_architecture(golden(name + ".keras"));
  fresh.load_weights(folder / "model.weights.h5");
  expect_golden_answers(fresh, name);
}
INSTANTIATE_TEST_SUITE_P(KerasFile, GoldenModel,
                         testing::Values(Golden{"sequential_dense", 4}, Golden{"cnn", 9},
                                         Golden{"two_inputs", 8}, Golden{"shared", 4}, Golden{"nested", 10},
                                         Golden{"trained", 4}),
                         [](const auto& info) { return info.param.name; });

// The oldest Keras 3 and a new one wrote the same models; the files differ in small ways.
class OtherVersion : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(OtherVersion, GivesTheSameAnswers) {
  const auto& [version, name] = GetParam();
  const Model model = Model::load(golden("keras_" + std::string(version) + "/" + name + ".keras"));
  expect_counted(model.weights());
  expect_golden_answers(model, name);
}
INSTANTIATE_TEST_SUITE_P(KerasFile, OtherVersion,
                         testing::Combine(testing::Values("3.0.5", "3.15.1"),
                                          testing::Values("sequential_dense", "cnn", "two_inputs", "shared",
                                                          "nested")));

// golden/make_functions.py: functions of keras.ops between layers.
class Functions : public testing::TestWithParam<const char*> {};

TEST_P(Functions, GiveKerasAnswers) {
  const TemporaryFolder folder;
  const std::string name = GetParam();
  const NamedTensors given = read_npz(golden("functions_given.npz")),
                     expected = read_npz(golden("functions_expected.npz"));
  const auto at = [](const NamedTensors& tensors, const std::string& key) {
    for (const auto& [known, tensor] : tensors)
      if (known == key) return tensor;
    throw Error("no " + key);
  };
  const Model model = Model::load(golden("functions_" + name + ".keras"));
  model.save(folder / "again.keras");
  Model::load(folder / "again.keras").save(folder / "again.h5");
  for (const Model& each : {model, Model::load(folder / "again.keras"), Model::load(folder / "again.h5")}) {
    const auto answers = each.predict({at(given, "x"), at(given, "v")});
    for (size_t i = 0; i < answers.size(); ++i) {
      const Tensor wanted = at(expected, fmt::format("{}_{}", name, i));
      ASSERT_EQ(answers[i].shape(), wanted.shape()) << i;
      for (int64_t j = 0; j < wanted.count(); ++j)
        EXPECT_NEAR(answers[i].at(j), wanted.at(j), 2e-6 * std::max(1.0, std::abs(wanted.at(j))))
            << i << " " << j;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(KerasFile, Functions,
                         testing::Values("arithmetic", "elements", "activations", "comparisons", "reductions",
                                         "shapes", "indices"),
                         [](const auto& info) { return info.param; });

TEST(KerasFile, KeepsNamesAndTraining) {
  const Model model = Model::load(golden("sequential_dense.keras"));
  EXPECT_EQ(model.name(), "small");
  EXPECT_EQ(model.layers()[1].name(), "zzz");
  EXPECT_FALSE(model.compiled());
  const Model trained = Model::load(golden("trained.keras"));
  EXPECT_TRUE(trained.compiled());
  EXPECT_EQ(trained.optimizer()->class_name(), "Adam");
}

TEST(KerasFile, HoldsTheOptimizer) {
  const H5Reader file = open_keras_weights(golden("trained.keras"));
  const std::vector<Tensor> state = read_optimizer(file);
  ASSERT_EQ(state.size(), 10u);  // steps, learning rate, two slots for each of four weights
  EXPECT_EQ(state[0].at(0), 8);
  EXPECT_EQ(state[0].shape(), Shape{});
  EXPECT_FLOAT_EQ(static_cast<float>(state[1].at(0)), 0.01f);
  EXPECT_EQ(state[2].shape(), (Shape{3, 4}));
  EXPECT_TRUE(read_optimizer(open_keras_weights(golden("cnn.keras"))).empty());
}

TEST(KerasFile, ReadsAnArchitectureWithoutWeights) {
  const Model model = load_architecture(golden("unbuilt.keras"));
  EXPECT_EQ(model.layers().size(), 2u);
}

TEST(KerasFile, ReadsKerasWeightsFiles) {
  const Model model = load_architecture(golden("sequential_dense.keras"));
  model.load_weights(golden("sequential_dense.weights.h5"));
  expect_golden_answers(model, "sequential_dense");
}

TEST(KerasFile, ChangesNothingWhenWeightsDoNotFit) {
  const Model model = Sequential({Input({3}), Dense(4), Dense(2), Dense(2)});
  const Model wide = Sequential({Input({3}), Dense(4), Dense(3)});
  const Model fewer = Sequential({Input({3}), Dense(4)});
  const Model plain = Sequential({Input({3}), Dense(4), Dense(2, {.use_bias = false})});
  const std::pair<Model, const char*> cases[] = {{model, "layers/dense_2/vars: expected 2 weights"},
                                                 {wide, "layers/dense_1/vars/0: expected shape (4, 3)"},
                                                 {fewer, "layers/dense_1/vars/0: expected no weights here"},
                                                 {plain, "layers/dense_1/vars: expected 1 weights"}};
  for (const auto& [other, expected] : cases) {
    std::vector<std::vector<Tensor>> before;
    for (const Layer& layer : other.layers()) before.push_back(layer.get_weights());
    const std::string complaint =
        error_of([&, &other = other] { other.load_weights(golden("sequential_dense.keras")); });
    EXPECT_NE(complaint.find(expected), std::string::npos) << complaint;
    EXPECT_NE(complaint.find("sequential_dense.keras: model.weights.h5: "), std::string::npos) << complaint;
    for (size_t i = 0; i < before.size(); ++i)
      for (size_t j = 0; j < before[i].size(); ++j)
        for (int64_t k = 0; k < before[i][j].count(); ++k)
          ASSERT_EQ(before[i][j].at(k), other.layers()[i].get_weights()[j].at(k));
  }
}

// A config may promise any size; the weights tell what there is.
TEST(KerasFile, PaysForNothingThatTheWeightsDoNotHold) {
  const TemporaryFolder folder;
  const ZipReader from(golden("sequential_dense.keras"));
  AtomicFile file(folder / "bomb.keras");
  ZipWriter to(file);
  for (const auto& member : from.members()) {
    const auto bytes = from.read(member.name, 1 << 20);
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (member.name == "config.json") text.replace(text.find("\"units\": 4"), 10, "\"units\": 2000000000");
    to.add(member.name, text);
  }
  to.finish();
  file.commit();
  const std::string complaint = error_of([&] { Model::load(folder / "bomb.keras"); });
  EXPECT_NE(complaint.find("expected at most"), std::string::npos) << complaint;
  EXPECT_NE(complaint.find("as the file can hold"), std::string::npos) << complaint;
}

TEST(KerasFile, KeepsTheOldFileWhenSavingFails) {
  const TemporaryFolder folder;
  const Model model = Sequential({Input({3}), Dense(4)});
  model.save(folder / "a.keras");
  const auto before = read_file(folder / "a.keras");
  const Model bad = Sequential({Input({3}), Dense(4, {.name = "\xff"})});
  EXPECT_NE(error_of([&] { bad.save(folder / "a.keras"); }), "");
  EXPECT_EQ(read_file(folder / "a.keras"), before);
  EXPECT_EQ(folder.names().size(), 1u);
}

struct Attack {
  const char* file;
  const char* complaint;
};
class HostileKerasFile : public testing::TestWithParam<Attack> {};

TEST_P(HostileKerasFile, IsRefused) {
  const std::string complaint = error_of([&] { Model::load(golden(GetParam().file)); });
  EXPECT_NE(complaint.find(GetParam().complaint), std::string::npos) << complaint;
}
INSTANTIATE_TEST_SUITE_P(
    KerasFile, HostileKerasFile,
    testing::Values(Attack{"lambda.keras",
                           "config.json: layers[1] (Lambda \"first\"): expected a layer made of settings"},
                    Attack{"duplicate_key.keras", "config.json: line 1, column"},
                    Attack{"deep.keras", "at most 128 levels"}, Attack{"not_finite.keras", "entry \"a\""},
                    Attack{"legacy.weights.h5", "expected"}));

TEST(KerasFile, RefusesOldWeightsWithoutNames) {
  const Model model = load_architecture(golden("sequential_dense.keras"));
  EXPECT_NE(error_of([&] { model.load_weights(golden("legacy.weights.h5")); }).find("weight_names"),
            std::string::npos);
}

// Every member has a checksum: a damaged file gives the same model or an error.
TEST(KerasFile, DamageIsFound) {
  const TemporaryFolder folder;
  const auto bytes = read_file(golden("sequential_dense.keras"));
  const Model expected = Model::load(golden("sequential_dense.keras"));
  const std::string path = folder / "damaged.keras";
  const auto check = [&](const std::vector<std::byte>& changed) {
    FILE* file = std::fopen(path.c_str(), "wb");
    if (!changed.empty()) std::fwrite(changed.data(), 1, changed.size(), file);
    std::fclose(file);
    std::string complaint = error_of([&] {
      const Model model = Model::load(path);
      ASSERT_EQ(model.weights().size(), expected.weights().size());
      expect_counted(model.weights());
    });
    if (changed.size() < bytes.size()) {
      EXPECT_NE(complaint, "") << changed.size();
    }
  };
  const size_t step = std::getenv("FOLIO_EVERY_BYTE") ? 1 : 31;  // all of them take minutes
  for (size_t size = 0; size < bytes.size(); size += step)
    check({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)});
  for (size_t at = 0; at < bytes.size(); at += step)
    for (const uint8_t value : {0x00, 0x7F, 0x80, 0xFF}) {
      auto changed = bytes;
      changed[at] = std::byte{value};
      check(changed);
    }
}

/// NAME.keras, .h5 and .weights.h5, and NAME.npz with what Folio says of the model. What a step of training
/// makes of it comes last.
void write_for_keras(const std::string& folder, const std::string& name, const Model& model,
                     const std::vector<Tensor>& inputs, const std::vector<Tensor>& targets = {}) {
  const std::string base = folder + "/" + name;
  model.save(base + ".keras");
  model.save(base + ".h5");
  model.save(base + ".weights.h5");
  NamedTensors arrays;
  const auto add = [&](const std::string& word, const std::vector<Tensor>& tensors) {
    for (size_t i = 0; i < tensors.size(); ++i) arrays.emplace_back(word + std::to_string(i), tensors[i]);
  };
  add("weight", model.get_weights());
  add("input", inputs);
  add("answer", model.predict(inputs));
  if (model.compiled()) add("state", read_optimizer(open_keras_weights(base + ".keras")));
  if (!targets.empty()) {
    add("target", targets);
    model.train_on_batch({inputs, targets});
    add("next", model.get_weights());
  }
  write_npz(base + ".npz", arrays);
}

// What keras_opens.py opens with real Keras: models, their weights and their answers. A test only when asked
// for.
TEST(KerasFile, WritesForKeras) {
  const char* folder = std::getenv("FOLIO_KERAS_FOLDER");
  if (!folder) GTEST_SKIP() << "set FOLIO_KERAS_FOLDER and run keras_opens.py afterwards";
  set_random_seed(5);
  std::vector<std::pair<std::string, Model>> models;
  for (const char* name : {"sequential_dense", "cnn", "two_inputs", "shared", "nested", "trained"})
    models.emplace_back(name, Model::load(golden(std::string(name) + ".keras")));
  models.emplace_back("sequential",
                      Sequential({Input({3}), Dense(4, {.activation = "relu"}), Dropout(0.5), Dense(2)}));
  {
    // Equal layers side by side: the order in which Keras numbers them must be Folio's.
    const Value a = Input({3}), b = Input({4});
    const Value left = Dense(5)(Dense(2)(a)), right = Dense(5)(b);
    const Dense twice(5);
    const Value sum = add({left, twice(right), twice(left)});
    models.emplace_back("branches", Model({a, b}, {Dense(1)(concatenate({right, sum})), sum}, "branches"));
  }
  {
    const Normalization measured;
    measured.adapt(Tensor::of<float>({2, 1, 6}, {1, 2, 3, 4, 5, 6, 3, 5, 7, 9, 11, 13}));
    const Value x = Input({4, 6});
    Value y = TimeDistributed(Dense(4, {.kernel_regularizer = "l2"}))(measured(Masking(-1)(x)));
    y = PReLU({.shared_axes = {1}})(GaussianNoise(0.1)(SpatialDropout1D(0.2)(LayerNormalization()(y))));
    y = Dot(1)({GroupNormalization({.groups = 2})(y), AlphaDropout(0.1)(GaussianDropout(0.1)(y))});
    y = Softmax({.axis = 1})(Permute({2, 1})(ActivityRegularization({.l1 = 0.1})(y)));
    const Value words = Input({3});
    Value looked_up =
        Embedding(7, 4, {.embeddings_regularizer = Regularizer::l1_l2(0.1, 0.2)})(Rescaling(8, 2.5)(words));
    looked_up = UnitNormalization()(Identity()(looked_up));
    models.emplace_back("others", Model({x, words}, {y, looked_up, RepeatVector(2)(Flatten()(y))}, "others"));
  }
  {
    // Every initializer and every constraint.
    const Values x = {Input({3}), Input({3})};
    Values outputs;
    const auto& constraints = constraint_names();
    for (const InitializerRow& row : initializer_catalog())
      outputs.push_back(Dense(
          2, {.kernel_initializer = row.name,
              .kernel_constraint = constraints[outputs.size() % constraints.size()]})(x[outputs.size() % 2]));
    models.emplace_back("rules", Model(x, outputs, "rules"));
  }
  {
    // Every loss of vectors, with its settings, and what an optimizer may have.
    const Values x = {Input({3}), Input({3})};
    std::vector<Loss> losses;
    Values outputs;
    Data data;
    data.x = {Tensor::filled({4, 3}, 0.5), Tensor::filled({4, 3}, 0.25)};
    for (const LossRow& row : loss_catalog()) {
      Loss loss(row.name);
      if (loss.sparse() || takes_labels(loss)) continue;
      loss.reduction = "sum";
      losses.push_back(loss);
      outputs.push_back(Dense(2, {.activation = "sigmoid"})(x[outputs.size() % 2]));
      data.y.push_back(Tensor::filled({4, 2}, 1));
    }
    const Model model(x, outputs, "losses");
    OptimizerOptions options;
    options.gradient_accumulation_steps = 2, options.loss_scale_factor = 4;
    model.compile({.optimizer = Adafactor(0.1, {.clip_threshold = 0.5}, options), .loss = losses});
    model.train_on_batch(data);
    models.emplace_back("losses", model);
  }
  {
    const Model model = Sequential({Input({3}), Dense(4, {.activation = "relu"}), Dense(2)});
    model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
    Tensor x({16, 3}), y({16, 2});
    for (int64_t i = 0; i < x.count(); ++i) x.set(i, static_cast<double>(i % 11) / 11);
    for (int64_t i = 0; i < y.count(); ++i) y.set(i, static_cast<double>(i % 5) / 5);
    model.fit({x, y}, {.batch_size = 4, .epochs = 2, .verbose = 0});
    models.emplace_back("fitted", model);
  }
  {
    // Outputs that are calls of a model inside.
    const Value a = Input({3}), x = Input({3});
    const Model inner(a, Dense(3)(a), "inner");
    const Value once = inner(x);
    models.emplace_back("ends", Model({x}, {inner(once), once}, "ends"));
    models.emplace_back("end", Model(x, Model(a, Dense(3)(a), "other")(x), "end"));
  }
  {
    // A config that does not fit into the header of an HDF5 file, and a frozen layer.
    const Sequential model({Input({3})});
    for (int i = 0; i < 200; ++i)
      model.add(Dense(3, {.name = "layer_with_a_long_name_" + std::to_string(i)}));
    model.layers()[7].set_trainable(false);
    models.emplace_back("long", model);
  }
  for (const auto& [name, model] : models) write_for_keras(folder, name, model, sample_of(model));
  for (const auto& catalog :
       {models_of_layers(), models_of_training(), models_of_metrics(), models_of_settings()})
    for (const CatalogModel& given : catalog)
      write_for_keras(folder, given.name, given.model, given.inputs, given.targets);
  write_file_atomically(std::string(folder) + "/catalogs.json", catalog_names().dump());
}

}  // namespace
}  // namespace folio

// Whatever the catalogues hold goes into a file and comes back: a new row without that fails here.
// KerasFile.WritesForKeras writes the same models for real Keras to open.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/zip.h"
#include "folio/folio.h"
#include "folio/formats/keras_file.h"
#include "tests/base/files_for_tests.h"
#include "tests/formats/catalog_models.h"

namespace folio {
namespace {

void expect_equal(const std::vector<Tensor>& got, const std::vector<Tensor>& expected,
                  const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].shape(), expected[i].shape()) << what << " " << i;
    for (int64_t j = 0; j < got[i].count(); ++j)
      ASSERT_EQ(got[i].at(j), expected[i].at(j)) << what << " " << i << ", element " << j;
  }
}

std::vector<Tensor> state_of(const Model& model) {
  std::vector<Tensor> state;
  for (const Parameter& variable : model.optimizer()->variables()) state.push_back(variable.value());
  return state;
}

/// config.json of a .keras file.
std::string config_in(const std::string& path) {
  const auto bytes = ZipReader(path).read("config.json", 1 << 24);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Saves, loads and compares in every format.
void expect_round_trip(const CatalogModel& given) {
  SCOPED_TRACE(given.name);
  const TemporaryFolder folder;
  const Model& model = given.model;
  const auto answers = model.predict(given.inputs);
  for (const char* name : {"model.keras", "model.h5"}) {
    SCOPED_TRACE(name);
    model.save(folder / name);
    const Model again = Model::load(folder / name);
    expect_equal(again.get_weights(), model.get_weights(), "weight");
    expect_equal(again.predict(given.inputs), answers, "answer");
    ASSERT_EQ(again.compiled(), model.compiled());
    if (model.compiled()) {
      expect_equal(state_of(again), state_of(model), "optimizer state");
      EXPECT_EQ(again.optimizer()->config(), model.optimizer()->config());
    }
    // What is read is written again, letter by letter.
    again.save(folder / "again.keras");
    model.save(folder / "first.keras");
    EXPECT_EQ(config_in(folder / "again.keras"), config_in(folder / "first.keras"));
    if (given.targets.empty()) continue;
    // And training goes on alike.
    const Model copy = Model::load(folder / "first.keras");
    again.train_on_batch({given.inputs, given.targets});
    copy.train_on_batch({given.inputs, given.targets});
    expect_equal(again.get_weights(), copy.get_weights(), "weight after one step more");
  }
  model.save(folder / "model.weights.h5");
  const Model fresh = load_architecture(folder / "model.keras");
  fresh.load_weights(folder / "model.weights.h5");
  expect_equal(fresh.get_weights(), model.get_weights(), "weight alone");
}

TEST(CatalogsInFiles, Layers) {
  std::set<std::string> covered = {"InputLayer", "IntegerLookup", "StringLookup", "TextVectorization"};
  for (const CatalogModel& given : models_of_layers()) {
    expect_round_trip(given);
    for (const Layer& layer : given.model.layers()) {
      covered.insert(layer.class_name());
      for (const auto& [place, child] : layer.body().children()) covered.insert(child->class_name());
    }
  }
  for (const LayerRow& row : layer_catalog()) EXPECT_TRUE(covered.count(row.class_name)) << row.class_name;
}

TEST(CatalogsInFiles, Training) {
  for (const CatalogModel& given : models_of_training()) expect_round_trip(given);
}

TEST(CatalogsInFiles, Metrics) {
  for (const CatalogModel& given : models_of_metrics()) expect_round_trip(given);
}

TEST(CatalogsInFiles, Settings) {
  for (const CatalogModel& given : models_of_settings()) expect_round_trip(given);
}

}  // namespace
}  // namespace folio

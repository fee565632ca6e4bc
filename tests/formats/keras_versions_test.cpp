// Models that every version of Keras 3 wrote, beside what it says of them: golden/make_versions.py.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/data/npy.h"
#include "folio/folio.h"
#include "folio/models/model_body.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, "versions/" + name); }

/// word0, word1, … of a golden .npz.
std::vector<Tensor> numbered(const std::string& name, const std::string& word) {
  const NamedTensors arrays = read_npz(golden(name + ".npz"));
  std::vector<Tensor> found;
  const auto next = [&] {
    return std::find_if(arrays.begin(), arrays.end(), [&](const auto& entry) {
      return entry.first == word + std::to_string(found.size());
    });
  };
  for (auto entry = next(); entry != arrays.end(); entry = next()) found.push_back(entry->second);
  return found;
}

void expect_near(const std::vector<Tensor>& got, const std::vector<Tensor>& expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].shape(), expected[i].shape()) << i;
    for (int64_t j = 0; j < got[i].count(); ++j)
      ASSERT_NEAR(got[i].at(j), expected[i].at(j), tolerance * std::max(1.0, std::abs(expected[i].at(j))))
          << i << ", element " << j;
  }
}

std::vector<Tensor> state_of(const Model& model) {
  std::vector<Tensor> state;
  for (const Parameter& variable : model.optimizer()->variables()) state.push_back(variable.value());
  return state;
}

class KerasVersion : public testing::TestWithParam<const char*> {};

TEST_P(KerasVersion, NetworkIsTheSameAndGoesOn) {
  const TemporaryFolder folder;
  const std::string name = std::string(GetParam()) + "_cnn";
  const Model loaded = Model::load(golden(name + ".keras"));
  loaded.save(folder / "again.keras");
  loaded.save(folder / "again.h5");
  for (const Model& model : {loaded, Model::load(folder / "again.keras"), Model::load(folder / "again.h5")}) {
    expect_near(model.get_weights(), numbered(name, "weight"), 0);
    expect_near(model.predict(numbered(name, "input")), numbered(name, "answer"), 1e-6);
    EXPECT_EQ(model.optimizer()->class_name(), "Adam");
    EXPECT_EQ(model.optimizer()->iterations().value().at(0), 4);
    expect_near(state_of(model), numbered(name, "state"), 0);
    model.train_on_batch({numbered(name, "input"), numbered(name, "target")});
    expect_near(model.get_weights(), numbered(name, "next"), 1e-6);
  }
}
INSTANTIATE_TEST_SUITE_P(Keras, KerasVersion,
                         testing::Values("3.0.5", "3.4.1", "3.7.0", "3.10.0", "3.12.4", "3.15.1"),
                         [](const auto& info) { return "v" + std::to_string(info.index); });

class KerasKeys : public testing::TestWithParam<const char*> {};

TEST_P(KerasKeys, StayAsTheyWere) {
  const TemporaryFolder folder;
  const std::string name = std::string(GetParam()) + "_keys";
  const Model loaded = Model::load(golden(name + ".keras"));
  loaded.save(folder / "again.keras");
  loaded.save(folder / "again.h5");
  for (const Model& model : {loaded, Model::load(folder / "again.keras"), Model::load(folder / "again.h5")}) {
    // Keras' order is that of the keys.
    EXPECT_EQ(model.model().input_names(), (std::vector<std::string>{"left", "right"}));
    EXPECT_EQ(model.model().output_names(), (std::vector<std::string>{"a", "m", "z"}));
    expect_near(model.get_weights(), numbered(name, "weight"), 0);
    expect_near(model.predict(numbered(name, "input")), numbered(name, "answer"), 1e-6);
    ASSERT_TRUE(model.model().output_structure.tree);
    EXPECT_EQ(*model.model().output_structure.tree, (Json{{"a", 0}, {"m", 1}, {"z", 2}}));
  }
}
INSTANTIATE_TEST_SUITE_P(Keras, KerasKeys, testing::Values("3.4.1", "3.12.4", "3.15.1"),
                         [](const auto& info) { return "v" + std::to_string(info.index); });

TEST(KerasKeys, NameLossesAndReports) {
  const TemporaryFolder folder;
  const Model model = Model::load(golden("3.12.4_keys.keras"));
  model.compile({"sgd", std::map<std::string, Loss>{{"a", "mse"}, {"z", "mae"}}});
  const auto inputs = numbered("3.12.4_keys", "input"), targets = numbered("3.12.4_keys", "answer");
  const Logs logs = model.train_on_batch({inputs, targets});
  std::vector<std::string> names;
  for (const auto& [name, value] : logs) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"loss", "a_loss", "z_loss"}));
  model.save(folder / "again.keras");
  EXPECT_EQ(Model::load(folder / "again.keras").training_options().loss.by_name.size(), 2u);
}

}  // namespace
}  // namespace folio

// What files of Keras 2 mean by settings that Keras 3 means otherwise: models of tf-keras 2.16, and the
// losses that it went on to.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/data/npy.h"
#include "folio/folio.h"
#include "folio/formats/keras_legacy.h"
#include "folio/formats/keras_model.h"
#include "folio/models/model_body.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, "keras2/" + name); }

Data rows_of(const std::string& name) {
  Data data;
  for (const auto& [key, tensor] : read_npz(golden(name + ".npz"))) (key == "x" ? data.x : data.y) = {tensor};
  return data;
}

std::vector<double> losses(const Model& model, const std::string& name, int64_t batch_size, int epochs) {
  return model.fit(rows_of(name),
                   {.batch_size = batch_size, .epochs = epochs, .verbose = 0, .shuffle = false})["loss"];
}

void expect_losses(const std::vector<double>& got, const Json& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], expected[i].get<double>(), 1e-5 * std::abs(expected[i].get<double>())) << i;
}

Json json_of(const std::string& name) { return Json::parse(read_text_file(golden(name + ".json"))); }

TEST(Keras2, DividesTheRateByItsDecay) {
  const Model model = Model::load(golden("decay.h5"));
  expect_losses(losses(model, "decay", 16, 3), json_of("decay")["h"]["loss"]);
  const TemporaryFolder folder;
  for (const char* name : {"again.h5", "again.keras"}) {
    model.save(folder / name);
    EXPECT_EQ(Model::load(folder / name).optimizer()->learning_rate(), model.optimizer()->learning_rate());
  }
}

TEST(Keras2, KeepsTheStepOfASchedule) {
  testing::internal::CaptureStderr();
  const Model model = Model::load(golden("schedule.h5"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(model.optimizer()->iterations().value().at(0), 12);
  expect_losses(losses(model, "schedule", 16, 2), json_of("schedule")["loss"]);
}

TEST(Keras2, DividesPenaltiesOnOutputsByTheBatch) {
  const TemporaryFolder folder;
  for (const char* name : {"", "again.h5", "again.keras"}) {
    const Model model = Model::load(golden("penalty.h5"));
    if (*name) model.save(folder / name);
    expect_losses(losses(*name ? Model::load(folder / name) : model, "penalty", 8, 3),
                  json_of("penalty")["h"]["loss"]);
  }
}

TEST(Keras2, HasAnotherHardSigmoid) {
  const Model model = Model::load(golden("hard_sigmoid.h5"));
  const Tensor x = read_npy(golden("hard_sigmoid_x.npy")), y = read_npy(golden("hard_sigmoid_y.npy"));
  const TemporaryFolder folder;
  model.save(folder / "again.keras");
  for (const Model& each : {model, Model::load(folder / "again.keras")}) {
    const Tensor got = each.predict(x);
    for (int64_t i = 0; i < y.count(); ++i) EXPECT_NEAR(got.at(i), y.at(i), 1e-6) << i;
  }
}

TEST(Keras2, IsToldByTheVersion) {
  const auto mean = [](const char* version, const char* said = "") {
    return KerasWriter(version, said).mean_activity_penalties();
  };
  for (const char* version : {"2.2.4-tf", "2.16.0", "3.14.0", "3.15.1", "3.20.0", ""})
    EXPECT_TRUE(mean(version)) << version;
  for (const char* version : {"3.0.5", "3.12.4", "3.13.0"}) EXPECT_FALSE(mean(version)) << version;
  EXPECT_TRUE(mean("3.0.0", "mean"));
  EXPECT_FALSE(mean("3.0.0", "sum"));
  EXPECT_TRUE(KerasWriter("2.16.0", "").is_keras2());
  EXPECT_FALSE(KerasWriter("3.2.0", "").is_keras2());
  EXPECT_FALSE(KerasWriter("", "").is_keras2());
}

// Both ways, for models of Folio's own: (4, 2) outputs of the penalty 1 each.
TEST(Keras2, PenaltiesAreMeansInNewModels) {
  set_random_seed(1);
  const Sequential model({Input({3}), Dense(2, {.kernel_initializer = "zeros", .bias_initializer = "ones"}),
                          ActivityRegularization({.l1 = 1})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Data data(Tensor({4, 3}), Tensor::filled({4, 2}, 1));
  EXPECT_FLOAT_EQ(static_cast<float>(find_log(model.evaluate(data), "loss")[0]), 2.0F);
  model.model().mean_activity_penalties = false;
  model.compile(model.training_options());
  EXPECT_FLOAT_EQ(static_cast<float>(find_log(model.evaluate(data), "loss")[0]), 8.0F);
}

// Keras 2 wrote for every convolution what only some have; what would mean something is not passed over.
TEST(Keras2, DropsSettingsOfOtherConvolutions) {
  const Json unused = {{"groups", 1},
                       {"kernel_initializer", "x"},
                       {"kernel_regularizer", nullptr},
                       {"kernel_constraint", nullptr}};
  const auto left = [&](const char* class_name, Json config) {
    Json json = {{"layers", Json::array({{{"class_name", class_name}, {"config", std::move(config)}}})}};
    translate_keras2(json);
    return json["layers"][0]["config"];
  };
  EXPECT_TRUE(left("DepthwiseConv2D", unused).empty());
  EXPECT_TRUE(left("SeparableConv1D", unused).empty());
  EXPECT_EQ(left("Conv2DTranspose", unused).size(), 3);
  EXPECT_EQ(left("Conv1D", unused).size(), 4);
  EXPECT_EQ(left("Conv2DTranspose", {{"groups", 2}}).size(), 1);
}

}  // namespace
}  // namespace folio

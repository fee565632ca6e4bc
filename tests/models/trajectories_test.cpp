// The same file, the same data, the same order: Folio's training follows real Keras'.
// golden/make_trajectories.py, golden/make_optimizers.py, make_toolbox.py and make_recurrent.py made the
// figures.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/file.h"
#include "folio/compiler/compile.h"
#include "folio/data/npy.h"
#include "folio/formats/keras_model.h"
#include "folio/models/model_body.h"
#include "folio/training/schedule.h"
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

const char* const kGolden[] = {"trajectories.json", "optimizers.json", "toolbox.json",
                               "recurrent.json",    "conv_lstm.json",  "attention.json"};

class Trajectories : public testing::TestWithParam<const char*> {};

TEST_P(Trajectories, FollowKeras) {
  const Json golden = Json::parse(read_text_file(golden_path(__FILE__, GetParam())));
  for (const auto& [name, expected] : golden["cases"].items()) {
    SCOPED_TRACE(name);
    const Model model = Model::load(golden_path(__FILE__, name + ".keras"));
    const Data data = data_of(model, read_npz(golden_path(__FILE__, name + ".npz")));
    FitOptions options;
    options.batch_size = expected["batch_size"].get<int64_t>();
    options.epochs = expected["epochs"].get<int>();
    options.shuffle = false;
    options.verbose = 0;
    if (expected.contains("class_weight"))
      for (const Json& entry : expected["class_weight"])
        options.class_weight[entry[0].get<int>()] = entry[1].get<double>();
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
INSTANTIATE_TEST_SUITE_P(All, Trajectories, testing::ValuesIn(kGolden));

TEST(Optimizers, AllHaveTrajectories) {
  std::set<std::string> covered;
  for (const char* file : kGolden) {
    const Json golden = Json::parse(read_text_file(golden_path(__FILE__, file)));
    for (const auto& [name, expected] : golden["cases"].items())
      covered.insert(Model::load(golden_path(__FILE__, name + ".keras")).optimizer()->class_name());
  }
  for (const OptimizerRow& row : optimizer_catalog())
    EXPECT_TRUE(covered.count(row.class_name)) << row.class_name << ": add it to golden/make_optimizers.py";
}

TEST(Schedules, GiveKerasRates) {
  const Json golden = Json::parse(read_text_file(golden_path(__FILE__, "schedules.json")));
  std::set<std::string> covered;
  for (const Json& entry : golden) {
    SCOPED_TRACE(entry["config"].dump());
    const Schedule schedule = Schedule::from_config(entry["config"], "golden");
    covered.insert(entry["config"]["class_name"].get<std::string>());
    const Value step = input({});
    const Plan plan = compile({{step}, {schedule.at(step)}, {}}, {"test", 1, {}});
    for (size_t i = 0; i < entry["rates"].size(); ++i) {
      const double expected = entry["rates"][i].get<double>();
      EXPECT_NEAR(schedule(static_cast<double>(i)), expected, 1e-6 * std::abs(expected) + 2e-8)
          << "step " << i;
      EXPECT_NEAR(plan({Tensor::scalar(static_cast<double>(i))})[0].at(0), expected,
                  1e-5 * std::abs(expected) + 2e-8)
          << "step " << i;
    }
    // What is written is what was read.
    EXPECT_EQ(Schedule::from_config(schedule.config(), "again").config(), schedule.config());
  }
  for (const ScheduleRow& row : schedule_catalog())
    EXPECT_TRUE(covered.count(row.class_name)) << row.class_name << ": add it to golden/make_optimizers.py";
}

TEST(Schedules, RefuseWhatMeansNothing) {
  EXPECT_THROW(ExponentialDecay(0.1, 0, 0.5), Error);
  EXPECT_THROW(PiecewiseConstantDecay({1, 2}, {0.1, 0.2}), Error);
  EXPECT_THROW(CosineDecayRestarts(0.1, 5, 0.5), Error);
  EXPECT_NE(error_of([] {
              Schedule::from_config(Json{{"class_name", "Lambda"}}, "m");
            }).find("CosineDecay"),
            std::string::npos);
  const Optimizer adam = Adam(ExponentialDecay(0.1, 5, 0.5));
  EXPECT_DOUBLE_EQ(adam->learning_rate(), 0.1);
  EXPECT_NE(error_of([&] { adam->set_learning_rate(0.2); }).find("follows a schedule"), std::string::npos);
}

TEST(Optimizers, ConfigsComeBackEqual) {
  OptimizerOptions options;
  options.use_ema = true, options.ema_overwrite_frequency = 5, options.clipnorm = 0.5;
  OptimizerOptions several;
  several.gradient_accumulation_steps = 4, several.loss_scale_factor = 64;
  const std::vector<Optimizer> all = {
      SGD(CosineDecay(0.1, 10), 0.9, true),
      RMSprop(0.1, 0.8, 0.1, 1e-6, true),
      Adam(0.1, 0.8, 0.9, 1e-6, true, options),
      AdamW(0.1, 0.01),
      Adagrad(0.1, 0.2),
      Adadelta(0.1, 0.9),
      Adamax(0.1),
      Nadam(0.1),
      Lion(0.1),
      Lamb(0.1, 0.8),
      Adafactor(0.1, {.clip_threshold = 0.5, .relative_step = false}, several),
      Ftrl(0.1, {.beta = 0.5})};
  std::set<std::string> covered;
  for (const Optimizer& optimizer : all) {
    const Json envelope = {{"class_name", optimizer->class_name()}, {"config", optimizer->config()}};
    EXPECT_EQ(Optimizer::from_config(envelope, "test")->config(), optimizer->config());
    covered.insert(optimizer->class_name());
  }
  for (const OptimizerRow& row : optimizer_catalog())
    EXPECT_TRUE(covered.count(row.class_name)) << row.class_name << ": add it here";
}

}  // namespace
}  // namespace folio

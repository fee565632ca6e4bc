// Models trained with CTC: Keras 3.12's own (golden/ctc), and what has no labels, or too many.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/data/npy.h"
#include "folio/folio.h"
#include "folio/training/ctc.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, "ctc/" + name); }

Data read(const std::string& name) {
  Data data;
  for (const auto& [key, array] : read_npz(golden(name))) (key == "x" ? data.x : data.y).push_back(array);
  return data;
}

TEST(CtcModels, AreThoseOfKeras) {
  const Json expected = Json::parse(read_text_file(golden("expected.json")));
  const Data data = read("train.npz");
  const TemporaryFolder folder;
  Model::load(golden("model.keras")).save(folder / "again.keras");
  Model::load(golden("model.keras")).save(folder / "again.h5");
  for (const std::string& path : {golden("model.keras"), folder / "again.keras", folder / "again.h5"}) {
    SCOPED_TRACE(path);
    const Model model = Model::load(path);
    EXPECT_EQ(model.training_options().loss.all[0].name, "ctc");
    const double loss = expected["evaluate"]["loss"];
    EXPECT_NEAR(model.evaluate(data, 4)[0].second, loss, 1e-5 * loss);
    for (int64_t r = 0; r < data.rows(); ++r) {
      const double row = expected["losses_of_rows"][static_cast<size_t>(r)];
      Data one({data.x[0].rows(r, r + 1)}, {data.y[0].rows(r, r + 1)});
      EXPECT_NEAR(model.evaluate(one, 4)[0].second, row, 1e-5 * row) << "row " << r;
    }
    const History history = model.fit(data, {.batch_size = 4, .epochs = 3, .verbose = 0, .shuffle = false});
    for (size_t e = 0; e < 3; ++e) {
      const double epoch = expected["fit"][e];
      EXPECT_NEAR(history["loss"][e], epoch, 2e-5 * epoch) << "epoch " << e;
    }
  }
}

TEST(CtcModels, StayFiniteWhereLabelsDoNotFit) {
  const Model model = Model::load(golden("model.keras"));
  const History history = model.fit(read("impossible.npz"), {.epochs = 2, .verbose = 0});
  EXPECT_TRUE(std::isfinite(history["loss"].back()));
  for (const Tensor& weight : model.get_weights())
    for (int64_t i = 0; i < weight.count(); ++i) ASSERT_TRUE(std::isfinite(weight.at(i)));
}

TEST(CtcModels, CountTheStepsOfLabels) {
  const auto steps = [](const std::vector<int64_t>& labels) { return ctc_steps_for(labels); };
  EXPECT_EQ(steps({}), 0);
  EXPECT_EQ(steps({0, 0}), 0);
  EXPECT_EQ(steps({1, 2, 1, 0}), 3);
  EXPECT_EQ(steps({1, 1, 1, 0}), 5);
  EXPECT_EQ(steps({2, 2, 1, 1}), 6);
}

TEST(CtcModels, ExplainMisfits) {
  reset_names();
  const Sequential model({Input({4, 2}), Dense(3)});
  model.compile({.optimizer = "sgd", .loss = "ctc"});
  const auto refused = [&](const Tensor& y, FitOptions options = {}) {
    options.verbose = 0;
    return error_of([&] { model.fit({Tensor({2, 4, 2}), y}, options); });
  };
  EXPECT_EQ(
      refused(Tensor({2, 4, 3})),
      "training data, target \"dense\": expected labels (rows, labels), 0 behind the end of each row, for "
      "predictions (rows, steps, classes), got (2, 4, 3) for (None, 4, 3)");
  EXPECT_NE(refused(Tensor::of<float>({2, 2}, {1, 3, 1, 2}))
                .find("expected class numbers from 0 to 2, got 3 in row 0"),
            std::string::npos);
  EXPECT_NE(refused(Tensor::of<float>({2, 2}, {1, -1, 1, 2})).find("got -1 in row 0"), std::string::npos);
  EXPECT_NE(
      refused(Tensor({2, 2}), {.class_weight = {{1, 2.0}}}).find("class_weight: expected a loss of classes"),
      std::string::npos);
  // More labels than steps, and none at all.
  EXPECT_EQ(refused(Tensor::of<float>({2, 6}, {1, 2, 1, 2, 1, 2, 0, 0, 0, 0, 0, 0})), "");
}

}  // namespace
}  // namespace folio

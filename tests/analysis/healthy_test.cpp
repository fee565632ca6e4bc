// On trainings that go well the doctor has nothing to warn of: real data, and models as people use them.
#include <cmath>

#include "folio/data/csv.h"
#include "folio/data/dataset.h"
#include "tests/analysis/illnesses.h"

namespace folio {
namespace {

class DoctorOnRealData : public testing::Test {
 protected:
  void SetUp() override {
    if (data_folder().empty()) GTEST_SKIP() << "set FOLIO_DATA to the folder of the real data sets";
    set_random_seed(1);
  }

  static Data pictures(const std::string& name, int64_t rows) {
    const Dataset set = load(name, "train");
    Data data(set.x.rows(0, rows), set.y.rows(0, rows));
    data.scale = 1.0 / 255;
    return data;
  }
};

Sequential lenet(const std::string& activation) {
  return Sequential({Input({28, 28, 1}), Conv2D(6, 5, {.padding = "same", .activation = activation}),
                     MaxPooling2D(2), Conv2D(16, 5, {.activation = activation}), MaxPooling2D(2), Flatten(),
                     Dense(120, {.activation = activation}), Dense(84, {.activation = activation}),
                     Dense(10, {.activation = "softmax"})});
}

TEST_F(DoctorOnRealData, HasNothingToSayOfLeNet) {
  const Data data = pictures("mnist", 2400);
  const FitOptions options{.batch_size = 32, .epochs = 3, .validation_data = data.slice(1920, 2400)};
  EXPECT_EQ(warnings(findings_of(lenet("relu"), Adam(0.002), data.slice(0, 1920), options, 32)), "");
  EXPECT_EQ(warnings(findings_of(lenet("tanh"), SGD(0.05, 0.9), data.slice(0, 1920), options, 32)), "");
}

TEST_F(DoctorOnRealData, HasNothingToSayOfANetworkOfDenseLayers) {
  for (const char* activation : {"relu", "sigmoid"}) {
    const Sequential model({Input({28, 28, 1}), Flatten(), Dense(128, {.activation = activation}),
                            Dropout(0.2), Dense(64, {.activation = activation}),
                            Dense(10, {.activation = "softmax"})});
    EXPECT_EQ(warnings(findings_of(model, Adam(0.001), pictures("mnist", 2560),
                                   {.batch_size = 64, .epochs = 3}, 32)),
              "");
  }
}

TEST_F(DoctorOnRealData, HasNothingToSayOfTwoBranches) {
  const Value visible = Input({32, 32, 3});
  const Value one = Flatten()(MaxPooling2D(2)(Dropout(0.2)(Conv2D(32, 3, {.activation = "relu"})(visible))));
  const Value two = Flatten()(MaxPooling2D(2)(Dropout(0.2)(Conv2D(32, 6, {.activation = "relu"})(visible))));
  const Value hidden = Dense(100, {.activation = "relu"})(Concatenate()({one, two}));
  const Model model(visible, Dense(10, {.activation = "softmax"})(hidden));
  EXPECT_EQ(
      warnings(findings_of(model, Adam(0.001), pictures("cifar10", 640), {.batch_size = 64, .epochs = 2}, 4)),
      "");
}

// The numeric columns of a table, standardized, in a shuffled order.
Data table(const std::string& name) {
  const CsvTable csv = read_csv(data_folder() + "/tabular/" + name + ".csv");
  const auto columns = static_cast<int64_t>(csv.columns.size()) - 1;
  const CsvColumn& target = csv.columns.back();
  Tensor x({csv.rows, columns}), y({csv.rows}, DType::int32);
  const std::vector<int64_t> order = shuffled_order(csv.rows, 3, 0);
  for (int64_t f = 0; f < columns; ++f) {
    const std::vector<double>& values = csv.columns[static_cast<size_t>(f)].numbers;
    const auto n = static_cast<double>(csv.rows);
    double mean = 0, variance = 0;
    for (double value : values) mean += value / n;
    for (double value : values) variance += (value - mean) * (value - mean) / n;
    for (int64_t r = 0; r < csv.rows; ++r)
      x.set(r * columns + f,
            (values[static_cast<size_t>(order[static_cast<size_t>(r)])] - mean) / std::sqrt(variance));
  }
  for (int64_t r = 0; r < csv.rows; ++r) {
    const auto row = static_cast<size_t>(order[static_cast<size_t>(r)]);
    y.set(r, target.is_number ? target.numbers[row] - (name == "wheat-seeds" ? 1 : 0) : target.codes[row]);
  }
  return {x, y};
}

TEST_F(DoctorOnRealData, HasNothingToSayOfScaledTables) {
  for (const char* name : {"iris", "wheat-seeds", "pima-indians-diabetes", "sonar"}) {
    const Data data = table(name);
    const int64_t kept = data.rows() * 7 / 10;
    const int64_t features = data.x[0].shape()[1];
    const Model model =
        classifier(features, 3, {Dense(32, {.activation = "relu"}), Dense(16, {.activation = "relu"})});
    EXPECT_EQ(warnings(findings_of(
                  model, Adam(0.001), data.slice(0, kept),
                  {.batch_size = 32, .epochs = 20, .validation_data = data.slice(kept, data.rows())})),
              "")
        << name;
  }
}

TEST_F(DoctorOnRealData, SeesWhatAilsTablesAsTheyAre) {
  const CsvTable csv = read_csv(data_folder() + "/tabular/wine.csv");
  Tensor x({csv.rows, 13}), y({csv.rows}, DType::int32);
  for (int64_t r = 0; r < csv.rows; ++r) {
    for (int64_t f = 0; f < 13; ++f)
      x.set(r * 13 + f, csv.columns[static_cast<size_t>(f)].numbers[static_cast<size_t>(r)]);
    y.set(r, csv.columns[13].numbers[static_cast<size_t>(r)] - 1);
  }
  const auto findings = findings_of(classifier(13, 3, {Dense(16, {.activation = "relu", .name = "first"})}),
                                    Adam(0.001), {x, y}, {.batch_size = 32, .epochs = 3});
  ASSERT_NE(find(findings, "unscaled_inputs"), nullptr);
  EXPECT_EQ(find(findings, "unscaled_inputs")->layer, "first");
  EXPECT_NE(find(findings, "unscaled_inputs")->sentence.find("feature 12"), std::string::npos);
}

TEST_F(DoctorOnRealData, SeesImbalance) {
  const auto findings = findings_of(classifier(6, 2, {Dense(16, {.activation = "relu"})}), Adam(0.001),
                                    table("mammography"), {.batch_size = 64, .epochs = 1});
  ASSERT_NE(find(findings, "class_imbalance"), nullptr);
  EXPECT_NEAR(find(findings, "class_imbalance")->number, 0.977, 0.005);
}

}  // namespace
}  // namespace folio

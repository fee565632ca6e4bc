// Each illness is made on purpose, and the doctor has to name it and its place; the training must not notice.
#include "folio/analysis/doctor.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/ops/elementwise.h"
#include "tests/analysis/illnesses.h"

namespace folio {
namespace {

class DoctorFinds : public testing::Test {
 protected:
  void SetUp() override { set_random_seed(5); }

  static void expect(const std::vector<Finding>& findings, const std::string& kind,
                     const std::string& layer) {
    const Finding* found = find(findings, kind);
    ASSERT_NE(found, nullptr) << "expected " << kind << ", got:\n" << warnings(findings);
    EXPECT_EQ(found->layer, layer) << found->sentence;
    EXPECT_FALSE(found->sentence.empty());
    EXPECT_FALSE(found->remedy.empty());
  }
};

Layer relu(int64_t units, const std::string& name, Initializer kernel = "he_normal",
           Initializer bias = "zeros") {
  return Dense(units, {.activation = "relu",
                       .kernel_initializer = std::move(kernel),
                       .bias_initializer = std::move(bias),
                       .name = name});
}

TEST_F(DoctorFinds, DeadUnits) {
  const Model model = classifier(
      8, 3,
      {relu(16, "alive"), relu(16, "dead", "he_normal", Initializer::constant(-100)), relu(16, "after")});
  const auto findings = findings_of(model, SGD(0.01), blobs(300, 8, 3), {.batch_size = 50, .epochs = 4});
  expect(findings, "dead_units", "dead");
  EXPECT_EQ(find(findings, "dead_units")->number, 1);
  EXPECT_EQ(find(findings, "dead_units")->severity, Severity::serious);
  EXPECT_EQ(find(findings, "weights_do_not_move"), nullptr) << "one illness, one sentence";
}

TEST_F(DoctorFinds, DeadChannelsOfAConvolution) {
  const Model model = Sequential(
      {Input({8, 8, 1}), Conv2D(4, 3, {.activation = "relu", .name = "seeing"}),
       Conv2D(4, 3, {.activation = "relu", .bias_initializer = Initializer::constant(-50), .name = "blind"}),
       Flatten(), Dense(3, {.activation = "softmax"})});
  Data data = blobs(300, 64, 3);
  data.x[0] = data.x[0].reshaped({300, 8, 8, 1});
  expect(findings_of(model, SGD(0.01), data, {.batch_size = 64, .epochs = 4}), "dead_units", "blind");
}

TEST_F(DoctorFinds, SaturatedUnits) {
  const Model model = classifier(20, 3,
                                 {Dense(16, {.activation = "tanh", .name = "calm"}),
                                  Dense(16, {.activation = "sigmoid",
                                             .kernel_initializer = Initializer::random_normal(0, 30),
                                             .name = "saturated"})});
  expect(findings_of(model, SGD(0.01), blobs(200, 20, 3), {.batch_size = 50, .epochs = 2}), "saturated",
         "saturated");
}

TEST_F(DoctorFinds, VanishingGradients) {
  std::vector<SequentialItem> hidden;
  for (int i = 0; i < 10; ++i)
    hidden.push_back(Dense(16, {.activation = "sigmoid", .name = "sigmoid_" + std::to_string(i)}));
  const auto findings =
      findings_of(classifier(8, 3, hidden), SGD(0.1), blobs(300, 8, 3), {.batch_size = 50, .epochs = 3});
  expect(findings, "vanishing_gradients", "sigmoid_0");
  EXPECT_LT(find(findings, "vanishing_gradients")->number, 1e-3);
}

TEST_F(DoctorFinds, ExplodingGradients) {
  std::vector<SequentialItem> hidden;
  for (int i = 0; i < 10; ++i)
    hidden.push_back(relu(16, "wild_" + std::to_string(i), Initializer::random_normal(0, 2)));
  const auto findings =
      findings_of(classifier(8, 3, hidden), SGD(1e-12), blobs(300, 8, 3), {.batch_size = 50, .epochs = 1});
  expect(findings, "exploding_gradients", "wild_0");
  EXPECT_GT(find(findings, "exploding_gradients")->number, 1e3);
}

TEST_F(DoctorFinds, WeightsThatDoNotMove) {
  const Model model =
      classifier(8, 3,
                 {Dense(16, {.activation = "tanh", .kernel_initializer = "zeros", .name = "zero"}),
                  Dense(8, {.activation = "tanh", .kernel_initializer = "zeros", .name = "zero_too"})});
  expect(findings_of(model, SGD(0.1), blobs(200, 8, 3), {.batch_size = 50, .epochs = 2}),
         "weights_do_not_move", "zero");
}

TEST_F(DoctorFinds, TooHighALearningRate) {
  const Model model = classifier(8, 3, {Dense(32, {.activation = "tanh", .name = "hidden"})});
  const auto findings = findings_of(model, Adam(3.0), blobs(640, 8, 3, 2.0), {.batch_size = 32, .epochs = 8});
  expect(findings, "learning_rate_too_high", "hidden");
  EXPECT_GT(find(findings, "learning_rate_too_high")->number, 0.1);
}

TEST_F(DoctorFinds, TooLowALearningRate) {
  const Model model = classifier(8, 3, {relu(32, "hidden")});
  const auto findings = findings_of(model, SGD(1e-6), blobs(640, 8, 3), {.batch_size = 32, .epochs = 6});
  expect(findings, "learning_rate_too_low", "");
  EXPECT_EQ(find(findings, "underfitting"), nullptr) << "the cause is known";
}

TEST_F(DoctorFinds, ALossThatRises) {
  // What is learnt first is wrong later: the labels turn around after the third epoch.
  const Data good = blobs(640, 8, 2);
  Tensor x({6400, 8}), y({6400}, DType::int32);
  for (int64_t r = 0; r < 6400; ++r) {
    const double label = good.y[0].at(r % 640);
    y.set(r, r < 3200 ? label : 1 - label);
    x.rows(r, r + 1).assign(good.x[0].rows(r % 640, r % 640 + 1));
  }
  const auto findings =
      findings_of(classifier(8, 2, {relu(16, "hidden")}), SGD(0.003), {x, y},
                  {.batch_size = 32, .epochs = 10, .shuffle = false, .steps_per_epoch = 20});
  expect(findings, "loss_rises", "");
}

TEST_F(DoctorFinds, ALossThatOscillates) {
  // The absolute error's slope does not fall near the minimum, so that one weight jumps over it for ever.
  const Sequential model({Input({1}), Dense(1, {.use_bias = false, .kernel_initializer = "zeros"})});
  model.compile({.optimizer = SGD(1.5), .loss = "mae"});
  const Doctor doctor({.every = 4, .print = false});
  model.fit({Tensor::of<float>({2, 1}, {1, -1}), Tensor::of<float>({2, 1}, {2, -2})},
            {.batch_size = 2, .epochs = 20, .verbose = 0, .callbacks = {doctor}});
  expect(doctor.findings(), "loss_oscillates", "");
}

TEST_F(DoctorFinds, Overfitting) {
  const Model model = classifier(30, 3, {relu(256, "wide")});
  const Data data = noise(160, 30, 3);
  const auto findings = findings_of(model, Adam(0.01), data.slice(0, 80),
                                    {.batch_size = 16, .epochs = 25, .validation_data = data.slice(80, 160)});
  expect(findings, "overfitting", "");
  EXPECT_GE(find(findings, "overfitting")->number, 1.2);
}

TEST_F(DoctorFinds, Underfitting) {
  const auto findings = findings_of(classifier(4, 3, {relu(4, "hidden")}), SGD(0.01), noise(3000, 4, 3),
                                    {.batch_size = 50, .epochs = 8});
  expect(findings, "underfitting", "");
}

TEST_F(DoctorFinds, ARegularizerThatLeavesNothing) {
  const Sequential model(
      {Input({8}),
       Dense(16, {.activation = "relu", .kernel_regularizer = Regularizer::l2(20.0), .name = "hidden"}),
       Dense(3, {.activation = "softmax", .kernel_regularizer = Regularizer::l2(20.0)})});
  const auto findings =
      findings_of(model, Adam(0.001), blobs(640, 8, 3), {.batch_size = 32, .epochs = 60}, 32);
  expect(findings, "underfitting", "");
  EXPECT_NE(find(findings, "underfitting")->remedy.find("regularizers"), std::string::npos);
}

TEST_F(DoctorFinds, ClassImbalance) {
  Data data = blobs(1000, 8, 2);
  for (int64_t r = 0; r < 1000; ++r) data.y[0].set(r, r % 25 == 0);
  const auto findings =
      findings_of(classifier(8, 2, {relu(8, "hidden")}), Adam(0.001), data, {.batch_size = 20, .epochs = 4});
  expect(findings, "class_imbalance", "");
  EXPECT_NEAR(find(findings, "class_imbalance")->number, 0.96, 1e-9);
  expect(findings, "majority_class", "");
}

TEST_F(DoctorFinds, PredictionsOfOneClass) {
  const Model model = classifier(8, 3, {relu(8, "hidden")});
  model.layer("answer").set_weights({Tensor({8, 3}), Tensor::of<float>({3}, {0, 50, 0})});
  expect(findings_of(model, SGD(1e-5), blobs(600, 8, 3), {.batch_size = 12, .epochs = 3}),
         "collapsed_predictions", "");
}

TEST_F(DoctorFinds, UnscaledInputs) {
  Data data = blobs(640, 8, 3);
  for (int64_t r = 0; r < 640; ++r) data.x[0].set(r * 8 + 5, 740 + 300 * data.x[0].at(r * 8 + 5));
  const auto findings =
      findings_of(classifier(8, 3, {relu(16, "hidden")}), Adam(0.001), data, {.batch_size = 64, .epochs = 2});
  expect(findings, "unscaled_inputs", "hidden");
  const Finding* found = find(findings, "unscaled_inputs");
  EXPECT_NE(found->sentence.find("feature 5"), std::string::npos) << found->sentence;
}

TEST_F(DoctorFinds, NoUnscaledInputsWhereTheModelScalesThem) {
  Data data = blobs(640, 8, 3);
  for (int64_t i = 0; i < data.x[0].count(); ++i) data.x[0].set(i, 255 * data.x[0].at(i));
  for (const Layer& scaling : {Layer(Rescaling(1.0 / 255)), Layer(BatchNormalization())})
    EXPECT_EQ(find(findings_of(classifier(8, 3, {scaling, relu(16, "hidden")}), Adam(0.001), data,
                               {.batch_size = 64, .epochs = 2}),
                   "unscaled_inputs"),
              nullptr);
}

TEST_F(DoctorFinds, ConstantInputs) {
  Data data = blobs(640, 8, 3);
  for (int64_t r = 0; r < 640; ++r) data.x[0].set(r * 8 + 2, 0.3);
  const auto findings =
      findings_of(classifier(8, 3, {relu(16, "hidden")}), Adam(0.001), data, {.batch_size = 64, .epochs = 7});
  expect(findings, "constant_inputs", "hidden");
  EXPECT_EQ(find(findings, "constant_inputs")->severity, Severity::note);
  EXPECT_EQ(find(findings, "constant_inputs")->number, 1);
}

TEST_F(DoctorFinds, NonFiniteData) {
  Data data = blobs(64, 8, 3);
  data.x[0].set(40 * 8 + 3, std::nan(""));
  const auto findings = findings_of(classifier(8, 3, {relu(16, "hidden")}), SGD(0.1), data,
                                    {.batch_size = 32, .epochs = 1, .shuffle = false});
  ASSERT_NE(find(findings, "non_finite"), nullptr);
  EXPECT_EQ(find(findings, "non_finite")->step, 2);
  EXPECT_NE(find(findings, "non_finite")->sentence.find("row 8"), std::string::npos)
      << find(findings, "non_finite")->sentence;
}

// The logarithm of what may be negative.
class RashBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Rash"; }
  Values call(const LayerCall& call, Effects&) override { return {log(call.input() + 3.0)}; }
};

TEST_F(DoctorFinds, TheLayerThatGivesNaN) {
  Data data = blobs(256, 8, 3);
  data.x[0].set(200 * 8 + 3, -4);
  const Layer rash(make_body<RashBody>("rash", true));
  const auto findings = findings_of(classifier(8, 3, {rash, relu(16, "hidden")}), SGD(0.1), data,
                                    {.batch_size = 128, .epochs = 1, .shuffle = false});
  expect(findings, "non_finite", "rash");
  EXPECT_EQ(find(findings, "non_finite")->severity, Severity::serious);
}

class DoctorIsSilent : public DoctorFinds {};

TEST_F(DoctorIsSilent, OnHealthyBlobs) {
  for (const char* activation : {"relu", "tanh", "sigmoid", "elu", "gelu"})
    for (const Optimizer& optimizer :
         {Optimizer(Adam(0.003)), Optimizer(SGD(0.1)), Optimizer(SGD(0.05, 0.9))}) {
      const Model model =
          classifier(8, 3, {Dense(32, {.activation = activation}), Dense(16, {.activation = activation})});
      EXPECT_EQ(warnings(findings_of(model, optimizer, blobs(640, 8, 3), {.batch_size = 32, .epochs = 10})),
                "")
          << activation;
    }
}

TEST_F(DoctorIsSilent, OnAModelThatIsTrainedAlready) {
  const Model model = classifier(8, 3, {relu(32, "hidden")});
  const Data data = blobs(640, 8, 3);
  findings_of(model, Adam(0.01), data, {.batch_size = 32, .epochs = 20});
  EXPECT_EQ(warnings(findings_of(model, Adam(1e-6), data, {.batch_size = 32, .epochs = 8})), "");
}

// A model with all that could be disturbed: random layers, moving statistics, an optimizer with slots.
Sequential fragile() {
  set_random_seed(9);
  reset_names();
  return classifier(8, 3,
                    {Dense(16, {.activation = "relu"}), BatchNormalization(), Dropout(0.3),
                     GaussianNoise(0.1), Dense(16, {.activation = "tanh"})});
}

std::vector<Tensor> state_of(const Model& model) {
  std::vector<Tensor> all = model.get_weights();
  for (const Parameter& variable : model.optimizer()->variables()) all.push_back(variable.value().clone());
  return all;
}

TEST(Doctor, LeavesEveryBitOfTheTrainingAlone) {
  const Data data = blobs(330, 8, 3);
  const FitOptions options{.batch_size = 50, .epochs = 3, .verbose = 0};
  std::vector<std::vector<Tensor>> states;
  for (const bool watched : {false, true}) {
    const Model model = fragile();
    model.compile({.optimizer = Adam(0.01), .loss = "sparse_categorical_crossentropy"});
    FitOptions now = options;
    if (watched) now.callbacks = {Doctor({.every = 1, .print = false})};
    model.fit(data, now);
    states.push_back(state_of(model));
  }
  ASSERT_EQ(states[0].size(), states[1].size());
  for (size_t i = 0; i < states[0].size(); ++i)
    EXPECT_EQ(std::memcmp(states[0][i].raw(), states[1][i].raw(), static_cast<size_t>(states[0][i].bytes())),
              0)
        << "tensor " << i;
}

// Hands the training over to another doctor after `stop` steps, as resuming from a checkpoint does.
class HandOverBody final : public CallbackBody {
 public:
  explicit HandOverBody(int64_t stop) : stop_(stop) {}
  const std::vector<Finding>& findings() const { return doctor_.findings(); }
  void on_train_begin(Training& training) override { doctor_->on_train_begin(training); }
  void on_train_end(Training& training) override { doctor_->on_train_end(training); }
  void on_epoch_begin(Training& training, int epoch) override { doctor_->on_epoch_begin(training, epoch); }
  void on_epoch_end(Training& training, int epoch, Logs& logs) override {
    doctor_->on_epoch_end(training, epoch, logs);
  }
  void on_batch_end(Training& training, int64_t batch, const Logs& logs) override {
    doctor_->on_batch_end(training, batch, logs);
    if (--stop_ != 0) return;
    const CallbackState state = doctor_->state();
    doctor_ = Doctor(options());
    doctor_->on_train_begin(training);
    doctor_->restore(state);
  }

 private:
  static DoctorOptions options() { return {.every = 8, .print = false}; }
  Doctor doctor_{options()};
  int64_t stop_;
};

TEST(Doctor, GoesOnFromItsState) {
  std::vector<std::string> texts;
  for (const int64_t stop : {int64_t{0}, int64_t{1}, int64_t{7}, int64_t{25}, int64_t{90}}) {
    const Model model = fragile();
    model.compile(
        {.optimizer = SGD(1e-7), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    Data data = blobs(400, 8, 3);
    for (int64_t r = 0; r < 400; ++r) data.x[0].set(r * 8, 900), data.y[0].set(r, r % 40 == 0);
    const auto watched = std::make_shared<HandOverBody>(stop);
    model.fit(data, {.batch_size = 16, .epochs = 8, .verbose = 0, .callbacks = {Callback(watched)}});
    texts.push_back(findings_json(watched->findings()).dump());
  }
  EXPECT_GT(texts[0].size(), 400U);
  for (const std::string& text : texts) EXPECT_EQ(text, texts[0]);
}

TEST(Doctor, RefusesAForeignState) {
  const Doctor doctor;
  EXPECT_THROW(doctor->restore({}), Error);
  EXPECT_THROW(doctor->restore({{}, {Tensor({3}, DType::uint8)}}), Error);
  EXPECT_THROW(Doctor({.every = 0}), Error);
}

TEST(Findings, SurviveTheirJson) {
  const std::vector<Finding> findings{{Severity::serious, "dead_units", "fc1", 2, 128, 0.97, "So.", "that"}};
  EXPECT_EQ(findings_json(read_findings(findings_json(findings), "here")), findings_json(findings));
  EXPECT_THROW(read_findings(Json::parse(R"([{"severity": "grave"}])"), "here"), Error);
}

}  // namespace
}  // namespace folio

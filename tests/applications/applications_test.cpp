#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/applications/alex_net.h"
#include "folio/applications/cifar_res_net.h"
#include "folio/applications/google_net.h"
#include "folio/applications/le_net5.h"
#include "folio/applications/mobile_net.h"
#include "folio/applications/mobile_net_v2.h"
#include "folio/applications/res_net.h"
#include "folio/applications/vgg.h"
#include "folio/base/file.h"
#include "folio/layers/preprocessing/rescaling.h"
#include "folio/layers/weight_limit.h"
#include "folio/models/summary.h"
#include "tests/base/files_for_tests.h"

namespace folio::applications {
namespace {

using testing::HasSubstr;

int64_t parameters(const Model& model) { return summarize(model).total; }
int64_t trainable(const Model& model) { return summarize(model).trainable; }

TEST(Applications, HaveTheirPublishedNumbersOfParameters) {
  const WeightOutline outline;
  EXPECT_EQ(parameters(LeNet5()), 61'706);
  EXPECT_EQ(parameters(LeNet5({.modern = false})), 61'706);
  EXPECT_EQ(parameters(AlexNet()), 62'378'344);
  EXPECT_EQ(parameters(VGG11()), 132'863'336);
  EXPECT_EQ(parameters(VGG13()), 133'047'848);
  EXPECT_EQ(parameters(VGG16()), 138'357'544);
  EXPECT_EQ(parameters(VGG19()), 143'667'240);
  EXPECT_EQ(parameters(GoogLeNet()), 6'998'552);
  EXPECT_EQ(parameters(GoogLeNet({.auxiliary = true})), 13'378'280);
  EXPECT_EQ(trainable(ResNet18()), 11'689'512);
  EXPECT_EQ(trainable(ResNet34()), 21'797'672);
  EXPECT_EQ(parameters(ResNet50()), 25'636'712);
  EXPECT_EQ(parameters(ResNet101()), 44'707'176);
  EXPECT_EQ(parameters(ResNet152()), 60'419'944);
  EXPECT_EQ(trainable(ResNet20()), 272'474);
  EXPECT_EQ(trainable(ResNet32()), 466'906);
  EXPECT_EQ(trainable(ResNet44()), 661'338);
  EXPECT_EQ(trainable(ResNet56()), 855'770);
  EXPECT_EQ(trainable(ResNet110()), 1'730'714);
  EXPECT_EQ(parameters(MobileNet()), 4'253'864);
  EXPECT_EQ(parameters(MobileNetV2()), 3'538'984);
}

// Every layer's name, class, weights, output and settings; names that are automatic are Keras' too.
void expect_like_keras(const Model& model, const Json& network) {
  EXPECT_EQ(model.name(), network["name"]);
  EXPECT_EQ(parameters(model), network["params"]);
  const std::vector<SummaryRow> rows = summarize(model).rows;
  ASSERT_EQ(model.layers().size(), network["layers"].size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const Json& row = network["layers"][i];
    const Layer& layer = model.layers()[i];
    EXPECT_EQ(layer.name(), row[0]);
    EXPECT_EQ(layer.class_name(), row[1]) << layer.name();
    std::vector<std::vector<int64_t>> shapes;
    for (const Parameter& weight : layer.weights()) shapes.push_back(weight.shape().dims());
    EXPECT_EQ(Json(shapes), row[2]) << layer.name();
    EXPECT_EQ(Json(rows[i].outputs.at(0).from(1).dims()), row[3]) << layer.name();
    const Json config = layer.body().config();
    for (const auto& [key, value] : row[4].items()) {
      ASSERT_TRUE(config.contains(key)) << layer.name() << " " << key;
      const Json& ours = config[key];
      const bool all = value.is_array() && ours.is_number();  // one number for both directions
      EXPECT_EQ(all ? Json({ours, ours}) : ours, value) << layer.name() << " " << key;
    }
  }
}

TEST(Applications, AreThoseOfKeras) {
  const WeightOutline outline;
  const Json networks = Json::parse(read_text_file(golden_path(__FILE__, "applications.json")));
  const auto compare = [&](const char* name, auto&& make) {
    SCOPED_TRACE(name);
    reset_names();
    expect_like_keras(make(), networks.at(name));
  };
  compare("VGG16", [] { return VGG16(); });
  compare("VGG19", [] { return VGG19(); });
  compare("ResNet50", [] { return ResNet50(); });
  compare("ResNet101", [] { return ResNet101(); });
  compare("ResNet152", [] { return ResNet152(); });
  compare("MobileNet", [] { return MobileNet(); });
  compare("MobileNet half", [] { return MobileNet({.input = {160, 160, 3}, .width = 0.5}); });
  compare("MobileNetV2", [] { return MobileNetV2(); });
  compare("MobileNetV2 odd", [] { return MobileNetV2({.classes = 7, .input = {97, 97, 3}, .width = 1.4}); });
}

// The variants for small pictures learn a handful of them, whatever their size and channels.
TEST(Applications, SmallVariantsTrain) {
  const std::vector<Shape> inputs = {{29, 28, 1}, {64, 64, 3}};
  for (const Shape& input : inputs) {
    const Layer scaling = Rescaling(1.0 / 255);
    const auto run = [&](const Model& model) {
      SCOPED_TRACE(model.name() + " " + to_string(input));
      model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
      Tensor x({4, input[0], input[1], input[2]}, DType::uint8), y({4}, DType::int32);
      for (int64_t i = 0; i < x.count(); ++i) x.set(i, static_cast<double>(i * 7919 % 251));
      for (int64_t i = 0; i < 4; ++i) y.set(i, static_cast<double>(i % 3));
      const double loss = model.train_on_batch({x, y})[0].second;
      EXPECT_TRUE(std::isfinite(loss)) << loss;
      EXPECT_EQ(model.predict(x).shape(), Shape({4, 3}));
    };
    run(AlexNet({.classes = 3, .input = input, .width = 0.1, .small = true, .scaling = scaling}));
    run(VGG16({.classes = 3, .input = input, .width = 0.1, .small = true, .scaling = scaling}));
    run(GoogLeNet({.classes = 3, .input = input, .width = 0.1, .small = true, .scaling = scaling}));
    run(ResNet18({.classes = 3, .input = input, .width = 0.1, .small = true, .scaling = scaling}));
    run(ResNet50({.classes = 3, .input = input, .width = 0.1, .small = true, .scaling = scaling}));
    run(ResNet20({.classes = 3, .input = input, .width = 0.5, .scaling = scaling}));
    run(MobileNet({.classes = 3, .input = input, .width = 0.25, .small = true, .scaling = scaling}));
    run(MobileNetV2({.classes = 3, .input = input, .width = 0.25, .small = true, .scaling = scaling}));
  }
}

TEST(Applications, SayWhatTheyTake) {
  EXPECT_THAT(error_of([] { VGG16({.input = {8, 8, 3}}); }), HasSubstr("vgg16: expected pictures"));
  EXPECT_THAT(error_of([] { ResNet50({.input = {224, 224}}); }), HasSubstr("got (224, 224)"));
}

}  // namespace
}  // namespace folio::applications

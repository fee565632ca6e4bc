// Models made of Transformer blocks: what they look at, their sizes, their files.
#include "folio/models/transformer/transformer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "folio/formats/keras_model.h"
#include "folio/models/transformer/language_model.h"
#include "folio/models/transformer/text_classifier.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

const TransformerOptions kSmall = {.blocks = 2, .heads = 2, .width = 8, .hidden = 12, .dropout = 0.1};

void disturb(const Model& model) {
  RandomNumbers random(3);
  for (Parameter weight : model.weights())
    weight.set(random.tensor(weight.shape(), -0.6, 0.6, weight.dtype()));
}

TEST(Transformer, PositionsAreThePublishedSines) {
  const Tensor table = sinusoidal_positions(50, 6);
  for (int64_t t : {0, 1, 7, 49})
    for (int64_t i = 0; i < 3; ++i) {
      const double angle = static_cast<double>(t) / std::pow(10000.0, 2.0 * static_cast<double>(i) / 6);
      EXPECT_NEAR(table.at(t, 2 * i), std::sin(angle), 1e-6);
      EXPECT_NEAR(table.at(t, 2 * i + 1), std::cos(angle), 1e-6);
    }
}

TEST(Transformer, SourceAndTargetMayShareTheirVectors) {
  TransformerOptions shared = kSmall;
  shared.shared_embedding = true;
  EXPECT_EQ(transformer({11, 6, 11, 5}, kSmall).count_parameters() -
                transformer({11, 6, 11, 5}, shared).count_parameters(),
            11 * 8);
  EXPECT_NE(error_of([&] { transformer({11, 6, 12, 5}, shared); }).find("got 11 and 12"), std::string::npos);
}

TEST(Transformer, ALanguageModelLooksBackOnly) {
  const Model model = language_model(9, 6, kSmall);
  disturb(model);
  Tensor one({1, 6}, DType::int32), other({1, 6}, DType::int32);
  for (int64_t t = 0; t < 6; ++t)
    one.set(t, static_cast<double>(t + 1)), other.set(t, t < 3 ? static_cast<double>(t + 1) : 8);
  const Tensor a = model.predict(one), b = model.predict(other);
  for (int64_t t = 0; t < 6; ++t) {
    double difference = 0;
    for (int64_t i = 0; i < 9; ++i) difference += std::abs(a.at(0, t, i) - b.at(0, t, i));
    if (t < 3)
      EXPECT_LT(difference, 1e-6) << t;
    else
      EXPECT_GT(difference, 1e-3) << t;
  }
}

TEST(Transformer, PaddingChangesNothing) {
  const Model classifier = text_classifier(9, 6, 3, kSmall);
  disturb(classifier);
  const Model shorter = text_classifier(9, 4, 3, kSmall);
  shorter.set_weights(classifier.get_weights());
  Tensor padded({1, 6}, DType::int32), text({1, 4}, DType::int32);
  for (int64_t t = 0; t < 4; ++t)
    padded.set(t, static_cast<double>(t + 1)), text.set(t, static_cast<double>(t + 1));
  const Tensor a = classifier.predict(padded), b = shorter.predict(text);
  for (int64_t i = 0; i < 3; ++i) EXPECT_NEAR(a.at(i), b.at(i), 1e-6);
}

TEST(Transformer, FilesHoldIt) {
  const Model model = transformer({9, 6, 8, 5}, kSmall);
  disturb(model);
  Tensor source({2, 6}, DType::int32), target({2, 5}, DType::int32);
  for (int64_t i = 0; i < source.count(); ++i) source.set(i, static_cast<double>(i % 8));
  for (int64_t i = 0; i < target.count(); ++i) target.set(i, static_cast<double>(1 + i % 7));
  const Tensor expected = model.predict({source, target})[0];
  const TemporaryFolder folder;
  for (const std::string file : {"model.keras", "model.h5"}) {
    model.save(folder / file);
    const Tensor got = Model::load(folder / file).predict({source, target})[0];
    for (int64_t i = 0; i < got.count(); ++i) ASSERT_EQ(got.at(i), expected.at(i)) << file;
  }
}

// Reversal of short texts is learnt in seconds: encoder, decoder, attention between them.
TEST(Transformer, LearnsToReverse) {
  constexpr int64_t kRows = 600, kSteps = 5;
  RandomNumbers random(4);
  Tensor source({kRows, kSteps}, DType::int32), target({kRows, kSteps}, DType::int32),
      said({kRows, kSteps}, DType::int32);
  for (int64_t row = 0; row < kRows; ++row) {
    for (int64_t t = 0; t < kSteps; ++t) source.set({row, t}, static_cast<double>(random.whole(2, 5)));
    for (int64_t t = 0; t < kSteps; ++t) said.set({row, t}, source.at(row, kSteps - 1 - t));
    target.set({row, 0}, 1);
    for (int64_t t = 1; t < kSteps; ++t) target.set({row, t}, said.at(row, t - 1));
  }
  set_random_seed(1);
  const Model model =
      transformer({6, kSteps, 6, kSteps}, {.blocks = 1, .heads = 2, .width = 32, .hidden = 64, .dropout = 0});
  model.compile(
      {.optimizer = Adam(0.003), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  Data data;
  data.x = {source, target};
  data.y = {said};
  const History history = model.fit(data, {.epochs = 25, .verbose = 0});
  EXPECT_GT(history["accuracy"].back(), 0.99);
}

TEST(Transformer, RefusesSizesThatDoNotFit) {
  EXPECT_NE(
      error_of([] { language_model(9, 6, {.heads = 3, .width = 8}); }).find("a multiple of 3 heads, got 8"),
      std::string::npos);
  EXPECT_NE(error_of([] { language_model(9, 6, {.blocks = 0}); }).find("blocks: expected at least 1"),
            std::string::npos);
  EXPECT_NE(error_of([] { language_model(9, kUnknown); }).find("number of steps"), std::string::npos);
}

}  // namespace
}  // namespace folio

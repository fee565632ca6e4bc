// Rows that are changed at random as they are trained on. (sheet F9)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folio/folio.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

using testing::HasSubstr;

/// Tells what it was asked: the row becomes its first element, its number and its pass.
class Telling final : public Augmentation {
 public:
  void check(const Shape& row) const override {
    if (row != Shape({3})) throw Error("Telling: expected rows of 3");
  }
  void apply(const void* row, DType type, const Shape&, int64_t pass, int64_t number,
             float* to) const override {
    to[0] = type == DType::uint8 ? static_cast<const uint8_t*>(row)[0] : static_cast<const float*>(row)[0];
    to[1] = static_cast<float>(number);
    to[2] = static_cast<float>(pass);
  }
  std::string description() const override { return "telling"; }
};

// Every row begins with its number.
Tensor numbered(int64_t rows) {
  Tensor x({rows, 3});
  for (int64_t r = 0; r < rows; ++r) x.set(r * 3, static_cast<double>(r));
  return x;
}

void expect_told(const Batch& batch, int64_t pass, double scale = 1) {
  for (int64_t r = 0; r < batch.rows; ++r) {
    EXPECT_EQ(batch.tensors[0].at(r, 0), batch.tensors[0].at(r, 1));
    EXPECT_EQ(batch.tensors[0].at(r, 2), static_cast<double>(pass) * scale);
    EXPECT_EQ(batch.tensors[0].at(r, 0), batch.tensors[1].at(r) * scale);
  }
}

TEST(AugmentedData, ChangesEveryRowByItsPassAndNumber) {
  constexpr int64_t kRows = 37, kBatch = 5;
  Data data(numbered(kRows), numbered(kRows).reshaped({kRows, 3}));
  Tensor y({kRows});
  for (int64_t r = 0; r < kRows; ++r) y.set(r, static_cast<double>(r));
  data.y = {y};
  data.augmentation = std::make_shared<Telling>();
  data.scale = 2;
  for (const bool shuffle : {false, true}) {
    RowDealer dealer(kRows, kBatch, shuffle, 3);
    Batch batch;
    for (int64_t i = 0; i < 3 * dealer.steps(); ++i) {
      gather_batch(data, dealer.next(), {DType::float32, DType::float32}, batch);
      expect_told(batch, i / dealer.steps(), 2);
    }
  }
}

TEST(AugmentedData, KnowsNumbersOfStreamedRows) {
  const TemporaryFolder folder;
  constexpr int64_t kRows = 501;
  Tensor y({kRows});
  for (int64_t r = 0; r < kRows; ++r) y.set(r, static_cast<double>(r));
  write_npz(folder / "a.npz", {{"x", numbered(kRows).rows(0, 300)}, {"y", y.rows(0, 300)}});
  write_npz(folder / "b.npz", {{"x", numbered(kRows).rows(300, kRows)}, {"y", y.rows(300, kRows)}});
  const NamedRows arrays = open_rows(folder.path());
  Data data = Data::streamed({arrays[0].second}, {arrays[1].second});
  data.buffer = 2000;  // many windows, of blocks of which the last is shorter
  data.augmentation = std::make_shared<Telling>();
  for (const bool shuffle : {false, true})
    for (const int64_t first_batch : {0, 40}) {
      BatchLoader loader(data, {DType::float32, DType::float32}, 32, shuffle, 7, first_batch);
      for (int64_t i = first_batch; i < 3 * loader.steps(); ++i)
        expect_told(loader.next(), i / loader.steps());
    }
}

Data pictures(bool bytes = true) {
  RandomNumbers numbers(4);
  constexpr int64_t kRows = 60;
  Tensor x = numbers.tensor({kRows, 8, 8, 1}, 0, 256, DType::uint8), y({kRows}, DType::int32);
  for (int64_t r = 0; r < kRows; ++r) y.set(r, static_cast<double>(r % 3));
  return {bytes ? x : x.cast(DType::float32), y};
}

const ImageAugmenter& changes() {
  static const ImageAugmenter augmenter({.rotation_range = 30,
                                         .width_shift_range = 0.3,
                                         .zoom_range = 0.3,
                                         .horizontal_flip = true,
                                         .seed = 5});
  return augmenter;
}

Sequential classifier() {
  set_random_seed(1);
  Sequential model({Input({8, 8, 1}), Rescaling(1.0 / 255), Flatten(), Dense(3, {.activation = "softmax"})});
  model.compile({.optimizer = Adam(0.01), .loss = "sparse_categorical_crossentropy"});
  return model;
}

std::vector<float> weights_after(const Sequential& model, const Data& data, FitOptions options) {
  options.verbose = 0;
  model.fit(data, options);
  const Tensor weights = model.get_weights()[0];
  return {weights.values<float>().begin(), weights.values<float>().end()};
}

// What `changes` makes of all pictures in a pass.
Data changed_beforehand(int64_t pass) {
  Data data = pictures(false);
  Tensor x(data.x[0].shape());
  for (int64_t r = 0; r < data.rows(); ++r)
    x.rows(r, r + 1).assign(changes()
                                .random_transform(pictures().x[0].rows(r, r + 1).reshaped({8, 8, 1}), pass, r)
                                .reshaped({1, 8, 8, 1}));
  data.x = {x};
  return data;
}

TEST(AugmentedData, TrainsAsOnPicturesChangedBeforehand) {
  const auto online = weights_after(classifier(), changes().flow(pictures()),
                                    {.batch_size = 16, .epochs = 3, .shuffle = false});
  const Sequential model = classifier();
  std::vector<float> beforehand;
  for (int pass = 0; pass < 3; ++pass)
    beforehand =
        weights_after(model, changed_beforehand(pass), {.batch_size = 16, .epochs = 1, .shuffle = false});
  EXPECT_EQ(online, beforehand);
  const Logs plain = model.evaluate(pictures()), changed = model.evaluate(changes().flow(pictures()));
  EXPECT_NE(*find_log(plain, "loss"), *find_log(changed, "loss"));
  EXPECT_EQ(*find_log(changed, "loss"), *find_log(model.evaluate(changed_beforehand(0)), "loss"));
}

TEST(AugmentedData, ThreadsAndInterruptionsChangeNothing) {
  const FitOptions options{.batch_size = 16, .epochs = 4};
  const auto whole = weights_after(classifier(), changes().flow(pictures()), options);
  const int threads = default_threads();
  for (const int other : {1, 3}) {
    set_default_threads(other);
    EXPECT_EQ(weights_after(classifier(), changes().flow(pictures()), options), whole) << other;
  }
  set_default_threads(threads);
  const Sequential parts = classifier();
  weights_after(parts, changes().flow(pictures()), {.batch_size = 16, .epochs = 2});
  EXPECT_EQ(
      weights_after(parts, changes().flow(pictures()), {.batch_size = 16, .epochs = 4, .initial_epoch = 2}),
      whole);
  EXPECT_NE(weights_after(classifier(), pictures(), options), whole);
}

TEST(AugmentedData, PartsOfDataAreChangedToo) {
  const Data data = changes().flow(pictures());
  EXPECT_EQ(data.slice(3, 9).augmentation, data.augmentation);
  EXPECT_EQ(take_rows(data, std::vector<int64_t>{1, 4}).augmentation, data.augmentation);
  EXPECT_EQ(data.inputs().augmentation, data.augmentation);
  int64_t rows = 0;
  classifier().predict(
      data, [&](const std::vector<Tensor>& outputs, int64_t) { rows += outputs[0].shape()[0]; }, 16);
  EXPECT_EQ(rows, 60);
}

TEST(AugmentedData, RefusesRowsThatAreNoPictures) {
  Data data(Tensor({4, 5}), Tensor({4}, DType::int32));
  data.augmentation = std::make_shared<ImageAugmenter>();
  set_random_seed(1);
  Sequential model({Input({5}), Dense(3, {.activation = "softmax"})});
  model.compile({.loss = "sparse_categorical_crossentropy"});
  EXPECT_THAT(error_of([&] { model.fit(data, {.verbose = 0}); }), HasSubstr("expected pictures"));
  data.augmentation = nullptr;
  model.evaluate(data);
  data.augmentation = std::make_shared<ImageAugmenter>();
  EXPECT_THAT(error_of([&] { model.evaluate(data); }), HasSubstr("expected pictures"));
}

}  // namespace
}  // namespace folio

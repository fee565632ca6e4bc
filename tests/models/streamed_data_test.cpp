// Training, evaluating and predicting with data that is read while it is used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folio/folio.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

constexpr int64_t kRows = 500;

/// Three classes that a linear model tells apart, in memory and as shards.
struct Sets {
  explicit Sets(double spoiled_label = 0) {
    Tensor x({kRows, 4}), y({kRows}, DType::int32), weight({kRows});
    const RandomStream stream{5, 0, 0};
    for (int64_t r = 0; r < kRows; ++r) {
      y.set(r, static_cast<double>(r * 7 % 3));
      weight.set(r, 0.5 + stream.uniform(static_cast<uint32_t>(r), 9));
      for (int64_t f = 0; f < 4; ++f)
        x.set(r * 4 + f,
              stream.normal(static_cast<uint32_t>(r), static_cast<uint32_t>(f)) + 3 * (y.at(r) == f));
    }
    if (spoiled_label != 0) y.set(321, spoiled_label);
    memory = Data(x, y);
    memory.sample_weight = weight;
    for (int64_t part = 0; part < 5; ++part) {
      const auto of = [&](const Tensor& tensor) { return tensor.rows(part * 100, part * 100 + 100); };
      write_npz(folder / (std::to_string(part) + ".npz"),
                {{"x", of(x)}, {"y", of(y)}, {"sample_weight", of(weight)}});
    }
    const NamedRows arrays = open_rows(folder.path());
    streamed = Data::streamed({arrays[0].second}, {arrays[1].second}, arrays[2].second);
    streamed.buffer = 2000;
  }
  TemporaryFolder folder;
  Data memory, streamed;
};

Sequential classifier() {
  set_random_seed(1);
  Sequential model({Input({4}), Dense(8, {.activation = "tanh"}), Dense(3, {.activation = "softmax"})});
  model.compile(
      {.optimizer = Adam(0.02), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

TEST(StreamedData, TrainsAsDataInMemory) {
  const Sets sets;
  for (const bool weighted : {false, true}) {
    std::vector<double> losses[2];
    for (const bool streamed : {false, true}) {
      const Data& data = streamed ? sets.streamed : sets.memory;
      const Sequential model = classifier();
      const FitOptions options{
          .batch_size = 32,
          .epochs = 3,
          .verbose = 0,
          .validation_split = 0.2,
          .shuffle = false,
          .class_weight = weighted ? std::map<int, double>{{0, 2}, {2, 0.5}} : std::map<int, double>{}};
      const History history = model.fit(data, options);
      for (const char* key : {"loss", "accuracy", "val_loss"})
        losses[streamed].insert(losses[streamed].end(), history[key].begin(), history[key].end());
      for (const auto& [name, value] : model.evaluate(data)) losses[streamed].push_back(value);
      if (!streamed) continue;
      const Tensor whole = model.predict(sets.memory.x[0]);
      int64_t rows = 0;
      model.predict(
          data,
          [&](const std::vector<Tensor>& outputs, int64_t first) {
            EXPECT_EQ(first, rows);
            for (int64_t i = 0; i < outputs[0].count(); ++i)
              EXPECT_EQ(outputs[0].at(i), whole.at(first * 3 + i));
            rows += outputs[0].shape()[0];
          },
          64);
      EXPECT_EQ(rows, kRows);
    }
    EXPECT_EQ(losses[0], losses[1]);
  }
}

TEST(StreamedData, LearnsFromShuffledRows) {
  const Sets sets;
  const Sequential model = classifier();
  model.fit(sets.streamed, {.epochs = 5, .verbose = 0});
  EXPECT_GT(*find_log(model.evaluate(sets.memory), "accuracy"), 0.9);
}

TEST(StreamedData, NamesTheRowThatDoesNotFit) {
  const Sets sets(7);
  const Sequential model = classifier();
  EXPECT_THAT(error_of([&] { model.fit(sets.streamed, {.verbose = 0}); }),
              HasSubstr("expected class numbers from 0 to 2, got 7 in row 321"));
  EXPECT_THAT(error_of([&] { model.evaluate(sets.streamed.slice(300, 400)); }), HasSubstr("in row 21"));
  Sequential words({Input({2}), Embedding(10, 4), Flatten(), Dense(1)});
  words.compile({.loss = "mse"});
  const TemporaryFolder folder;
  write_npz(folder / "0.npz", {{"x", Tensor::of<int32_t>({2, 2}, {1, 2, 3, 10})}, {"y", Tensor({2, 1})}});
  const NamedRows arrays = open_rows(folder.path());
  const Data ids = Data::streamed({arrays[0].second}, {arrays[1].second});
  EXPECT_THAT(error_of([&] { words.fit(ids, {.verbose = 0}); }),
              HasSubstr("expected ids from 0 to 9, got 10 in row 1"));
}

}  // namespace
}  // namespace folio

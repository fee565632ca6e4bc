// What fit is asked for, and what it is asked to do it with.
#include <gtest/gtest.h>

#include <cmath>

#include "folio/layers/all.h"
#include "folio/models/model.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

Sequential classes(int64_t units, const std::string& activation, const Loss& loss) {
  set_random_seed(3);
  const Sequential model({Input({2}), Dense(units, {.activation = activation})});
  model.compile({.optimizer = "sgd", .loss = loss});
  return model;
}

Data rows(const std::vector<float>& labels) {
  const auto n = static_cast<int64_t>(labels.size());
  Tensor x({n, 2});
  for (int64_t i = 0; i < x.count(); ++i) x.set(i, std::sin(static_cast<double>(i)));
  return {x, Tensor::of<float>({n, 1}, labels)};
}

TEST(FitOptions, AreCheckedInWords) {
  const Sequential model = classes(1, "sigmoid", "binary_crossentropy");
  const auto error = [&](FitOptions options) {
    options.verbose = 0;
    return error_of([&] { model.fit(rows({0, 1, 0, 1}), options); });
  };
  const std::string count = "expected a whole number from 1 to 2147483647, got ";
  EXPECT_EQ(error({.epochs = 0}), "fit: epochs: " + count + "0");
  EXPECT_EQ(error({.batch_size = 0}), "fit: batch_size: " + count + "0");
  EXPECT_EQ(error({.batch_size = INT64_MAX}), "fit: batch_size: " + count + "9.223372036854776e+18");
  EXPECT_EQ(error({.validation_split = 1}),
            "fit: validation_split: expected a number from 0 to below 1, got 1");
  EXPECT_NE(error({.validation_split = NAN}), "");
  EXPECT_NE(error({.validation_split = -0.5}), "");
  EXPECT_NE(error({.steps_per_epoch = -1}), "");
  EXPECT_NE(error({.class_weight = {{0, NAN}}}), "");
  EXPECT_NE(error({.class_weight = {{0, -1}}}), "");
  EXPECT_NE(error({.class_weight = {{-1, 1}}}), "");
  EXPECT_EQ(error({.class_weight = {{2, 1}}}), "fit: class_weight: expected classes from 0 to 1, got 2");
  EXPECT_EQ(error({.batch_size = 2147483647, .class_weight = {{0, 1}, {1, 5}}}), "");
  EXPECT_THROW((void)model.evaluate(rows({0, 1}), 0), Error);
}

TEST(FitOptions, TakeSharesWhereSharesAreMeant) {
  for (const char* loss : {"binary_crossentropy", "binary_focal_crossentropy"}) {
    const Sequential model = classes(1, "sigmoid", loss);
    const auto error = [&](const std::vector<float>& labels) {
      return error_of([&] { model.fit(rows(labels), {.verbose = 0}); });
    };
    EXPECT_EQ(error({0, 1, 0.25, 1}), "");
    EXPECT_NE(error({0, 1, 2, 1}).find("expected 0, 1 or a share between them, got 2 in row 2"),
              std::string::npos);
    EXPECT_NE(error({-1, 1, 0, 1}).find("got -1 in row 0"), std::string::npos);
  }
  EXPECT_EQ(error_of([] { classes(1, "linear", "mse").fit(rows({-1, 2, 7, 0}), {.verbose = 0}); }), "");
  EXPECT_EQ(error_of([] { classes(1, "tanh", "hinge").fit(rows({-1, 1, 1, -1}), {.verbose = 0}); }), "");
}

// A batch of one row, whose variance is 0: what Keras does, and a word before it.
TEST(FitOptions, NoteALastRowAlone) {
  const auto said = [](int64_t n, int64_t batch, bool conv) {
    set_random_seed(3);
    const Sequential model =
        conv ? Sequential({Input({2}), Reshape({2, 1}), BatchNormalization(), Flatten(), Dense(1)})
             : Sequential({Input({2}), BatchNormalization({.name = "bn"}), Dense(1)});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    testing::internal::CaptureStderr();
    const History history =
        model.fit(rows(std::vector<float>(static_cast<size_t>(n), 1)), {.batch_size = batch, .verbose = 0});
    EXPECT_TRUE(std::isfinite(history["loss"][0]));
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_NE(said(9, 4, false).find("9 rows in batches of 4 leave a batch with a single row"),
            std::string::npos);
  EXPECT_EQ(said(10, 4, false), "");
  EXPECT_EQ(said(9, 4, true), "") << "two values of each row and channel";
}

TEST(FitOptions, NoteRowsSortedByClass) {
  const auto said = [](int64_t units, const std::string& activation, const Loss& loss,
                       const std::vector<float>& y) {
    testing::internal::CaptureStderr();
    classes(units, activation, loss).fit(rows(y), {.verbose = 0, .validation_split = 0.4});
    return testing::internal::GetCapturedStderr();
  };
  const Loss sparse = "sparse_categorical_crossentropy", binary = "binary_crossentropy";
  EXPECT_NE(
      said(3, "softmax", sparse, {0, 0, 1, 1, 2}).find("hold class 2, which the rows of training never do"),
      std::string::npos);
  EXPECT_NE(said(1, "sigmoid", binary, {0, 0, 0, 1, 1}).find("hold class 1"), std::string::npos);
  EXPECT_EQ(said(3, "softmax", sparse, {0, 2, 1, 1, 2}), "");
  EXPECT_EQ(said(1, "linear", "mse", {0, 0, 0, 1, 1}), "");
}

}  // namespace
}  // namespace folio

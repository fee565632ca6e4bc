// A file of Keras with all layers that change pictures (golden/make_pictures.py), and what Folio writes of
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folio/data/npy.h"
#include "folio/formats/keras_model.h"
#include "folio/models/model.h"
#include "folio/training/optimizer.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

void expect_near(const Tensor& got, const Tensor& expected) {
  ASSERT_EQ(got.shape(), expected.shape());
  for (int64_t i = 0; i < got.count(); ++i) ASSERT_NEAR(got.at(i), expected.at(i), 1e-5) << i;
}

double loss_of(const Model& model, const Tensor& x) {
  set_random_seed(8);
  Tensor y({x.shape()[0], 2});
  for (int64_t i = 0; i < x.shape()[0]; ++i) y.set(i * 2 + i % 2, 1);
  model.compile({.optimizer = SGD(0), .loss = "categorical_crossentropy"});
  return model.fit(Data(x, y), {.epochs = 1, .verbose = 0})["loss"][0];
}

TEST(KerasPictures, LayersOfAFileChangeNothingWhenItPredictsAndSomethingWhenItTrains) {
  const std::string file = golden_path(__FILE__, "pictures/layers.keras");
  const NamedTensors arrays = read_npz(golden_path(__FILE__, "pictures/layers.npz"));
  const Tensor &x = arrays[0].second, &y = arrays[1].second;
  const Model model = Model::load(file);
  expect_near(model.predict(x), y);
  const TemporaryFolder folder;
  for (const char* again : {"again.keras", "again.h5"}) {
    SCOPED_TRACE(again);
    model.save(folder / again);
    const Model read = Model::load(folder / again);
    expect_near(read.predict(x), y);
    // The same numbers are drawn: seeds, factors and modes have come along.
    EXPECT_EQ(loss_of(read, x), loss_of(Model::load(file), x));
    read.save(folder / "twice.keras");
    EXPECT_EQ(loss_of(Model::load(folder / "twice.keras"), x), loss_of(Model::load(file), x));
  }
  Tensor told({5, 2});
  for (int64_t i = 0; i < 5; ++i) told.set(i * 2 + i % 2, 1);
  const Model trained = Model::load(file);
  const double changed = loss_of(trained, x);
  EXPECT_GT(std::abs(changed - *find_log(trained.evaluate(Data(x, told)), "loss")), 1e-4);
}

}  // namespace
}  // namespace folio

#include "folio/recipes/raw_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/data/csv.h"
#include "folio/data/table.h"
#include "folio/formats/checkpoint.h"
#include "folio/formats/keras_file.h"
#include "folio/formats/keras_model.h"
#include "folio/layers/all.h"
#include "folio/models/model_body.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;
using Names = std::vector<std::string>;

Model of_three() {
  const Sequential model({Input({4}), Dense(3, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  return model;
}

TEST(RawData, GoesWhereTheModelFileGoes) {
  const TemporaryFolder folder;
  const Model model = of_three();
  EXPECT_TRUE(class_names_of(model).empty());
  EXPECT_FALSE(preparation_of<TablePreparation>(model));
  const Names names = {"a, \"quoted\"", "größer", ""};
  set_class_names(model, names);
  const auto table = TablePreparation::fit(parse_csv("a,b,y\n1,x,2\n3,z,4\n5,x,6\n", "t.csv"),
                                           {.target = "y", .task = "regression"});
  set_preparation(model.model().assets, table);
  const std::string keras = folder / "m.keras", h5 = folder / "m.h5", back = folder / "b.keras",
                    with = folder / "w.keras";
  model.save(keras);
  Model::load(keras).save(h5);
  Model::load(h5).save(back);
  save_with(model, with, {{"more.bin", {}}});
  for (const std::string& path : {keras, h5, back, with}) {
    const Model loaded = Model::load(path);
    EXPECT_EQ(class_names_of(loaded), names) << path;
    ASSERT_TRUE(preparation_of<TablePreparation>(loaded)) << path;
    EXPECT_EQ(preparation_of<TablePreparation>(loaded)->to_json(), table.to_json()) << path;
    EXPECT_EQ(class_names_of(load_architecture(path)), names) << path;
  }
  set_class_names(model, {});
  model.save(keras);
  EXPECT_TRUE(class_names_of(Model::load(keras)).empty());
}

TEST(RawData, DamageIsFound) {
  const Model model = of_three();
  const auto said = [&](const char* name, const char* text) {
    model.model().assets = {{name, text}};
    return error_of([&] { class_names_of(model), preparation_of<TablePreparation>(model); });
  };
  EXPECT_THAT(said("classes.json", "[\"a\""), HasSubstr("classes.json of the model"));
  EXPECT_THAT(said("classes.json", "[\"a\", \"b\"]"), HasSubstr("names of 3 classes"));
  EXPECT_THAT(said("classes.json", "[\"a\", \"b\", 3]"), HasSubstr("names of 3 classes"));
  EXPECT_THAT(said("table.json", "{}"), HasSubstr("table.json of the model"));
  EXPECT_EQ(said("other.json", "["), "");
}

// A name out of a file leads nowhere.
TEST(RawData, TakesNoNameThatLeadsOutOfAFile) {
  const TemporaryFolder folder;
  const Model model = of_three();
  model.model().assets = {{"../escaped", "x"}, {"kept.txt", "y"}};
  model.save(folder / "m.h5");
  const Model loaded = Model::load(folder / "m.h5");
  EXPECT_EQ(loaded.model().assets, (Assets{{"kept.txt", "y"}}));
}

TEST(RawData, KnowsWhichModelsTakePicturesAsTheyAre) {
  const auto scales = [](const Value& x, const Value& y) { return scales_inputs(Model(x, y)); };
  const Value x = Input({8, 8, 1});
  const Value flat = Flatten()(x);
  EXPECT_FALSE(scales(x, Dense(2)(flat)));
  EXPECT_TRUE(scales(x, Dense(2)(Flatten()(Rescaling(1.0 / 255)(x)))));
  EXPECT_FALSE(scales(x, Rescaling(3)(Dense(2)(flat))));
  const Value scaled = Flatten()(Rescaling(1.0 / 255)(x));
  EXPECT_FALSE(scales(x, Add()({scaled, flat})));
  EXPECT_TRUE(scales_inputs(Sequential({Input({8, 8, 1}), Rescaling(1.0 / 255), Flatten()})));
  EXPECT_FALSE(scales_inputs(Sequential({Flatten()})));
}

}  // namespace
}  // namespace folio

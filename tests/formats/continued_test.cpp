// Trainings that Keras began go on here as they would there, whatever the optimizer keeps; what is saved in
// between changes nothing. golden/make_continued.py made the files and the figures.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "folio/formats/keras_model.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

Tensor tensor_of(const Json& values, const Shape& shape) {
  Tensor tensor(shape);
  for (size_t i = 0; i < values.size(); ++i) tensor.set(static_cast<int64_t>(i), values[i].get<double>());
  return tensor;
}

void expect_weights(const Model& model, const Json& wanted) {
  size_t at = 0;
  for (const Tensor& weight : model.get_weights())
    for (int64_t i = 0; i < weight.count(); ++i, ++at) {
      ASSERT_LT(at, wanted.size());
      ASSERT_NEAR(weight.at(i), wanted[at].get<double>(), 2e-5) << "weight " << at;
    }
  EXPECT_EQ(at, wanted.size());
}

TEST(ContinuedTraining, GoesOnAsInKeras) {
  const Json golden = Json::parse(read_text_file(golden_path(__FILE__, "continued.json")));
  const Data data(tensor_of(golden["x"], {20, 3}), tensor_of(golden["y"], {20, 1}));
  const TemporaryFolder scratch;
  EXPECT_EQ(golden["after"].size(), 13u);
  for (const auto& [name, wanted] : golden["after"].items())
    for (const char* through : {"", "again.keras", "again.h5"}) {
      SCOPED_TRACE(name + " " + through);
      Model model = Model::load(golden_path(__FILE__, "continued/" + name + ".keras"));
      if (*through) {
        model.save(scratch / through);
        model = Model::load(scratch / through);
      }
      const Tensor said = model.predict(data.x[0]);
      for (int64_t i = 0; i < said.count(); ++i)
        ASSERT_NEAR(said.at(i), wanted["said"][static_cast<size_t>(i)].get<double>(), 1e-5);
      model.fit(data, {.batch_size = 4, .verbose = 0, .shuffle = false});
      expect_weights(model, wanted["weights"]);
    }
}

}  // namespace
}  // namespace folio

// Files with recurrent layers: those of Keras (golden/recurrent/README.md), and Folio's own.
#include <gtest/gtest.h>

#include "folio/data/npy.h"
#include "folio/folio.h"
#include "folio/formats/keras_model.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, "recurrent/" + name); }

void expect_near(const Tensor& got, const Tensor& expected) {
  ASSERT_EQ(got.shape(), expected.shape());
  for (int64_t i = 0; i < got.count(); ++i) ASSERT_NEAR(got.at(i), expected.at(i), 1e-6) << "element " << i;
}

class RecurrentFiles : public testing::TestWithParam<std::string> {};

TEST_P(RecurrentFiles, GiveKerasAnswers) {
  const std::string& name = GetParam();
  const Model model = Model::load(golden(name));
  const std::string stem = name.substr(0, name.rfind('.'));
  const Tensor x = read_npy(golden(stem + ".x.npy")), y = read_npy(golden(stem + ".y.npy"));
  expect_near(model.predict(x, 2), y);
  reset_state(model);
  // And once more from a file of Folio's.
  const TemporaryFolder folder;
  for (const std::string file : {"again.keras", "again.h5"}) {
    model.save(folder / file);
    const Model again = Model::load(folder / file);
    expect_near(again.predict(x, 2), y);
  }
}
INSTANTIATE_TEST_SUITE_P(All, RecurrentFiles,
                         testing::Values("keras2_gru_kinds.h5", "keras2_cudnn_gru.h5", "keras2_cudnn_lstm.h5",
                                         "stateful.keras"));

TEST(RecurrentFilesOfFolio, KeepStatesThatGoOn) {
  const Value a = Input({4, 3}), b = Input({kUnknown, 2});
  const Values encoded = Bidirectional(LSTM(2, {.return_state = true})).call({Masking(0.5)(a)});
  const Values decoded = RNN({LSTMCell(2), GRUCell(3)}, {.return_sequences = true, .return_state = true})
                             .call({Bidirectional(LSTM(2, {.return_sequences = true}), {.merge_mode = "sum"})(
                                 b, {.initial_state = Values(encoded.begin() + 1, encoded.end())})});
  const Model model({a, b}, {decoded[0], decoded[3], encoded[0]});
  RandomNumbers random(3);
  const std::vector<Tensor> x = {random.tensor({5, 4, 3}, -1, 1, DType::float32),
                                 random.tensor({5, 6, 2}, -1, 1, DType::float32)};
  const auto expected = model.predict(x);
  const TemporaryFolder folder;
  for (const std::string file : {"model.keras", "model.h5"}) {
    model.save(folder / file);
    const Model again = Model::load(folder / file);
    const auto got = again.predict(x);
    for (size_t i = 0; i < expected.size(); ++i) expect_near(got[i], expected[i]);
  }
}

}  // namespace
}  // namespace folio

// A process that has trained forks, and its child trains.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folio/folio.h"

namespace folio {
namespace {

/// Trains a net that is large enough for threads, and returns its losses.
std::vector<double> losses_of_a_training() {
  set_random_seed(3);
  Tensor x({256, 100}), y({256}, DType::int32);
  const RandomStream stream{7, 0, 0};
  for (int64_t i = 0; i < x.count(); ++i)
    x.set(i, stream.uniform(static_cast<uint32_t>(i / 100), static_cast<uint32_t>(i % 100)));
  for (int64_t r = 0; r < 256; ++r) y.set(r, static_cast<double>(r % 10));
  const Sequential model({Input({100}), Dense(300, {.activation = "relu"}),
                          Dense(200, {.activation = "relu"}), Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  EXPECT_TRUE(model.training_plan(128).contents().parallel);
  return model.fit(Data(x, y), {.batch_size = 128, .epochs = 4, .verbose = 0})["loss"];
}

TEST(ForkedTraining, EndsWithTheSameBits) {
  const int before = default_threads();
  set_default_threads(4);
  const std::vector<double> here = losses_of_a_training();
  const pid_t child = fork();
  if (child == 0) _exit(losses_of_a_training() == here ? 0 : 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(losses_of_a_training(), here);
  set_default_threads(before);
}

}  // namespace
}  // namespace folio

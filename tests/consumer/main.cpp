#include <folio/folio.h>
#include <cstdio>
using namespace folio;
int main() {
  const Tensor x = Initializer::random_normal(0, 1).make({64, 4}, DType::float32, {.seed = 1});
  Sequential model({Dense(8, {.activation = "relu"}), Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  std::printf("loss %g\n", model.fit({x, Tensor({64, 1})}, {.epochs = 2, .verbose = 0})["loss"].back());
  model.save("consumer.keras");
}

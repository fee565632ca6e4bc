#include <folio/folio.h>
#include <cstdio>
using namespace folio;

int main() {
  auto x = random_normal({64, 4}), y = random_uniform({64, 1});
  Sequential model({Dense(8, {.activation = "relu"}), Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  std::printf("loss %g\n", model.fit({x, y}, {.epochs = 2, .verbose = 0})["loss"].back());
}

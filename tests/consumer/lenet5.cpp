// What a user's file looks like: scripts/time_user_file.sh prints how long it takes to compile.
#include <folio/folio.h>

using namespace folio;

int main() {
  Sequential model({Input({28, 28, 1}), Conv2D(6, 5, {.padding = "same", .activation = "tanh"}),
                    AveragePooling2D(2), Conv2D(16, 5, {.activation = "tanh"}), AveragePooling2D(2),
                    Flatten(), Dense(120, {.activation = "tanh"}), Dense(84, {.activation = "tanh"}),
                    Dense(10, {.activation = "softmax"})},
                   "lenet5");
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const Data train(Tensor({60, 28, 28, 1}), Tensor({60}, DType::int32));
  const History history =
      model.fit(train, {.batch_size = 20, .epochs = 2, .callbacks = {ModelCheckpoint("lenet5.keras")}});
  return history["loss"].back() < 10 ? 0 : 1;
}

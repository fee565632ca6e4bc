#include "folio/applications/le_net5.h"

#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/pooling/average_pooling2d.h"
#include "folio/layers/pooling/max_pooling2d.h"
#include "folio/layers/regularization/dropout.h"
#include "folio/layers/reshaping/flatten.h"

namespace folio::applications {

Model LeNet5(const LeNet5Options& options) {
  const std::string activation = options.modern ? "relu" : "tanh";
  const auto pool = [&]() -> Layer {
    if (options.modern) return MaxPooling2D(2);
    return AveragePooling2D(2);
  };
  Sequential model({Input(options.input)}, options.name);
  if (options.scaling.defined()) model.add(options.scaling);
  const auto add = [&](const Layer& layer) {
    if (options.dropout > 0) model.add(Dropout(options.dropout));
    model.add(layer);
  };
  for (const Layer& layer : std::vector<Layer>{Conv2D(6, 5, {.padding = "same", .activation = activation}),
                                               pool(), Conv2D(16, 5, {.activation = activation}), pool(),
                                               Flatten(), Dense(120, {.activation = activation})})
    model.add(layer);
  add(Dense(84, {.activation = activation}));
  add(Dense(options.classes, {.activation = "softmax"}));
  return model;
}

}  // namespace folio::applications

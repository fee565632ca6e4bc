#include <algorithm>

#include "folio/base/error.h"
#include "folio/layers/all.h"
#include "folio/models/model_body.h"
#include "folio/recipes/autoencoder.h"

namespace folio {
namespace {

constexpr int64_t kSmallest = 7;  ///< side of the maps in the middle of a convolutional network, at least
constexpr int64_t kMostFilters = 128;

int64_t half(int64_t side) { return (side + 1) / 2; }

// What comes in, from 0 to 1; where noise is to be taken away, with noise in training alone. It is cut to
// what a picture can hold, as it is in files.
Value entrance(const Value& raw, const Settings& settings) {
  Value x = Rescaling(1.0 / 255)(raw);
  if (settings.text("task") != "denoise") return x;
  return ReLU({.max_value = 1})(GaussianNoise(settings.number("noise"))(x));
}

Model joined(const Value& raw, const Value& code, const Value& decoded_from, const Value& decoded) {
  const Model encoder(raw, code, "encoder"), decoder(decoded_from, decoded, "decoder");
  const Value pictures = Input(raw.shape().from(1));
  return Model(pictures, decoder(encoder(pictures)), "autoencoder");
}

// Without activations and biases that are more than a shift: its code spans the space of the first principal
// components.
Model linear(const RecipeTask& task, const Settings& settings, int64_t code) {
  const Value raw = Input(task.input), numbers = Input({code});
  return joined(raw, Dense(code, {.name = "code"})(Flatten()(entrance(raw, settings))), numbers,
                Reshape(task.input)(Dense(task.input.count())(numbers)));
}

Model dense(const RecipeTask& task, const Settings& settings, int64_t code) {
  const std::vector<int64_t> hidden = settings.integers("hidden");
  const Value raw = Input(task.input), numbers = Input({code});
  Value x = Flatten()(entrance(raw, settings)), y = numbers;
  for (const int64_t units : hidden) x = Dense(units, {.activation = "relu"})(x);
  for (size_t i = hidden.size(); i-- > 0;) y = Dense(hidden[i], {.activation = "relu"})(y);
  return joined(raw, Dense(code, {.name = "code"})(x), numbers,
                Reshape(task.input)(Dense(task.input.count(), {.activation = "sigmoid"})(y)));
}

// Convolutions of stride 2 down to small maps, and back up. Without a number the code is those maps.
Model convolutional(const RecipeTask& task, const Settings& settings, int64_t code) {
  struct Stage {
    int64_t height, width, filters;
  };
  const int64_t channels = task.input[2];
  const Value raw = Input(task.input);
  Value x = entrance(raw, settings);
  std::vector<Stage> stages;
  int64_t filters = static_cast<int64_t>(settings.number("filters"));
  do {
    stages.push_back({x.shape()[1], x.shape()[2], filters});
    x = Conv2D(filters, 3, {.strides = 2, .padding = "same", .activation = "relu"})(x);
    filters = std::min(2 * filters, kMostFilters);
  } while (std::min(half(x.shape()[1]), half(x.shape()[2])) >= kSmallest);
  const Shape maps = x.shape().from(1);
  Value numbers, y;
  if (code > 0) {
    x = Dense(code, {.name = "code"})(Flatten()(x));
    numbers = Input({code});
    y = Reshape(maps)(Dense(maps.count(), {.activation = "relu"})(numbers));
  } else {
    y = numbers = Input(maps);
  }
  for (size_t i = stages.size(); i-- > 0;) {
    const Stage& stage = stages[i];
    y = UpSampling2D(2)(Conv2D(stage.filters, 3, {.padding = "same", .activation = "relu"})(y));
    const int64_t below = y.shape()[1] - stage.height, right = y.shape()[2] - stage.width;
    if (below > 0 || right > 0) y = Cropping2D(Sides{{{0, below}, {0, right}}})(y);
  }
  y = Conv2D(channels, 3, {.padding = "same", .activation = "sigmoid"})(y);
  return joined(raw, x, numbers, y);
}

}  // namespace

Model autoencoder_network(const RecipeTask& task, const Settings& settings) {
  constexpr int64_t kCode = 32, kLargeCode = 256;
  const std::string& network = settings.choice("network", {"convolutional", "dense", "linear"});
  const bool compress = settings.choice("task", {"compress", "denoise", "inpaint"}) == "compress";
  if (task.input.rank() != 3 || std::min(task.input[0], task.input[1]) < 8)
    throw Error("autoencoder: expected pictures (height, width, channels) of at least 8 x 8, got " +
                to_string(task.input));
  int64_t code = compress ? kCode : network == "convolutional" ? 0 : kLargeCode;
  if (settings.text("code") != "auto") code = static_cast<int64_t>(settings.number("code"));
  if (network == "linear") return linear(task, settings, code);
  return network == "dense" ? dense(task, settings, code) : convolutional(task, settings, code);
}

Model part_of_autoencoder(const Model& model, const std::string& part) {
  const auto body = std::dynamic_pointer_cast<ModelBody>(model.get_layer(part).handle());
  if (!body) throw Error("\"" + part + "\": expected a model inside the model, got a layer");
  return Model(body);
}

}  // namespace folio

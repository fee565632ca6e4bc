#include "folio/recipes/architectures.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/applications/picture_network.h"
#include "folio/base/error.h"
#include "folio/layers/all.h"

namespace folio {

namespace {

// What comes in is brought to the range in which networks learn.
Sequential begun(const RecipeTask& task, const std::string& name) {
  Sequential model({Input(task.input)}, name);
  if (task.scaling.defined()) model.add(task.scaling);
  return model;
}

void add_hidden(const Sequential& model, const Settings& settings) {
  const double dropout = settings.number("dropout");
  for (const int64_t units : settings.integers("hidden")) {
    model.add(Dense(units, {.activation = settings.text("activation")}));
    if (dropout > 0) model.add(Dropout(dropout));
  }
}

}  // namespace

Model mlp(const RecipeTask& task, const Settings& settings) {
  Sequential model = begun(task, "mlp");
  model.add(Flatten());
  add_hidden(model, settings);
  model.add(Dense(task.classes, {.activation = "softmax"}));
  return model;
}

// Pairs of convolutions, each pair pooled, until little is left of the picture.
Model picture_network(const RecipeTask& task, const Settings& settings) {
  constexpr int64_t kSmallest = 8, kMostFilters = 256;
  auto [raw, x] = applications::entrance("pictures", task.input, task.scaling, kSmallest);
  auto filters = static_cast<int64_t>(settings.number("filters"));
  for (int stage = 1; std::min(x.shape()[1], x.shape()[2]) >= kSmallest; ++stage) {
    for (const char* which : {"a", "b"})
      x = applications::normalized_conv(x, filters, 3, 1, fmt::format("conv{}{}", stage, which));
    x = MaxPooling2D(2)(x);
    filters = std::min(2 * filters, kMostFilters);
  }
  x = GlobalAveragePooling2D()(x);
  if (settings.number("dropout") > 0) x = Dropout(settings.number("dropout"))(x);
  x = Dense(task.classes, {.activation = "softmax", .name = "predictions"})(x);
  return Model(raw, x, "pictures");
}

Model table_network(const RecipeTask& task, const Settings& settings) {
  Sequential model = begun(task, "table");
  add_hidden(model, settings);
  if (task.classes > 2) {
    model.add(Dense(task.classes, {.activation = "softmax"}));
  } else if (task.classes == 2) {
    model.add(Dense(1, {.activation = "sigmoid"}));
  } else {
    model.add(Dense(1));
    model.add(Rescaling(task.target_deviation, task.target_mean));
  }
  return model;
}

// The sheet's Keras program, line for line (row F11).
Model two_branch(const RecipeTask& task, const Settings&) {
  auto raw = Input(task.input);
  auto visible = task.scaling.defined() ? task.scaling(raw) : raw;
  // first feature extractor
  auto conv1 = Conv2D(32, 3, {.activation = "relu"})(visible);
  auto drop1 = Dropout(0.2)(conv1);
  auto pool1 = MaxPooling2D(2)(drop1);
  auto flat1 = Flatten()(pool1);
  // second feature extractor
  auto conv2 = Conv2D(32, 6, {.activation = "relu"})(visible);
  auto drop2 = Dropout(0.2)(conv2);
  auto pool2 = MaxPooling2D(2)(drop2);
  auto flat2 = Flatten()(pool2);
  // merge feature extractors
  auto merge = Concatenate()({flat1, flat2});
  // interpretation layer
  auto hidden1 = Dense(100, {.activation = "relu"})(merge);
  // prediction output
  auto output = Dense(task.classes, {.activation = "softmax"})(hidden1);
  return Model(raw, output, "exp2_functional");
}

}  // namespace folio

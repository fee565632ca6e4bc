#include "folio/recipes/transfer.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>

#include "folio/analysis/logistic_regression.h"
#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/data/split.h"
#include "folio/layers/all.h"
#include "folio/models/model_body.h"
#include "folio/models/trainer.h"
#include "folio/pictures/resize.h"
#include "folio/recipes/baselines.h"
#include "folio/recipes/pictures.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"

namespace folio {
namespace {

constexpr const char* kFeatures = "features";
constexpr const char* kHead = "predictions";

// So many rows of each class at most, chosen by the seed, in their order.
Data some_of_each(const Data& data, int64_t count, uint64_t seed) {
  const std::vector<int64_t> labels = ids_of(data.y[0]);
  std::vector<int64_t> rows;
  std::map<int64_t, int64_t> taken;
  for (const int64_t row : shuffled_order(data.rows(), seed, 0))
    if (taken[labels[static_cast<size_t>(row)]]++ < count) rows.push_back(row);
  std::sort(rows.begin(), rows.end());
  return take_rows(data, rows);
}

void resize_all(Data& data, const Shape& to) {
  constexpr int64_t kMost = int64_t{4} << 30;
  Tensor& x = data.x[0];
  if (x.shape().from(1) == to) return;
  const int64_t rows = x.shape()[0];
  if (rows > kMost / to.count())
    throw Error(fmt::format(
        "transfer: expected at most {} pictures of {} x {}, got {}; take fewer: --set per_class=N",
        kMost / to.count(), to[0], to[1], rows));
  Tensor resized({rows, to[0], to[1], to[2]}, DType::uint8);
  for (int64_t r = 0; r < rows; ++r) {
    const Tensor picture = with_channels(x.rows(r, r + 1).reshaped(x.shape().from(1)), to[2]);
    resized.rows(r, r + 1).reshaped(to).assign(rounded(resize(picture, to[0], to[1])));
  }
  x = resized;
}

Model inner_model(const Model& model) {
  return Model(std::dynamic_pointer_cast<ModelBody>(model.get_layer(kFeatures).handle()));
}

std::vector<Layer> all_layers(const Model& model) {
  std::vector<Layer> layers;
  for (const Layer& layer : model.layers())
    if (const auto inner = std::dynamic_pointer_cast<ModelBody>(layer.handle()))
      for (const Layer& deeper : all_layers(Model(inner))) layers.push_back(deeper);
    else
      layers.push_back(layer);
  return layers;
}

Data features_of(const Model& extractor, const Data& data) {
  return {extractor.predict(data.x[0], 16), data.y[0]};
}

// Each feature with mean 0 and deviation 1 over the rows for training.
void standardize(const Tensor& train, std::initializer_list<Tensor*> all) {
  const int64_t rows = train.shape()[0], width = train.shape()[1];
  std::vector<double> mean(static_cast<size_t>(width)), square(mean), centre(mean), scale(mean);
  for (int64_t i = 0; i < train.count(); ++i) {
    mean[static_cast<size_t>(i % width)] += train.at(i) / static_cast<double>(rows);
    square[static_cast<size_t>(i % width)] += train.at(i) * train.at(i) / static_cast<double>(rows);
  }
  for (size_t f = 0; f < mean.size(); ++f) {
    const double variance = square[f] - mean[f] * mean[f];
    scale[f] = variance > 1e-12 ? 1 / std::sqrt(variance) : 0;
  }
  for (Tensor* tensor : all) {
    Tensor result(tensor->shape());
    for (int64_t i = 0; i < result.count(); ++i) {
      const auto f = static_cast<size_t>(i % width);
      result.set(i, (tensor->at(i) - mean[f]) * scale[f]);
    }
    *tensor = result;
  }
}

SparseRows rows_of(const Tensor& x) {
  const int64_t width = x.shape()[1];
  SparseRows result{width, {}};
  for (int64_t r = 0; r < x.shape()[0]; ++r) {
    auto& row = result.rows.emplace_back();
    for (int64_t f = 0; f < width; ++f)
      if (const double value = x.at(r * width + f); value != 0)
        row.push_back({static_cast<decltype(row.back().feature)>(f), value});
  }
  return result;
}

Tensor labels_of(const Tensor& y) {
  const std::vector<int64_t> ids = ids_of(y);
  Tensor labels({static_cast<int64_t>(ids.size())}, DType::int32);
  for (size_t i = 0; i < ids.size(); ++i) labels.set(static_cast<int64_t>(i), static_cast<double>(ids[i]));
  return labels;
}

// Logistic regression on standardized features, with the penalty that does best on the rows for validation.
Baseline linear_probe(Data train, Data validation, Data test, int64_t classes) {
  standardize(train.x[0], {&validation.x[0], &test.x[0], &train.x[0]});
  const SparseRows rows = rows_of(train.x[0]), watched = rows_of(validation.x[0]),
                   tested = rows_of(test.x[0]);
  const Tensor labels = labels_of(train.y[0]), watched_labels = labels_of(validation.y[0]);
  double best = -1, accuracy = 0;
  for (const double C : {0.0001, 0.001, 0.01, 0.1, 1.0}) {
    LogisticRegression probe({.C = C});
    probe.fit(rows, labels, classes);
    const double score = probe.score(watched, watched_labels);
    if (score <= best) continue;
    best = score;
    accuracy = probe.score(tested, labels_of(test.y[0]));
  }
  return {"a linear probe on the features", {{"accuracy", accuracy}}};
}

// The stages of `thaw`; none for "none".
std::vector<std::string> stages_of(const Model& features, const Settings& settings) {
  if (settings.text("thaw") == "none") return {};
  if (settings.text("thaw") != "auto") return settings.list("thaw");
  return {std::to_string(std::max<size_t>(all_layers(features).size() / 5, 1))};
}

void train_stage(const Model& model, const RecipeData& data, const FitOptions& options, double rate) {
  compile_for(model, data.task, Adam(rate));
  FitOptions fit = options;
  fit.callbacks = {EarlyStopping({.monitor = "val_loss", .patience = 3, .restore_best_weights = true})};
  model.fit(data.train, fit);
}

}  // namespace

std::vector<Setting> transfer_settings() {
  return {
      {"base", "", "a network that has learnt from pictures: FILE.keras or FILE.h5"},
      {"cut", "auto", "the layer whose output are the features; auto: what the last dense layer takes"},
      {"thaw", "auto",
       "what learns on behind the new head, stage by stage: patterns of names of layers, or how many last "
       "layers, A,B; auto: the last fifth; none"},
      {"dropout", "0.2", "before the new head", kShares},
      {"head_epochs", "60", "passes of the new head over the features, at most", {1, 10'000, true}},
      {"head_rate", "0.001", "its learning rate", {1e-7, 1}},
      {"per_class", "0", "pictures of each class for training, at most; 0: all", {0, 1e9, true}},
      {"subtract",
       "auto",
       "from pixels of 0 to 255; auto: 127.5, or nothing where the base scales itself",
       {-1000, 1000}},
      {"divide", "auto", "then by this; auto: 127.5, or nothing where the base scales itself", {1e-6, 1e6}},
      {"size", "auto", "side of the pictures, in pixels; auto: what the base takes, or 224", {8, 1024, true}},
      {"fit", "crop", "pictures of another shape: crop keeps the middle, stretch all"},
      {"validation", "0.15", "share for validation of a folder that is not divided", kShares},
      {"test", "0.2", "share for the final test of a folder that is not divided", kShares},
      with_changes("none")};
}

RecipeData transfer_data(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  const Model features = features_of(load_base(settings), settings.text("cut"));
  const Shape input = base_input(features, settings);
  Settings sized = settings;
  sized.set("size", std::to_string(input[0]));
  RecipeData data = pictures(recipe, request, sized);
  const auto per_class = static_cast<int64_t>(settings.number("per_class"));
  if (per_class > 0) data.train = some_of_each(data.train, per_class, *request.training.seed);
  for (Data* part : {&data.train, &data.validation, &data.test}) resize_all(*part, input);
  data.task.input = input;
  if (per_class > 0)
    data.description +=
        fmt::format("{}{} of them to learn from", data.description.empty() ? "" : "; ", data.train.rows());
  set_preparation(data.assets, PicturePreparation{input[0], input[1], input[2], settings.text("fit")});
  return data;
}

Model load_base(const Settings& settings, const std::string& recipe) {
  const std::string& path = settings.text("base");
  if (path.empty())
    throw UsageError(
        fmt::format("--set base: expected a network that has learnt from pictures (.keras or .h5), got none; "
                    "for example: folio train {} --data FOLDER --set base=efficientnet.keras",
                    recipe));
  return Model::load(path);
}

Shape base_input(const Model& base, const Settings& settings) {
  constexpr int64_t kUsual = 224;
  const bool automatic = settings.text("size") == "auto";
  const int64_t size = automatic ? kUsual : static_cast<int64_t>(settings.number("size"));
  Shape input = base.inputs()[0].shape().from(1);
  for (int axis = 0; axis < 2; ++axis) {
    if (input[axis] < 0) input = input.with(axis, size);
    if (!automatic && input[axis] != size)
      throw Error(fmt::format("--set size: expected the size that the base takes, {}, got {}; leave it out",
                              input[axis], size));
  }
  return input;
}

Layer base_scaling(const Settings& settings, const Model& base) {
  if (settings.text("divide") == "auto" && settings.text("subtract") == "auto" && scales_inputs(base))
    return {};
  const auto number = [&](const char* key) {
    return settings.text(key) == "auto" ? 127.5 : settings.number(key);
  };
  return Rescaling(1 / number("divide"), -number("subtract") / number("divide"));
}

namespace {

void check_base(const Model& base) {
  if (!base.model().has_graph() || base.inputs().size() != 1 || base.inputs()[0].shape().rank() != 4)
    throw Error("model \"" + base.name() + "\": expected a network of one input of pictures, got another");
}

}  // namespace

Model maps_of(const Model& base, const std::string& cut) {
  check_base(base);
  Value y;
  if (cut != "auto") {
    y = base.get_layer(cut).output();
  } else {
    for (const Layer& layer : base.layers()) {
      if (layer.class_name() == "InputLayer") continue;
      if (const Value out = layer.output(); out.rank() == 4) y = out;
      // A network within the network, such as what recipes have learnt from.
      const auto inner = std::dynamic_pointer_cast<ModelBody>(layer.handle());
      if (!inner || layer.output().rank() != 2 || layer.input().rank() != 4) continue;
      y = maps_of(Model(inner))(layer.input());
    }
  }
  if (!y.defined() || y.rank() != 4 || y == base.inputs()[0])
    throw Error(
        fmt::format("model \"{}\": expected {} that makes maps of a picture (height, width, features), "
                    "got {}; --set cut names a layer",
                    base.name(), cut == "auto" ? "a layer" : fmt::format("a layer \"{}\"", cut),
                    y.defined() ? to_string(y.shape()) : "none"));
  return Model(base.inputs()[0], y, kFeatures);
}

Model features_of(const Model& base, const std::string& cut) {
  check_base(base);
  Value y;
  if (cut != "auto") {
    y = base.get_layer(cut).output();
  } else {
    for (const Layer& layer : base.layers())
      if (layer.class_name() == "Dense") y = layer.input();
    if (!y.defined()) y = base.outputs()[0];
    // Dropout belongs to the old head.
    for (const Layer& layer : base.layers())
      if (layer.class_name() == "Dropout" && layer.output() == y) y = layer.input();
  }
  if (y.shape().rank() == 4) y = GlobalAveragePooling2D()(y);
  if (y.shape().rank() != 2)
    throw Error(fmt::format("--set cut: expected a layer that makes maps or numbers of a picture, got {}",
                            to_string(y.shape())));
  return Model(base.inputs()[0], y, kFeatures);
}

Model transfer_network(const RecipeTask& task, const Settings& settings) {
  const Model features = features_of(load_base(settings), settings.text("cut"));
  for (const std::string& stage : stages_of(features, settings))
    thaw(features, stage);  // or says what is wrong
  features.set_trainable(false);
  const Value raw = Input(task.input);
  const Layer scaling = base_scaling(settings, features);
  Value x = features(scaling.defined() ? scaling(raw) : raw);
  if (settings.number("dropout") > 0) x = Dropout(settings.number("dropout"))(x);
  return Model(raw, Dense(task.classes, {.activation = "softmax", .name = kHead})(x), "transfer");
}

int64_t thaw(const Model& features, const std::string& pattern) {
  const std::vector<Layer> layers = all_layers(features);
  const bool is_count = !pattern.empty() && pattern.find_first_not_of("0123456789") == std::string::npos;
  const size_t last = is_count ? std::min<size_t>(layers.size(), std::stoul(pattern.substr(0, 9))) : 0;
  int64_t thawed = 0, matched = 0;
  // The model itself must be trainable for any layer in it to be.
  if (!features.trainable()) {
    features.set_trainable(true);
    for (const Layer& layer : layers) layer.set_trainable(false);
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    const bool wanted =
        is_count ? i + last >= layers.size() : ::fnmatch(pattern.c_str(), layers[i].name().c_str(), 0) == 0;
    matched += wanted;
    if (!wanted || layers[i].class_name() == "BatchNormalization" || layers[i].weights().empty()) continue;
    layers[i].set_trainable(true);
    ++thawed;
  }
  if (matched == 0) {
    std::vector<std::string> names;
    for (const Layer& layer : layers)
      if (!layer.weights().empty()) names.push_back(layer.name());
    throw Error(
        fmt::format("--set thaw: expected a pattern of names of layers ({}), got \"{}\", which matches none",
                    fmt::join(names, ", "), pattern));
  }
  return thawed;
}

std::vector<Baseline> begin_transfer(const Model& model, const RecipeData& data, const Settings& settings,
                                     const FitOptions& options) {
  const Model features = inner_model(model);
  const std::vector<std::string> stages = stages_of(features, settings);
  const Model extractor(model.inputs()[0], model.get_layer(kFeatures).output());
  const Data train = features_of(extractor, data.train), validation = features_of(extractor, data.validation),
             test = features_of(extractor, data.test);
  std::vector<Baseline> reached = {linear_probe(train, validation, test, data.task.classes)};

  const Value x = Input({train.x[0].shape()[1]});
  const double dropout = settings.number("dropout");
  const Layer last = model.get_layer(kHead);
  const Model head(x, last(dropout > 0 ? Dropout(dropout)(x) : x));
  compile_for(head, data.task, Adam(settings.number("head_rate")));
  FitOptions fit = comparison_fit(options, static_cast<int>(settings.number("head_epochs")));
  fit.validation_data = validation;
  fit.callbacks = {EarlyStopping({.monitor = "val_loss", .patience = 10, .restore_best_weights = true})};
  head.fit(train, fit);
  reached.push_back({"frozen, with a new head", head.evaluate(test, 256)});

  const double rate = model.optimizer()->learning_rate();
  for (size_t s = 0; s < stages.size() && !stop_requested(); ++s) {
    const int64_t count = thaw(features, stages[s]);
    if (options.verbose > 0) tell(fmt::format("Thawed {}: {} more layers learn.\n", stages[s], count));
    if (s + 1 == stages.size()) break;
    train_stage(model, data, options, rate);
    reached.push_back({fmt::format("thawed as far as {}", stages[s]), model.evaluate(data.test, 16)});
  }
  return reached;
}

std::vector<Baseline> transfer_baselines(const Recipe&, const RecipeData& data, const Settings&,
                                         const FitOptions&) {
  return {most_frequent_class(data)};
}

}  // namespace folio

#include "folio/models/model.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/models/model_body.h"
#include "folio/models/trainer.h"

namespace folio {

const std::vector<double>& History::operator[](const std::string& key) const {
  std::string keys;
  for (const auto& [name, values] : series) {
    if (name == key) return values;
    keys += (keys.empty() ? "" : ", ") + name;
  }
  throw Error("history: there is no \"" + key + "\"; the keys are " + keys);
}

bool History::contains(const std::string& key) const {
  for (const auto& entry : series)
    if (entry.first == key) return true;
  return false;
}

void History::add(const Logs& logs) {
  for (const auto& [name, value] : logs) {
    bool found = false;
    for (auto& [key, values] : series)
      if (key == name) values.push_back(value), found = true;
    if (!found) series.emplace_back(name, std::vector<double>{value});
  }
}

Model::Model(std::shared_ptr<ModelBody> body) : Layer(std::move(body)) {}

Model::Model(Values inputs, Values outputs, const std::string& name) {
  auto body = make_body<ModelBody>(name, true, ModelBody::Kind::functional);
  body->set_graph(std::move(inputs), std::move(outputs));
  body->ensure_built({});
  body_ = std::move(body);
}

Model::Model(const Value& input, const Value& output, const std::string& name)
    : Model(Values{input}, Values{output}, name) {}

ModelBody& Model::model() const {
  if (!body_) throw Error("a model was used that was never made");
  return static_cast<ModelBody&>(*body_);
}

void Model::compile(TrainingOptions options) const { model().set_training(std::move(options)); }
bool Model::compiled() const { return model().compiled; }
History Model::fit(const Data& data, const FitOptions& options) const {
  return Trainer(*this).fit(data, options);
}
Logs Model::evaluate(const Data& data, int64_t batch_size, int verbose) const {
  return Trainer(*this).evaluate(data, batch_size, 0, verbose);
}
std::vector<Tensor> Model::predict(const std::vector<Tensor>& x, int64_t batch_size) const {
  return Trainer(*this).predict(Data(x, {}), batch_size);
}

Values Model::trace(const Values& inputs, Effects& effects, const TraceOptions& options) const {
  std::vector<Shape> shapes;
  for (const Value& value : inputs) shapes.push_back(value.shape());
  model().ensure_built(shapes);
  const Scope scope(name());
  return model().traced_call({.inputs = inputs,
                              .masks = options.mask,
                              .training = options.training,
                              .seed = options.seed.value_or(random_seed()),
                              .step = options.step},
                             effects);
}

Value Model::trace(const Value& input, Effects& effects, const TraceOptions& options) const {
  const Values outputs = trace(Values{input}, effects, options);
  if (outputs.size() != 1)
    throw Error(fmt::format("{}: gives {} outputs; call trace with a list of inputs", model().label(),
                            outputs.size()));
  return outputs[0];
}

Logs Model::train_on_batch(const Data& batch) const { return Trainer(*this).train_on_batch(batch); }

void Model::predict(const Data& data, const PredictionSink& sink, int64_t batch_size) const {
  Trainer(*this).predict(data, batch_size, sink);
}

Tensor Model::predict(const Tensor& x, int64_t batch_size) const {
  const auto outputs = predict(std::vector<Tensor>{x}, batch_size);
  if (outputs.size() != 1)
    throw Error(fmt::format("{}: gives {} outputs; call predict with a list of inputs", model().label(),
                            outputs.size()));
  return outputs[0];
}

const std::vector<Layer>& Model::layers() const { return model().layers(); }
const Values& Model::inputs() const { return model().inputs(); }
const Values& Model::outputs() const { return model().outputs(); }
Optimizer Model::optimizer() const { return model().training.optimizer; }
const TrainingOptions& Model::training_options() const { return model().training; }

Layer Model::layer(const std::string& name) const {
  std::string names;
  for (const Layer& layer : layers()) {
    if (layer.name() == name) return layer;
    names += (names.empty() ? "" : ", ") + layer.name();
  }
  throw Error(fmt::format("{}: there is no layer \"{}\"; the layers are {}", model().label(), name, names));
}

int64_t Model::count_parameters() const {
  int64_t count = 0;
  for (const Parameter& parameter : weights()) count += parameter.value().count();
  return count;
}

Plan Model::training_plan(int64_t batch_size) const { return Trainer(*this).plan_for(batch_size, true); }
Plan Model::prediction_plan(int64_t batch_size) const { return Trainer(*this).plan_for(batch_size, false); }

Sequential::Sequential(std::initializer_list<SequentialItem> items, const std::string& name)
    : Sequential(std::vector<SequentialItem>(items), name) {}

Sequential::Sequential(const std::vector<SequentialItem>& items, const std::string& name) {
  body_ = make_body<ModelBody>(name, true, ModelBody::Kind::sequential);
  for (const SequentialItem& item : items) add(item);
}

void Sequential::add(const SequentialItem& item) const { model().add_layer(item); }

}  // namespace folio

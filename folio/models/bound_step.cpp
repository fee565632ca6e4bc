#include "folio/models/bound_step.h"

#include <fmt/format.h>

#include "folio/base/error.h"

namespace folio {

BoundStep Model::bind(const StepOptions& options) const { return {*this, options}; }

BoundStep::BoundStep(const Model& model, const StepOptions& options)
    : model_(model), options_(options), plans_(&model.model().plans()) {
  const ModelBody& body = model.model();
  if (options.batch_size < 1)
    throw Error(
        fmt::format("{}: bind: batch_size: expected at least 1, got {}", body.label(), options.batch_size));
  if (options.purpose != Purpose::predict && !body.compiled)
    throw Error(body.label() + ": bind: is not compiled; call compile with an optimizer and a loss first");
  inputs_ = body.inputs().size();
  if (options.purpose != Purpose::predict) targets_ = body.outputs().size();
  std::vector<TensorType> types = body.batch_shapes(options.purpose, options.batch_size, options.weighted);
  if (options.shapes.size() > inputs_ + targets_)
    throw Error(fmt::format("{}: bind: expected at most {} shapes, of inputs and targets, got {}",
                            body.label(), inputs_ + targets_, options.shapes.size()));
  for (size_t i = 0; i < types.size(); ++i) {
    if (i < options.shapes.size()) {
      const Shape given = Shape{options.batch_size}.joined(options.shapes[i]);
      if (!compatible(types[i].shape, given))
        throw Error(fmt::format("{}: bind: shape {}: expected {}, got {}", body.label(), i,
                                to_string(types[i].shape), to_string(given)));
      types[i].shape = given;
    }
    if (!types[i].shape.known())
      throw Error(fmt::format("{}: bind: the model leaves {} open; give its shape in shapes", body.label(),
                              to_string(types[i].shape)));
    arrays_.emplace_back(types[i].shape, types[i].dtype);
  }
  choose_plan();
}

void BoundStep::choose_plan() {
  layers_ = layers_version(), age_ = plans_->age(), seed_ = random_seed();
  PlanKey key = model_.model().plan_key(options_.purpose, options_.weighted);
  if (options_.threads > 0) key.threads = options_.threads;
  for (const Tensor& array : arrays_) key.types.push_back({array.shape(), array.dtype()});
  ready_ = plans_->get(key);
  for (size_t i = 0; i < arrays_.size(); ++i) ready_.frame().set_input(static_cast<int>(i), arrays_[i]);
}

Tensor& BoundStep::array(const char* what, size_t i, size_t first, size_t count) {
  if (i >= count)
    throw Error(fmt::format("{}: bound step: has {} arrays called {}, number {} was asked for",
                            model_.model().label(), count, what, i));
  return arrays_[first + i];
}

Logs BoundStep::logs() const {
  if (options_.purpose == Purpose::predict)
    throw Error(model_.model().label() + ": bound step: a step that predicts has no loss; ask for outputs");
  Totals totals(ready_.logs());
  totals.add(ready_.frame(), options_.batch_size);
  return totals.logs();
}

}  // namespace folio

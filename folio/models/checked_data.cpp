#include "folio/models/checked_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "folio/base/error.h"
#include "folio/models/model_body.h"
#include "folio/training/ctc.h"

namespace folio {
namespace {

class CheckedRows final : public RowSource {
 public:
  CheckedRows(Rows rows, ValueCheck check, std::string what)
      : RowSource(rows->name(), rows->shape(), rows->dtype()),
        rows_(std::move(rows)),
        check_(std::move(check)),
        what_(std::move(what)) {}

 private:
  void fetch(int64_t first, Tensor& into) const override {
    rows_->read(first, into);
    check_.look(into, first, what_);
  }
  Rows rows_;
  ValueCheck check_;
  std::string what_;
};

// The layers of the model that are called on an input.
std::vector<const LayerBody*> readers_of(const Value& input, const ModelBody& model) {
  std::vector<const LayerBody*> layers;
  for (const Node* node : Graph{model.inputs(), model.outputs(), {}}.nodes())
    if (const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get()))
      if (std::find(node->inputs.begin(), node->inputs.end(), input) != node->inputs.end())
        layers.push_back(call->layer().get());
  return layers;
}

void check_inputs(const ModelBody& model, Data& data, const std::string& what) {
  const Values& inputs = model.inputs();
  const auto names = model.input_names();
  if (data.x.size() != inputs.size())
    throw Error(fmt::format("{}: expected {} inputs ({}), got {}", what, inputs.size(),
                            fmt::join(names, ", "), data.x.size()));
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Shape &wanted = inputs[i].shape(), &given = data.x[i].shape();
    // A missing last dimension of 1 is added, as Keras does.
    if (given.rank() + 1 == wanted.rank() && wanted[-1] == 1)
      data.x[i] = data.x[i].reshaped(given.joined({1}));
    if (!compatible(wanted.with(0, kUnknown), data.x[i].shape()))
      throw Error(fmt::format("{}, input \"{}\": expected shape {}, got {}", what, names[i],
                              to_string(wanted), to_string(given)));
  }
}

void check_targets(const ModelBody& model, Data& data, const std::string& what) {
  const Values& outputs = model.outputs();
  const auto names = model.output_names();
  if (data.y.size() != outputs.size())
    throw Error(fmt::format("{}: expected {} targets ({}), got {}", what, outputs.size(),
                            fmt::join(names, ", "), data.y.size()));
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Loss* loss = model.loss_of(i);
    const Shape predicted = outputs[i].shape();
    Tensor& y = data.y[i];
    const std::string place = fmt::format("{}, target \"{}\"", what, names[i]);
    if (loss && loss->sparse()) {
      if (y.shape().rank() == predicted.rank() && y.shape()[-1] == 1) y = y.reshaped(y.shape().without(-1));
      if (!compatible(predicted.without(-1).with(0, kUnknown), y.shape()))
        throw Error(fmt::format("{}: expected class numbers of shape {}, got {}", place,
                                to_string(predicted.without(-1)), to_string(y.shape())));
    } else if (loss && takes_labels(*loss)) {
      if (predicted.rank() != 3 || y.shape().rank() != 2)
        throw Error(
            fmt::format("{}: expected labels (rows, labels), 0 behind the end of each row, for predictions "
                        "(rows, steps, classes), got {} for {}",
                        place, to_string(y.shape()), to_string(predicted)));
    } else {
      if (y.shape().rank() + 1 == predicted.rank() && predicted[-1] == 1)
        y = y.reshaped(y.shape().joined({1}));
      if (!compatible(predicted.with(0, kUnknown), y.shape()))
        throw Error(fmt::format(
            "{}: expected shape {}, got {}{}", place, to_string(predicted), to_string(y.shape()),
            loss && loss->name == "categorical_crossentropy" && y.shape().rank() < predicted.rank()
                ? "; use sparse_categorical_crossentropy for class numbers"
                : ""));
    }
  }
}

Tensor class_weights(const Tensor& y, const Tensor* before, const std::map<int, double>& weights,
                     DType type) {
  const int64_t rows = y.shape()[0], classes = y.shape().rank() > 1 ? y.shape()[-1] : 1;
  Tensor result({rows}, type);
  for (int64_t r = 0; r < rows; ++r) {
    int label = classes > 1 ? 0 : static_cast<int>(std::lround(y.at(r)));
    for (int64_t c = 1; c < classes; ++c)
      if (y.at(r * classes + c) > y.at(r * classes + label)) label = static_cast<int>(c);
    const auto found = weights.find(label);
    result.set(r, (before ? before->at(r) : 1) * (found == weights.end() ? 1 : found->second));
  }
  return result;
}

class WeightRows final : public RowSource {
 public:
  WeightRows(Rows y, Rows before, std::map<int, double> weights, DType type)
      : RowSource(y->name(), {y->rows()}, type),
        y_(std::move(y)),
        before_(std::move(before)),
        weights_(std::move(weights)) {}

 private:
  void fetch(int64_t first, Tensor& into) const override {
    const int64_t last = first + into.shape()[0];
    const Tensor before = before_ ? before_->read(first, last) : Tensor();
    into.assign(class_weights(y_->read(first, last), before_ ? &before : nullptr, weights_, dtype()));
  }
  Rows y_, before_;
  std::map<int, double> weights_;
};

}  // namespace

void ValueCheck::look(const Tensor& rows, int64_t first, const std::string& what) const {
  const bool ids = !layer.empty();
  int64_t bad = -1;
  visit(rows.dtype(), [&](auto t) {
    const auto* values = static_cast<const decltype(t)*>(rows.raw());
    const auto end = static_cast<double>(count);
    for (int64_t i = 0; i < rows.count() && bad < 0; ++i) {
      const auto value = static_cast<double>(values[i]);
      const bool good = shares ? !(value < 0 || value > 1)
                               : value < end && (ids ? value > -1 : value >= 0 && value == std::floor(value));
      if (!good && !(ignored && value == static_cast<double>(*ignored))) bad = i;
    }
  });
  if (bad < 0) return;
  const int64_t row = first + bad / (rows.count() / rows.shape()[0]);
  if (shares)
    throw Error(
        fmt::format("{}, {}: expected 0, 1 or a share between them, got {} in row {}; for more than two "
                    "classes end the model "
                    "in a softmax and use sparse_categorical_crossentropy",
                    what, name, rows.at(bad), row));
  if (ids)
    throw Error(fmt::format("{}, {}: expected ids from 0 to {}, got {} in row {}; raise input_dim of {}",
                            what, name, count - 1, rows.at(bad), row, layer));
  throw Error(
      fmt::format("{}, {}: expected class numbers from 0 to {}, got {} in row {}; the model has {} classes",
                  what, name, count - 1, rows.at(bad), row, count));
}

void ValueCheck::operator()(const Data& data, const char* what) const {
  const size_t inputs = data.x.size();
  look(array < inputs ? data.x[array] : data.y[array - inputs], 0, what);
}

std::vector<ValueCheck> value_checks(const ModelBody& model, bool targets) {
  std::vector<ValueCheck> checks;
  const Values &inputs = model.inputs(), &outputs = model.outputs();
  const auto input_names = model.input_names(), output_names = model.output_names();
  for (size_t i = 0; i < inputs.size(); ++i)
    for (const LayerBody* layer : readers_of(inputs[i], model))
      if (layer->vocabulary() > 0)
        checks.push_back(
            {i, fmt::format("input \"{}\"", input_names[i]), layer->vocabulary(), {}, layer->label()});
  for (size_t i = 0; targets && i < outputs.size(); ++i)
    if (const Loss* loss = model.loss_of(i);
        loss && (loss->sparse() || takes_labels(*loss) || takes_shares(*loss)))
      checks.push_back({inputs.size() + i,
                        fmt::format("target \"{}\"", output_names[i]),
                        outputs[i].shape()[-1],
                        loss->ignored_class(),
                        {},
                        takes_shares(*loss)});
  return checks;
}

Data checked(ModelBody& model, Data data, const std::string& what, bool targets) {
  data.check(what);
  std::vector<Shape> shapes;
  std::vector<DType> types;
  for (const Tensor& tensor : data.x)
    shapes.push_back(tensor.shape().with(0, kUnknown)), types.push_back(floatx());
  model.build_from(shapes, types);
  check_inputs(model, data, what);
  if (targets) check_targets(model, data, what);
  for (const ValueCheck& check : value_checks(model, targets))
    if (data.is_streamed())
      data.sources[check.array] = std::make_shared<CheckedRows>(data.sources[check.array], check, what);
    else
      check(data, what.c_str());
  return data;
}

bool takes_shares(const Loss& loss) { return loss.name.starts_with("binary_"); }
bool is_of_classes(const Loss& loss) { return loss.name.ends_with("crossentropy"); }

namespace {

std::set<int64_t> classes_in(const Tensor& y, bool sparse) {
  std::set<int64_t> classes;
  const int64_t width = sparse || y.shape().rank() < 2 ? 1 : y.shape()[-1];
  for (int64_t i = 0; i < y.count() / width; ++i) {
    int64_t best = width == 1 ? std::lround(y.at(i)) : 0;
    for (int64_t c = 1; c < width; ++c)
      if (y.at(i * width + c) > y.at(i * width + best)) best = c;
    classes.insert(best);
  }
  return classes;
}

}  // namespace

std::string unseen_classes(const Data& training, const Data& validation, size_t output, bool sparse) {
  if (training.is_streamed() || validation.is_streamed()) return "";
  const std::set<int64_t> seen = classes_in(training.y[output], sparse);
  std::vector<int64_t> unseen;
  for (const int64_t label : classes_in(validation.y[output], sparse))
    if (!seen.contains(label)) unseen.push_back(label);
  if (unseen.empty()) return "";
  constexpr size_t kShown = 5;
  const bool many = unseen.size() > kShown;
  const std::string words =
      fmt::format("{} {}", unseen.size() == 1 ? "class" : "classes",
                  fmt::join(unseen.begin(), unseen.begin() + std::min(unseen.size(), kShown), ", "));
  return many ? fmt::format("{} and {} others", words, unseen.size() - kShown) : words;
}

void weigh_classes(Data& data, const std::map<int, double>& weights, bool sparse, int64_t classes,
                   DType type) {
  for (const auto& entry : weights)
    if (entry.first >= classes)
      throw Error(
          fmt::format("fit: class_weight: expected classes from 0 to {}, got {}", classes - 1, entry.first));
  const Shape& shape = data.y[0].shape();
  if (shape.rank() > 2 || (shape.rank() > 1 && sparse))
    throw Error(
        fmt::format("fit: class_weight: expected one class per sample, got targets of shape {}; "
                    "give sample_weight instead",
                    to_string(shape)));
  if (!data.is_streamed()) {
    const Tensor before = data.sample_weight;
    data.sample_weight = class_weights(data.y[0], before.raw() ? &before : nullptr, weights, type);
    return;
  }
  const size_t place = data.x.size() + data.y.size();
  Rows before = data.is_weighted() ? data.sources[place] : nullptr;
  data.sources.resize(place);
  data.sources.push_back(
      std::make_shared<WeightRows>(data.sources[data.x.size()], std::move(before), weights, type));
  data.sample_weight = Tensor::view(nullptr, {data.rows()}, type);
}

}  // namespace folio

#include "folio/models/checked_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "folio/base/error.h"

namespace folio {
namespace {

/// Looks at rows; `first` is the number of the first.
using Check = std::function<void(const Tensor& rows, int64_t first)>;

class CheckedRows final : public RowSource {
 public:
  CheckedRows(Rows rows, Check check)
      : RowSource(rows->name(), rows->shape(), rows->dtype()),
        rows_(std::move(rows)),
        check_(std::move(check)) {}

 private:
  void fetch(int64_t first, Tensor& into) const override {
    rows_->read(first, into);
    check_(into, first);
  }
  Rows rows_;
  Check check_;
};

void check(Data& data, size_t i, Check check) {
  if (data.is_streamed())
    data.sources[i] = std::make_shared<CheckedRows>(data.sources[i], std::move(check));
  else
    check(data.tensors()[i], 0);
}

/// The row of element `i`.
int64_t row_of(int64_t i, const Tensor& rows, int64_t first) {
  return first + i / (rows.count() / rows.shape()[0]);
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

void check_labels(Data& data, size_t i, int64_t classes, std::optional<int64_t> ignored,
                  const std::string& what) {
  check(data, i, [=](const Tensor& labels, int64_t first) {
    for (int64_t e = 0; e < labels.count(); ++e) {
      const double label = labels.at(e);
      if (label >= 0 && label < static_cast<double>(classes) && label == std::floor(label)) continue;
      if (ignored && label == static_cast<double>(*ignored)) continue;
      throw Error(
          fmt::format("{}: expected class numbers from 0 to {}, got {} in row {}; the model has {} classes",
                      what, classes - 1, label, row_of(e, labels, first), classes));
    }
  });
}

void check_ids(Data& data, size_t i, const LayerBody& layer, const std::string& what) {
  const int64_t vocabulary = layer.vocabulary();
  check(data, i, [=, label = layer.label()](const Tensor& ids, int64_t first) {
    for (int64_t e = 0; e < ids.count(); ++e) {
      const double id = ids.at(e);
      if (id > -1 && id < static_cast<double>(vocabulary)) continue;
      throw Error(fmt::format("{}: expected ids from 0 to {}, got {} in row {}; raise input_dim of {}", what,
                              vocabulary - 1, id, row_of(e, ids, first), label));
    }
  });
}

void weigh_classes(Data& data, const std::map<int, double>& weights, bool sparse, DType type) {
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

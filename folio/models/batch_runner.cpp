#include "folio/models/batch_runner.h"

#include <algorithm>

namespace folio {
namespace {

// Plans do not look at how many rows there are to pick from, so that one serves arrays of any length.
constexpr int64_t kManyRows = int64_t{1} << 31;

}  // namespace

PlanKey plan_key_for(ModelBody& model, Purpose purpose, const Data& data, int64_t rows, bool gathered) {
  PlanKey key = model.plan_key(purpose, data.is_weighted());
  const auto add = [&](const Tensor& tensor) {
    key.types.push_back({tensor.shape().with(0, rows), tensor.dtype()});
  };
  for (const Tensor& tensor : data.x) add(tensor);
  for (const Tensor& tensor : data.y) add(tensor);
  if (key.weighted) add(data.sample_weight);
  if (data.is_streamed() || data.augmentation) {  // who gathers them converts them
    const std::vector<DType> types = model.batch_types(purpose, key.weighted);
    for (size_t i = 0; i < types.size(); ++i) key.types[i].dtype = types[i];
  } else {
    key.scale = data.scale;
    if (gathered) key.table_rows = std::max(kManyRows, data.rows());
  }
  return key;
}

BatchRunner::BatchRunner(ModelBody& model, Purpose purpose, const Data& data, const BatchOrder& order,
                         ReadyPlan first)
    : model_(model),
      purpose_(purpose),
      data_(data),
      gathered_(order.shuffle && !data.is_streamed() && !data.augmentation),
      dealer_(data.rows(), order.batch_size, order.shuffle, order.seed, order.first_batch),
      ready_(std::move(first)) {
  if (data.is_streamed()) {
    loader_.emplace(data, model.batch_types(purpose, data.is_weighted()), order.batch_size, order.shuffle,
                    order.seed, order.first_batch);
    return;
  }
  arrays_ = data.tensors();
  if (ready_.defined()) planned_rows_ = std::min(order.batch_size, data.rows());
}

void BatchRunner::choose_plan() {
  if (rows_.count == planned_rows_) return;
  ready_ = model_.plans().get(plan_key_for(model_, purpose_, data_, rows_.count, gathered_));
  planned_rows_ = rows_.count;
  if (!gathered_) return;
  const std::vector<TensorType>& types = ready_.plan().contents().inputs;
  for (size_t i = 0; i < arrays_.size(); ++i)
    ready_.frame().set_input(static_cast<int>(i),
                             Tensor::view(arrays_[i].raw(), types[i].shape, types[i].dtype));
}

void BatchRunner::show_rows() {
  Frame& frame = ready_.frame();
  if (loaded_) {
    for (size_t i = 0; i < loaded_->tensors.size(); ++i)
      frame.set_input(static_cast<int>(i), loaded_->tensors[i]);
    return;
  }
  // Views that own nothing: frames are kept for later, and must not keep the caller's arrays.
  if (gathered_) {
    frame.set_input(static_cast<int>(arrays_.size()),
                    Tensor::view(const_cast<int64_t*>(rows_.numbers), {rows_.count}, DType::int64));
    return;
  }
  for (size_t i = 0; i < arrays_.size(); ++i) {
    Tensor& array = arrays_[i];
    const int64_t row_bytes = array.shape().count(1, array.shape().rank()) * size_of(array.dtype());
    frame.set_input(static_cast<int>(i),
                    Tensor::view(static_cast<char*>(array.raw()) + rows_.first * row_bytes,
                                 array.shape().with(0, rows_.count), array.dtype()));
  }
}

const Frame& BatchRunner::run() {
  copied_ = false;
  if (loader_) {
    loaded_ = &loader_->next();
    rows_.count = loaded_->rows;
  } else {
    rows_ = dealer_.next();
    if (data_.augmentation) {
      gather_batch(data_, rows_, model_.batch_types(purpose_, data_.is_weighted()), copy_);
      loaded_ = &copy_;
    }
  }
  choose_plan();
  show_rows();
  ready_.run();
  return ready_.frame();
}

const Batch& BatchRunner::batch() const {
  if (loaded_) return *loaded_;
  if (!copied_) gather_batch(data_, rows_, model_.batch_types(purpose_, data_.is_weighted()), copy_);
  copied_ = true;
  return copy_;
}

}  // namespace folio

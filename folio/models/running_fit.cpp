#include "folio/models/running_fit.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"

namespace folio {
namespace {

uint32_t add_to_checksum(uint32_t before, const void* bytes, size_t count) {
  return static_cast<uint32_t>(crc32_z(before, static_cast<const Bytef*>(bytes), count));
}

// Of every shape and every byte.
uint32_t checksum_of(const Data& data, uint32_t checksum = 0) {
  constexpr int64_t kPiece = 4 << 20;  // bytes that are read at once
  const std::vector<Tensor> tensors = data.tensors();
  if (data.augmentation) {
    const std::string changes = data.augmentation->description();
    checksum = add_to_checksum(checksum, changes.data(), changes.size());
  }
  for (size_t t = 0; t < tensors.size(); ++t) {
    const Tensor& tensor = tensors[t];
    for (int64_t dim : tensor.shape()) checksum = add_to_checksum(checksum, &dim, sizeof dim);
    if (!data.is_streamed()) {
      checksum = add_to_checksum(checksum, tensor.raw(), static_cast<size_t>(tensor.bytes()));
      continue;
    }
    const RowSource& source = *data.sources[t];
    const int64_t step = std::max<int64_t>(1, kPiece / std::max<int64_t>(1, source.row_bytes()));
    for (int64_t row = 0; row < source.rows(); row += step) {
      const Tensor rows = source.read(row, std::min(row + step, source.rows()));
      checksum = add_to_checksum(checksum, rows.raw(), static_cast<size_t>(rows.bytes()));
    }
  }
  // Streamed rows come in an order that the buffer decides, too.
  return data.is_streamed() ? add_to_checksum(checksum, &data.buffer, sizeof data.buffer) : checksum;
}

int64_t first_non_finite(const Tensor& tensor) {
  for (int64_t i = 0; i < tensor.count(); ++i)
    if (!std::isfinite(tensor.at(i))) return i;
  return -1;
}

}  // namespace

RunningFit::RunningFit(Model model, const FitOptions& options, const Data& data, const Data& validation)
    : model_(std::move(model)),
      options_(options),
      data_(data),
      validation_(validation),
      epoch_(options.initial_epoch) {
  const int64_t batches = (data.rows() - 1) / options.batch_size + 1;
  setting_ = {random_seed(), data.rows(), options.batch_size,
              options.steps_per_epoch > 0 ? options.steps_per_epoch : batches, options.shuffle};
}

uint32_t RunningFit::data_checksum() const {
  if (!checksum_) checksum_ = checksum_of(validation_, checksum_of(data_));
  return *checksum_;
}

std::string RunningFit::find_non_finite() const {
  if (runner_) {
    const Batch& batch = runner_->batch();
    for (size_t i = 0; i < batch.tensors.size(); ++i) {
      const Tensor& tensor = batch.tensors[i];
      if (const int64_t at = first_non_finite(tensor); at >= 0)
        return fmt::format("array {} of the batch holds {} in row {}", i, tensor.at(at),
                           at / (tensor.count() / batch.rows));
    }
  }
  for (const Layer& layer : model_.layers())
    for (const Parameter& parameter : layer.weights())
      if (const int64_t at = first_non_finite(parameter.value()); at >= 0)
        return fmt::format("{}: weight \"{}\" holds {}", layer.body().label(), parameter.name(),
                           parameter.value().at(at));
  return {};
}

FitState RunningFit::state() const {
  FitState state{setting_, epoch_, step_, stopped_, {}, history_, {}};
  state.setting.data = data_checksum();
  if (totals_) state.sums = totals_->sums();
  // No step since this training went on.
  else if (earlier_)
    state.sums = earlier_->sums;
  for (const Callback& callback : options_.callbacks) state.callbacks.push_back(callback->state());
  return state;
}

void RunningFit::go_on(FitState state) {
  const auto same = [](const char* what, auto before, auto now) {
    if (before != now)
      throw Error(fmt::format("going on with an interrupted training: expected {} {} as it was begun, got {}",
                              what, before, now));
  };
  same("a seed of", state.setting.seed, setting_.seed);
  same("rows of data:", state.setting.rows, setting_.rows);
  same("a batch size of", state.setting.batch_size, setting_.batch_size);
  same("steps per epoch:", state.setting.steps_per_epoch, setting_.steps_per_epoch);
  same("shuffling:", state.setting.shuffle, setting_.shuffle);
  same("callbacks:", state.callbacks.size(), options_.callbacks.size());
  if (state.setting.data != data_checksum())
    throw Error(
        "going on with an interrupted training: expected the data that it was begun with, got others of the "
        "same size; begin anew, or bring the old data back");
  epoch_ = state.epoch;
  step_ = state.step;
  stopped_ = state.stopped;
  history_ = state.history;
  history_.interrupted = false;
  earlier_ = std::move(state);
}

void RunningFit::restore_callbacks() {
  if (!earlier_) return;
  for (size_t i = 0; i < options_.callbacks.size(); ++i)
    options_.callbacks[i]->restore(earlier_->callbacks[i]);
}

void RunningFit::add(const BatchRunner& runner, const Frame& frame) {
  runner_ = &runner;
  if (!totals_) {
    totals_.emplace(runner.logs());
    if (earlier_ && step_ > 0) totals_->restore(earlier_->sums);
    earlier_.reset();
  }
  totals_->add(frame, runner.rows());
  ++step_;
}

void RunningFit::end_epoch(const Logs& logs) {
  history_.epochs.push_back(epoch_);
  history_.add(logs);
  ++epoch_;
  step_ = 0;
  totals_.reset();
}

}  // namespace folio

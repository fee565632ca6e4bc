#include "folio/data/batches.h"

#include <cstring>
#include <numeric>

#include "folio/base/error.h"
#include "folio/base/random.h"

namespace folio {
namespace {

constexpr uint32_t kShuffleSite = 0x5f001e;  // far from the sites of layers

// Copies rows of `from` to `to`, converting elements. `order` null: rows first, first + 1, …
void gather_rows(const Tensor& from, const int64_t* order, int64_t first, int64_t rows, double scale,
                 Tensor& to) {
  const int64_t row = from.shape().count(1, from.shape().rank());
  visit(from.dtype(), [&](auto f) {
    visit(to.dtype(), [&](auto t) {
      using From = decltype(f);
      using To = decltype(t);
      const auto* source = static_cast<const From*>(from.raw());
      auto* target = static_cast<To*>(to.raw());
      for (int64_t r = 0; r < rows; ++r) {
        const From* x = source + (order ? order[first + r] : first + r) * row;
        To* y = target + r * row;
        if constexpr (std::is_floating_point_v<To>) {
          if (scale != 1) {
            const To factor = static_cast<To>(scale);
            for (int64_t i = 0; i < row; ++i) y[i] = static_cast<To>(x[i]) * factor;
            continue;
          }
        }
        if constexpr (std::is_same_v<From, To>)
          std::memcpy(y, x, static_cast<size_t>(row) * sizeof(To));
        else
          for (int64_t i = 0; i < row; ++i) y[i] = static_cast<To>(x[i]);
      }
    });
  });
}

}  // namespace

Data Data::slice(int64_t first, int64_t last) const {
  Data part;
  for (const Tensor& tensor : x) part.x.push_back(tensor.rows(first, last));
  for (const Tensor& tensor : y) part.y.push_back(tensor.rows(first, last));
  if (sample_weight.raw()) part.sample_weight = sample_weight.rows(first, last);
  part.scale = scale;
  return part;
}

void Data::check(const std::string& what) const {
  if (x.empty()) throw Error(what + ": expected at least one input array, got none");
  const auto check_one = [&](const Tensor& tensor, const std::string& role) {
    if (tensor.shape().rank() == 0) throw Error(what + ", " + role + ": expected rows, got a scalar");
    if (tensor.shape()[0] != rows())
      throw Error(what + ", " + role + ": expected " + std::to_string(rows()) +
                  " rows as in the first input, got " + std::to_string(tensor.shape()[0]));
  };
  for (size_t i = 0; i < x.size(); ++i) check_one(x[i], "input " + std::to_string(i));
  for (size_t i = 0; i < y.size(); ++i) check_one(y[i], "target " + std::to_string(i));
  if (sample_weight.raw()) check_one(sample_weight, "sample_weight");
  if (rows() == 0) throw Error(what + ": expected at least one row, got none");
}

std::vector<int64_t> shuffled_order(int64_t rows, uint64_t seed, int64_t pass) {
  std::vector<int64_t> order(static_cast<size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  const RandomStream stream{seed, kShuffleSite, static_cast<uint32_t>(pass)};
  for (int64_t i = rows - 1; i > 0; --i) {
    const auto j = static_cast<int64_t>(stream.below(
        static_cast<uint32_t>(i >> 20), static_cast<uint32_t>(i & 0xfffff), static_cast<uint32_t>(i + 1)));
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(j)]);
  }
  return order;
}

BatchLoader::BatchLoader(Data data, std::vector<DType> types, int64_t batch_size, bool shuffle, uint64_t seed,
                         int64_t first_batch)
    : data_(std::move(data)),
      types_(std::move(types)),
      batch_size_(batch_size),
      shuffle_(shuffle),
      seed_(seed),
      first_batch_(first_batch) {
  if (batch_size < 1) throw Error("batch_size: expected at least 1, got " + std::to_string(batch_size));
  data_.check("data");
  worker_ = std::thread([this] { work(); });
}

BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

void BatchLoader::gather(Batch& batch, int64_t first, int64_t last) {
  const int64_t rows = last - first;
  std::vector<const Tensor*> sources;
  for (const Tensor& tensor : data_.x) sources.push_back(&tensor);
  for (const Tensor& tensor : data_.y) sources.push_back(&tensor);
  if (data_.sample_weight.raw()) sources.push_back(&data_.sample_weight);
  if (batch.rows != rows) {
    batch.tensors.clear();
    for (size_t i = 0; i < sources.size(); ++i)
      batch.tensors.emplace_back(sources[i]->shape().with(0, rows), types_[i]);
    batch.rows = rows;
  }
  for (size_t i = 0; i < sources.size(); ++i)
    gather_rows(*sources[i], shuffle_ ? order_.data() : nullptr, first, rows,
                i < data_.x.size() ? data_.scale : 1, batch.tensors[i]);
}

void BatchLoader::work() {
  const int64_t rows = data_.rows();
  int64_t start = first_batch_ % steps() * batch_size_;
  for (int64_t pass = first_batch_ / steps();; ++pass, start = 0) {
    if (shuffle_) order_ = shuffled_order(rows, seed_, pass);
    for (int64_t first = start; first < rows; first += batch_size_) {
      Batch* slot;
      {
        std::unique_lock lock(mutex_);
        // The batch handed out last is still in use.
        changed_.wait(lock, [&] { return stop_ || made_ < taken_ + kAhead - 1; });
        if (stop_) return;
        slot = &ring_[made_ % kAhead];
      }
      gather(*slot, first, std::min(first + batch_size_, rows));
      {
        const std::lock_guard lock(mutex_);
        ++made_;
      }
      changed_.notify_all();
    }
  }
}

const Batch& BatchLoader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return made_ > taken_; });
  const Batch& batch = ring_[taken_ % kAhead];
  ++taken_;
  lock.unlock();
  changed_.notify_all();
  return batch;
}

}  // namespace folio

#include "folio/data/batches.h"

#include <cstring>
#include <numeric>

#include "folio/base/error.h"
#include "folio/base/random.h"
#include "folio/base/threads.h"
#include "folio/compiler/compile.h"

namespace folio {
namespace {

constexpr uint32_t kShuffleSite = 0x5f001e;  // far from the sites of layers

// Copies rows of `from` to those of `to` from `at` on, converting elements: the rows in `order`, or, when
// that is null, first, first + 1, …
void gather_rows(const Tensor& from, const int64_t* order, int64_t first, int64_t rows, double scale,
                 Tensor& to, int64_t at) {
  const int64_t row = from.shape().count(1, from.shape().rank());
  visit(from.dtype(), [&](auto f) {
    visit(to.dtype(), [&](auto t) {
      using From = decltype(f);
      using To = decltype(t);
      const auto* source = static_cast<const From*>(from.raw());
      auto* target = static_cast<To*>(to.raw()) + at * row;
      for (int64_t r = 0; r < rows; ++r) {
        const From* x = source + (order ? order[r] : first + r) * row;
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

// The rows of a first input that are changed: those in `order` as above, which are number `numbers[i]` of the
// data; null: the same as their place.
void augment_rows(const Augmentation& augmentation, const Tensor& from, const int64_t* order, int64_t first,
                  int64_t rows, int64_t pass, const int64_t* numbers, double scale, Tensor& to, int64_t at) {
  const Shape shape = from.shape().from(1);
  const int64_t row = shape.count(), row_bytes = row * size_of(from.dtype());
  const int shares = static_cast<int>(std::min<int64_t>(rows, default_threads()));
  in_parallel(shares, [&](int share) {
    Tensor changed({1, row});
    for (int64_t r = rows * share / shares; r < rows * (share + 1) / shares; ++r) {
      const int64_t place = order ? order[r] : first + r;
      augmentation.apply(static_cast<const char*>(from.raw()) + place * row_bytes, from.dtype(), shape, pass,
                         numbers ? numbers[r] : place, changed.data<float>());
      gather_rows(changed, nullptr, 0, 1, scale, to, at + r);
    }
  });
}

void check_batch_size(int64_t batch_size) {
  if (batch_size < 1) throw Error("batch_size: expected at least 1, got " + std::to_string(batch_size));
}

Data checked(Data data) {
  data.check("data");
  return data;
}

void fit_batch(const Data& data, const std::vector<DType>& types, int64_t rows, Batch& batch) {
  if (batch.rows == rows) return;
  batch.tensors.clear();
  for (const Tensor& tensor : data.tensors())
    batch.tensors.emplace_back(tensor.shape().with(0, rows), types[batch.tensors.size()]);
  batch.rows = rows;
}

// Only a shape and a type.
Tensor without_memory(Shape shape, DType type) { return Tensor::view(nullptr, std::move(shape), type); }

}  // namespace

Data Data::streamed(std::vector<Rows> x, std::vector<Rows> y, Rows sample_weight) {
  Data data;
  for (const Rows& rows : x) data.x.push_back(without_memory(rows->shape(), rows->dtype()));
  for (const Rows& rows : y) data.y.push_back(without_memory(rows->shape(), rows->dtype()));
  data.sources = std::move(x);
  data.sources.insert(data.sources.end(), y.begin(), y.end());
  if (!sample_weight) return data;
  data.sample_weight = without_memory(sample_weight->shape(), sample_weight->dtype());
  data.sources.push_back(std::move(sample_weight));
  return data;
}

std::vector<Tensor> Data::tensors() const {
  std::vector<Tensor> all = x;
  all.insert(all.end(), y.begin(), y.end());
  if (is_weighted()) all.push_back(sample_weight);
  return all;
}

Data Data::inputs() const {
  Data part = *this;
  part.y.clear();
  part.sample_weight = {};
  if (is_streamed()) part.sources.resize(x.size());
  return part;
}

Data Data::slice(int64_t first, int64_t last) const {
  const auto part_of = [&](const Tensor& tensor) {
    return is_streamed() ? without_memory(tensor.shape().with(0, last - first), tensor.dtype())
                         : tensor.rows(first, last);
  };
  Data part;
  for (const Tensor& tensor : x) part.x.push_back(part_of(tensor));
  for (const Tensor& tensor : y) part.y.push_back(part_of(tensor));
  if (is_weighted()) part.sample_weight = part_of(sample_weight);
  for (const Rows& rows : sources) part.sources.push_back(part_of_rows(rows, first, last));
  part.scale = scale;
  part.augmentation = augmentation;
  part.buffer = buffer;
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
  if (is_weighted()) check_one(sample_weight, "sample_weight");
  if (rows() == 0) throw Error(what + ": expected at least one row, got none");
  if (augmentation) augmentation->check(x[0].shape().from(1));
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

RowDealer::RowDealer(int64_t rows, int64_t batch_size, bool shuffle, uint64_t seed, int64_t first_batch)
    : rows_(rows), batch_size_(batch_size), shuffle_(shuffle), seed_(seed), next_batch_(first_batch) {
  check_batch_size(batch_size);
}

BatchRows RowDealer::next() {
  const int64_t pass = next_batch_ / steps(), first = next_batch_ % steps() * batch_size_;
  ++next_batch_;
  if (shuffle_ && pass != pass_) order_ = shuffled_order(rows_, seed_, pass);
  pass_ = pass;
  return {std::min(batch_size_, rows_ - first), first, shuffle_ ? order_.data() + first : nullptr, pass};
}

void gather_batch(const Data& data, const BatchRows& rows, const std::vector<DType>& types, Batch& batch) {
  fit_batch(data, types, rows.count, batch);
  const std::vector<Tensor> arrays = data.tensors();
  if (data.augmentation)
    augment_rows(*data.augmentation, arrays[0], rows.numbers, rows.first, rows.count, rows.pass, nullptr,
                 data.scale, batch.tensors[0], 0);
  for (size_t i = data.augmentation ? 1 : 0; i < arrays.size(); ++i)
    gather_rows(arrays[i], rows.numbers, rows.first, rows.count, i < data.x.size() ? data.scale : 1,
                batch.tensors[i], 0);
}

BatchLoader::BatchLoader(Data data, std::vector<DType> types, int64_t batch_size, bool shuffle, uint64_t seed,
                         int64_t first_batch)
    : data_(checked(std::move(data))),
      types_(std::move(types)),
      batch_size_(batch_size),
      first_batch_(first_batch),
      windows_(data_, shuffle, seed) {
  check_batch_size(batch_size);
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

void BatchLoader::gather(Batch& batch, int64_t rows) {
  fit_batch(data_, types_, rows, batch);
  for (int64_t done = 0; done < rows;) {
    const int64_t here = std::min(rows - done, windows_.left());
    const std::vector<Tensor>& arrays = windows_.arrays();
    if (data_.augmentation)
      augment_rows(*data_.augmentation, arrays[0], windows_.order(), windows_.place(), here, windows_.pass(),
                   windows_.numbers(here).data(), data_.scale, batch.tensors[0], done);
    for (size_t i = data_.augmentation ? 1 : 0; i < arrays.size(); ++i)
      gather_rows(arrays[i], windows_.order(), windows_.place(), here, i < data_.x.size() ? data_.scale : 1,
                  batch.tensors[i], done);
    windows_.deal(here);
    done += here;
  }
}

void BatchLoader::deal() {
  const int64_t rows = data_.rows();
  int64_t first = first_batch_ % steps() * batch_size_;
  windows_.seek(first_batch_ / steps(), first);
  for (;; first = 0) {
    for (; first < rows; first += batch_size_) {
      Batch* slot;
      {
        std::unique_lock lock(mutex_);
        // The batch handed out last is still in use.
        changed_.wait(lock, [&] { return stop_ || made_ < taken_ + kAhead - 1; });
        if (stop_) return;
        slot = &ring_[made_ % kAhead];
      }
      gather(*slot, std::min(batch_size_, rows - first));
      {
        const std::lock_guard lock(mutex_);
        ++made_;
      }
      changed_.notify_all();
    }
  }
}

void BatchLoader::work() {
  try {
    deal();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  changed_.notify_all();
}

const Batch& BatchLoader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return made_ > taken_ || failure_; });
  if (made_ == taken_) std::rethrow_exception(failure_);
  const Batch& batch = ring_[taken_ % kAhead];
  ++taken_;
  lock.unlock();
  changed_.notify_all();
  return batch;
}

}  // namespace folio

// Samples for training: arrays, and the rows of them that make up batches.
#pragma once
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "folio/data/augmentation.h"
#include "folio/data/rows.h"
#include "folio/data/windows.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// Inputs and targets with the same number of rows: one tensor per input and per output of the model.
struct Data {
  Data() = default;
  Data(Tensor x, Tensor y) : x{std::move(x)}, y{std::move(y)} {}
  Data(std::vector<Tensor> x, std::vector<Tensor> y) : x(std::move(x)), y(std::move(y)) {}
  /// Data to be read while it is used: see `sources`.
  static Data streamed(std::vector<Rows> x, std::vector<Rows> y = {}, Rows sample_weight = nullptr);

  std::vector<Tensor> x, y;
  Tensor sample_weight;  ///< (rows,); no memory when there is none
  /// Of data larger than memory, where the rows of x, y and sample_weight are read from; these then tell only
  /// shapes and types, and have no memory. Empty when all is in memory.
  std::vector<Rows> sources;
  /// Bytes of streamed rows that are in memory at a time; within half of them rows are shuffled.
  int64_t buffer = 64 << 20;
  /// Inputs are multiplied by this as they are gathered: 1 / 255 for pictures kept as bytes.
  double scale = 1;
  /// Changes the rows of the first input at random as they are gathered, before they are scaled; null: none.
  std::shared_ptr<const Augmentation> augmentation = nullptr;

  bool empty() const { return x.empty(); }
  bool is_streamed() const { return !sources.empty(); }
  bool is_weighted() const { return sample_weight.raw() || sources.size() > x.size() + y.size(); }
  /// x, y and, if there is one, sample_weight.
  std::vector<Tensor> tensors() const;
  int64_t rows() const { return x.empty() ? 0 : x[0].shape()[0]; }
  /// The same without targets and weights.
  Data inputs() const;
  /// Rows [first, last) of everything, sharing memory.
  Data slice(int64_t first, int64_t last) const;
  /// Throws `Error` when row counts differ or there are no rows.
  void check(const std::string& what) const;
};

/// One batch, in the types the model wants.
struct Batch {
  int64_t rows = 0;
  std::vector<Tensor> tensors;  ///< inputs, targets, then weights if there are any
};

/// Which rows of arrays in memory make up a batch.
struct BatchRows {
  int64_t count = 0;
  int64_t first = 0;                 ///< they lie in order from here on …
  const int64_t* numbers = nullptr;  ///< … or, unless null, have these numbers
  int64_t pass = 0;                  ///< over the data
};

/// Deals out the rows of arrays in memory pass after pass, without moving them; in every pass each row once,
/// in order or in `shuffled_order`.
class RowDealer {
 public:
  /// `first_batch`: how many batches are taken as dealt out already, for going on where an earlier run ended.
  RowDealer(int64_t rows, int64_t batch_size, bool shuffle, uint64_t seed, int64_t first_batch = 0);
  /// Batches of a pass; the last may have fewer rows.
  int64_t steps() const { return (rows_ + batch_size_ - 1) / batch_size_; }
  /// The next batch; its numbers are valid until the following call.
  BatchRows next();

 private:
  int64_t rows_, batch_size_;
  bool shuffle_;
  uint64_t seed_;
  int64_t next_batch_, pass_ = -1;
  std::vector<int64_t> order_;  // of the pass
};

/// Copies rows of arrays in memory to `batch`, changed if they are to be, by all threads, and converted to
/// `types`.
void gather_batch(const Data& data, const BatchRows& rows, const std::vector<DType>& types, Batch& batch);

/// The same for any data, also those that are read while they are used, in the order of `RowWindows`. Batches
/// are read, gathered and converted on a thread of their own, two ahead.
class BatchLoader {
 public:
  /// `types`: element types of inputs, targets and weights, in the order of `Batch::tensors`.
  /// `first_batch`: how many batches are taken as dealt out already, for going on where an earlier run ended.
  BatchLoader(Data data, std::vector<DType> types, int64_t batch_size, bool shuffle, uint64_t seed,
              int64_t first_batch = 0);
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// Batches of a pass; the last may have fewer rows.
  int64_t steps() const { return (data_.rows() + batch_size_ - 1) / batch_size_; }
  /// The next batch; valid until the following call. Throws what reading it threw.
  const Batch& next();

 private:
  static constexpr int kAhead = 3;
  void work();
  void deal();
  void gather(Batch& batch, int64_t rows);

  Data data_;
  std::vector<DType> types_;
  int64_t batch_size_;
  int64_t first_batch_;
  RowWindows windows_;
  Batch ring_[kAhead];
  int64_t made_ = 0, taken_ = 0;
  bool stop_ = false;
  std::exception_ptr failure_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread worker_;
};

/// The order of rows in a pass: Fisher and Yates' shuffle with random numbers of (seed, pass).
std::vector<int64_t> shuffled_order(int64_t rows, uint64_t seed, int64_t pass);

}  // namespace folio

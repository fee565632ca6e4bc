// Small calls and rows that stay where they are: the same numbers as with batches that were gathered first,
// no thread for a call, nothing held twice.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "folio/compiler/compile.h"
#include "folio/folio.h"
#include "folio/models/batch_runner.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> all;
  for (int64_t i = 0; i < tensor.count(); ++i) all.push_back(tensor.at(i));
  return all;
}

std::vector<double> numbers(const std::vector<Tensor>& tensors) {
  std::vector<double> all;
  for (const Tensor& tensor : tensors)
    for (double value : numbers(tensor)) all.push_back(value);
  return all;
}

Tensor pictures(int64_t rows) {
  RandomNumbers random(3);
  Tensor x({rows, 9, 9, 1}, DType::uint8);
  for (int64_t i = 0; i < x.count(); ++i) x.set(i, static_cast<double>(random.whole(0, 255)));
  return x;
}

Tensor classes(int64_t rows) {
  RandomNumbers random(4);
  Tensor y({rows}, DType::int32);
  for (int64_t i = 0; i < rows; ++i) y.set(i, static_cast<double>(random.whole(0, 2)));
  return y;
}

Model network() {
  set_random_seed(5);
  const Sequential model({Input({9, 9, 1}), Conv2D(4, 3, {.activation = "relu"}), BatchNormalization(),
                          MaxPooling2D(2), Flatten(), Dense(7, {.activation = "tanh"}), Dropout(0.2),
                          Dense(3)});
  model.compile(
      {.optimizer = Adam(0.01), .loss = sparse_categorical_crossentropy(true), .metrics = {"accuracy"}});
  return model;
}

FitOptions quiet(int64_t batch_size, int epochs, bool shuffle = true) {
  return {.batch_size = batch_size, .epochs = epochs, .verbose = 0, .shuffle = shuffle};
}

// What `fit` must end with: every batch gathered by the loader, in its order, one step each.
std::vector<double> trained_by_hand(const Data& data, int64_t batch_size, int epochs, bool shuffle) {
  const Model model = network();
  BatchLoader loader(data, {DType::float32, DType::int32, DType::float32}, batch_size, shuffle,
                     random_seed());
  for (int64_t step = 0; step < epochs * loader.steps(); ++step) {
    const Batch& batch = loader.next();
    Data rows(batch.tensors[0], batch.tensors[1]);
    if (data.is_weighted()) rows.sample_weight = batch.tensors[2];
    model.train_on_batch(rows);
  }
  return numbers(model.get_weights());
}

TEST(RowsInMemory, TrainToTheBitsOfGatheredBatches) {
  for (const int64_t batch_size : {2, 11, 13, 33, 64})
    for (const bool shuffle : {true, false})
      for (const bool weighted : {false, true}) {
        Data data(pictures(70), classes(70));
        data.scale = 1.0 / 255;
        if (weighted) data.sample_weight = RandomNumbers(9).tensor({70}, 0.5, 2);  // float64
        const Model model = network();
        model.fit(data, quiet(batch_size, 2, shuffle));
        EXPECT_EQ(numbers(model.get_weights()), trained_by_hand(data, batch_size, 2, shuffle))
            << "batch " << batch_size << " shuffle " << shuffle << " weighted " << weighted;
      }
}

TEST(RowsInMemory, ComeInTheOrderOfTheLoader) {
  for (const int64_t first_batch : {0, 1, 5, 11}) {
    Data data(Tensor({23, 1}), Tensor({23, 1}));
    for (int64_t r = 0; r < 23; ++r) data.x[0].set(r, static_cast<double>(r));
    BatchLoader loader(data, {DType::float32, DType::float32}, 4, true, 17, first_batch);
    RowDealer dealer(23, 4, true, 17, first_batch);
    ASSERT_EQ(dealer.steps(), loader.steps());
    for (int64_t step = 0; step < 20; ++step) {
      const Batch& batch = loader.next();
      const BatchRows rows = dealer.next();
      ASSERT_EQ(rows.count, batch.rows);
      for (int64_t r = 0; r < rows.count; ++r)
        ASSERT_EQ(static_cast<double>(rows.numbers[r]), batch.tensors[0].at(r)) << "step " << step;
    }
  }
}

TEST(RowsInMemory, OfBytesGiveTheBitsOfTheSameRowsAsNumbers) {
  Data bytes(pictures(37), classes(37));
  bytes.scale = 1.0 / 255;
  Tensor x(bytes.x[0].shape());
  for (int64_t i = 0; i < x.count(); ++i)
    x.data<float>()[i] = static_cast<float>(bytes.x[0].at(i)) * static_cast<float>(1.0 / 255);
  const Data floats(x, classes(37).reshaped({37, 1}).cast(DType::float64));
  std::vector<double> results[2];
  for (const bool converted : {false, true}) {
    const Data& data = converted ? floats : bytes;
    const Model model = network();
    FitOptions options = quiet(10, 2);
    options.validation_split = 0.3;
    options.class_weight = {{0, 2.0}, {2, 0.5}};
    for (const auto& [name, values] : model.fit(data, options).series)
      results[converted].insert(results[converted].end(), values.begin(), values.end());
    for (const auto& [name, value] : model.evaluate(data, 8)) results[converted].push_back(value);
    model.predict(
        data,
        [&](const std::vector<Tensor>& outputs, int64_t) {
          for (double value : numbers(outputs)) results[converted].push_back(value);
        },
        8);
    for (double value : numbers(model.get_weights())) results[converted].push_back(value);
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST(RowsInMemory, OfAnyTypePredictAlike) {
  set_random_seed(2);
  const Sequential model({Input({1}), Dense(5, {.activation = "relu"}), Dense(2)});
  Tensor whole({6, 1});
  for (int64_t i = 0; i < 6; ++i) whole.set(i, static_cast<double>(i));
  const auto expected = numbers(model.predict(whole));
  for (const DType type : {DType::float32, DType::float64, DType::int32, DType::int64, DType::uint8})
    for (const bool flat : {false, true})
      for (int again = 0; again < 2; ++again) {
        const Tensor x = whole.cast(type);
        EXPECT_EQ(numbers(model.predict(flat ? x.reshaped({6}) : x, 4)), expected) << to_string(type);
      }
}

TEST(RowsInMemory, AreCheckedInEveryCall) {
  const Model model = network();
  Data data(pictures(8), classes(8));
  model.evaluate(data);
  data.y[0].set(5, 3);
  EXPECT_NE(error_of([&] {
              model.evaluate(data);
            }).find("expected class numbers from 0 to 2, got 3 in row 5; the model has 3 classes"),
            std::string::npos)
      << "known shapes are no known values";
  data.y[0] = classes(7);
  EXPECT_NE(error_of([&] { model.evaluate(data); }), "");
  data.y[0] = Tensor::scalar(1, DType::int32);
  EXPECT_NE(error_of([&] { model.evaluate(data); }), "");
  data.y[0] = classes(8);
  data.sample_weight = Tensor::scalar(1);
  EXPECT_NE(error_of([&] { model.evaluate(data); }), "");
  data.sample_weight = {};
  EXPECT_NE(error_of([&] { model.evaluate(data, 0); }), "");
  EXPECT_NE(error_of([&] { model.predict(Tensor({8, 9, 8, 1})); }), "");
  EXPECT_NE(error_of([&] { model.predict(Tensor({0, 9, 9, 1})); }), "");
  EXPECT_NE(error_of([&] { model.predict(std::vector<Tensor>{}); }), "");
  EXPECT_NE(error_of([&] { model.predict(Tensor::scalar(1)); }), "");
  EXPECT_NE(error_of([&] { model.train_on_batch({Tensor::scalar(1), Tensor::scalar(1)}); }), "");
  EXPECT_NE(error_of([&] { model.train_on_batch({}); }), "");
  const Sequential looks_up({Input({2}), Embedding(4, 3), Flatten(), Dense(1)});
  Tensor ids({3, 2}, DType::int32);
  looks_up.predict(ids);
  ids.set(3, 4);
  EXPECT_NE(error_of([&] { looks_up.predict(ids); }), "");
}

/// Rows that end where the process may not read on.
class GuardedRows {
 public:
  GuardedRows(const Tensor& from) {
    page_ = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    bytes_ = static_cast<size_t>(from.bytes());
    size_ = (bytes_ + page_ - 1) / page_ * page_;
    memory_ = static_cast<char*>(
        ::mmap(nullptr, size_ + page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ::mprotect(memory_ + size_, page_, PROT_NONE);
    std::memcpy(memory_ + size_ - bytes_, from.raw(), bytes_);
    rows = Tensor::view(memory_ + size_ - bytes_, from.shape(), from.dtype());
  }
  ~GuardedRows() { ::munmap(memory_, size_ + page_); }
  Tensor rows;

 private:
  size_t page_, bytes_, size_;
  char* memory_;
};

TEST(RowsInMemory, AreNotReadBeyondTheirEnd) {
  RandomNumbers random(8);
  const Tensor pixels = random.tensor({19, 9, 9, 1}, -1, 1, DType::float32),
               columns = random.tensor({19, 13}, -1, 1, DType::float32);
  set_random_seed(1);
  const Sequential dense({Input({13}), Dense(5, {.activation = "relu"}), Dense(3)});
  dense.compile({.optimizer = "sgd", .loss = sparse_categorical_crossentropy(true)});
  for (const auto& [model, x] : {std::pair<Model, Tensor>{network(), pixels}, {dense, columns}}) {
    const GuardedRows guarded(x), labels(classes(19));
    for (const int64_t batch : {1, 4, 16, 19}) {
      EXPECT_EQ(numbers(model.predict(guarded.rows, batch)), numbers(model.predict(x, batch)));
      model.evaluate({guarded.rows, labels.rows}, batch);
    }
    for (const bool shuffle : {true, false}) model.fit({guarded.rows, labels.rows}, quiet(8, 1, shuffle));
    model.train_on_batch({guarded.rows, labels.rows});
  }
}

std::vector<std::string> threads_of_this_process() {
  std::vector<std::string> ids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
    ids.push_back(entry.path().filename());
  std::sort(ids.begin(), ids.end());
  return ids;
}

TEST(RowsInMemory, StartNoThreads) {
  const Model model = network();
  const Data data(pictures(64), classes(64));
  // Once before: whatever the process keeps for good is there now.
  model.fit(data, quiet(16, 1));
  model.evaluate(data);
  model.predict(data.x[0]);
  const auto before = threads_of_this_process();
  int looks = 0;
  const auto look = [&] {
    EXPECT_EQ(threads_of_this_process(), before);
    ++looks;
  };
  FitOptions options = quiet(16, 2);
  options.validation_data = data;
  options.callbacks = {LambdaCallback({.on_batch_end = [&](Training&, int64_t, const Logs&) { look(); }})};
  model.fit(data, options);
  model.predict(
      data, [&](const std::vector<Tensor>&, int64_t) { look(); }, 16);
  model.evaluate(data);
  model.train_on_batch(data);
  look();
  EXPECT_EQ(looks, 8 + 4 + 1);
}

int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

TEST(RowsInMemory, AreHeldOnce) {
  constexpr int64_t kRows = 50'000, kWidth = 256;  // 50 MB as floats
  set_random_seed(1);
  const Sequential model({Input({kWidth}), Dense(4, {.activation = "relu"}), Dense(kWidth)});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  for (const DType type : {DType::float32, DType::uint8}) {
    const Tensor x({kRows, kWidth}, type);
    const Data data(x, x);
    const int64_t before = resident_bytes();
    int64_t most = before;
    FitOptions options = quiet(512, 1);
    options.callbacks = {LambdaCallback(
        {.on_batch_end = [&](Training&, int64_t, const Logs&) { most = std::max(most, resident_bytes()); }})};
    model.fit(data, options);
    model.predict(data,
                  [&](const std::vector<Tensor>&, int64_t) { most = std::max(most, resident_bytes()); });
    EXPECT_LT(most - before, 16 << 20) << to_string(type);
  }
}

TEST(RowsInMemory, ComeToCallbacksAsTheModelTakesThem) {
  Data data(pictures(10), classes(10));
  data.scale = 1.0 / 255;
  const Model model = network();
  const auto order = shuffled_order(10, random_seed(), 0);
  FitOptions options = quiet(4, 1);
  int64_t dealt = 0;
  options.callbacks = {LambdaCallback({.on_batch_end = [&](Training& training, int64_t, const Logs&) {
    const auto& fit = dynamic_cast<ModelFit&>(training);
    const Batch& batch = fit.batch();
    ASSERT_EQ(batch.rows, fit.batch_rows());
    ASSERT_EQ(batch.tensors[0].dtype(), DType::float32);
    for (int64_t r = 0; r < batch.rows; ++r, ++dealt) {
      const int64_t from = order[static_cast<size_t>(dealt)];
      EXPECT_EQ(batch.tensors[1].at(r), data.y[0].at(from));
      EXPECT_EQ(batch.tensors[0].at(r * 81 + 7),
                static_cast<float>(data.x[0].at(from * 81 + 7)) * static_cast<float>(1.0 / 255));
    }
  }})};
  model.fit(data, options);
  EXPECT_EQ(dealt, 10);
}

}  // namespace
}  // namespace folio

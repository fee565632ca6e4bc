// What the examples share: real data, or a line that says why there is none.
#pragma once
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>

struct TrainAndTest {
  folio::Data train, test;
};

/// Fashion-MNIST as rows of 784 numbers from 0 to 1 and classes from 0 to 9.
inline std::optional<TrainAndTest> clothes(int64_t train_rows, int64_t test_rows) {
  const auto part = [](const char* split, int64_t rows) {
    const folio::Dataset all = folio::load("fashion-mnist", split);
    const folio::Tensor bytes = all.x.rows(0, rows);
    folio::Tensor x({rows, 784});
    for (int64_t i = 0; i < x.count(); ++i) x.set(i, bytes.at(i) / 255);
    return folio::Data(x, all.y.rows(0, rows));
  };
  try {
    return TrainAndTest{part("train", train_rows), part("test", test_rows)};
  } catch (const folio::Error& error) {
    std::printf("skipped: no Fashion-MNIST here (%s)\n", error.what());
    return std::nullopt;
  }
}

/// A table of $FOLIO_DATA/tabular whose last column is the target: rows shuffled, columns brought to mean 0
/// and variance 1 unless `raw`; a target of `classes` becomes class numbers. Three rows of four are for
/// training.
inline std::optional<TrainAndTest> table(const std::string& file, bool classes, bool raw = false) {
  const char* folder = std::getenv("FOLIO_DATA");
  if (!folder) {
    std::printf("skipped: FOLIO_DATA does not say where the tables are\n");
    return std::nullopt;
  }
  folio::CsvTable csv;
  try {
    csv = folio::read_csv(std::string(folder) + "/tabular/" + file, {.header = folio::CsvHeader::absent});
  } catch (const folio::Error& error) {
    std::printf("skipped: %s\n", error.what());
    return std::nullopt;
  }
  const int64_t features = static_cast<int64_t>(csv.columns.size()) - 1;
  const auto order = folio::shuffled_order(csv.rows, 1, 0);
  folio::Tensor x({csv.rows, features}),
      y({csv.rows, 1}, classes ? folio::DType::int32 : folio::DType::float32);
  const auto scaled = [&](std::vector<double> column) {
    double mean = 0, variance = 0;
    for (double value : column) mean += value / static_cast<double>(column.size());
    for (double value : column)
      variance += (value - mean) * (value - mean) / static_cast<double>(column.size());
    if (!raw)
      for (double& value : column) value = variance > 0 ? (value - mean) / std::sqrt(variance) : 0;
    return column;
  };
  for (int64_t c = 0; c < features; ++c) {
    const auto column = scaled(csv.columns[static_cast<size_t>(c)].numbers);
    for (int64_t r = 0; r < csv.rows; ++r)
      x.set(r * features + c, column[static_cast<size_t>(order[static_cast<size_t>(r)])]);
  }
  const folio::CsvColumn& target = csv.columns.back();
  std::map<double, int> numbers;  // of classes that are written as numbers
  if (classes && target.is_number) {
    for (double value : target.numbers) numbers[value] = 0;
    int next = 0;
    for (auto& entry : numbers) entry.second = next++;
  }
  const std::vector<double> values = classes || !target.is_number ? target.numbers : scaled(target.numbers);
  for (int64_t r = 0; r < csv.rows; ++r) {
    const auto from = static_cast<size_t>(order[static_cast<size_t>(r)]);
    y.set(r, !target.is_number ? target.codes[from] : classes ? numbers[values[from]] : values[from]);
  }
  const int64_t kept = csv.rows * 3 / 4;
  const folio::Data all(x, y);
  return TrainAndTest{all.slice(0, kept), all.slice(kept, csv.rows)};
}

/// The value of a log by name.
inline double log_of(const folio::Logs& logs, const std::string& name) {
  return *folio::find_log(logs, name);
}

// Data larger than memory: files read in parts, and the order in which their rows are dealt.
#include "folio/data/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "folio/data/array_files.h"
#include "folio/data/batches.h"
#include "folio/data/csv_rows.h"
#include "folio/data/npy.h"
#include "folio/data/scaler.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

std::string golden(const std::string& name) { return golden_path(__FILE__, name); }

/// Rows first, first + 1, …, each of `width` equal numbers.
Tensor numbered(int64_t first, int64_t rows, int64_t width = 3) {
  Tensor x({rows, width});
  for (int64_t i = 0; i < x.count(); ++i) x.set(i, static_cast<double>(first + i / width));
  return x;
}

void expect_same(const Tensor& a, const Tensor& b, const std::string& what) {
  ASSERT_EQ(a.shape(), b.shape()) << what;
  ASSERT_EQ(a.dtype(), b.dtype()) << what;
  for (int64_t i = 0; i < a.count(); ++i) ASSERT_EQ(a.at(i), b.at(i)) << what << " " << i;
}

TEST(Rows, ReadWhatNumpyWrites) {
  for (const char* type : {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"})
    for (const char* order : {"_little.npy", "_big.npy"}) {
      const std::string path = golden(std::string(type) + order);
      const Tensor whole = read_npy(path);
      const Rows rows = open_npy(path);
      expect_same(rows->read(0, 2), whole, path);
      expect_same(rows->read(1, 2), whole.rows(1, 2), path);
    }
  expect_same(open_npy(golden("bool.npy"))->read(0, 2), read_npy(golden("bool.npy")), "bool");
  const NamedTensors whole = read_npz(golden("stored.npz"));
  const NamedRows parts = open_npz(golden("stored.npz"));
  ASSERT_EQ(parts.size(), whole.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].first, whole[i].first);
    expect_same(parts[i].second->read(0, parts[i].second->rows()), whole[i].second, parts[i].first);
  }
}

TEST(Rows, RefuseFilesThatCannotBeReadInParts) {
  EXPECT_THAT(error_of([] { open_npy(golden("column_major.npy")); }), HasSubstr("ascontiguousarray"));
  EXPECT_THAT(error_of([] { open_npy(golden("scalar.npy")); }), HasSubstr("an array with rows"));
  EXPECT_THAT(error_of([] { open_npy(golden("objects.npy")); }), HasSubstr("numbers or booleans"));
  const Rows large = open_npy(golden("too_large.npy"));
  EXPECT_THAT(error_of([&] { large->read(0, large->rows()); }), HasSubstr("up to 2^63 - 1"));
  EXPECT_THAT(error_of([] { open_npz(golden("deflated.npz")); }), HasSubstr("save with numpy.savez"));
  const TemporaryFolder folder;
  write_npy(folder / "x.npy", numbered(0, 4));
  const auto bytes = read_file(folder / "x.npy");
  write_file_atomically(folder / "cut.npy", bytes);
  for (size_t size = bytes.size(); size-- > 0;) {
    std::filesystem::resize_file(folder / "cut.npy", size);
    EXPECT_THAT(error_of([&] { open_npy(folder / "cut.npy"); }), HasSubstr("cut.npy: at byte")) << size;
  }
  // A file that shrinks later is an error, too.
  const Rows rows = open_npy(folder / "x.npy");
  std::filesystem::resize_file(folder / "x.npy", bytes.size() - 4);
  EXPECT_THAT(error_of([&] { rows->read(0, 4); }), HasSubstr("leave files alone"));
}

TEST(Rows, JoinShards) {
  const TemporaryFolder folder;
  int64_t first = 0;
  for (int64_t shard = 8; shard < 12; ++shard) {
    const std::string number = std::to_string(shard);
    write_npz(folder / ("part-" + number + ".npz"),
              {{"x", numbered(first, shard)}, {"y", numbered(first, shard, 1).cast(DType::int32)}});
    write_npy(folder / ("x_" + number + ".npy"), numbered(first, shard));
    write_npy(folder / ("y_" + number + ".npy"), numbered(first, shard, 1));
    first += shard;
  }
  for (const std::string pattern : {"part-*.npz", "?_*.npy"}) {
    const NamedRows arrays = open_rows(folder / pattern);
    ASSERT_EQ(arrays.size(), 2u) << pattern;
    EXPECT_EQ(arrays[0].first, "x");
    EXPECT_EQ(arrays[1].first, "y");
    EXPECT_EQ(arrays[0].second->shape(), (Shape{38, 3}));
    expect_same(arrays[0].second->read(0, 38), numbered(0, 38), pattern);
    for (int64_t from = 0; from < 38; from += 5)
      expect_same(arrays[0].second->read(from, from + 3), numbered(from, 3), pattern);
    expect_same(part_of_rows(arrays[0].second, 7, 30)->read(1, 4), numbered(8, 3), pattern);
  }
  const TemporaryFolder plain;
  write_npy(plain / "x.npy", numbered(0, 4));
  write_npy(plain / "y.npy", numbered(0, 4, 1));
  EXPECT_EQ(open_rows(plain.path()).size(), 2u);
  write_npy(plain / "y2.npy", numbered(0, 4, 1));
  EXPECT_THAT(error_of([&] { open_rows(plain.path()); }),
              HasSubstr("as many rows of \"y\" as of \"x\", 4, found 8"));
  write_npy(plain / "y2.npy", numbered(0, 4, 2));
  EXPECT_THAT(error_of([&] { open_rows(plain.path()); }), HasSubstr("y2.npy: expected float32 (4, 1)"));
  EXPECT_THAT(error_of([&] { open_rows(plain / "z*.npy"); }), HasSubstr("found none"));
  EXPECT_THAT(error_of([&] { open_rows(plain / "no/z*.npy"); }), HasSubstr("expected a readable folder"));
}

/// The rows of some batches, as their numbers.
std::vector<int64_t> dealt(const Data& data, int64_t batch, int64_t batches, bool shuffle, uint64_t seed,
                           int64_t first = 0) {
  BatchLoader loader(data, {DType::float32, DType::int32}, batch, shuffle, seed, first);
  std::vector<int64_t> rows;
  for (int64_t b = 0; b < batches; ++b) {
    const Batch& got = loader.next();
    for (int64_t r = 0; r < got.rows; ++r) {
      rows.push_back(static_cast<int64_t>(got.tensors[0].at(r * 3)));
      EXPECT_EQ(got.tensors[1].at(r), got.tensors[0].at(r * 3 + 2));
    }
  }
  return rows;
}

struct Shards {
  Shards(int64_t rows, int64_t buffer) {
    int64_t first = 0;
    for (int64_t shard = 0; first < rows; ++shard) {
      const int64_t here = std::min<int64_t>(rows - first, 37 + 10 * shard);
      write_npz(folder / (std::to_string(shard) + ".npz"),
                {{"x", numbered(first, here)}, {"y", numbered(first, here, 1)}});
      first += here;
    }
    const NamedRows arrays = open_rows(folder.path());
    data = Data::streamed({arrays[0].second}, {arrays[1].second});
    data.buffer = buffer;
  }
  TemporaryFolder folder;
  Data data;
};

TEST(Rows, AreDealtOnceInEveryPass) {
  for (const int64_t buffer : {int64_t{64}, int64_t{1000}, int64_t{4000}, int64_t{1} << 20})
    for (const int64_t batch : {1, 7, 32, 500}) {
      const Shards shards(431, buffer);
      const int64_t steps = (431 + batch - 1) / batch;
      const auto rows = dealt(shards.data, batch, 3 * steps, true, 9);
      ASSERT_EQ(rows.size(), 3u * 431);
      std::set<std::vector<int64_t>> passes;
      for (int64_t pass = 0; pass < 3; ++pass) {
        std::vector<int64_t> one(rows.begin() + pass * 431, rows.begin() + (pass + 1) * 431);
        passes.insert(one);
        EXPECT_FALSE(std::is_sorted(one.begin(), one.end()));
        std::sort(one.begin(), one.end());
        for (int64_t r = 0; r < 431; ++r) ASSERT_EQ(one[static_cast<size_t>(r)], r) << buffer << " " << batch;
      }
      EXPECT_EQ(passes.size(), 3u) << "passes differ";
      EXPECT_EQ(dealt(shards.data, batch, 3 * steps, true, 9), rows);
      EXPECT_NE(dealt(shards.data, batch, steps, true, 8), dealt(shards.data, batch, steps, true, 9));
      const auto ordered = dealt(shards.data, batch, steps, false, 0);
      EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
      EXPECT_EQ(ordered.size(), 431u);
    }
}

TEST(Rows, AreDealtFromAnyBatchOn) {
  const Shards shards(431, 4000);
  const int64_t batch = 10, steps = 44;
  const auto all = dealt(shards.data, batch, 2 * steps, true, 3);
  for (int64_t first = 0; first < 2 * steps; ++first) {
    const auto later = dealt(shards.data, batch, 2 * steps - first, true, 3, first);
    ASSERT_TRUE(std::equal(later.rbegin(), later.rend(), all.rbegin())) << first;
  }
}

TEST(Rows, AreDealtFromPartsOfASource) {
  const Shards shards(100, 1000);
  const auto rows = dealt(shards.data.slice(20, 50), 8, 4, true, 1);
  EXPECT_EQ(std::set<int64_t>(rows.begin(), rows.end()).size(), 30u);
  EXPECT_EQ(*std::min_element(rows.begin(), rows.end()), 20);
  EXPECT_EQ(*std::max_element(rows.begin(), rows.end()), 49);
}

TEST(Rows, TellOfDamageWhileTraining) {
  const TemporaryFolder folder;
  write_npy(folder / "x.npy", numbered(0, 1000));
  Data data = Data::streamed({open_npy(folder / "x.npy")});
  data.buffer = 1000;
  BatchLoader loader(data, {DType::float32}, 10, false, 0);
  std::filesystem::resize_file(folder / "x.npy", 6000);
  EXPECT_THAT(error_of([&] {
                for (int i = 0; i < 100; ++i) loader.next();
              }),
              HasSubstr("x.npy"));
}

TEST(Rows, FitScalers) {
  const TemporaryFolder folder;
  const Tensor x = numbered(0, 5000, 2);
  write_npy(folder / "x.npy", x);
  StandardScaler whole, streamed;
  whole.fit(x);
  streamed.fit(*open_npy(folder / "x.npy"));
  EXPECT_NEAR(streamed.mean()[1], whole.mean()[1], 1e-9);
  EXPECT_NEAR(streamed.variance()[1], whole.variance()[1], 1e-6);
  EXPECT_THAT(error_of([&] { RobustScaler().fit(*open_npy(folder / "x.npy")); }),
              HasSubstr("all rows at once"));
}

/// A table of `rows` rows with quotes and line ends in cells.
std::string table_of(int64_t rows, const std::string& end) {
  std::string text = "id,note,size,y" + end;
  for (int64_t r = 0; r < rows; ++r)
    text += std::to_string(r) + ",\"" + (r % 3 ? "a, \"\"b\"\"" : "two\nlines") + "\"," +
            (r % 10 ? std::to_string(r % 7) : "?") + "," + (r % 2 ? "yes" : "no") + end;
  return text;
}

TEST(CsvRows, AreThoseOfTheWholeTable) {
  const TemporaryFolder folder;
  for (const std::string end : {"\n", "\r\n"})
    for (const std::string tail : {"", "\n\n"})
      for (const std::string start : {"", "\xEF\xBB\xBF"}) {
        const std::string text = start + table_of(1000, end) + tail;
        write_file_atomically(folder / "t.csv", text);
        const CsvTable whole = parse_csv(text, "t.csv");
        const CsvFile file(folder / "t.csv");
        ASSERT_EQ(file.rows(), 1000);
        for (const auto& [first, last] :
             {std::pair<int64_t, int64_t>{0, 1000}, {0, 1}, {255, 257}, {300, 700}, {999, 1000}}) {
          const CsvTable part = file.read(first, last);
          ASSERT_EQ(part.rows, last - first);
          for (int64_t r = 0; r < part.rows; ++r) {
            EXPECT_EQ(part.column("id").numbers[static_cast<size_t>(r)], static_cast<double>(first + r));
            EXPECT_EQ(part.lines[static_cast<size_t>(r)], whole.lines[static_cast<size_t>(first + r)]);
          }
        }
      }
  write_file_atomically(folder / "numbers.csv", "1,2\n3,4\n5,6");
  EXPECT_EQ(CsvFile(folder / "numbers.csv").rows(), 3);
  EXPECT_EQ(CsvFile(folder / "numbers.csv").read(2, 3).columns[1].numbers[0], 6);
  write_file_atomically(folder / "one.csv", "1,2\n");
  EXPECT_EQ(CsvFile(folder / "one.csv").rows(), 1);
  write_file_atomically(folder / "none.csv", "a,b\n");
  EXPECT_THAT(error_of([&] { CsvFile(folder / "none.csv", {.header = CsvHeader::present}); }),
              HasSubstr("below the header"));
}

TEST(CsvRows, AreDealtAsPrepared) {
  const TemporaryFolder folder;
  const std::string text = table_of(1000, "\n");
  write_file_atomically(folder / "t.csv", text);
  const CsvTable whole = parse_csv(text, "t.csv");
  const auto preparation = TablePreparation::fit(whole, {.target = "y", .keep = {"id"}});
  const Data expected = preparation.transform(whole);
  Data data = stream_csv(folder / "t.csv", preparation);
  data.buffer = 8000;
  EXPECT_EQ(data.rows(), 1000);
  BatchLoader loader(data, {DType::float32, DType::int32}, 64, true, 4);
  std::set<int64_t> rows;
  const auto id = [&](const Tensor& x, int64_t row) { return x.at(row * x.shape()[1]); };
  for (int64_t step = 0; step < loader.steps(); ++step) {
    const Batch& batch = loader.next();
    for (int64_t r = 0; r < batch.rows; ++r) {
      int64_t row = 0;
      while (id(expected.x[0], row) != id(batch.tensors[0], r)) ++row;
      rows.insert(row);
      EXPECT_EQ(batch.tensors[1].at(r), expected.y[0].at(row));
    }
  }
  EXPECT_EQ(rows.size(), 1000u);
  // A cell that spoils a far row is found when it is read, and its line is named.
  write_file_atomically(folder / "bad.csv", text + "old,\"x\",1,no\n");
  const Data bad = stream_csv(folder / "bad.csv", preparation);
  EXPECT_THAT(error_of([&] { bad.sources[0]->read(1000, 1001); }), HasSubstr("bad.csv:1336: column \"id\""));
}

}  // namespace
}  // namespace folio

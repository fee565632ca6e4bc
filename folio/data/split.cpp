#include "folio/data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>

#include "folio/base/error.h"

namespace folio {
namespace {

constexpr double kRounding = 1e-9;  // of shares such as 1/3

/// Numbers counted from 0 in the order of their values, so that they index lists.
std::vector<size_t> counted(const std::vector<int64_t>& numbers) {
  std::map<int64_t, size_t> places;
  for (int64_t number : numbers) places.emplace(number, 0);
  size_t next = 0;
  for (auto& [number, place] : places) place = next++;
  std::vector<size_t> result;
  for (int64_t number : numbers) result.push_back(places[number]);
  return result;
}

size_t count_of(const std::vector<size_t>& ids) {
  return ids.empty() ? 0 : *std::max_element(ids.begin(), ids.end()) + 1;
}

void check_ids(const std::vector<int64_t>& ids, int64_t rows, bool shuffle, const char* what) {
  if (ids.empty()) return;
  if (static_cast<int64_t>(ids.size()) != rows)
    throw Error(fmt::format("{}: expected a number for each of {} rows, got {}", what, rows, ids.size()));
  if (!shuffle) throw Error(fmt::format("{}: cannot be kept with rows in order; leave shuffle on", what));
}

/// Deals rows out, class by class. Of a class each part gets its share, rounded down or up; what rounding
/// leaves goes to the parts that lack most so far, so that the shares of all rows come out too.
std::vector<size_t> deal_rows(const std::vector<int64_t>& order, const std::vector<int64_t>& classes,
                              const std::vector<double>& shares) {
  std::map<int64_t, std::vector<int64_t>> members;
  for (int64_t row : order) members[classes.empty() ? 0 : classes[static_cast<size_t>(row)]].push_back(row);
  std::vector<double> lacking(shares.size());
  std::vector<size_t> part(order.size());
  for (const auto& [id, rows] : members) {
    std::vector<size_t> taken, by_lack;
    size_t left = rows.size();
    for (size_t k = 0; k < shares.size(); ++k) {
      const double exact = shares[k] * static_cast<double>(rows.size());
      taken.push_back(std::min(left, static_cast<size_t>(exact + kRounding)));
      left -= taken[k];
      lacking[k] += exact - static_cast<double>(taken[k]);
      by_lack.push_back(k);
    }
    std::stable_sort(by_lack.begin(), by_lack.end(),
                     [&](size_t a, size_t b) { return lacking[a] > lacking[b] + kRounding; });
    for (size_t i = 0; i < left; ++i) ++taken[by_lack[i]], --lacking[by_lack[i]];
    auto row = rows.begin();
    for (size_t k = 0; k < shares.size(); ++k)
      for (size_t i = 0; i < taken[k]; ++i) part[static_cast<size_t>(*row++)] = k;
  }
  return part;
}

/// Deals whole groups out, one by one, each to the part where it leaves the numbers of rows of every class
/// nearest to what they should be.
std::vector<size_t> deal_groups(const std::vector<int64_t>& order, const std::vector<int64_t>& classes,
                                const std::vector<int64_t>& groups, const std::vector<double>& shares,
                                bool largest_first) {
  const std::vector<size_t> group = counted(groups),
                            kind = classes.empty() ? std::vector<size_t>(groups.size()) : counted(classes);
  const size_t kinds = count_of(kind);
  std::vector<std::vector<double>> members(count_of(group), std::vector<double>(kinds));
  std::vector<double> all(kinds), size(members.size());
  for (size_t row = 0; row < group.size(); ++row) {
    ++members[group[row]][kind[row]];
    ++all[kind[row]];
    ++size[group[row]];
  }
  std::vector<size_t> turns;
  std::vector<bool> seen(members.size());
  for (int64_t row : order)
    if (const size_t g = group[static_cast<size_t>(row)]; !seen[g]) seen[g] = true, turns.push_back(g);
  if (largest_first)
    std::stable_sort(turns.begin(), turns.end(), [&](size_t a, size_t b) { return size[a] > size[b]; });

  std::vector<std::vector<double>> lacking;
  for (double share : shares) {
    lacking.emplace_back();
    for (double count : all) lacking.back().push_back(share * count);
  }
  std::vector<size_t> place(members.size());
  for (size_t g : turns) {
    std::vector<double> gain(shares.size());
    for (size_t k = 0; k < shares.size(); ++k)
      for (size_t c = 0; c < kinds; ++c)  // how much less the squared distance is, as a share of the class
        gain[k] += members[g][c] * (2 * lacking[k][c] - members[g][c]) / (all[c] * all[c]);
    place[g] = static_cast<size_t>(std::max_element(gain.begin(), gain.end()) - gain.begin());
    for (size_t c = 0; c < kinds; ++c) lacking[place[g]][c] -= members[g][c];
  }
  std::vector<size_t> part;
  for (size_t g : group) part.push_back(place[g]);
  return part;
}

std::vector<int64_t> order_of(int64_t rows, bool shuffle, uint64_t seed) {
  if (shuffle) return shuffled_order(rows, seed, 0);
  std::vector<int64_t> order(static_cast<size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

void check_rows(std::span<const int64_t> rows, int64_t count) {
  for (int64_t row : rows)
    if (row < 0 || row >= count)
      throw Error(fmt::format("take_rows: expected rows from 0 to {}, got {}", count - 1, row));
}

int64_t row_count(const Tensor& tensor) { return tensor.shape().rank() == 0 ? 0 : tensor.shape()[0]; }

}  // namespace

Split split_rows(int64_t rows, const SplitOptions& options) {
  const double train = 1 - options.validation - options.test;
  if (!(options.validation >= 0 && options.test >= 0 && train > 0))
    throw Error(
        fmt::format("split: expected shares of at least 0 that leave rows for training, got validation "
                    "{} and test {}",
                    options.validation, options.test));
  check_ids(options.classes, rows, options.shuffle, "split: classes");
  check_ids(options.groups, rows, options.shuffle, "split: groups");
  const std::vector<double> shares = {train, options.validation, options.test};
  const std::vector<int64_t> order = order_of(rows, options.shuffle, options.seed);
  std::vector<size_t> part;
  if (!options.groups.empty()) {
    part = deal_groups(order, options.classes, options.groups, shares, false);
  } else if (options.shuffle) {
    part = deal_rows(order, options.classes, shares);
  } else {
    const auto count = [&](double share) {
      return static_cast<int64_t>(std::llround(share * static_cast<double>(rows)));
    };
    const int64_t tested = count(options.test), kept = rows - tested - count(options.validation);
    for (int64_t row = 0; row < rows; ++row) part.push_back(row < kept ? 0 : row < rows - tested ? 1 : 2);
  }
  Split split;
  std::vector<int64_t>* parts[] = {&split.train, &split.validation, &split.test};
  for (int64_t row : order) parts[part[static_cast<size_t>(row)]]->push_back(row);
  const char* names[] = {"training", "validation", "testing"};
  for (size_t k = 0; k < shares.size(); ++k)
    if (shares[k] > 0 && parts[k]->empty())
      throw Error(
          fmt::format("split: expected rows for {} (a share of {:.3g}), but {} {} leave none; give it a "
                      "larger share",
                      names[k], shares[k],
                      options.groups.empty() ? rows : static_cast<int64_t>(count_of(counted(options.groups))),
                      options.groups.empty() ? "rows" : "groups"));
  return split;
}

std::vector<Fold> k_fold(int64_t rows, int folds, const FoldOptions& options) {
  check_ids(options.classes, rows, options.shuffle, "k_fold: classes");
  check_ids(options.groups, rows, options.shuffle, "k_fold: groups");
  const int64_t units =
      options.groups.empty() ? rows : static_cast<int64_t>(count_of(counted(options.groups)));
  if (folds < 2 || folds > units)
    throw Error(fmt::format("k_fold: expected from 2 to {} folds (one for each of the {}), got {}", units,
                            options.groups.empty() ? "rows" : "groups", folds));
  const std::vector<double> shares(static_cast<size_t>(folds), 1.0 / folds);
  const std::vector<int64_t> order = order_of(rows, options.shuffle, options.seed);
  std::vector<size_t> part;
  if (!options.groups.empty())
    part = deal_groups(order, options.classes, options.groups, shares, true);
  else if (options.shuffle)
    part = deal_rows(order, options.classes, shares);
  else
    for (int64_t row = 0; row < rows; ++row) {  // blocks in order; the first ones have one row more
      const int64_t size = rows / folds, larger = rows % folds * (size + 1);
      part.push_back(
          static_cast<size_t>(row < larger ? row / (size + 1) : rows % folds + (row - larger) / size));
    }
  std::vector<Fold> result(static_cast<size_t>(folds));
  for (int64_t row = 0; row < rows; ++row)
    for (size_t k = 0; k < result.size(); ++k)
      (part[static_cast<size_t>(row)] == k ? result[k].test : result[k].train).push_back(row);
  return result;
}

std::vector<int64_t> ids_of(const CsvColumn& column) {
  if (!column.is_number) return {column.codes.begin(), column.codes.end()};
  std::map<double, int64_t> places;
  std::vector<int64_t> ids;
  for (double number : column.numbers)
    ids.push_back(
        std::isnan(number) ? -1 : places.emplace(number, static_cast<int64_t>(places.size())).first->second);
  return ids;
}

std::vector<int64_t> ids_of(const Tensor& labels) {
  const int64_t rows = row_count(labels), width = rows == 0 ? 1 : labels.count() / rows;
  std::vector<int64_t> ids;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t id = 0;
    for (int64_t c = 1; c < width; ++c)
      if (labels.at(row * width + c) > labels.at(row * width + id)) id = c;
    if (width == 1) {
      const double label = labels.at(row);
      if (label != std::floor(label) || std::abs(label) > 0x1p53)
        throw Error(fmt::format("ids: expected whole numbers, got {} in row {}", label, row));
      id = static_cast<int64_t>(label);
    }
    ids.push_back(id);
  }
  return ids;
}

Tensor take_rows(const Tensor& tensor, std::span<const int64_t> rows) {
  check_rows(rows, row_count(tensor));
  Tensor result(tensor.shape().with(0, static_cast<int64_t>(rows.size())), tensor.dtype());
  const auto bytes =
      static_cast<size_t>(tensor.shape().count(1, tensor.shape().rank()) * size_of(tensor.dtype()));
  const auto* from = static_cast<const char*>(tensor.raw());
  auto* to = static_cast<char*>(result.raw());
  for (size_t i = 0; i < rows.size() && bytes > 0; ++i)
    std::memcpy(to + i * bytes, from + static_cast<size_t>(rows[i]) * bytes, bytes);
  return result;
}

CsvTable take_rows(const CsvTable& table, std::span<const int64_t> rows) {
  check_rows(rows, table.rows);
  CsvTable result{.name = table.name,
                  .missing = table.missing,
                  .numeric = table.numeric,
                  .rows = static_cast<int64_t>(rows.size())};
  for (int64_t row : rows) result.lines.push_back(table.lines[static_cast<size_t>(row)]);
  for (const CsvColumn& from : table.columns) {
    CsvColumn column{from.name, from.is_number, {}, from.categories, {}, 0};
    for (int64_t row : rows) {
      const auto r = static_cast<size_t>(row);
      if (from.is_number)
        column.numbers.push_back(from.numbers[r]);
      else
        column.codes.push_back(from.codes[r]);
      column.missing += from.is_number ? std::isnan(from.numbers[r]) : from.codes[r] < 0;
    }
    result.columns.push_back(std::move(column));
  }
  return result;
}

Data take_rows(const Data& data, std::span<const int64_t> rows) {
  if (data.is_streamed())
    throw Error(
        "take_rows: expected data in memory, got data that is read while it is used; put the rows into "
        "files of their own");
  Data result;
  result.scale = data.scale;
  result.augmentation = data.augmentation;
  for (const Tensor& tensor : data.x) result.x.push_back(take_rows(tensor, rows));
  for (const Tensor& tensor : data.y) result.y.push_back(take_rows(tensor, rows));
  if (data.sample_weight.raw()) result.sample_weight = take_rows(data.sample_weight, rows);
  return result;
}

}  // namespace folio

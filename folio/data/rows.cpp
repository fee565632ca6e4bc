#include "folio/data/rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/checked.h"
#include "folio/base/error.h"

namespace folio {
namespace {

class JoinedRows final : public RowSource {
 public:
  JoinedRows(std::vector<Rows> parts, std::vector<int64_t> starts)
      : RowSource(parts[0]->name(), parts[0]->shape().with(0, starts.back()), parts[0]->dtype()),
        parts_(std::move(parts)),
        starts_(std::move(starts)) {}

 private:
  void fetch(int64_t first, Tensor& into) const override {
    const int64_t rows = into.shape()[0];
    // The part that holds `first`: the last that starts at or before it.
    auto part =
        static_cast<size_t>(std::upper_bound(starts_.begin(), starts_.end(), first) - starts_.begin() - 1);
    for (int64_t done = 0; done < rows; ++part) {
      const int64_t here = std::min(rows - done, starts_[part + 1] - (first + done));
      Tensor piece = into.rows(done, done + here);
      parts_[part]->read(first + done - starts_[part], piece);
      done += here;
    }
  }
  std::vector<Rows> parts_;
  std::vector<int64_t> starts_;  // of each part, then the number of all rows
};

class PartOfRows final : public RowSource {
 public:
  PartOfRows(Rows rows, int64_t first, int64_t last)
      : RowSource(rows->name(), rows->shape().with(0, last - first), rows->dtype()),
        rows_(std::move(rows)),
        first_(first) {}

 private:
  void fetch(int64_t first, Tensor& into) const override { rows_->read(first_ + first, into); }
  Rows rows_;
  int64_t first_;
};

}  // namespace

void RowSource::read(int64_t first, Tensor& into) const {
  const int64_t count = into.shape().rank() == 0 ? 0 : into.shape()[0];
  if (into.dtype() != dtype_ || into.shape() != shape_.with(0, count) || first < 0 || count > rows() - first)
    throw InternalError(fmt::format("{}: rows from {} of {} {} do not fit {} {}", name_, first,
                                    to_string(dtype_), to_string(shape_), to_string(into.dtype()),
                                    to_string(into.shape())));
  if (count > 0) fetch(first, into);
}

Tensor RowSource::read(int64_t first, int64_t last) const {
  Tensor tensor(shape_.with(0, last - first), dtype_);
  read(first, tensor);
  return tensor;
}

Rows join_rows(std::vector<Rows> parts) {
  if (parts.empty()) throw Error("rows: expected at least one source, got none");
  std::vector<int64_t> starts = {0};
  for (const Rows& part : parts) {
    if (part->dtype() != parts[0]->dtype() || part->shape().with(0, 0) != parts[0]->shape().with(0, 0))
      throw Error(
          fmt::format("{}: expected {} {} but for the rows, as in {}, found {} {}; save all parts alike",
                      part->name(), to_string(parts[0]->dtype()), to_string(parts[0]->shape()),
                      parts[0]->name(), to_string(part->dtype()), to_string(part->shape())));
    starts.push_back(checked_add(starts.back(), part->rows()));
  }
  if (parts.size() == 1) return parts[0];
  return std::make_shared<JoinedRows>(std::move(parts), std::move(starts));
}

Rows part_of_rows(Rows rows, int64_t first, int64_t last) {
  if (first < 0 || last < first || last > rows->rows())
    throw InternalError(fmt::format("{}: has no rows {} to {}", rows->name(), first, last));
  return std::make_shared<PartOfRows>(std::move(rows), first, last);
}

}  // namespace folio

#include "folio/data/csv_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "folio/base/error.h"
#include "folio/data/csv_layout.h"

namespace folio {
namespace {

constexpr int64_t kRowsOfMark = 256;
constexpr uint64_t kAtOnce = 1 << 20;
constexpr uint64_t kLongestRow = 64 << 20;

/// Finds the ends of rows: line ends outside quotes. A doubled quote opens and closes again, which changes
/// nothing; what else a reader refuses it will refuse when it comes there.
class RowEnds {
 public:
  /// Takes one more character; true when it ends a row.
  bool take(char c) {
    quoted_ ^= c == '"';
    lines_ += c == '\n';
    return c == '\n' && !quoted_;
  }
  int64_t lines() const { return lines_; }

 private:
  bool quoted_ = false;
  int64_t lines_ = 0;
};

/// Bytes of the first `rows` rows of the text, and their lines in `lines`.
size_t length_of(std::string_view text, int64_t rows, int64_t& lines) {
  RowEnds ends;
  size_t at = 0;
  while (rows > 0 && at < text.size()) rows -= ends.take(text[at++]);
  lines += ends.lines();
  return at;
}

/// One table's rows in two roles: the last ones prepared are kept, as x and y are asked for one after the
/// other.
class PreparedFile {
 public:
  PreparedFile(const std::string& path, const TablePreparation& preparation, const CsvOptions& options)
      : preparation_(preparation), file_(path, preparation.csv_options(options)) {}
  int64_t rows() const { return file_.rows(); }
  Data read(int64_t first, int64_t last) const {
    const std::lock_guard lock(mutex_);
    if (first != first_ || last != last_) {
      last_ = first;  // none, should this throw
      data_ = preparation_.transform(file_.read(first, last));
      first_ = first;
      last_ = last;
    }
    return data_;
  }

 private:
  TablePreparation preparation_;
  CsvFile file_;
  mutable std::mutex mutex_;
  mutable int64_t first_ = 0, last_ = 0;
  mutable Data data_;
};

class PreparedRows final : public RowSource {
 public:
  PreparedRows(std::shared_ptr<const PreparedFile> file, const std::string& name, bool target,
               const Tensor& sample)
      : RowSource(name, sample.shape().with(0, file->rows()), sample.dtype()),
        file_(std::move(file)),
        target_(target) {}

 private:
  void fetch(int64_t first, Tensor& into) const override {
    const Data data = file_->read(first, first + into.shape()[0]);
    into.assign(target_ ? data.y[0] : data.x[0]);
  }
  std::shared_ptr<const PreparedFile> file_;
  bool target_;
};

}  // namespace

CsvFile::CsvFile(const std::string& path, CsvOptions options)
    : file_(std::make_shared<FileSource>(path)), options_(std::move(options)) {
  const auto magic = file_->copy(0, std::min<uint64_t>(2, file_->size()));
  if (magic.size() == 2 && magic[0] == std::byte{0x1f} && magic[1] == std::byte{0x8b})
    throw Error(path + ": expected plain text, found gzip, which cannot be read in parts; unpack it first");
  read_header();
  find_rows();
  if (rows_ == 0) throw Error(path + ": expected rows below the header, found none; fill the file");
}

void CsvFile::read_header() {
  // The first rows tell how the table is written, as for `parse_csv`.
  std::string head;
  RowEnds ends;
  size_t first_end = 0, last_end = 0, at = 0;
  int64_t first_lines = 0, found = 0;
  while (found < kCsvRowsLookedAt && (at < head.size() || head.size() < file_->size())) {
    if (at == head.size()) {
      if (found == 0 && head.size() > kLongestRow)
        throw Error(
            fmt::format("{}: expected rows of at most {} bytes, found a longer one; check for a quote that "
                        "is not closed",
                        file_->name(), kLongestRow));
      if (found > 0 && head.size() > kAtOnce) break;  // long rows; the last one is not whole
      const auto more = file_->copy(head.size(), std::min(kAtOnce, file_->size() - head.size()));
      head.append(reinterpret_cast<const char*>(more.data()), more.size());
    }
    if (!ends.take(head[at++])) continue;
    last_end = at;
    if (++found != 1) continue;
    first_end = at;
    first_lines = ends.lines();
  }
  head.resize(at < file_->size() ? last_end : at);
  const CsvLayout layout = look_at_csv(head, file_->name(), options_);
  options_.separator = layout.separator;
  options_.decimal = layout.decimal;
  options_.header = layout.header ? CsvHeader::present : CsvHeader::absent;
  options_.names.clear();
  for (const CsvColumn& column : parse_csv(head, file_->name(), options_).columns)
    options_.names.push_back(column.name);
  if (layout.header) start_ = {first_end, 1 + first_lines};
  if (start_.at == 0 && head.starts_with("\xEF\xBB\xBF")) start_.at = 3;
}

void CsvFile::find_rows() {
  RowEnds ends;
  int64_t rows = 0;
  bool blank = true;  // the row so far
  marks_ = {start_};
  end_ = start_.at;
  std::vector<std::byte> bytes;
  for (uint64_t at = start_.at; at < file_->size(); at += bytes.size()) {
    bytes = file_->copy(at, std::min(kAtOnce, file_->size() - at));
    for (size_t i = 0; i < bytes.size(); ++i) {
      const char c = static_cast<char>(bytes[i]);
      blank = blank && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
      const bool ended = ends.take(c);
      if (!ended && at + i + 1 < file_->size()) continue;
      ++rows;
      if (!blank) {  // blank lines at the end are no rows
        rows_ = rows;
        end_ = at + i + 1;
      }
      blank = true;
      if (rows % kRowsOfMark == 0) marks_.push_back({at + i + 1, start_.line + ends.lines()});
    }
  }
}

CsvTable CsvFile::read(int64_t first, int64_t last) const {
  if (first < 0 || last <= first || last > rows_)
    throw Error(
        fmt::format("{}: expected rows within 0 to {}, got {} to {}", file_->name(), rows_, first, last));
  const Mark mark = marks_[static_cast<size_t>(first / kRowsOfMark)];
  const auto after = static_cast<size_t>((last + kRowsOfMark - 1) / kRowsOfMark);
  const uint64_t end = after < marks_.size() ? std::min(end_, marks_[after].at) : end_;
  const auto bytes = file_->copy(mark.at, end - mark.at);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  CsvOptions options = options_;
  options.first_line = mark.line;
  text.remove_prefix(length_of(text, first % kRowsOfMark, options.first_line));
  int64_t ignored = 0;
  text = text.substr(0, length_of(text, last - first, ignored));
  CsvTable table = parse_csv(text, file_->name(), options);
  if (table.rows != last - first)
    throw Error(fmt::format("{}:{}: expected {} rows from here, found {}; remove blank lines", file_->name(),
                            options.first_line, last - first, table.rows));
  return table;
}

Data stream_csv(const std::string& path, const TablePreparation& preparation, CsvOptions options) {
  const auto file = std::make_shared<PreparedFile>(path, preparation, options);
  const Data sample = file->read(0, 1);
  const auto rows = [&](const Tensor& tensor, bool target) {
    return std::make_shared<PreparedRows>(file, path, target, tensor);
  };
  std::vector<Rows> y;
  if (!sample.y.empty()) y.push_back(rows(sample.y[0], true));
  return Data::streamed({rows(sample.x[0], false)}, std::move(y));
}

}  // namespace folio

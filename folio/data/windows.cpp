#include "folio/data/windows.h"

#include <algorithm>

#include "folio/data/batches.h"

namespace folio {
namespace {

constexpr int64_t kBlockBytes = 1 << 20;
constexpr int64_t kBlocksOfWindow = 16;  // at least, where rows are small enough: fewer would shuffle little
// Rows of a window are shuffled by seeds of their own, blocks by the seed that rows in memory have.
constexpr uint64_t kWindowSeed = 0x9E3779B97F4A7C15;

}  // namespace

RowWindows::RowWindows(const Data& data, bool shuffle, uint64_t seed)
    : sources_(data.sources), shuffle_(shuffle), seed_(seed), rows_(data.rows()) {
  if (sources_.empty()) {
    now_.arrays = data.tensors();
    block_rows_ = rows_;
    return;
  }
  int64_t row_bytes = 0;
  for (const Rows& source : sources_) row_bytes += source->row_bytes();
  row_bytes = std::max<int64_t>(1, row_bytes);
  const int64_t half = std::max<int64_t>(1, data.buffer / 2);
  block_rows_ = std::clamp<int64_t>(std::min(kBlockBytes, half / kBlocksOfWindow) / row_bytes, 1, rows_);
  blocks_ = (rows_ + block_rows_ - 1) / block_rows_;
  window_blocks_ = std::clamp<int64_t>(half / (block_rows_ * row_bytes), 1, blocks_);
  for (Window* window : {&now_, &next_})
    for (const Rows& source : sources_)
      window->buffers.emplace_back(source->shape().with(0, std::min(rows_, window_blocks_ * block_rows_)),
                                   source->dtype());
}

int64_t RowWindows::rows_of_block(int64_t block) const {
  return std::min(block_rows_, rows_ - block * block_rows_);
}

void RowWindows::plan(Window& window, int64_t pass, int64_t number) {
  window.pass = pass;
  window.number = number;
  window.read = 0;
  window.rows = window.dealt = 0;
  window.blocks.clear();
  // A list of blocks is short; making it again for every window costs less than keeping one for each pass.
  const auto order = shuffle_ ? shuffled_order(blocks_, seed_, pass) : std::vector<int64_t>{};
  for (int64_t b = number * window_blocks_; b < std::min(blocks_, (number + 1) * window_blocks_); ++b) {
    window.blocks.push_back(shuffle_ ? order[static_cast<size_t>(b)] : b);
    window.rows += rows_of_block(window.blocks.back());
  }
}

void RowWindows::read_until(Window& window, size_t blocks) {
  int64_t at = 0;
  for (size_t b = 0; b < std::min(blocks, window.blocks.size()); ++b) {
    const int64_t block = window.blocks[b], rows = rows_of_block(block);
    for (size_t i = 0; i < sources_.size() && b >= window.read; ++i) {
      Tensor into = window.buffers[i].rows(at, at + rows);
      sources_[i]->read(block * block_rows_, into);
    }
    at += rows;
  }
  window.read = std::max(window.read, std::min(blocks, window.blocks.size()));
}

void RowWindows::finish(Window& window) {
  if (!sources_.empty()) {
    read_until(window, window.blocks.size());
    window.arrays.clear();
    for (const Tensor& buffer : window.buffers) window.arrays.push_back(buffer.rows(0, window.rows));
  }
  if (!shuffle_) return;
  const bool blocks = !sources_.empty();
  window.order = shuffled_order(window.rows,
                                seed_ + (blocks ? kWindowSeed * static_cast<uint64_t>(window.number + 1) : 0),
                                window.pass);
}

void RowWindows::seek(int64_t pass, int64_t dealt) {
  plan(now_, pass, 0);
  while (dealt >= now_.rows && now_.number + 1 < windows()) {
    dealt -= now_.rows;
    plan(now_, pass, now_.number + 1);
  }
  finish(now_);
  now_.dealt = dealt;
  if (!sources_.empty())
    plan(next_, now_.pass + (now_.number + 1 == windows()), (now_.number + 1) % windows());
}

int64_t RowWindows::left() {
  if (now_.dealt < now_.rows) return now_.rows - now_.dealt;
  const int64_t pass = now_.pass + (now_.number + 1 == windows()), number = (now_.number + 1) % windows();
  if (sources_.empty()) {
    plan(now_, pass, number);
    finish(now_);
  } else {
    finish(next_);
    std::swap(now_, next_);
    plan(next_, pass + (number + 1 == windows()), (number + 1) % windows());
  }
  return now_.rows;
}

std::vector<int64_t> RowWindows::numbers(int64_t rows) const {
  std::vector<int64_t> result;
  for (int64_t i = 0; i < rows; ++i) {
    int64_t place = order() ? order()[i] : now_.dealt + i;
    if (!sources_.empty()) {
      size_t b = 0;
      while (place >= rows_of_block(now_.blocks[b])) place -= rows_of_block(now_.blocks[b++]);
      place += now_.blocks[b] * block_rows_;
    }
    result.push_back(place);
  }
  return result;
}

void RowWindows::deal(int64_t rows) {
  now_.dealt += rows;
  if (sources_.empty()) return;
  const auto blocks = static_cast<int64_t>(next_.blocks.size());
  read_until(next_, static_cast<size_t>(blocks * now_.dealt / now_.rows));
}

}  // namespace folio

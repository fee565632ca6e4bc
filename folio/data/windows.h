// Rows in the order of a pass, a window of them in memory at a time.
#pragma once
#include <cstdint>
#include <vector>

#include "folio/data/rows.h"

namespace folio {

struct Data;

/// What `BatchLoader` deals from. Data in memory is one window. Of streamed data the rows are cut into blocks
/// of about a megabyte; a pass takes the blocks in a shuffled order, as many at a time as fill half of the
/// buffer, and shuffles the rows of these among each other. While one window is dealt out, the next one is
/// read, a block now and then, into the other half. Every row comes once in a pass, and the order is a
/// function of (seed, pass, sizes).
class RowWindows {
 public:
  RowWindows(const Data& data, bool shuffle, uint64_t seed);

  /// Goes to a place in a pass: behind the first `dealt` rows of it.
  void seek(int64_t pass, int64_t dealt);
  /// Rows left in the window; the next window, if there is none. Going beyond a pass begins the next one.
  int64_t left();
  /// The window's arrays, in the order of `Data`: x, y, sample_weight.
  const std::vector<Tensor>& arrays() const { return now_.arrays; }
  /// Which of the window's rows are left to be dealt, in order; null when they lie in that order from
  /// `place`.
  const int64_t* order() const { return now_.order.empty() ? nullptr : now_.order.data() + now_.dealt; }
  int64_t place() const { return now_.dealt; }
  /// The pass that the window is of, and which rows of the data these are.
  int64_t pass() const { return now_.pass; }
  std::vector<int64_t> numbers(int64_t rows) const;
  /// So many rows have been dealt. Reads ahead in proportion.
  void deal(int64_t rows);

 private:
  struct Window {
    int64_t pass = 0, number = 0;  // which of the pass
    std::vector<int64_t> blocks;   // that it is made of
    size_t read = 0;               // how many of them are in memory
    int64_t rows = 0, dealt = 0;
    std::vector<Tensor> buffers, arrays;  // arrays: the filled part of the buffers
    std::vector<int64_t> order;
  };
  int64_t windows() const { return (blocks_ + window_blocks_ - 1) / window_blocks_; }
  int64_t rows_of_block(int64_t block) const;
  /// Makes `window` this one of a pass, nothing of it read.
  void plan(Window& window, int64_t pass, int64_t number);
  void read_until(Window& window, size_t blocks);
  void finish(Window& window);

  std::vector<Rows> sources_;
  bool shuffle_;
  uint64_t seed_;
  int64_t rows_, block_rows_ = 0, blocks_ = 1, window_blocks_ = 1;
  Window now_, next_;
};

}  // namespace folio

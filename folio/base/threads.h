// The processors of this machine, shared by whoever computes: one pool of threads for the whole process.
#pragma once
#include <memory>

namespace folio {

/// Work that several threads can do together: stages, one after the other; in each, pieces that do not need
/// each other.
class SharedWork {
 public:
  virtual int stages() const = 0;
  /// At least 1.
  virtual int pieces(int stage) const = 0;
  virtual void run(int stage, int piece) const = 0;

 protected:
  ~SharedWork() = default;
};

/// Processors that this process may use: its affinity, and in a container the processor time it is granted.
int available_processors();

/// Threads that help callers with their work. Idle ones spin for some microseconds, then sleep.
///
/// A piece belongs to no thread: who finishes its own early takes what nobody has begun, so that no caller
/// ever waits for a thread that is busy elsewhere, has not woken yet or could not be started. Callers, at
/// once as many as like, share the helpers that there are; work within work is done by the thread that meets
/// it. What a piece computes must not depend on the thread.
class ThreadPool {
 public:
  /// At most so many threads compute at once, callers not counted beyond the first. Helpers start when asked
  /// for.
  explicit ThreadPool(int threads);
  /// Ends the helpers; nobody may be at work.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// The pool of this process, as large as `available_processors`. A forked child has one of its own.
  static ThreadPool& shared();

  /// Does all of `work` on the calling thread and up to `threads` - 1 others; allocates nothing once as many
  /// helpers run. Throws what a piece threw first; pieces not begun by then are left out.
  void run(const SharedWork& work, int threads);
  /// Helpers that have been started.
  int helpers() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `piece(0)` … `piece(pieces - 1)`, in any order, on up to as many threads.
template <class Piece>
void in_parallel(int pieces, const Piece& piece) {
  struct Pieces final : SharedWork {
    Pieces(int pieces, const Piece& piece) : count(pieces), piece(piece) {}
    int stages() const override { return 1; }
    int pieces(int) const override { return count; }
    void run(int, int index) const override { piece(index); }
    int count;
    const Piece& piece;
  };
  if (pieces > 0) ThreadPool::shared().run(Pieces(pieces, piece), pieces);
}

}  // namespace folio

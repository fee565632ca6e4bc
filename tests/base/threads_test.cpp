// The pool of threads: everything is done once and in order, whoever does it, and nobody waits for a thread
// that is not there.
#include "folio/base/threads.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace folio {
namespace {

/// Stages with so many pieces each, and what is to be done for a piece.
struct Work final : SharedWork {
  Work(std::vector<int> sizes, std::function<void(int, int)> piece)
      : sizes(std::move(sizes)), piece(std::move(piece)) {}
  int stages() const override { return static_cast<int>(sizes.size()); }
  int pieces(int stage) const override { return sizes[static_cast<size_t>(stage)]; }
  void run(int stage, int index) const override { piece(stage, index); }
  std::vector<int> sizes;
  std::function<void(int, int)> piece;
};

/// Runs stages of such sizes and checks that each piece is done once, and after the stages before it.
void expect_order(ThreadPool& pool, const std::vector<int>& sizes, int threads) {
  std::vector<std::vector<std::atomic<int>>> done;
  for (int size : sizes) done.emplace_back(static_cast<size_t>(size));
  std::vector<std::atomic<int>> ended(sizes.size());
  std::atomic<bool> early{false};
  pool.run(Work(sizes,
                [&](int stage, int piece) {
                  const auto s = static_cast<size_t>(stage);
                  if (stage > 0 && ended[s - 1] != sizes[s - 1]) early = true;
                  ++done[s][static_cast<size_t>(piece)];
                  ++ended[s];
                }),
           threads);
  EXPECT_FALSE(early);
  for (const auto& stage : done)
    for (const auto& times : stage) ASSERT_EQ(times, 1);
}

/// Two pieces that are done when both have begun: true when two threads did them.
bool meet(ThreadPool& pool) {
  std::atomic<int> begun{0}, met{0};
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  pool.run(Work({2},
                [&](int, int) {
                  ++begun;
                  while (begun < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
                  if (begun == 2) ++met;
                }),
           2);
  return met == 2;
}

// More threads than this machine may have, so that they are taken off their processors at any place.
TEST(Threads, DoEveryPieceOnceAndStagesInOrder) {
  ThreadPool pool(5);
  for (int round = 0; round < 300; ++round) {
    expect_order(pool, {5, 5, 1, 5, 1, 1, 3, 17, 1}, 5);
    expect_order(pool, {1, 2, 1}, 2);
    expect_order(pool, {64, 1, 64}, 64);
  }
  expect_order(pool, {1024, 3, 1024}, 16);
  expect_order(pool, {70000, 2}, 16);
  EXPECT_EQ(pool.helpers(), 4);
}

TEST(Threads, StartWhenAskedForAndNoMore) {
  ThreadPool alone(1), pool(8);
  expect_order(alone, {4, 4}, 4);
  EXPECT_EQ(alone.helpers(), 0);
  expect_order(pool, {4, 4}, 1);
  expect_order(pool, {1, 1}, 4);
  EXPECT_EQ(pool.helpers(), 0);
  expect_order(pool, {2, 4}, 3);
  EXPECT_EQ(pool.helpers(), 2);
  expect_order(pool, {100}, 100);
  EXPECT_EQ(pool.helpers(), 7);
}

TEST(Threads, WorkAtTheSameTime) {
  ThreadPool pool(2);
  for (int round = 0; round < 100; ++round) ASSERT_TRUE(meet(pool)) << round;
}

TEST(Threads, SeveralCallersAreServedAtOnce) {
  ThreadPool pool(3);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&] {
      for (int round = 0; round < 300; ++round) expect_order(pool, {3, 1, 4, 2}, 3);
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(pool.helpers(), 2);
}

TEST(Threads, NobodyWaitsForHelpersOfOthers) {
  ThreadPool pool(2);
  std::atomic<bool> go_on{false};
  std::atomic<int> inside{0};
  std::thread busy([&] {
    pool.run(Work({2},
                  [&](int, int) {
                    ++inside;
                    go_on.wait(false);
                  }),
             2);
  });
  while (inside < 2) std::this_thread::yield();
  expect_order(pool, {2, 3, 2}, 2);  // the only helper cannot come
  go_on = true;
  go_on.notify_all();
  busy.join();
  EXPECT_TRUE(meet(pool));
}

// Callers that come at the same time have teams of their own; afterwards the helpers go to whoever asks.
TEST(Threads, HelpersChangeTeams) {
  ThreadPool pool(2);
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> ready{0};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 3; ++caller)
      callers.emplace_back([&] {
        ++ready;
        while (ready < 3) std::this_thread::yield();
        expect_order(pool, {2, 2}, 2);
      });
    for (std::thread& caller : callers) caller.join();
    ASSERT_TRUE(meet(pool)) << round;
  }
}

TEST(Threads, WorkWithinWorkIsDoneByWhoMeetsIt) {
  ThreadPool pool(3);
  std::atomic<int> inner{0};
  pool.run(Work({3, 1},
                [&](int, int) {
                  const auto here = std::this_thread::get_id();
                  pool.run(Work({4, 2},
                                [&](int, int) {
                                  EXPECT_EQ(std::this_thread::get_id(), here);
                                  ++inner;
                                }),
                           3);
                }),
           3);
  EXPECT_EQ(inner, 4 * 6);
  EXPECT_TRUE(meet(pool)) << "the caller may ask for helpers again";
}

TEST(Threads, WhatAPieceThrowsReachesTheCaller) {
  ThreadPool pool(3);
  for (int thrower = 0; thrower < 6; ++thrower) {
    std::atomic<bool> later{false};
    const Work work({6, 1, 2}, [&](int stage, int piece) {
      if (stage > 0) later = true;
      if (piece == thrower) throw std::runtime_error("piece " + std::to_string(piece));
    });
    try {
      pool.run(work, 3);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), "piece " + std::to_string(thrower));
    }
    EXPECT_FALSE(later);
    expect_order(pool, {3, 3}, 3);
  }
  EXPECT_THROW(pool.run(Work({4, 4}, [](int, int) { throw std::bad_alloc(); }), 3), std::bad_alloc);
  EXPECT_THROW(pool.run(Work({2, 1},
                             [](int stage, int) {
                               if (stage) throw 1;
                             }),
                        2),
               int);
}

TEST(Threads, SleepWhenIdle) {
  ThreadPool pool(4);
  EXPECT_TRUE(meet(pool));
  expect_order(pool, {4, 4}, 4);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::clock_t before = std::clock();  // of all threads
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 20);
}

TEST(Threads, AForkedChildHasItsOwn) {
  in_parallel(4, [](int) {});
  const pid_t child = fork();
  if (child == 0) {
    ThreadPool& pool = ThreadPool::shared();
    const bool fresh = pool.helpers() == 0;
    std::atomic<int> done{0};
    for (int round = 0; round < 20; ++round) in_parallel(4, [&](int) { ++done; });
    const bool works = done == 80 && (available_processors() == 1 || (pool.helpers() > 0 && meet(pool)));
    _exit(fresh && works ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  in_parallel(4, [](int) {});
}

TEST(Threads, AsManyAsProcessors) {
  EXPECT_GE(available_processors(), 1);
  in_parallel(1000, [](int) {});
  EXPECT_LT(ThreadPool::shared().helpers(), available_processors());
  in_parallel(0, [](int) { FAIL(); });
}

}  // namespace
}  // namespace folio

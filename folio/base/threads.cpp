#include "folio/base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace folio {
namespace {

using Clock = std::chrono::steady_clock;

// How long a thread that waits keeps its processor: longer than threads usually differ at the end of a stage,
// and short beside the milliseconds for which other programs take a processor away.
constexpr auto kPatience = std::chrono::microseconds(200);
// Looks at the others before their pieces are taken, about a microsecond.
constexpr int kGlances = 40;
// More pieces than this are done by the caller alone.
constexpr int kMostPieces = 1024;

// Set while a thread does pieces: what it meets inside, it does itself.
thread_local bool at_work = false;

class AtWork {
 public:
  AtWork() { at_work = true; }
  ~AtWork() { at_work = false; }
};

// Lets the other thread of a processor's core go first.
inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void do_alone(const SharedWork& work) {
  for (int stage = 0, stages = work.stages(); stage < stages; ++stage)
    for (int piece = 0, pieces = work.pieces(stage); piece < pieces; ++piece) work.run(stage, piece);
}

class Team;

struct Helper {
  std::thread thread;
  // Whom it helps, and as which of the team's threads; changed by the pool alone.
  std::atomic<Team*> team{nullptr};
  std::atomic<int> place{0};
};

// The threads that work for one caller at a time, and what they work at. Teams are never destroyed while
// helpers run, so a helper that wakes late finds one in order, whatever has happened since.
class Team {
 public:
  // Does `work` with the helpers whose places are below `places`; for the one caller that holds the team.
  void run(const SharedWork& work, int places);
  // What a helper does until it is told to help another team.
  void help(const Helper& helper);
  // Wakes all who sleep, to look around.
  void ring();

  std::vector<Helper*> helpers;  // the pool's business

 private:
  // A stage has a number that grows with every stage of every run, and the pieces it is divided into; with no
  // pieces it is the pause after a run. Both in one word, so that they can only be read together.
  static constexpr int kPieceBits = 16;
  static uint64_t number_of(uint64_t stage) { return stage >> kPieceBits; }
  static int pieces_of(uint64_t stage) { return static_cast<int>(stage & ((1 << kPieceBits) - 1)); }

  bool take_part(uint64_t stage, int place);
  bool do_pieces(uint64_t stage, int first, int last);
  bool claim(int piece, uint64_t number);
  void do_piece(int piece);
  void begin_next_stage(uint64_t stage);
  void announce(uint64_t stage);
  template <class Done>
  void wait(const Done& done);

  // Who claims a piece of a stage has raised its entry to the stage's number. Since numbers grow, a claim
  // fails when the stage is over, however late it comes; and a stage is not over before every claim is done.
  struct alignas(64) Claim {
    std::atomic<uint64_t> number{0};
  };
  std::array<Claim, kMostPieces> claims_;
  alignas(64) std::atomic<uint64_t> stage_{0};
  std::atomic<int> sleepers_{0}, bell_{0};
  std::atomic<int> places_{1};
  alignas(64) std::atomic<int> left_{0};  // pieces of the stage that are not done
  std::atomic<bool> failed_{false};
  // Read by those alone who hold a claim.
  const SharedWork* work_ = nullptr;
  int index_ = 0;  // of the stage within the work
  std::exception_ptr failure_;
};

template <class Done>
void Team::wait(const Done& done) {
  const auto start = Clock::now();
  do {
    for (int i = 0; i < 16; ++i) {
      if (done()) return;
      relax();
    }
  } while (Clock::now() - start < kPatience);
  while (!done()) {
    // Either this sees what is announced, or who announces it sees that somebody sleeps.
    const int bell = bell_.load();
    sleepers_.fetch_add(1);
    if (!done()) bell_.wait(bell);
    sleepers_.fetch_sub(1);
  }
}

void Team::ring() {
  bell_.fetch_add(1);
  bell_.notify_all();
}

void Team::announce(uint64_t stage) {
  stage_.store(stage);
  if (sleepers_.load() > 0) ring();
}

bool Team::claim(int piece, uint64_t number) {
  std::atomic<uint64_t>& entry = claims_[static_cast<size_t>(piece)].number;
  uint64_t seen = entry.load(std::memory_order_relaxed);
  return seen < number && entry.compare_exchange_strong(seen, number);
}

void Team::do_piece(int piece) {
  if (failed_.load(std::memory_order_relaxed)) return;
  try {
    work_->run(index_, piece);
  } catch (...) {
    if (!failed_.exchange(true)) failure_ = std::current_exception();
  }
}

// Does those of the pieces [first, last) that nobody has begun. True when that ended the stage.
bool Team::do_pieces(uint64_t stage, int first, int last) {
  int done = 0;
  for (int piece = first; piece < last; ++piece) {
    if (!claim(piece, number_of(stage))) continue;
    do_piece(piece);
    ++done;
  }
  return done > 0 && left_.fetch_sub(done) == done;
}

// First the pieces that are this thread's by its place, so that the same thread meets the same memory in
// every run. The others are about to end most often; if not, those that nobody has begun. True when that
// ended the stage.
bool Team::take_part(uint64_t stage, int place) {
  const int pieces = pieces_of(stage), places = places_.load(std::memory_order_relaxed);
  if (place >= places) return false;
  if (do_pieces(stage, place * pieces / places, (place + 1) * pieces / places)) return true;
  for (int i = 0; i < kGlances; ++i) {
    if (stage_.load(std::memory_order_relaxed) != stage) return false;
    relax();
  }
  return do_pieces(stage, 0, pieces);
}

// For the one thread that knows the stage before is over, and so that nobody reads what is changed here.
void Team::begin_next_stage(uint64_t stage) {
  const uint64_t next = (number_of(stage) + 1) << kPieceBits;
  while (++index_ < work_->stages()) {
    const int pieces = work_->pieces(index_);
    if (pieces > 1) {
      left_.store(pieces, std::memory_order_relaxed);
      announce(next + static_cast<uint64_t>(pieces));
      return;
    }
    do_piece(0);
  }
  announce(next);
}

void Team::run(const SharedWork& work, int places) {
  work_ = &work;
  index_ = -1;
  failed_.store(false, std::memory_order_relaxed);
  places_.store(places, std::memory_order_relaxed);
  uint64_t stage = stage_.load(std::memory_order_relaxed);
  for (begin_next_stage(stage);;) {
    stage = stage_.load();
    if (pieces_of(stage) == 0) break;
    if (take_part(stage, 0))
      begin_next_stage(stage);
    else
      wait([&] { return stage_.load() != stage; });
  }
  if (failed_.load(std::memory_order_relaxed)) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Team::help(const Helper& helper) {
  while (helper.team.load() == this) {
    const uint64_t stage = stage_.load();
    if (pieces_of(stage) > 0 && take_part(stage, helper.place.load(std::memory_order_relaxed)))
      begin_next_stage(stage);
    else
      wait([&] { return stage_.load() != stage || helper.team.load() != this; });
  }
}

// Threads of a library take no signals: those are for the program's own.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

// Processors' worth of time per period that a control group grants, 0 when it does not say.
double granted_processors() {
  std::string quota;
  double period = 0;
  if (std::ifstream("/sys/fs/cgroup/cpu.max") >> quota >> period && quota != "max")
    return std::atof(quota.c_str()) / period;
  double granted = 0;
  if (std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") >> granted && granted > 0 &&
      std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> period && period > 0)
    return granted / period;
  return 0;
}

}  // namespace

int available_processors() {
  int processors = static_cast<int>(std::thread::hardware_concurrency());
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) processors = CPU_COUNT(&set);
  if (const double granted = granted_processors(); granted > 0)
    processors = std::min(processors, static_cast<int>(std::ceil(granted)));
  return std::max(1, processors);
}

struct ThreadPool::State {
  // The most recently used first, so that a caller finds its helpers again.
  Team* take_team(int helpers);
  void give_back(Team* team);
  bool start_helper(Team& team);

  int most_helpers;
  mutable std::mutex mutex;  // of everything below
  std::vector<std::unique_ptr<Team>> teams;
  std::vector<Team*> resting;
  std::vector<std::unique_ptr<Helper>> helpers;
};

bool ThreadPool::State::start_helper(Team& team) {
  auto helper = std::make_unique<Helper>();
  helper->team.store(&team);
  helper->place.store(static_cast<int>(team.helpers.size()) + 1);
  const SignalsBlocked blocked;
  try {
    helper->thread = std::thread([helper = helper.get()] {
      const AtWork always;
      while (Team* team = helper->team.load()) team->help(*helper);
    });
  } catch (const std::system_error&) {
    return false;  // fewer threads: the same work
  }
  team.helpers.push_back(helper.get());
  helpers.push_back(std::move(helper));
  return true;
}

Team* ThreadPool::State::take_team(int wanted) {
  const std::lock_guard lock(mutex);
  if (resting.empty()) {
    resting.reserve(teams.size() + 1);  // giving back must not fail
    teams.push_back(std::make_unique<Team>());
    resting.push_back(teams.back().get());
  }
  Team* team = resting.back();
  resting.pop_back();
  while (static_cast<int>(team->helpers.size()) < wanted) {
    if (static_cast<int>(helpers.size()) < most_helpers && start_helper(*team)) continue;
    const auto rich =
        std::find_if(resting.begin(), resting.end(), [](Team* t) { return !t->helpers.empty(); });
    if (rich == resting.end()) break;
    Helper* helper = (*rich)->helpers.back();
    (*rich)->helpers.pop_back();
    team->helpers.push_back(helper);
    helper->place.store(static_cast<int>(team->helpers.size()));
    helper->team.store(team);
    (*rich)->ring();
  }
  return team;
}

void ThreadPool::State::give_back(Team* team) {
  const std::lock_guard lock(mutex);
  resting.push_back(team);
}

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  state_->most_helpers = std::max(0, threads - 1);
}

ThreadPool::~ThreadPool() {
  for (const auto& helper : state_->helpers) helper->team.store(nullptr);
  for (const auto& team : state_->teams) team->ring();
  for (const auto& helper : state_->helpers) helper->thread.join();
}

ThreadPool& ThreadPool::shared() {
  // Never destroyed: helpers may spin while the process ends. Those of a parent do not exist in its child.
  static std::atomic<ThreadPool*> pool{nullptr};
  static const int forks = pthread_atfork(nullptr, nullptr, [] { pool.store(nullptr); });
  static_cast<void>(forks);
  ThreadPool* found = pool.load();
  if (!found) {
    auto made = std::make_unique<ThreadPool>(available_processors());
    if (pool.compare_exchange_strong(found, made.get())) found = made.release();
  }
  return *found;
}

void ThreadPool::run(const SharedWork& work, int threads) {
  int widest = 1;
  for (int stage = 0, stages = work.stages(); stage < stages; ++stage)
    widest = std::max(widest, work.pieces(stage));
  const int helpers = std::min({threads - 1, widest - 1, state_->most_helpers});
  if (helpers <= 0 || at_work || widest > kMostPieces) return do_alone(work);

  struct Lease {
    Lease(State& state, int helpers) : state(state), team(state.take_team(helpers)) {}
    ~Lease() { state.give_back(team); }
    State& state;
    Team* const team;
  } lease(*state_, helpers);
  const int places = 1 + std::min(helpers, static_cast<int>(lease.team->helpers.size()));
  if (places == 1) return do_alone(work);
  const AtWork now;
  lease.team->run(work, places);
}

int ThreadPool::helpers() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<int>(state_->helpers.size());
}

}  // namespace folio

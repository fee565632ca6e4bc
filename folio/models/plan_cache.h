// The plans of a model, each compiled once, with memory to run them in.
#pragma once
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "folio/models/model_plan.h"

namespace folio {

class PlanCache;

/// A plan with a frame that is nobody else's while this lives. Must not outlive the model.
class ReadyPlan {
 public:
  ReadyPlan() = default;
  ReadyPlan(ReadyPlan&&) noexcept = default;
  ReadyPlan& operator=(ReadyPlan&& other) noexcept;
  ~ReadyPlan() { give_back(); }

  bool defined() const { return frame_ != nullptr; }
  const Plan& plan() const { return entry_->made.plan; }
  const std::vector<LogEntry>& logs() const { return entry_->made.logs; }
  const std::vector<ValueCheck>& checks() const { return entry_->made.checks; }
  Frame& frame() const { return *frame_; }
  void run() { plan().run(*frame_); }

 private:
  friend class PlanCache;
  struct Entry {
    PlanKey key;
    ModelPlan made;
    std::vector<std::unique_ptr<Frame>> idle;  ///< frames that wait for the next user
  };
  void give_back() noexcept;
  PlanCache* cache_ = nullptr;
  std::shared_ptr<Entry> entry_;
  std::unique_ptr<Frame> frame_;
};

/// Keeps the plans used last: enough for a hundred lengths in turn, so that a new shape never costs what is
/// there. Beyond a limit of memory the frames of plans that were not used for longest go, and are made anew
/// when they are wanted. Several threads may ask at once; one compiles while the others go on.
class PlanCache {
 public:
  static constexpr size_t kMostPlans = 128;
  static constexpr int64_t kMostIdleBytes = int64_t{256} << 20;
  /// Plans whose frames stay whatever their size: those of an epoch, with its last batch and its validation.
  static constexpr size_t kPlansThatKeepFrames = 8;

  explicit PlanCache(const ModelBody& model) : model_(model) {}
  PlanCache(const PlanCache&) = delete;
  PlanCache& operator=(const PlanCache&) = delete;

  /// The plan, if it is there.
  ReadyPlan find(const PlanKey& key);
  /// Finds or makes the plan.
  ReadyPlan get(const PlanKey& key);
  void clear();
  /// How often all plans were forgotten: what was taken before may not fit the model any more.
  uint64_t age() const { return age_.load(std::memory_order_acquire); }
  /// Plans compiled so far.
  int64_t compiled() const;

 private:
  friend class ReadyPlan;
  using Entry = ReadyPlan::Entry;
  struct Hash {
    size_t operator()(const PlanKey& key) const { return key.hash(); }
  };
  void take_back(Entry& entry, std::unique_ptr<Frame> frame);
  void drop(std::list<std::shared_ptr<Entry>>::iterator place);
  void drop_frames(Entry& entry);

  const ModelBody& model_;
  mutable std::mutex mutex_;
  std::mutex compiling_;
  std::list<std::shared_ptr<Entry>> entries_;  // latest first
  std::unordered_map<PlanKey, std::list<std::shared_ptr<Entry>>::iterator, Hash> places_;
  int64_t idle_bytes_ = 0, compiled_ = 0;
  std::atomic<uint64_t> age_{0};
};

}  // namespace folio

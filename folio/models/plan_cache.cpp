#include "folio/models/plan_cache.h"

namespace folio {

ReadyPlan& ReadyPlan::operator=(ReadyPlan&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  cache_ = other.cache_;
  entry_ = std::move(other.entry_);
  frame_ = std::move(other.frame_);
  return *this;
}

void ReadyPlan::give_back() noexcept {
  if (frame_) cache_->take_back(*entry_, std::move(frame_));
}

ReadyPlan PlanCache::find(const PlanKey& key) {
  ReadyPlan ready;
  {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return ready;
    entries_.splice(entries_.begin(), entries_, found->second);
    ready.entry_ = *found->second;
    if (auto& idle = ready.entry_->idle; !idle.empty()) {
      ready.frame_ = std::move(idle.back());
      idle.pop_back();
      idle_bytes_ -= ready.frame_->bytes();
    }
  }
  ready.cache_ = this;
  if (!ready.frame_) ready.frame_ = std::make_unique<Frame>(ready.entry_->made.plan);
  return ready;
}

ReadyPlan PlanCache::get(const PlanKey& key) {
  if (ReadyPlan ready = find(key); ready.defined()) return ready;
  // Others find their plans meanwhile; who wants this one too waits here.
  const std::lock_guard compiling(compiling_);
  if (ReadyPlan ready = find(key); ready.defined()) return ready;
  const uint64_t age = age_;
  ReadyPlan ready;
  ready.cache_ = this;
  ready.entry_ = std::make_shared<Entry>(Entry{key, compile_model(model_, key), {}});
  ready.frame_ = std::make_unique<Frame>(ready.plan());
  const std::lock_guard lock(mutex_);
  ++compiled_;
  if (age != age_) return ready;  // the model has changed meanwhile: for this once
  entries_.push_front(ready.entry_);
  places_[key] = entries_.begin();
  if (entries_.size() > kMostPlans) drop(std::prev(entries_.end()));
  return ready;
}

void PlanCache::clear() {
  const std::lock_guard lock(mutex_);
  while (!entries_.empty()) drop(entries_.begin());
  ++age_;
}

int64_t PlanCache::compiled() const {
  const std::lock_guard lock(mutex_);
  return compiled_;
}

void PlanCache::drop_frames(Entry& entry) {
  for (const auto& frame : entry.idle) idle_bytes_ -= frame->bytes();
  entry.idle.clear();
}

void PlanCache::drop(std::list<std::shared_ptr<Entry>>::iterator place) {
  drop_frames(**place);
  places_.erase((*place)->key);
  entries_.erase(place);
}

void PlanCache::take_back(Entry& entry, std::unique_ptr<Frame> frame) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(entry.key);
  if (found == places_.end() || found->second->get() != &entry) return;  // forgotten meanwhile
  idle_bytes_ += frame->bytes();
  entry.idle.push_back(std::move(frame));
  size_t left = entries_.size();
  for (auto it = entries_.rbegin(); idle_bytes_ > kMostIdleBytes && left > kPlansThatKeepFrames; ++it, --left)
    drop_frames(**it);
}

}  // namespace folio

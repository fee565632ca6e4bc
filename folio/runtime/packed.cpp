#include "folio/runtime/packed.h"

#include <map>
#include <mutex>

#include "folio/base/threads.h"

namespace folio {

PackedCopy::PackedCopy(Packed packed)
    : packed_(std::move(packed)), data_({packed_.form->bytes()}, DType::uint8) {}

std::shared_ptr<PackedCopy> PackedCopy::of(const Packed& packed) {
  static std::mutex mutex;
  static std::map<std::pair<const void*, std::string>, std::weak_ptr<PackedCopy>> known;
  const std::lock_guard lock(mutex);
  std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<PackedCopy>& slot = known[{packed.parameter.id(), packed.form->name()}];
  if (auto existing = slot.lock()) return existing;
  auto made = std::make_shared<PackedCopy>(packed);
  slot = made;
  return made;
}

void PackedCopy::refresh(const std::vector<std::shared_ptr<PackedCopy>>& copies, int threads) {
  // One lock for all copies: plans may share some of them in any order.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  int64_t elements = 0;
  for (const auto& copy : copies) {
    copy->next_version_ = copy->parameter().version();
    if (copy->stale()) elements += copy->parameter().value().count();
  }
  // Threads cost some microseconds: worth it from some tens of thousands of elements on.
  const int shares = elements > 30000 ? threads : 1;
  in_parallel(shares, [&](int64_t share) {
    for (const auto& copy : copies) {
      if (copy->version_.load(std::memory_order_relaxed) == copy->next_version_) continue;
      const PackedForm& form = *copy->packed_.form;
      const int64_t n = form.parts();
      form.pack(copy->parameter().value().raw(), n * share / shares, n * (share + 1) / shares,
                copy->data_.raw());
    }
  });
  for (const auto& copy : copies) copy->version_.store(copy->next_version_, std::memory_order_release);
}

}  // namespace folio

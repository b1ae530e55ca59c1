// SPDX-License-Identifier: Apache-2.0
#include "direct_io.h"

#include <cerrno>

namespace lmcache {
namespace {

int64_t RoundedUp(int64_t size, int64_t unit) { return (size + unit - 1) / unit * unit; }

}  // namespace

DirectFinding DirectIo::finding() const {
  DirectFinding now = first_;
  const Answer latest = latest_.load();
  now.reason = latest.reason;
  now.error = latest.error;
  return now;
}

void DirectIo::Settle(const DirectFinding& found) {
  if (found.reason == DirectFinding::Reason::kFailed) {
    return;
  }
  const bool fits = first_.alignment.memory % found.alignment.memory == 0 &&
                    first_.alignment.length % found.alignment.length == 0;
  latest_ = found.effective() && !fits ? Answer{DirectFinding::Reason::kRefused, EINVAL}
                                       : Answer{found.reason, found.error};
}

DirectPlan DirectIo::PlanFor(const ObjectMemory& memory) const {
  DirectPlan plan;
  plan.transfer_bytes = memory.size;
  if (mode_ == DirectMode::kOff || memory.size == 0) {
    return plan;
  }
  if (const DirectFinding now = finding(); !now.effective()) {
    plan.fallback = Fallback::kFileSystem;
    if (mode_ == DirectMode::kRequire) {
      plan.failure = ItemResult::Failed({Step::kProbe, now.error});
    }
    return plan;
  }
  const int64_t transfer = RoundedUp(memory.size, alignment().length);
  if (transfer > memory.size && transfer > memory.physical) {
    plan.fallback = Fallback::kLength;
    if (mode_ == DirectMode::kRequire) {
      plan.failure = ItemResult::Failed({Step::kLengthNotDirect, EINVAL});
      plan.failure.bytes = memory.size;
    }
    return plan;
  }
  const auto address = reinterpret_cast<uintptr_t>(memory.data);
  if (address % static_cast<uintptr_t>(alignment().memory) != 0) {
    plan.failure = ItemResult::Failed({Step::kMisaligned, EINVAL});
    plan.failure.bytes = static_cast<int64_t>(address);
    return plan;
  }
  plan.direct = true;
  plan.transfer_bytes = transfer;
  return plan;
}

DirectPlan DirectIo::PlanAfterRefusal(const ObjectMemory& memory, int error) const {
  DirectPlan plan;
  plan.transfer_bytes = memory.size;
  plan.fallback = Fallback::kErrno;
  plan.refused_with = error;
  if (mode_ == DirectMode::kRequire) {
    plan.failure = ItemResult::Failed({Step::kNotDirect, error});
  }
  return plan;
}

bool DirectIo::IsRefusal(int error) {
  static_assert(EOPNOTSUPP == ENOTSUP, "else both have to be named");
  return error == EINVAL || error == EOPNOTSUPP || error == EPERM;
}

void DirectIo::Count(const DirectPlan& plan, std::atomic<int64_t>* direct) {
  std::atomic<int64_t>* counter = nullptr;
  switch (plan.fallback) {
    case Fallback::kNone:
      counter = plan.direct ? direct : nullptr;
      break;
    case Fallback::kLength:
      counter = &counters_.fallback_length;
      break;
    case Fallback::kFileSystem:
      counter = &counters_.fallback_fs;
      break;
    case Fallback::kErrno:
      counter = &counters_.fallback_errno;
      break;
  }
  if (counter != nullptr) {
    counter->fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#include "direct_io.h"

#include <cerrno>

namespace lmcache {
namespace {

int64_t RoundedUp(int64_t size, int64_t unit) { return (size + unit - 1) / unit * unit; }

}  // namespace

DirectPlan DirectIo::PlanFor(const ObjectMemory& memory) const {
  DirectPlan plan;
  plan.transfer_bytes = memory.size;
  if (options_.mode == DirectMode::kOff || memory.size == 0) {
    return plan;
  }
  if (!options_.effective) {
    plan.fallback = Fallback::kFileSystem;
    return plan;
  }
  const int64_t transfer = RoundedUp(memory.size, options_.alignment.length);
  if (transfer > memory.size && transfer > memory.physical) {
    plan.fallback = Fallback::kLength;
    if (options_.mode == DirectMode::kRequire) {
      plan.failure = ItemResult::Failed({Step::kLengthNotDirect, EINVAL});
      plan.failure.bytes = memory.size;
    }
    return plan;
  }
  const auto address = reinterpret_cast<uintptr_t>(memory.data);
  if (address % static_cast<uintptr_t>(options_.alignment.memory) != 0) {
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
  if (options_.mode == DirectMode::kRequire) {
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

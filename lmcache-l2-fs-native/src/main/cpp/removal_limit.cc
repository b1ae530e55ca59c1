// SPDX-License-Identifier: Apache-2.0
#include "removal_limit.h"

#include <algorithm>

namespace lmcache {

bool RemovalLimit::TryAcquire() {
  std::lock_guard lock(mutex_);
  const TimePoint now = now_();
  if (granted_ == kRemovals && now - grants_[next_] < kWindow) {
    last_refusal_ = now;
    return false;
  }
  grants_[next_] = now;
  next_ = (next_ + 1) % kRemovals;
  granted_ = std::min(granted_ + 1, kRemovals);
  return true;
}

bool RemovalLimit::tripped() {
  std::lock_guard lock(mutex_);
  return last_refusal_.has_value() && now_() - *last_refusal_ < kWindow;
}

}  // namespace lmcache

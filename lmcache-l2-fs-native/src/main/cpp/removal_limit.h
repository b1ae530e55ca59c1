// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_REMOVAL_LIMIT_H_
#define LMCACHE_REMOVAL_LIMIT_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>

#include "clock.h"

namespace lmcache {

// How many corrupt files may be removed: kRemovals in any kWindow. One file may be damaged; a
// stream of them is a bug or bad memory, which must not empty a cache.
//
// Threads: any; one mutex guards everything, and nothing is waited for under it.
class RemovalLimit {
 public:
  static constexpr size_t kRemovals = 16;
  static constexpr std::chrono::seconds kWindow{60};

  explicit RemovalLimit(Clock now) : now_(now) {}
  RemovalLimit(const RemovalLimit&) = delete;
  RemovalLimit& operator=(const RemovalLimit&) = delete;

  // Asks to remove one file; false if it must be kept.
  bool TryAcquire();

  // From the first refusal until kWindow has passed without one.
  bool tripped();

 private:
  const Clock now_;
  std::mutex mutex_;
  // All below are guarded by mutex_. The times of the last grants are a ring: `next_` is the oldest
  // one once all are taken.
  std::array<TimePoint, kRemovals> grants_{};
  size_t granted_ = 0;
  size_t next_ = 0;
  std::optional<TimePoint> last_refusal_;
};

}  // namespace lmcache

#endif  // LMCACHE_REMOVAL_LIMIT_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_WORK_QUEUE_H_
#define LMCACHE_WORK_QUEUE_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

#include "batch.h"

namespace lmcache {

struct WorkItem {
  Batch* batch;
  int32_t index;
};

// Items that wait for a worker, kept as the batches that they belong to, so that adding a batch of
// any size allocates nothing and cannot fail.
//
// Order: the highest priority that has work, first in first out within a priority; but every
// kFairTurn-th item comes from the lowest priority that has work, so none starves.
//
// Threads: any number may push, pop and cancel. One mutex guards everything. Why it cannot hang: a
// worker sleeps only if, under that mutex, nothing is queued and the queue is not stopped; both
// change under the same mutex and are followed by a wake-up, so no worker can test before the
// change and sleep after the wake-up. A push wakes no more threads than it has items.
//
// The queue does not own batches: see Batch.
class WorkQueue {
 public:
  static constexpr int kFairTurn = 8;

  WorkQueue() = default;
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // Queues all items of a batch (at least one). Not to be called after Stop.
  void Push(Batch* batch);

  // The next item; sleeps while there is none. Nothing once the queue is stopped and empty. Each
  // item taken must be followed by one call of Done.
  std::optional<WorkItem> Pop();

  // An item taken with Pop is not being worked on any more.
  void Done();

  // Takes everything that is queued: of each batch returned, the items from next_item on are now
  // the caller's to finish.
  BatchList CancelAll();

  // Lets workers go once nothing is queued.
  void Stop();

  // A recent view, without the lock. An item is counted in one of the two, or for a moment in both,
  // from Push until Done or CancelAll.
  int64_t queued() const { return queued_.load(std::memory_order_relaxed); }
  int64_t running() const { return running_.load(std::memory_order_relaxed); }

 private:
  BatchList* NextLevel();

  std::mutex mutex_;
  std::condition_variable ready_;
  // All below are guarded by mutex_; the two counts are atomic for readers without it.
  std::array<BatchList, kPriorities> levels_;
  int64_t pops_ = 0;
  int32_t sleeping_ = 0;
  bool stopped_ = false;
  std::atomic<int64_t> queued_{0};
  std::atomic<int64_t> running_{0};
};

}  // namespace lmcache

#endif  // LMCACHE_WORK_QUEUE_H_

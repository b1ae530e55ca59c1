// SPDX-License-Identifier: Apache-2.0
#include "work_queue.h"

#include <algorithm>

namespace lmcache {

void WorkQueue::Push(Batch* batch) {
  // Once the batch is queued, workers may finish it and the drain delete it.
  const int32_t count = batch->count();
  int32_t wake;
  {
    std::lock_guard lock(mutex_);
    batch->next_item = 0;
    levels_[static_cast<size_t>(batch->priority)].PushBack(batch);
    queued_.fetch_add(count, std::memory_order_relaxed);
    wake = std::min(count, sleeping_);
  }
  for (; wake > 0; --wake) {
    ready_.notify_one();
  }
}

std::optional<WorkItem> WorkQueue::Pop() {
  std::unique_lock lock(mutex_);
  ++sleeping_;
  ready_.wait(lock, [this] { return stopped_ || queued() > 0; });
  --sleeping_;
  if (queued() == 0) {
    return std::nullopt;
  }
  BatchList* const level = NextLevel();
  const WorkItem item{level->front(), level->front()->next_item++};
  if (item.batch->next_item == item.batch->count()) {
    level->PopFront();
  }
  running_.fetch_add(1, std::memory_order_relaxed);
  queued_.fetch_sub(1, std::memory_order_relaxed);
  return item;
}

void WorkQueue::Done() { running_.fetch_sub(1, std::memory_order_relaxed); }

BatchList WorkQueue::CancelAll() {
  BatchList cancelled;
  std::lock_guard lock(mutex_);
  for (BatchList& level : levels_) {
    while (Batch* const batch = level.PopFront()) {
      cancelled.PushBack(batch);
    }
  }
  queued_.store(0, std::memory_order_relaxed);
  return cancelled;
}

void WorkQueue::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  ready_.notify_all();
}

// Only called with at least one item queued.
BatchList* WorkQueue::NextLevel() {
  const auto has_work = [](const BatchList& level) { return !level.empty(); };
  if (++pops_ % kFairTurn == 0) {
    return &*std::find_if(levels_.rbegin(), levels_.rend(), has_work);
  }
  return &*std::find_if(levels_.begin(), levels_.end(), has_work);
}

}  // namespace lmcache

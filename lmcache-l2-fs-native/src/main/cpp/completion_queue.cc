// SPDX-License-Identifier: Apache-2.0
#include "completion_queue.h"

#include <unistd.h>

#include <cerrno>

#include "thread_slice.h"

namespace lmcache {

bool CompletionQueue::Accept() {
  std::lock_guard lock(mutex_);
  if (stopped_) {
    return false;
  }
  ++owed_;
  return true;
}

void CompletionQueue::Finish(Batch* batch, int32_t index, const ItemResult& result) {
  if (!batch->Finish(index, result)) {
    return;
  }
  bool was_empty;
  {
    std::lock_guard lock(mutex_);
    was_empty = complete_.empty();
    complete_.PushBack(batch);
  }
  if (was_empty) {
    Signal();
  }
}

Drained CompletionQueue::Drain(int64_t capacity_words) {
  // Whoever waits for anything waits for this thread.
  WishForSlice(Slice::kShort);
  Drained drained;
  std::unique_lock lock(mutex_);
  while (!stopped_ || owed_ > 0) {
    if (!left_behind_) {
      lock.unlock();
      AwaitSignal();
      lock.lock();
    }
    while (!complete_.empty() && ReportWords(complete_.front()->count()) <= capacity_words) {
      Batch* const batch = complete_.PopFront();
      capacity_words -= ReportWords(batch->count());
      drained.batches.PushBack(batch);
      --owed_;
    }
    left_behind_ = !complete_.empty();
    if (!drained.batches.empty()) {
      break;
    }
    if (left_behind_) {
      drained.needed_words = ReportWords(complete_.front()->count());
      break;
    }
  }
  return drained;
}

void CompletionQueue::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  Signal();
}

void CompletionQueue::Signal() {
  const uint64_t one = 1;
  while (::write(event_.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

void CompletionQueue::AwaitSignal() {
  uint64_t signals;
  while (::read(event_.get(), &signals, sizeof(signals)) < 0 && errno == EINTR) {
  }
}

}  // namespace lmcache

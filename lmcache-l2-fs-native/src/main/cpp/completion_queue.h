// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_COMPLETION_QUEUE_H_
#define LMCACHE_COMPLETION_QUEUE_H_

#include <cstdint>
#include <mutex>
#include <utility>

#include "batch.h"
#include "posix_file.h"

namespace lmcache {

// What a drain returns. Without batches: the first one waiting needs `needed_words`, or, if that is
// 0, everything is delivered and nothing more will come.
struct Drained {
  BatchList batches;
  int64_t needed_words = 0;
};

// How many 64-bit words the report of a batch of `count` items takes: id, count, two per item.
constexpr int64_t ReportWords(int32_t count) { return 2 + 2 * int64_t{count}; }

// Complete batches on their way to the one thread that drains them, and the book of what is still
// owed to it: a batch is owed from Accept until a drain has returned it.
//
// The eventfd carries one signal per burst: a push signals only if the queue was empty, and a drain
// waits for a signal only if it left nothing behind the last time.
//
// Threads: any number may accept, push and stop; one drains. One mutex guards everything but the
// eventfd. Why a drain cannot hang: it goes to sleep on the eventfd only if, under the mutex, the
// queue had been emptied and was not ended. From then on either a push finds the queue empty and
// signals, or Stop signals; and if Stop came before while batches were owed, the last of them is
// still to be pushed. The eventfd is a counter, so a signal sent before the drain sleeps wakes it
// too. If nothing is accepted and Stop is not called, a drain sleeps for ever: that is its job.
//
// Owns the eventfd; of batches, those which are complete and not drained (see Batch). All must be
// drained before the queue is destroyed.
class CompletionQueue {
 public:
  // `event` is an eventfd in blocking mode with the value 0.
  explicit CompletionQueue(UniqueFd event) : event_(std::move(event)) {}
  CompletionQueue(const CompletionQueue&) = delete;
  CompletionQueue& operator=(const CompletionQueue&) = delete;

  // Notes that one more batch is owed. False once stopped: the batch must not be started.
  bool Accept();

  // Sets the result of one item of an accepted batch; with the last one the batch is complete.
  void Finish(Batch* batch, int32_t index, const ItemResult& result);

  // Sleeps until a batch is complete or everything owed is delivered after Stop. Returns as many
  // complete batches as fit into `capacity_words`; they are now the caller's to delete.
  Drained Drain(int64_t capacity_words);

  // From now on nothing is accepted, and drains end when nothing is owed.
  void Stop();

 private:
  void Signal();
  void AwaitSignal();

  UniqueFd event_;
  std::mutex mutex_;
  // All below are guarded by mutex_.
  BatchList complete_;
  bool left_behind_ = false;  // the last drain did not take everything: its signal is used up
  bool stopped_ = false;
  int64_t owed_ = 0;
};

}  // namespace lmcache

#endif  // LMCACHE_COMPLETION_QUEUE_H_

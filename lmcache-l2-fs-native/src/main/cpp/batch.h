// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_BATCH_H_
#define LMCACHE_BATCH_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clock.h"
#include "file_store.h"
#include "status.h"

namespace lmcache {

// The numbers of both are shared with Java.
enum class Operation : uint8_t { kSet = 0, kGet = 1, kExists = 2, kRemove = 3 };
enum class Priority : uint8_t { kHigh = 0, kNormal = 1, kLow = 2 };

// Whether somebody waits for the answers; stores and deletes go on in the background.
constexpr bool IsAwaited(Operation operation) {
  return operation == Operation::kExists || operation == Operation::kGet;
}
constexpr int kOperations = 4;
constexpr int kPriorities = 3;

constexpr int32_t kMaxBatchItems = 65536;

// Two sub-directories and the file.
constexpr int kMaxNameComponents = 3;

constexpr TimePoint kNoDeadline = TimePoint::max();

// The point `timeout_nanos` after `now`; kNoDeadline if that is negative or beyond the clock.
TimePoint DeadlineAfter(TimePoint now, int64_t timeout_nanos);

// One object of a batch. The buffer belongs to whoever submitted the batch, who keeps it alive and
// leaves it alone until the batch has been drained.
struct Item {
  const char* name = nullptr;
  void* data = nullptr;
  int64_t size = 0;
  int64_t physical = 0;  // from `data` on, at least `size`: what its owner lets be read and written
  KeyMark mark;
  ItemResult result;
};

// Items that were submitted together and are reported together.
//
// Ownership: a batch on the heap belongs to its submitter until it is accepted, to the drain once
// it is complete, and in between to its unfinished items: whoever finishes the last one passes it
// on. No one may touch a batch after finishing an item of it, unless he knows of another one that
// only he can finish.
//
// Threads: everything but the results is written before the batch is accepted. Each result has one
// writer. Finish counts down with release and acquire, so that the thread which finishes the last
// item has seen the results of all the others. `next` and `next_item` belong to the list or queue
// that holds the batch, under its lock.
class Batch {
 public:
  Batch(int64_t id, Operation operation, Priority priority)
      : id(id), operation(operation), priority(priority) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // Makes one item per name of `names`, each ended by a NUL. False, and no items, unless there are
  // exactly `count` of them and each is a relative path of at most kMaxNameComponents, none of them
  // empty, "." or "..".
  bool SetNames(std::string names, int32_t count);

  // Gives each item the digest of its key: sizeof(KeyDigest) bytes for each. False if they are more
  // or fewer.
  bool SetDigests(std::string_view digests);

  // Gives each item its canonical key, each ended by a NUL; an empty one is none. False unless
  // there are as many as items.
  bool SetCanonicalKeys(std::string keys);

  int32_t count() const { return static_cast<int32_t>(items.size()); }

  // Sets the result of one item, once. True for the last one: the batch is then the caller's.
  bool Finish(int32_t index, const ItemResult& result);

  const int64_t id;
  const Operation operation;
  const Priority priority;
  PutMode put_mode = PutMode::kIfAbsent;
  TimePoint deadline = kNoDeadline;
  bool deletes_first = false;  // there is too much in the store, says the submitter
  std::vector<Item> items;

  int32_t next_item = 0;  // the first one that no worker has taken
  Batch* next = nullptr;

 private:
  std::string names_;
  std::string canonical_keys_;
  std::atomic<int32_t> unfinished_{0};
};

// First in, first out, linked through Batch::next: adding to it cannot fail. A batch is on one list
// at a time. Owns nothing and locks nothing; that is up to its holder.
class BatchList {
 public:
  bool empty() const { return head_ == nullptr; }
  Batch* front() const { return head_; }
  void PushBack(Batch* batch);
  // Null if empty.
  Batch* PopFront();

 private:
  Batch* head_ = nullptr;
  Batch* tail_ = nullptr;
};

}  // namespace lmcache

#endif  // LMCACHE_BATCH_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_WORK_QUEUE_H_
#define LMCACHE_WORK_QUEUE_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <variant>

#include "batch.h"
#include "split_read.h"

namespace lmcache {

// One piece of a load that another thread has begun.
struct HelpWith {
  SplitRead* read;
  int32_t piece;
};

using Work = std::variant<WorkItem, HelpWith>;

// What a thread of the pool is there for.
enum class Role : uint8_t { kWorker = 0, kReader = 1 };
constexpr int kRoles = 2;

// Items that wait for a thread, kept as the batches that they belong to, so that adding a batch of
// any size allocates nothing and cannot fail.
//
// Order. Each operation is a class of its own, and the classes take turns: lookup, load, lookup,
// store, load, lookup, load, delete. A class that has nothing to give in its turn gives way to the
// first of lookup, load, store and delete that has. So each has at least one turn in eight, and a
// burst of one cannot starve the others. While deletes go first, stores and deletes change places
// in both orders. Within a class the highest priority that has work goes first, but of eight items
// one is of priority normal and one of low, while these have work; within a priority it is first
// in, first out. Readers, if there are any, take the loads and nothing else, and have turns of
// their own.
//
// Window. Loads that have been taken and not ended are in flight, with the bytes they are to bring.
// With a window, the next one in turn is taken only while fewer bytes than that are in flight, and
// one that is larger than the window only while none are. A load that waits for it lets the other
// classes pass but no other load, so none waits for ever, and the bytes in flight never exceed the
// window by more than one object.
//
// Split loads. Whoever begins a large load may offer it: threads that may take loads and find no
// item to take then get a piece of it, until none is left. The queue only hands out the numbers.
//
// Threads: any number may push, pop and cancel. One mutex guards everything. Why it cannot hang: a
// thread sleeps only if, under that mutex, there is nothing that it may take and something may
// still come: the queue is not stopped, or loads wait for the window, which those in flight will
// free. What makes something takeable, or ends the wait for it, happens under the same mutex and is
// followed by a wake-up of as many threads of that role as it is good for, so no thread can test
// before the change and sleep after the wake-up: Push, Offer, Stop, the end of a load, the taking
// of a load that leaves the window open for the next, and after Stop the taking of a role's last
// item. Each role has a condition variable of its own, so no wake-up goes to a thread that cannot
// use it.
//
// The queue does not own batches (see Batch) or split reads (see SplitRead).
class WorkQueue {
 public:
  struct Options {
    bool readers = false;           // loads are for readers
    int64_t read_window_bytes = 0;  // 0: none
  };

  WorkQueue() = default;
  explicit WorkQueue(const Options& options) : options_(options) {}
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // Queues all items of a batch (at least one), and takes its word on whether deletes go first.
  // Not to be called after Stop.
  void Push(Batch* batch);

  // What to do next; sleeps while there is nothing. Nothing once the queue is stopped and nothing
  // is queued that a thread of this role could take. Each item taken must be followed by one call
  // of Done before it is finished; each piece by one of Leave.
  std::optional<Work> Pop(Role role);

  // An item taken with Pop is not being worked on any more.
  void Done(const WorkItem& item);

  // Lets other threads help with a load that the caller has taken. The caller is at it too, until
  // its own Leave, and is to read the first piece.
  int32_t Offer(SplitRead* read);

  // The next piece, for the one who offered it. Nothing if all have been begun, or after Withdraw.
  std::optional<int32_t> NextPiece(SplitRead* read);

  // No piece that has not been begun is begun any more.
  void Withdraw(SplitRead* read);

  // The caller touches it no more; the one who offered it only once NextPiece has had nothing. True
  // for the last one that was at it: the read is now the caller's to end.
  bool Leave(SplitRead* read);

  // Takes everything that is queued: of each batch returned, the items from next_item on are now
  // the caller's to finish.
  BatchList CancelAll();

  // Whether the file system is known to be full. Deletes go first if it is, or if the batch pushed
  // last says so.
  void SetDiskFull(bool full) { disk_full_.store(full, std::memory_order_relaxed); }

  // Lets threads go once nothing is queued for them.
  void Stop();

  // A recent view, without the lock. An item is counted in one of the first two, or for a moment in
  // both, from Push until Done or CancelAll.
  int64_t queued() const { return queued_.load(std::memory_order_relaxed); }
  int64_t running() const { return running_.load(std::memory_order_relaxed); }
  int64_t reading_bytes() const { return reading_bytes_.load(std::memory_order_relaxed); }

 private:
  // The items of one operation.
  struct Class {
    std::array<BatchList, kPriorities> levels;
    int64_t taken = 0;

    bool empty() const;
    // Only if it is not empty.
    BatchList* NextLevel();
  };

  // The threads of one role.
  struct Crew {
    std::condition_variable ready;
    int32_t sleeping = 0;
    int64_t taken = 0;
  };

  Class& ClassOf(Operation operation) { return classes_[static_cast<size_t>(operation)]; }
  Crew& CrewOf(Role role) { return crews_[static_cast<size_t>(role)]; }
  Role RoleOf(Operation operation) const {
    return options_.readers && operation == Operation::kGet ? Role::kReader : Role::kWorker;
  }

  // All these are called with the lock.
  std::optional<Operation> NextOperation(Role role);
  bool MayTake(Operation operation);
  bool HasQueued(Role role);
  WorkItem Take(Operation operation);
  std::optional<int32_t> TakePiece(SplitRead* read);
  void Unlist(SplitRead* read);

  const Options options_{};
  std::mutex mutex_;
  // All below are guarded by mutex_; what is atomic, for readers without it.
  std::array<Class, kOperations> classes_;
  std::array<Crew, kRoles> crews_;
  SplitRead* open_reads_ = nullptr;  // that have pieces to begin, linked through SplitRead::next
  bool deletes_first_ = false;
  bool stopped_ = false;
  std::atomic<bool> disk_full_{false};
  std::atomic<int64_t> queued_{0};
  std::atomic<int64_t> running_{0};
  std::atomic<int64_t> reading_bytes_{0};
};

}  // namespace lmcache

#endif  // LMCACHE_WORK_QUEUE_H_

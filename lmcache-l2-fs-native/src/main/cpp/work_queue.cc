// SPDX-License-Identifier: Apache-2.0
#include "work_queue.h"

#include <algorithm>

namespace lmcache {
namespace {

constexpr std::array<Operation, 8> kTurns = {
    Operation::kExists, Operation::kGet,    Operation::kExists, Operation::kSet,
    Operation::kGet,    Operation::kExists, Operation::kGet,    Operation::kRemove};

// Who goes in place of a class that has nothing to give in its turn.
constexpr std::array<Operation, kOperations> kSubstitutes = {Operation::kExists, Operation::kGet,
                                                             Operation::kSet, Operation::kRemove};

// The same for the priorities within a class.
constexpr std::array<Priority, 8> kPriorityTurns = {
    Priority::kHigh, Priority::kHigh, Priority::kHigh, Priority::kNormal,
    Priority::kHigh, Priority::kHigh, Priority::kHigh, Priority::kLow};

Operation SwapIf(bool deletes_first, Operation operation) {
  if (deletes_first && operation == Operation::kSet) {
    return Operation::kRemove;
  }
  if (deletes_first && operation == Operation::kRemove) {
    return Operation::kSet;
  }
  return operation;
}

template <typename Turns>
auto TurnOf(const Turns& turns, int64_t taken) {
  return turns[static_cast<size_t>(taken) % turns.size()];
}

int64_t BytesOf(const WorkItem& item) {
  return item.batch->items[static_cast<size_t>(item.index)].size;
}

void Add(std::atomic<int64_t>* count, int64_t amount) {
  count->fetch_add(amount, std::memory_order_relaxed);
}

void Wake(std::condition_variable* ready, int32_t threads) {
  for (; threads > 0; --threads) {
    ready->notify_one();
  }
}

}  // namespace

bool WorkQueue::Class::empty() const {
  return std::all_of(levels.begin(), levels.end(), [](const BatchList& l) { return l.empty(); });
}

BatchList* WorkQueue::Class::NextLevel() {
  BatchList& preferred = levels[static_cast<size_t>(TurnOf(kPriorityTurns, taken))];
  if (!preferred.empty()) {
    return &preferred;
  }
  return &*std::find_if(levels.begin(), levels.end(),
                        [](const BatchList& l) { return !l.empty(); });
}

void WorkQueue::Push(Batch* batch) {
  // Once the batch is queued, workers may finish it and the drain delete it.
  const int32_t count = batch->count();
  Crew& crew = CrewOf(RoleOf(batch->operation));
  int32_t wake;
  {
    std::lock_guard lock(mutex_);
    batch->next_item = 0;
    deletes_first_ = batch->deletes_first;
    ClassOf(batch->operation).levels[static_cast<size_t>(batch->priority)].PushBack(batch);
    Add(&queued_, count);
    wake = std::min(count, crew.sleeping);
  }
  Wake(&crew.ready, wake);
}

std::optional<Work> WorkQueue::Pop(Role role) {
  Crew& crew = CrewOf(role);
  std::unique_lock lock(mutex_);
  while (true) {
    if (const std::optional<Operation> operation = NextOperation(role)) {
      ++crew.taken;
      return Take(*operation);
    }
    if (open_reads_ != nullptr && role == RoleOf(Operation::kGet)) {
      SplitRead* const read = open_reads_;
      ++read->threads;
      return HelpWith{read, *TakePiece(read)};
    }
    if (stopped_ && !HasQueued(role)) {
      return std::nullopt;
    }
    ++crew.sleeping;
    crew.ready.wait(lock);
    --crew.sleeping;
  }
}

void WorkQueue::Done(const WorkItem& item) {
  Add(&running_, -1);
  if (item.batch->operation != Operation::kGet) {
    return;
  }
  Crew& crew = CrewOf(RoleOf(Operation::kGet));
  {
    std::lock_guard lock(mutex_);
    Add(&reading_bytes_, -BytesOf(item));
    if (!MayTake(Operation::kGet)) {
      return;
    }
  }
  crew.ready.notify_one();
}

int32_t WorkQueue::Offer(SplitRead* read) {
  Crew& crew = CrewOf(RoleOf(Operation::kGet));
  int32_t first;
  int32_t wake;
  {
    std::lock_guard lock(mutex_);
    read->threads = 1;
    SplitRead** last = &open_reads_;
    while (*last != nullptr) {
      last = &(*last)->next;
    }
    *last = read;
    first = *TakePiece(read);
    wake = std::min(read->pieces() - 1, crew.sleeping);
  }
  Wake(&crew.ready, wake);
  return first;
}

std::optional<int32_t> WorkQueue::NextPiece(SplitRead* read) {
  std::lock_guard lock(mutex_);
  return TakePiece(read);
}

void WorkQueue::Withdraw(SplitRead* read) {
  std::lock_guard lock(mutex_);
  read->next_piece = read->pieces();
  Unlist(read);
}

bool WorkQueue::Leave(SplitRead* read) {
  std::lock_guard lock(mutex_);
  return --read->threads == 0;
}

BatchList WorkQueue::CancelAll() {
  BatchList cancelled;
  std::lock_guard lock(mutex_);
  for (Class& items : classes_) {
    for (BatchList& level : items.levels) {
      while (Batch* const batch = level.PopFront()) {
        cancelled.PushBack(batch);
      }
    }
  }
  queued_.store(0, std::memory_order_relaxed);
  // Those who wait for the window after Stop have nothing to wait for now.
  for (Crew& crew : crews_) {
    if (stopped_) crew.ready.notify_all();
  }
  return cancelled;
}

void WorkQueue::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  for (Crew& crew : crews_) {
    crew.ready.notify_all();
  }
}

std::optional<Operation> WorkQueue::NextOperation(Role role) {
  const bool deletes_first = deletes_first_ || disk_full_.load(std::memory_order_relaxed);
  const auto may_take = [&](Operation operation) {
    return RoleOf(operation) == role && MayTake(operation);
  };
  const Operation preferred = SwapIf(deletes_first, TurnOf(kTurns, CrewOf(role).taken));
  if (may_take(preferred)) {
    return preferred;
  }
  for (const Operation substitute : kSubstitutes) {
    if (const Operation operation = SwapIf(deletes_first, substitute); may_take(operation)) {
      return operation;
    }
  }
  return std::nullopt;
}

bool WorkQueue::MayTake(Operation operation) {
  Class& items = ClassOf(operation);
  if (items.empty()) {
    return false;
  }
  const int64_t in_flight = reading_bytes();
  const int64_t window = options_.read_window_bytes;
  if (operation != Operation::kGet || window == 0 || in_flight == 0) {
    return true;
  }
  Batch* const batch = items.NextLevel()->front();
  return in_flight < window && BytesOf({batch, batch->next_item}) <= window;
}

bool WorkQueue::HasQueued(Role role) {
  return std::any_of(kSubstitutes.begin(), kSubstitutes.end(), [&](Operation operation) {
    return RoleOf(operation) == role && !ClassOf(operation).empty();
  });
}

WorkItem WorkQueue::Take(Operation operation) {
  Class& items = ClassOf(operation);
  BatchList* const level = items.NextLevel();
  ++items.taken;
  const WorkItem item{level->front(), level->front()->next_item++};
  if (item.batch->next_item == item.batch->count()) {
    level->PopFront();
  }
  Add(&running_, 1);
  Add(&queued_, -1);
  const Role role = RoleOf(operation);
  Crew& crew = CrewOf(role);
  if (operation == Operation::kGet) {
    Add(&reading_bytes_, BytesOf(item));
    // The end of a load wakes one thread, but may have made room for several.
    if (options_.read_window_bytes > 0 && crew.sleeping > 0 && MayTake(operation)) {
      crew.ready.notify_one();
    }
  }
  if (stopped_ && !HasQueued(role)) {
    crew.ready.notify_all();
  }
  return item;
}

std::optional<int32_t> WorkQueue::TakePiece(SplitRead* read) {
  if (read->next_piece == read->pieces()) {
    return std::nullopt;
  }
  const int32_t piece = read->next_piece++;
  if (read->next_piece == read->pieces()) {
    Unlist(read);
  }
  return piece;
}

void WorkQueue::Unlist(SplitRead* read) {
  for (SplitRead** at = &open_reads_; *at != nullptr; at = &(*at)->next) {
    if (*at == read) {
      *at = read->next;
      return;
    }
  }
}

}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#include "work_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

#include "work_queue_support.h"

namespace lmcache {
namespace {

TEST(WorkQueueTest, CountsWhatIsQueuedAndRunning) {
  WorkQueue queue;
  const auto batch = BatchOf(1, 3);
  queue.Push(batch.get());
  EXPECT_EQ(queue.queued(), 3);
  EXPECT_EQ(queue.running(), 0);
  const WorkItem first = TakeItem(&queue);
  TakeItem(&queue);
  EXPECT_EQ(queue.queued(), 1);
  EXPECT_EQ(queue.running(), 2);
  queue.Done(first);
  EXPECT_EQ(queue.running(), 1);
}

TEST(WorkQueueTest, CancelAllHandsBackWhatNobodyTook) {
  WorkQueue queue;
  const auto begun = BatchOf(1, 3, Priority::kLow);
  const auto taken = BatchOf(2, 1, Priority::kHigh);
  const auto fresh = BatchOf(3, 2, Priority::kNormal);
  const auto store = BatchOf(4, 1, Priority::kHigh, Operation::kSet);
  queue.Push(begun.get());
  TakeItem(&queue);
  queue.Push(taken.get());
  TakeItem(&queue);
  queue.Push(fresh.get());
  queue.Push(store.get());
  BatchList cancelled = queue.CancelAll();
  EXPECT_EQ(cancelled.PopFront(), store.get());
  EXPECT_EQ(cancelled.PopFront(), fresh.get());
  EXPECT_EQ(fresh->next_item, 0);
  EXPECT_EQ(cancelled.PopFront(), begun.get());
  EXPECT_EQ(begun->next_item, 1);
  EXPECT_TRUE(cancelled.empty());
  EXPECT_EQ(queue.queued(), 0);
  EXPECT_EQ(queue.running(), 2);
  queue.Stop();
  EXPECT_FALSE(queue.Pop(Role::kWorker));
}

TEST(WorkQueueTest, StopLetsQueuedItemsGoFirst) {
  WorkQueue queue;
  const auto batch = BatchOf(1, 2);
  queue.Push(batch.get());
  queue.Stop();
  EXPECT_TRUE(queue.Pop(Role::kWorker));
  EXPECT_TRUE(queue.Pop(Role::kWorker));
  EXPECT_FALSE(queue.Pop(Role::kWorker));
}

TEST(WorkQueueTest, ARoleWithoutWorkLeavesWhileTheOtherStillHasSome) {
  WorkQueue queue({.readers = true, .read_window_bytes = 0});
  const auto loads = LoadsOf(1, {1});
  queue.Push(loads.get());
  queue.Stop();
  EXPECT_FALSE(queue.Pop(Role::kWorker));
  EXPECT_TRUE(queue.Pop(Role::kReader));
  EXPECT_FALSE(queue.Pop(Role::kReader));
}

TEST(WorkQueueTest, ABatchWakesAsManyWorkersAsItHasItems) {
  constexpr int kWorkers = 4;
  for (int round = 0; round < 200; ++round) {
    WorkQueue queue;
    std::latch all_have_one(kWorkers);
    std::vector<std::thread> workers;
    for (int i = 0; i < kWorkers; ++i) {
      workers.emplace_back([&] {
        EXPECT_TRUE(queue.Pop(Role::kWorker));
        all_have_one.arrive_and_wait();
      });
    }
    const auto batch = BatchOf(1, kWorkers);
    queue.Push(batch.get());
    for (std::thread& worker : workers) worker.join();
  }
}

// The threads of the other role sleep too, and must not be woken in place of those that can take
// the item.
TEST(WorkQueueTest, NoWakeUpIsLostOrGoesToTheWrongRole) {
  WorkQueue queue({.readers = true, .read_window_bytes = 0});
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (const Role role : {Role::kWorker, Role::kReader}) {
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&, role] {
        while (const std::optional<Work> work = queue.Pop(role)) {
          queue.Done(std::get<WorkItem>(*work));
          taken.fetch_add(1);
          taken.notify_all();
        }
      });
    }
  }
  for (int round = 0; round < 5000; ++round) {
    const auto batch =
        BatchOf(1, 1, Priority::kNormal, static_cast<Operation>(round % kOperations));
    queue.Push(batch.get());
    taken.wait(round);
    EXPECT_EQ(taken.load(), round + 1);
  }
  queue.Stop();
  for (std::thread& thread : threads) thread.join();
}

TEST(WorkQueueTest, StopReachesEveryThreadAtAnyMoment) {
  for (int round = 0; round < 300; ++round) {
    WorkQueue queue({.readers = true, .read_window_bytes = 0});
    std::vector<std::thread> threads;
    for (const Role role : {Role::kWorker, Role::kWorker, Role::kReader, Role::kReader}) {
      threads.emplace_back([&, role] { EXPECT_FALSE(queue.Pop(role)); });
    }
    queue.Stop();
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace lmcache

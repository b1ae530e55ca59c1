// SPDX-License-Identifier: Apache-2.0
#include "work_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "test_support.h"

namespace lmcache {
namespace {

std::unique_ptr<Batch> BatchOf(int64_t id, int count, Priority priority = Priority::kNormal) {
  return MakeBatch(id, Operation::kExists,
                   std::vector<std::string>(static_cast<size_t>(count), "n"), priority);
}

// Takes one item that must be there, and says which batch it is of.
int64_t PopId(WorkQueue* queue) {
  const auto item = queue->Pop();
  queue->Done();
  return item->batch->id;
}

TEST(WorkQueueTest, IsFirstInFirstOutWithinAPriority) {
  WorkQueue queue;
  const auto a = BatchOf(1, 3);
  const auto b = BatchOf(2, 2);
  queue.Push(a.get());
  queue.Push(b.get());
  for (const auto& [batch, index] : std::vector<std::pair<Batch*, int>>{
           {a.get(), 0}, {a.get(), 1}, {a.get(), 2}, {b.get(), 0}, {b.get(), 1}}) {
    const auto item = queue.Pop();
    EXPECT_EQ(item->batch, batch);
    EXPECT_EQ(item->index, index);
  }
}

TEST(WorkQueueTest, TakesTheHighestPriorityFirst) {
  WorkQueue queue;
  const auto low = BatchOf(2, 2, Priority::kLow);
  const auto normal = BatchOf(1, 2, Priority::kNormal);
  const auto high = BatchOf(0, 2, Priority::kHigh);
  queue.Push(low.get());
  queue.Push(normal.get());
  queue.Push(high.get());
  for (const int64_t id : {0, 0, 1, 1, 2, 2}) {
    EXPECT_EQ(PopId(&queue), id);
  }
}

TEST(WorkQueueTest, EachEighthItemIsOfTheLowestPriorityThatHasWork) {
  WorkQueue queue;
  const auto high = BatchOf(0, 40, Priority::kHigh);
  const auto normal = BatchOf(1, 40, Priority::kNormal);
  const auto low = BatchOf(2, 2, Priority::kLow);
  queue.Push(high.get());
  queue.Push(normal.get());
  queue.Push(low.get());
  for (int i = 1; i <= 32; ++i) {
    const int64_t expected = i % 8 != 0 ? 0 : i <= 16 ? 2 : 1;
    EXPECT_EQ(PopId(&queue), expected) << i;
  }
}

TEST(WorkQueueTest, CountsWhatIsQueuedAndRunning) {
  WorkQueue queue;
  const auto batch = BatchOf(1, 3);
  queue.Push(batch.get());
  EXPECT_EQ(queue.queued(), 3);
  EXPECT_EQ(queue.running(), 0);
  queue.Pop();
  queue.Pop();
  EXPECT_EQ(queue.queued(), 1);
  EXPECT_EQ(queue.running(), 2);
  queue.Done();
  EXPECT_EQ(queue.running(), 1);
}

TEST(WorkQueueTest, CancelAllHandsBackWhatNobodyTook) {
  WorkQueue queue;
  const auto begun = BatchOf(1, 3, Priority::kLow);
  const auto taken = BatchOf(2, 1, Priority::kHigh);
  const auto fresh = BatchOf(3, 2, Priority::kNormal);
  queue.Push(begun.get());
  queue.Pop();
  queue.Push(taken.get());
  queue.Pop();
  queue.Push(fresh.get());
  BatchList cancelled = queue.CancelAll();
  EXPECT_EQ(cancelled.PopFront(), fresh.get());
  EXPECT_EQ(fresh->next_item, 0);
  EXPECT_EQ(cancelled.PopFront(), begun.get());
  EXPECT_EQ(begun->next_item, 1);
  EXPECT_TRUE(cancelled.empty());
  EXPECT_EQ(queue.queued(), 0);
  EXPECT_EQ(queue.running(), 2);
  queue.Stop();
  EXPECT_FALSE(queue.Pop());
}

TEST(WorkQueueTest, StopLetsQueuedItemsGoFirst) {
  WorkQueue queue;
  const auto batch = BatchOf(1, 2);
  queue.Push(batch.get());
  queue.Stop();
  EXPECT_TRUE(queue.Pop());
  EXPECT_TRUE(queue.Pop());
  EXPECT_FALSE(queue.Pop());
}

TEST(WorkQueueTest, ABatchWakesAsManyWorkersAsItHasItems) {
  constexpr int kWorkers = 4;
  for (int round = 0; round < 200; ++round) {
    WorkQueue queue;
    std::latch all_have_one(kWorkers);
    std::vector<std::thread> workers;
    for (int i = 0; i < kWorkers; ++i) {
      workers.emplace_back([&] {
        EXPECT_TRUE(queue.Pop());
        all_have_one.arrive_and_wait();
      });
    }
    const auto batch = BatchOf(1, kWorkers);
    queue.Push(batch.get());
    for (std::thread& worker : workers) worker.join();
  }
}

TEST(WorkQueueTest, NoWakeUpIsLost) {
  WorkQueue queue;
  std::atomic<int> taken{0};
  std::vector<std::thread> workers;
  for (int i = 0; i < 3; ++i) {
    workers.emplace_back([&] {
      while (queue.Pop()) {
        taken.fetch_add(1);
        taken.notify_all();
      }
    });
  }
  for (int round = 0; round < 5000; ++round) {
    const auto batch = BatchOf(1, 1);
    queue.Push(batch.get());
    taken.wait(round);
    EXPECT_EQ(taken.load(), round + 1);
  }
  queue.Stop();
  for (std::thread& worker : workers) worker.join();
}

TEST(WorkQueueTest, StopReachesEveryWorkerAtAnyMoment) {
  for (int round = 0; round < 300; ++round) {
    WorkQueue queue;
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; ++i) {
      workers.emplace_back([&] { EXPECT_FALSE(queue.Pop()); });
    }
    queue.Stop();
    for (std::thread& worker : workers) worker.join();
  }
}

}  // namespace
}  // namespace lmcache

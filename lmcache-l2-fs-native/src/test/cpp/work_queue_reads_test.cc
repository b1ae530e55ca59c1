// SPDX-License-Identifier: Apache-2.0

// What a work queue does for loads: the window, and the pieces of split reads.

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "split_read.h"
#include "work_queue.h"
#include "work_queue_support.h"

namespace lmcache {
namespace {

class WorkQueueWindowTest : public testing::Test {
 protected:
  void QueueLoads(const std::vector<int64_t>& sizes, Priority priority = Priority::kNormal) {
    auto batch = BatchOf(0, static_cast<int>(sizes.size()), priority, Operation::kGet);
    for (size_t i = 0; i < sizes.size(); ++i) batch->items[i].size = sizes[i];
    Queue(std::move(batch));
  }

  void QueueStore() { Queue(BatchOf(0, 1, Priority::kNormal, Operation::kSet)); }

  void Queue(std::unique_ptr<Batch> batch) {
    batches_.push_back(std::move(batch));
    queue_.Push(batches_.back().get());
  }

  static int64_t SizeOf(const WorkItem& item) {
    return item.batch->items[static_cast<size_t>(item.index)].size;
  }

  // Takes a load of that size, the next one there is.
  WorkItem TakeLoad(int64_t size) {
    const WorkItem item = TakeItem(&queue_);
    EXPECT_EQ(item.batch->operation, Operation::kGet);
    EXPECT_EQ(SizeOf(item), size);
    return item;
  }

  // Sees that something else goes first, although a load is queued.
  void ExpectThatTheLoadWaits() {
    // More often than any class has to wait for its turn.
    for (int i = 0; i < 8; ++i) {
      QueueStore();
      EXPECT_EQ(PopItem(&queue_).batch->operation, Operation::kSet);
    }
  }

  WorkQueue queue_{{.readers = false, .read_window_bytes = 10}};
  std::vector<std::unique_ptr<Batch>> batches_;
};

TEST_F(WorkQueueWindowTest, LoadsAreTakenUntilTheWindowIsReached) {
  QueueLoads({4, 4, 4, 4, 4});
  const WorkItem first = TakeLoad(4);
  TakeLoad(4);
  EXPECT_EQ(queue_.reading_bytes(), 8);
  const WorkItem third = TakeLoad(4);
  // Passed by less than one object.
  EXPECT_EQ(queue_.reading_bytes(), 12);
  ExpectThatTheLoadWaits();
  queue_.Done(first);
  EXPECT_EQ(queue_.reading_bytes(), 8);
  TakeLoad(4);
  ExpectThatTheLoadWaits();
  queue_.Done(third);
  TakeLoad(4);
  EXPECT_EQ(queue_.reading_bytes(), 12);
  EXPECT_EQ(queue_.queued(), 0);
}

TEST_F(WorkQueueWindowTest, AFullWindowTakesNothingMoreNotEvenNothing) {
  QueueLoads({10, 0, 1});
  const WorkItem first = TakeLoad(10);
  ExpectThatTheLoadWaits();
  queue_.Done(first);
  TakeLoad(0);
  TakeLoad(1);
}

TEST_F(WorkQueueWindowTest, ALoadOfTheSizeOfTheWindowGoesBesideOthers) {
  QueueLoads({9, 10, 1});
  TakeLoad(9);
  TakeLoad(10);
  EXPECT_EQ(queue_.reading_bytes(), 19);
  ExpectThatTheLoadWaits();
}

TEST_F(WorkQueueWindowTest, ALoadLargerThanTheWindowGoesAlone) {
  QueueLoads({3, 11, 3});
  const WorkItem before = TakeLoad(3);
  ExpectThatTheLoadWaits();
  queue_.Done(before);
  const WorkItem large = TakeLoad(11);
  ExpectThatTheLoadWaits();
  queue_.Done(large);
  TakeLoad(3);
}

// Whose turn it was stays in turn, so a large load of low priority is not overtaken for ever.
TEST_F(WorkQueueWindowTest, ALargeLoadOfLowPriorityComesWhenItsTurnCame) {
  QueueLoads({11}, Priority::kLow);
  QueueLoads(std::vector<int64_t>(20, 4), Priority::kHigh);
  std::vector<WorkItem> running;
  for (int i = 0; i < 7; ++i) {
    running.push_back(TakeLoad(4));
    if (running.size() == 3) {
      queue_.Done(running.front());
      running.erase(running.begin());
    }
  }
  ExpectThatTheLoadWaits();
  for (const WorkItem& item : running) queue_.Done(item);
  TakeLoad(11);
}

TEST_F(WorkQueueWindowTest, WithoutAWindowBytesAreOnlyCounted) {
  WorkQueue queue;
  const auto loads = LoadsOf(1, {1000, 2000, 3000});
  queue.Push(loads.get());
  TakeItem(&queue);
  const WorkItem second = TakeItem(&queue);
  TakeItem(&queue);
  EXPECT_EQ(queue.reading_bytes(), 6000);
  queue.Done(second);
  EXPECT_EQ(queue.reading_bytes(), 4000);
}

// Nobody else comes to the queue: only the end of the load can wake the thread that waits for it.
TEST_F(WorkQueueWindowTest, ALoadThatEndsLetsTheNextOneInAtOnce) {
  for (int round = 0; round < 300; ++round) {
    QueueLoads({10, 1});
    const WorkItem first = TakeLoad(10);
    std::thread waiting([&] { queue_.Done(TakeLoad(1)); });
    queue_.Done(first);
    waiting.join();
  }
}

TEST_F(WorkQueueWindowTest, ALargeLoadThatEndsLetsAllInThatFit) {
  constexpr int kThreads = 3;
  for (int round = 0; round < 300; ++round) {
    QueueLoads({10, 1, 1, 1});
    const WorkItem first = TakeLoad(10);
    std::latch all_have_one(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        const WorkItem mine = TakeItem(&queue_);
        all_have_one.arrive_and_wait();
        queue_.Done(mine);
      });
    }
    queue_.Done(first);
    for (std::thread& thread : threads) thread.join();
  }
}

// After Stop some threads still wait for the window. When the last load has been taken or cancelled
// they have nothing to wait for.
TEST_F(WorkQueueWindowTest, StopReachesThoseWhoWaitForTheWindow) {
  for (int round = 0; round < 1500; ++round) {
    WorkQueue queue({.readers = false, .read_window_bytes = 10});
    const auto loads = LoadsOf(1, {10, 10});
    queue.Push(loads.get());
    const WorkItem first = TakeItem(&queue);
    std::latch about_to_sleep(4);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        about_to_sleep.arrive_and_wait();
        while (const std::optional<Work> work = queue.Pop(Role::kWorker)) {
          if (round % 4 < 2) queue.Done(std::get<WorkItem>(*work));
        }
      });
    }
    about_to_sleep.arrive_and_wait();
    // In some rounds they get the time to fall asleep.
    for (int i = 0; i < round % 50; ++i) std::this_thread::yield();
    queue.Stop();
    for (int i = 0; i < round % 50; ++i) std::this_thread::yield();
    if (round % 2 == 0) {
      queue.CancelAll();
    } else {
      queue.Done(first);
    }
    for (std::thread& thread : threads) thread.join();
  }
}

// Reads without a file: the queue only looks at the numbers of their pieces.
SplitRead MakeSplit(int pieces) { return {nullptr, ObjectLoad(), pieces * kSegmentBytes}; }

class WorkQueueSplitTest : public testing::Test {
 protected:
  // Takes a piece that the queue gives to who has nothing else to do.
  void ExpectHelp(SplitRead* read, int32_t piece, Role role = Role::kWorker) {
    const auto work = queue_.Pop(role);
    ASSERT_TRUE(work && std::holds_alternative<HelpWith>(*work));
    EXPECT_EQ(std::get<HelpWith>(*work).read, read);
    EXPECT_EQ(std::get<HelpWith>(*work).piece, piece);
  }

  WorkQueue queue_;
};

TEST_F(WorkQueueSplitTest, PiecesGoToTheOneWhoBeganAndToWhoHasNothingElse) {
  SplitRead read = MakeSplit(5);
  const auto batch = BatchOf(1, 2);
  queue_.Push(batch.get());
  EXPECT_EQ(queue_.Offer(&read), 0);
  EXPECT_EQ(PopItem(&queue_).index, 0);
  EXPECT_EQ(PopItem(&queue_).index, 1);
  ExpectHelp(&read, 1);
  EXPECT_EQ(queue_.NextPiece(&read), 2);
  ExpectHelp(&read, 3);
  EXPECT_EQ(queue_.NextPiece(&read), 4);
  EXPECT_EQ(queue_.NextPiece(&read), std::nullopt);
  EXPECT_FALSE(queue_.Leave(&read));
  EXPECT_FALSE(queue_.Leave(&read));
  EXPECT_TRUE(queue_.Leave(&read));
  queue_.Stop();
  EXPECT_FALSE(queue_.Pop(Role::kWorker));
}

TEST_F(WorkQueueSplitTest, TheOneWhoBeganCanBeAloneAndTheFirstToLeave) {
  SplitRead alone = MakeSplit(2);
  EXPECT_EQ(queue_.Offer(&alone), 0);
  EXPECT_EQ(queue_.NextPiece(&alone), 1);
  EXPECT_EQ(queue_.NextPiece(&alone), std::nullopt);
  EXPECT_TRUE(queue_.Leave(&alone));

  SplitRead helped = MakeSplit(2);
  EXPECT_EQ(queue_.Offer(&helped), 0);
  ExpectHelp(&helped, 1);
  EXPECT_EQ(queue_.NextPiece(&helped), std::nullopt);
  EXPECT_FALSE(queue_.Leave(&helped));
  EXPECT_TRUE(queue_.Leave(&helped));
}

TEST_F(WorkQueueSplitTest, WithdrawEndsTheHandingOut) {
  SplitRead read = MakeSplit(5);
  queue_.Offer(&read);
  ExpectHelp(&read, 1);
  queue_.Withdraw(&read);
  queue_.Withdraw(&read);
  EXPECT_EQ(queue_.NextPiece(&read), std::nullopt);
  EXPECT_FALSE(queue_.Leave(&read));
  EXPECT_TRUE(queue_.Leave(&read));
  queue_.Stop();
  EXPECT_FALSE(queue_.Pop(Role::kWorker));
}

TEST_F(WorkQueueSplitTest, TheOldestReadIsHelpedFirstAndAnyCanEnd) {
  SplitRead a = MakeSplit(3);
  SplitRead b = MakeSplit(3);
  SplitRead c = MakeSplit(3);
  for (SplitRead* const read : {&a, &b, &c}) queue_.Offer(read);
  ExpectHelp(&a, 1);
  queue_.Withdraw(&b);
  ExpectHelp(&a, 2);
  ExpectHelp(&c, 1);
  EXPECT_EQ(queue_.NextPiece(&c), 2);
  queue_.Stop();
  EXPECT_FALSE(queue_.Pop(Role::kWorker));
}

TEST_F(WorkQueueSplitTest, CancellingLeavesWhatHasBegun) {
  SplitRead read = MakeSplit(3);
  queue_.Offer(&read);
  EXPECT_TRUE(queue_.CancelAll().empty());
  ExpectHelp(&read, 1);
  EXPECT_EQ(queue_.NextPiece(&read), 2);
}

TEST(WorkQueueSplitRoleTest, OnlyReadersHelpWhereThereAreReaders) {
  WorkQueue queue({.readers = true, .read_window_bytes = 0});
  SplitRead read = MakeSplit(3);
  queue.Offer(&read);
  queue.Stop();
  EXPECT_FALSE(queue.Pop(Role::kWorker));
  const auto work = queue.Pop(Role::kReader);
  ASSERT_TRUE(work && std::holds_alternative<HelpWith>(*work));
  EXPECT_EQ(std::get<HelpWith>(*work).piece, 1);
}

TEST(WorkQueueSplitRoleTest, AnOfferWakesAsManyAsThereArePieces) {
  constexpr int kHelpers = 3;
  for (int round = 0; round < 200; ++round) {
    WorkQueue queue({.readers = round % 2 == 0, .read_window_bytes = 0});
    const Role role = round % 2 == 0 ? Role::kReader : Role::kWorker;
    std::latch all_have_one(kHelpers);
    std::vector<std::thread> helpers;
    for (int i = 0; i < kHelpers; ++i) {
      helpers.emplace_back([&] {
        const auto work = queue.Pop(role);
        EXPECT_TRUE(work && std::holds_alternative<HelpWith>(*work));
        all_have_one.arrive_and_wait();
      });
    }
    SplitRead read = MakeSplit(kHelpers + 1);
    EXPECT_EQ(queue.Offer(&read), 0);
    for (std::thread& helper : helpers) helper.join();
    EXPECT_EQ(queue.NextPiece(&read), std::nullopt);
  }
}

}  // namespace
}  // namespace lmcache

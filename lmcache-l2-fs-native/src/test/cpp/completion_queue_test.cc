// SPDX-License-Identifier: Apache-2.0
#include "completion_queue.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "file_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

constexpr int64_t kPlenty = 1 << 20;

class CompletionQueueTest : public testing::Test {
 protected:
  // Accepts a batch of one item and completes it.
  void Complete(int64_t id) {
    EXPECT_TRUE(queue_.Accept());
    queue_.Finish(MakeBatch(id, Operation::kExists, {"n"}).release(), 0,
                  ItemResult::Of(Outcome::kNotFound));
  }

  // Drains once and deletes; the ids in order.
  std::vector<int64_t> DrainIds(int64_t capacity_words) {
    Drained drained = queue_.Drain(capacity_words);
    needed_words_ = drained.needed_words;
    std::vector<int64_t> ids;
    while (const std::unique_ptr<Batch> batch{drained.batches.PopFront()}) {
      ids.push_back(batch->id);
    }
    return ids;
  }

  // The value of the eventfd, without taking it.
  int PendingSignals() const {
    std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd_));
    for (std::string word; info >> word;) {
      if (word == "eventfd-count:") {
        int count = -1;
        info >> std::hex >> count;
        return count;
      }
    }
    return -1;
  }

  PosixFileOps ops_;
  const int fd_ = ::eventfd(0, EFD_CLOEXEC);
  CompletionQueue queue_{UniqueFd(&ops_, fd_)};
  int64_t needed_words_ = 0;
};

using Ids = std::vector<int64_t>;

TEST_F(CompletionQueueTest, ABurstIsOneSignalAndOneDrain) {
  EXPECT_EQ(PendingSignals(), 0);
  for (int64_t id = 1; id <= 5; ++id) Complete(id);
  EXPECT_EQ(PendingSignals(), 1);
  EXPECT_EQ(DrainIds(kPlenty), (Ids{1, 2, 3, 4, 5}));
  EXPECT_EQ(PendingSignals(), 0);
  Complete(6);
  EXPECT_EQ(PendingSignals(), 1);
  EXPECT_EQ(DrainIds(kPlenty), Ids{6});
}

TEST_F(CompletionQueueTest, WhatDidNotFitNeedsNoFurtherSignal) {
  for (int64_t id = 1; id <= 5; ++id) Complete(id);
  EXPECT_EQ(DrainIds(2 * ReportWords(1)), (Ids{1, 2}));
  Complete(6);
  EXPECT_EQ(PendingSignals(), 0);
  EXPECT_EQ(DrainIds(3 * ReportWords(1) + 1), (Ids{3, 4, 5}));
  EXPECT_EQ(DrainIds(kPlenty), Ids{6});
  EXPECT_EQ(PendingSignals(), 0);
}

TEST_F(CompletionQueueTest, TooLittleRoomSaysHowMuchIsNeededAndLosesNothing) {
  ASSERT_TRUE(queue_.Accept());
  Batch* const batch = MakeBatch(1, Operation::kExists, {"a", "b", "c"}).release();
  for (int i = 0; i < 3; ++i) queue_.Finish(batch, i, ItemResult::Of(Outcome::kNotFound));
  Complete(2);
  for (const int64_t capacity : {0, 4, 7}) {
    EXPECT_EQ(DrainIds(capacity), Ids{});
    EXPECT_EQ(needed_words_, 8);
  }
  EXPECT_EQ(DrainIds(8), Ids{1});
  EXPECT_EQ(needed_words_, 0);
  EXPECT_EQ(DrainIds(kPlenty), Ids{2});
}

TEST_F(CompletionQueueTest, ABatchIsCompleteWithItsLastItem) {
  ASSERT_TRUE(queue_.Accept());
  Batch* const batch = MakeBatch(1, Operation::kExists, {"a", "b"}).release();
  queue_.Finish(batch, 1, ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(PendingSignals(), 0);
  queue_.Finish(batch, 0, ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(PendingSignals(), 1);
  EXPECT_EQ(DrainIds(kPlenty), Ids{1});
}

TEST_F(CompletionQueueTest, StoppedAndEmptyIsTheEnd) {
  queue_.Stop();
  EXPECT_EQ(PendingSignals(), 1) << "a drain that sleeps would go on sleeping";
  EXPECT_FALSE(queue_.Accept());
  EXPECT_EQ(DrainIds(kPlenty), Ids{});
  EXPECT_EQ(needed_words_, 0);
  EXPECT_EQ(DrainIds(kPlenty), Ids{});
}

TEST_F(CompletionQueueTest, WhatIsOwedComesBeforeTheEnd) {
  Complete(1);
  Complete(2);
  queue_.Stop();
  EXPECT_EQ(DrainIds(ReportWords(1)), Ids{1});
  EXPECT_EQ(DrainIds(kPlenty), Ids{2});
  EXPECT_EQ(DrainIds(kPlenty), Ids{});
}

TEST_F(CompletionQueueTest, ADrainThatSleepsIsWokenByACompletionAndByStop) {
  std::thread drain([this] {
    for (int64_t id = 1; id <= 1000; ++id) EXPECT_EQ(DrainIds(ReportWords(1)), Ids{id});
    EXPECT_EQ(DrainIds(kPlenty), Ids{});
  });
  for (int64_t id = 1; id <= 1000; ++id) Complete(id);
  queue_.Stop();
  drain.join();
}

TEST_F(CompletionQueueTest, ADrainGoesOnAfterStopUntilTheLastOwedBatch) {
  ASSERT_TRUE(queue_.Accept());
  queue_.Stop();
  std::thread drain([this] {
    EXPECT_EQ(DrainIds(kPlenty), Ids{1});
    EXPECT_EQ(DrainIds(kPlenty), Ids{});
  });
  queue_.Finish(MakeBatch(1, Operation::kExists, {"n"}).release(), 0,
                ItemResult::Of(Outcome::kNotFound));
  drain.join();
}

TEST_F(CompletionQueueTest, ManyFinishersOneDrainNothingTwice) {
  constexpr int kThreads = 4;
  constexpr int kEach = 2000;
  std::vector<std::thread> finishers;
  for (int thread = 0; thread < kThreads; ++thread) {
    finishers.emplace_back([this, thread] {
      for (int i = 0; i < kEach; ++i) Complete(thread * kEach + i);
    });
  }
  std::multiset<int64_t> seen;
  while (seen.size() < kThreads * kEach) {
    for (const int64_t id : DrainIds(7 * ReportWords(1))) seen.insert(id);
  }
  for (std::thread& finisher : finishers) finisher.join();
  for (int64_t id = 0; id < kThreads * kEach; ++id) EXPECT_EQ(seen.count(id), 1u) << id;
}

}  // namespace
}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0

// The order in which a work queue gives out what is queued, item by item.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "work_queue.h"
#include "work_queue_support.h"

namespace lmcache {
namespace {

// Operations as letters: L for a lookup, G for a load (get), S for a store, D for a delete.
constexpr char kLetters[] = "SGLD";

Operation OperationOf(char letter) {
  return static_cast<Operation>(std::string(kLetters).find(letter));
}

class WorkQueueOrderTest : public testing::Test {
 protected:
  void Queue(char letter, int count, Priority priority = Priority::kNormal) {
    batches_.push_back(BatchOf(0, count, priority, OperationOf(letter)));
    batches_.back()->deletes_first = deletes_first_;
    queue_.Push(batches_.back().get());
  }

  void QueuePlentyOf(const std::string& letters) {
    for (const char letter : letters) Queue(letter, 100);
  }

  // Takes so many and says what they were.
  std::string Take(int count, Role role = Role::kWorker) {
    std::string order;
    for (int i = 0; i < count; ++i) {
      order += kLetters[static_cast<size_t>(PopItem(&queue_, role).batch->operation)];
    }
    return order;
  }

  // The same for their priorities: H, N or L.
  std::string TakePriorities(int count) {
    std::string order;
    for (int i = 0; i < count; ++i) {
      order += "HNL"[static_cast<size_t>(PopItem(&queue_).batch->priority)];
    }
    return order;
  }

  bool deletes_first_ = false;
  WorkQueue queue_;
  std::vector<std::unique_ptr<Batch>> batches_;
};

struct Turns {
  const char* queued;
  const char* order;                // of the items of one round
  const char* deletes_first_order;  // the same while deletes go first
};

std::ostream& operator<<(std::ostream& out, const Turns& turns) { return out << turns.queued; }

class WorkQueueTurnsTest : public WorkQueueOrderTest, public testing::WithParamInterface<Turns> {};

TEST_P(WorkQueueTurnsTest, ClassesTakeTurns) {
  QueuePlentyOf(GetParam().queued);
  const std::string round = GetParam().order;
  EXPECT_EQ(Take(24), round + round + round);
}

TEST_P(WorkQueueTurnsTest, StoresAndDeletesChangePlacesWhileTheSubmitterSaysSo) {
  deletes_first_ = true;
  QueuePlentyOf(GetParam().queued);
  const std::string round = GetParam().deletes_first_order;
  EXPECT_EQ(Take(16), round + round);
  // The last word counts.
  deletes_first_ = false;
  Queue(GetParam().queued[0], 1);
  EXPECT_EQ(Take(8), GetParam().order);
}

TEST_P(WorkQueueTurnsTest, StoresAndDeletesChangePlacesWhileTheDiskIsFull) {
  QueuePlentyOf(GetParam().queued);
  queue_.SetDiskFull(true);
  const std::string round = GetParam().deletes_first_order;
  EXPECT_EQ(Take(16), round + round);
  queue_.SetDiskFull(false);
  EXPECT_EQ(Take(8), GetParam().order);
}

// Every set of classes that may have work, and what follows for it from the rule, by hand.
INSTANTIATE_TEST_SUITE_P(
    Classes, WorkQueueTurnsTest,
    testing::Values(Turns{"L", "LLLLLLLL", "LLLLLLLL"}, Turns{"G", "GGGGGGGG", "GGGGGGGG"},
                    Turns{"S", "SSSSSSSS", "SSSSSSSS"}, Turns{"D", "DDDDDDDD", "DDDDDDDD"},
                    Turns{"LG", "LGLLGLGL", "LGLLGLGL"}, Turns{"LS", "LLLSLLLL", "LLLLLLLS"},
                    Turns{"LD", "LLLLLLLD", "LLLDLLLL"}, Turns{"GS", "GGGSGGGG", "GGGGGGGS"},
                    Turns{"GD", "GGGGGGGD", "GGGDGGGG"}, Turns{"SD", "SSSSSSSD", "DDDDDDDS"},
                    Turns{"LGS", "LGLSGLGL", "LGLLGLGS"}, Turns{"LGD", "LGLLGLGD", "LGLDGLGL"},
                    Turns{"LSD", "LLLSLLLD", "LLLDLLLS"}, Turns{"GSD", "GGGSGGGD", "GGGDGGGS"},
                    Turns{"LGSD", "LGLSGLGD", "LGLDGLGS"}),
    [](const auto& info) { return std::string(info.param.queued); });

TEST_F(WorkQueueOrderTest, EitherReasonAloneKeepsDeletesFirst) {
  deletes_first_ = true;
  QueuePlentyOf("SD");
  queue_.SetDiskFull(true);
  queue_.SetDiskFull(false);
  EXPECT_EQ(Take(8), "DDDDDDDS");
  queue_.SetDiskFull(true);
  deletes_first_ = false;
  Queue('S', 1);
  EXPECT_EQ(Take(8), "DDDDDDDS");
  queue_.SetDiskFull(false);
  EXPECT_EQ(Take(8), "SSSSSSSD");
}

// However the others come and go, who has work is served at least once in eight times.
TEST_F(WorkQueueOrderTest, NoClassWaitsForMoreThanSevenOthers) {
  constexpr int kSteps = 3000;
  std::mt19937 random(20'240'613);
  int waited_for_seven = 0;
  for (const bool disk_full : {false, true}) {
    queue_.SetDiskFull(disk_full);
    for (const char patient : std::string("LGSD")) {
      Queue(patient, kSteps);
      int waited = 0;
      for (int step = 0; step < kSteps; ++step) {
        for (const char other : std::string("LGSD")) {
          if (other != patient && random() % 3 == 0) Queue(other, 1 + step % 4);
        }
        waited = Take(1)[0] == patient ? 0 : waited + 1;
        ASSERT_LE(waited, 7) << patient << " in step " << step;
        waited_for_seven += waited == 7;
      }
      queue_.CancelAll();
    }
  }
  EXPECT_GT(waited_for_seven, 100);
}

TEST_F(WorkQueueOrderTest, ReadersTakeLoadsAndNothingElseAndHaveTurnsOfTheirOwn) {
  WorkQueue queue({.readers = true, .read_window_bytes = 0});
  for (const char letter : std::string("LGSD")) {
    batches_.push_back(BatchOf(0, 100, Priority::kNormal, OperationOf(letter)));
    queue.Push(batches_.back().get());
  }
  std::string workers;
  for (int i = 0; i < 16; ++i) {
    workers += kLetters[static_cast<size_t>(PopItem(&queue, Role::kWorker).batch->operation)];
    for (int reader = 0; reader < 3; ++reader) {
      EXPECT_EQ(PopItem(&queue, Role::kReader).batch->operation, Operation::kGet);
    }
  }
  EXPECT_EQ(workers, "LLLSLLLDLLLSLLLD");
}

TEST_F(WorkQueueOrderTest, OfEightItemsOneIsOfEachLowerPriority) {
  for (const auto priority : {Priority::kLow, Priority::kNormal, Priority::kHigh}) {
    Queue('L', 100, priority);
  }
  EXPECT_EQ(TakePriorities(16), "HHHNHHHLHHHNHHHL");
}

TEST_F(WorkQueueOrderTest, ThePriorityThatHasNoWorkGivesItsTurnToTheHighest) {
  Queue('L', 100, Priority::kNormal);
  Queue('L', 100, Priority::kLow);
  EXPECT_EQ(TakePriorities(8), "NNNNNNNL");
  queue_.CancelAll();
  Queue('L', 100, Priority::kHigh);
  Queue('L', 100, Priority::kLow);
  EXPECT_EQ(TakePriorities(8), "HHHHHHHL");
  queue_.CancelAll();
  Queue('L', 100, Priority::kHigh);
  Queue('L', 100, Priority::kNormal);
  EXPECT_EQ(TakePriorities(8), "HHHNHHHH");
  queue_.CancelAll();
  Queue('L', 100, Priority::kLow);
  EXPECT_EQ(TakePriorities(8), "LLLLLLLL");
}

// With one count for all classes the turns of a class could always meet the same turn of the
// priorities, and the lower ones would starve.
TEST_F(WorkQueueOrderTest, EachClassCountsItsPrioritiesByItself) {
  for (const auto priority : {Priority::kHigh, Priority::kNormal, Priority::kLow}) {
    for (const char letter : std::string("LGSD")) Queue(letter, 200, priority);
  }
  std::string stores;
  std::string lookups;
  for (int i = 0; i < 128; ++i) {
    const Batch& batch = *PopItem(&queue_).batch;
    const char priority = "HNL"[static_cast<size_t>(batch.priority)];
    if (batch.operation == Operation::kSet) stores += priority;
    if (batch.operation == Operation::kExists) lookups += priority;
  }
  EXPECT_EQ(stores, "HHHNHHHLHHHNHHHL");
  EXPECT_EQ(lookups.substr(0, 16), "HHHNHHHLHHHNHHHL");
}

TEST_F(WorkQueueOrderTest, IsFirstInFirstOutWithinAPriority) {
  const auto a = BatchOf(1, 3);
  const auto b = BatchOf(2, 2);
  queue_.Push(a.get());
  queue_.Push(b.get());
  for (const auto& [batch, index] : std::vector<std::pair<Batch*, int>>{
           {a.get(), 0}, {a.get(), 1}, {a.get(), 2}, {b.get(), 0}, {b.get(), 1}}) {
    const WorkItem item = PopItem(&queue_);
    EXPECT_EQ(item.batch, batch);
    EXPECT_EQ(item.index, index);
  }
}

}  // namespace
}  // namespace lmcache

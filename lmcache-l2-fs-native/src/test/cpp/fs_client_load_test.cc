// SPDX-License-Identifier: Apache-2.0

// Many producers at once against one client: every byte must come back, every batch exactly once.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client_fixture.h"
#include "fs_client.h"
#include "seam_file_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

constexpr int kProducers = 4;
constexpr int kBatches = 20;
constexpr int kItems = 16;

// A producer's batches: a name, a content and, for loads, another buffer per item.
struct Work {
  std::vector<std::string> names;
  std::vector<std::string> contents;
};

Work WorkOf(int producer, int batch) {
  Work work;
  for (int i = 0; i < kItems; ++i) {
    const int number = (producer * kBatches + batch) * kItems + i;
    work.names.push_back("key-" + std::to_string(number));
    // From nothing to some pages, and seldom a multiple of anything.
    work.contents.push_back(ContentOf(work.names.back(), number * 37 % 20'000));
  }
  return work;
}

class FsClientLoadTest : public ClientFixture {
 protected:
  // Each producer submits its batches of this operation with the buffers from `buffers`, while the
  // test's thread drains. Returns all batches.
  std::vector<std::unique_ptr<Batch>> RunAll(Operation operation,
                                             std::vector<std::vector<std::string>>* buffers) {
    std::latch start(kProducers);
    std::vector<std::thread> producers;
    for (int producer = 0; producer < kProducers; ++producer) {
      producers.emplace_back([=, this, &start] {
        start.arrive_and_wait();
        for (int b = 0; b < kBatches; ++b) {
          const int id = producer * kBatches + b;
          auto batch = MakeBatch(id, operation, works_[static_cast<size_t>(id)].names,
                                 static_cast<Priority>(b % kPriorities));
          for (size_t i = 0; i < kItems; ++i) {
            SetBuffer(&batch->items[i], &(*buffers)[static_cast<size_t>(id)][i]);
          }
          EXPECT_TRUE(client_->Submit(std::move(batch)));
        }
      });
    }
    std::vector<std::unique_ptr<Batch>> done;
    std::vector<int> seen(kProducers * kBatches);
    while (done.size() < kProducers * kBatches) {
      Drained drained = client_->Drain(3 * ReportWords(kItems));
      while (Batch* const batch = drained.batches.PopFront()) {
        ++seen[static_cast<size_t>(batch->id)];
        done.emplace_back(batch);
      }
    }
    for (std::thread& producer : producers) producer.join();
    EXPECT_EQ(seen, std::vector<int>(kProducers * kBatches, 1));
    return done;
  }

  void PrepareWorks() {
    for (int id = 0; id < kProducers * kBatches; ++id) {
      works_.push_back(WorkOf(id / kBatches, id % kBatches));
    }
  }

  std::vector<Work> works_;
};

TEST_F(FsClientLoadTest, EveryByteComesBack) {
  Open(8);
  PrepareWorks();
  std::vector<std::vector<std::string>> stored;
  std::vector<std::vector<std::string>> loaded;
  for (const Work& work : works_) {
    stored.push_back(work.contents);
    loaded.emplace_back();
    for (const std::string& content : work.contents) {
      loaded.back().emplace_back(content.size(), '\xA5');
    }
  }

  for (const auto& batch : RunAll(Operation::kSet, &stored)) {
    for (const Item& item : batch->items) {
      EXPECT_EQ(item.result, ItemResult::Of(Outcome::kStored, item.size));
    }
  }
  for (const auto& batch : RunAll(Operation::kGet, &loaded)) {
    for (const Item& item : batch->items) {
      EXPECT_EQ(item.result, ItemResult::Of(Outcome::kLoaded, item.size));
    }
  }
  for (size_t id = 0; id < works_.size(); ++id) {
    EXPECT_EQ(loaded[id], works_[id].contents) << id;
    EXPECT_EQ(stored[id], works_[id].contents) << id;
  }
  EXPECT_EQ(directory_.Names().size(), works_.size() * kItems) << "staging files were left";
}

// Writers of one name with objects that differ in length: whoever reads must get one of them whole.
TEST_F(FsClientLoadTest, WritersOfOneNameNeverTearIt) {
  Open(8);
  constexpr int kWriters = 8;
  std::vector<std::string> contents;
  for (int i = 0; i < kWriters; ++i) {
    contents.push_back(ContentOf("writer " + std::to_string(i), 50'000 + i));
  }
  std::vector<std::string> loaded(kWriters);
  std::map<Outcome, int> outcomes;
  for (int round = 0; round < 50; ++round) {
    for (size_t i = 0; i < kWriters; ++i) {
      loaded[i].assign(contents[i].size(), '\xA5');
      auto set = MakeBatch(static_cast<int64_t>(2 * i), Operation::kSet, {"key"});
      set->put_mode = PutMode::kReplace;
      SetBuffer(&set->items[0], &contents[i]);
      Submit(std::move(set));
      auto get = MakeBatch(static_cast<int64_t>(2 * i + 1), Operation::kGet, {"key"});
      SetBuffer(&get->items[0], &loaded[i]);
      Submit(std::move(get));
    }
    for (const auto& batch : DrainBatches(2 * kWriters)) {
      const Item& item = batch->items[0];
      if (batch->operation == Operation::kSet) {
        EXPECT_EQ(item.result, ItemResult::Of(Outcome::kStored, item.size));
        continue;
      }
      const Outcome outcome = item.result.outcome;
      ++outcomes[outcome];
      const size_t i = static_cast<size_t>(batch->id / 2);
      if (outcome == Outcome::kLoaded) {
        EXPECT_EQ(loaded[i], contents[i]);
      } else if (outcome == Outcome::kNotFound) {
        EXPECT_EQ(round, 0) << "once it is there it is never gone";
      } else {
        EXPECT_EQ(outcome, Outcome::kSizeMismatch) << item.result;
      }
    }
    const std::string last = directory_.Read("key");
    EXPECT_NE(std::find(contents.begin(), contents.end(), last), contents.end());
    EXPECT_EQ(directory_.Names(), std::vector<std::string>{"key"});
  }
  EXPECT_GT(outcomes[Outcome::kLoaded], 0);
  EXPECT_GT(outcomes[Outcome::kSizeMismatch], 0);
}

// Cancels at any moment under load: each item is stored or closed, and each batch comes once. That
// there are both does not depend on luck: the first cancelling comes while all workers are held
// and more is queued.
TEST_F(FsClientLoadTest, CancellingUnderLoadLosesNothing) {
  constexpr int kWorkers = 4;
  Open(kWorkers);
  PrepareWorks();
  std::vector<std::vector<std::string>> stored;
  for (const Work& work : works_) stored.push_back(work.contents);
  std::atomic<bool> done{false};
  seam_.Hold(SeamOperation::kPWrite);
  std::thread canceller([&] {
    EXPECT_TRUE(seam_.AwaitHeld(kWorkers));
    while (client_->queued() == 0) std::this_thread::yield();
    client_->CancelQueued();
    seam_.Release();
    while (!done.load()) client_->CancelQueued();
  });
  const auto batches = RunAll(Operation::kSet, &stored);
  done = true;
  canceller.join();
  size_t files = 0;
  size_t closed = 0;
  for (const auto& batch : batches) {
    for (const Item& item : batch->items) {
      if (item.result == ItemResult::Of(Outcome::kStored, item.size)) {
        ++files;
      } else {
        EXPECT_EQ(item.result, ItemResult::Of(Outcome::kClosed));
        ++closed;
      }
    }
  }
  EXPECT_GE(files, static_cast<size_t>(kWorkers));
  EXPECT_GT(closed, 0U);
  EXPECT_EQ(directory_.Names().size(), files);
}

}  // namespace
}  // namespace lmcache

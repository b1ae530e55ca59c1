// SPDX-License-Identifier: Apache-2.0

// A stress test, meant above all for ThreadSanitizer (preset tsan).
//
// A large load is a thing that several threads hold at once and that the last one to leave deletes:
// who touches it after leaving, or leaves before others can see what it wrote, makes a race or a
// use after free that no test of a single path is sure to meet. So here large loads, whole and
// damaged, meet many tiny batches of every operation, reads that fail now and then, cancelling and
// close, all at any moment. Whatever the outcome of an item, its batch comes exactly once, a load
// that says LOADED has all its bytes, and in the end nothing is left running, lent or open.

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <latch>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client_fixture.h"
#include "forwarding_file_ops.h"
#include "split_read.h"
#include "test_support.h"

namespace lmcache {
namespace {

constexpr int64_t kLarge = 3 * kSegmentBytes + 777;

// Holds all who come, until it is opened for ever.
class Gate {
 public:
  void Pass() {
    if (open_.load()) return;
    held_.fetch_add(1);
    open_.wait(false);
  }

  void AwaitHeld(int threads) {
    while (held_.load() < threads) std::this_thread::yield();
  }

  void Open() {
    open_.store(true);
    open_.notify_all();
  }

 private:
  std::atomic<int> held_{0};
  std::atomic<bool> open_{false};
};

// Every n-th read fails, and at first all are held. A seam would do it too, but its mutex would put
// what the threads do in an order, and so hide races.
class FailingReads final : public ForwardingFileOps {
 public:
  FailingReads(int nth, Gate* gate) : nth_(nth), gate_(gate) {}

  int64_t PRead(int fd, void* data, size_t size, int64_t offset) override {
    gate_->Pass();
    if (reads_.fetch_add(1, std::memory_order_relaxed) % nth_ == nth_ - 1) return -EIO;
    return ForwardingFileOps::PRead(fd, data, size, offset);
  }

 private:
  const int nth_;
  Gate* const gate_;
  std::atomic<int> reads_{0};
};

class TsanSplitTest : public ClientFixture {
 protected:
  static constexpr int kProducers = 3;
  static constexpr int kBatches = 40;

  // One producer's batch: now and then a large load, else something small.
  std::unique_ptr<Batch> NextBatch(int producer, int number, std::string* buffer) {
    const int64_t id = producer * 1000 + number;
    if (number % 8 == 0) {
      buffer->assign(kLarge, '\xA5');
      auto batch = MakeBatch(id, Operation::kGet, {number % 16 == 0 ? "whole" : "damaged"});
      SetBuffer(&batch->items[0], buffer);
      return batch;
    }
    const std::string name = "small-" + std::to_string(producer) + "-" + std::to_string(number / 4);
    const auto priority = static_cast<Priority>(number % kPriorities);
    switch (number % 4) {
      case 1:
        return SetBatch(id, {name}, priority);
      case 2:
        return MakeBatch(id, Operation::kExists, {name, name}, priority);
      case 3: {
        auto batch = MakeBatch(id, Operation::kRemove, {name}, priority);
        batch->deletes_first = number % 3 == 0;
        return batch;
      }
      default: {
        buffer->assign(content_.size(), '\xA5');
        auto batch = MakeBatch(id, Operation::kGet, {name}, priority);
        SetBuffer(&batch->items[0], buffer);
        return batch;
      }
    }
  }

  void CheckItems(const Batch& batch) {
    for (const Item& item : batch.items) {
      ++outcomes_[item.result.outcome];
      if (item.result.outcome != Outcome::kLoaded) continue;
      const std::string& expected = item.size == kLarge ? whole_ : content_;
      const std::string_view loaded(static_cast<const char*>(item.data), expected.size());
      EXPECT_TRUE(loaded == expected) << item.name;
    }
  }

  // Lets producers submit while another thread drains; who submits cancels now and then, and stops
  // the client when `stop_after` batches have been accepted. Before that a load is cancelled while
  // it is certainly queued.
  void Run(FsClient::Options options, int stop_after) {
    Status status;
    Gate gate;
    client_ = FsClient::Open(std::make_unique<FailingReads>(397, &gate), options, &status);
    ASSERT_EQ(status, Status{});
    const int threads = options.readers > 0 ? options.readers : options.workers;
    std::vector<std::string> held(static_cast<size_t>(threads) + 1, std::string(kLarge, '\xA5'));
    for (int i = 0; i <= threads; ++i) {
      // The last one is queued, as all who could begin it are held.
      if (i == threads) gate.AwaitHeld(threads);
      auto load = MakeBatch(10'000 + i, Operation::kGet, {"whole"});
      SetBuffer(&load->items[0], &held[static_cast<size_t>(i)]);
      EXPECT_TRUE(client_->Submit(std::move(load)));
    }
    client_->CancelQueued();
    gate.Open();
    std::latch start(kProducers);
    std::atomic<int> accepted{0};
    std::vector<std::vector<std::string>> buffers(kProducers, std::vector<std::string>(kBatches));
    std::vector<std::thread> producers;
    for (int producer = 0; producer < kProducers; ++producer) {
      producers.emplace_back([&, producer] {
        start.arrive_and_wait();
        for (int number = 0; number < kBatches; ++number) {
          auto& buffer = buffers[static_cast<size_t>(producer)][static_cast<size_t>(number)];
          const bool taken = client_->Submit(NextBatch(producer, number, &buffer));
          const int count = taken ? accepted.fetch_add(1) + 1 : accepted.load();
          if (taken && count % 25 == 0) client_->CancelQueued();
          if (taken && count == stop_after) client_->Stop();
        }
      });
    }
    int drained = 0;
    std::map<int64_t, int> seen;
    std::thread drain([&] {
      while (true) {
        Drained some = client_->Drain(kPlenty);
        if (some.batches.empty()) break;
        while (const std::unique_ptr<Batch> batch{some.batches.PopFront()}) {
          ++drained;
          EXPECT_EQ(++seen[batch->id], 1) << batch->id;
          CheckItems(*batch);
        }
      }
    });
    for (std::thread& thread : producers) thread.join();
    client_->Stop();
    drain.join();
    EXPECT_EQ(drained, threads + 1 + accepted.load());
    EXPECT_GE(accepted.load(), stop_after);
    EXPECT_EQ(client_->queued(), 0);
    EXPECT_EQ(client_->running(), 0);
    EXPECT_EQ(client_->reading_bytes(), 0);
    split_loads_ += client_->split_loads();
    client_.reset();
  }

  const std::string whole_ = ContentOf("whole", kLarge);
  std::map<Outcome, int> outcomes_;
  int64_t split_loads_ = 0;
};

TEST_F(TsanSplitTest, LargeLoadsAmongEverythingElseEndExactlyOnce) {
  Open(2);
  auto set = MakeBatch(0, Operation::kSet, {"whole", "damaged"});
  std::string content = whole_;
  for (Item& item : set->items) SetBuffer(&item, &content);
  Submit(std::move(set));
  DrainBatches(1);
  EndClient();
  const int descriptors = OpenDescriptors();
  for (int round = 0; round < 6; ++round) {
    {
      std::fstream damaged(directory_.PathOf("damaged"), std::ios::in | std::ios::out);
      damaged.seekp(round * kSegmentBytes / 2);
      damaged.put('x').put('y');
    }
    auto options = Options(round % 2 == 0 ? 4 : 2);
    options.readers = round % 2 == 0 ? 0 : 3;
    options.read_window_bytes = round % 3 == 0 ? 2 * kLarge : 0;
    Run(options, round < 3 ? kProducers * kBatches : 40 + round);
    EXPECT_EQ(OpenDescriptors(), descriptors);
  }
  EXPECT_GT(split_loads_, 10);
  for (const Outcome outcome : {Outcome::kLoaded, Outcome::kStored, Outcome::kFailed,
                                Outcome::kCorrupt, Outcome::kNotFound, Outcome::kClosed}) {
    EXPECT_GT(outcomes_[outcome], 0) << static_cast<int>(outcome);
  }
}

}  // namespace
}  // namespace lmcache

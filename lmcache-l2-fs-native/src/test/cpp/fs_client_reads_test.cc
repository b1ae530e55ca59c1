// SPDX-License-Identifier: Apache-2.0

// What a client does to keep loads, stores and deletes out of each other's way.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client_fixture.h"
#include "piece_ops.h"
#include "seam_file_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

class FsClientReadsTest : public ClientFixture {
 protected:
  ~FsClientReadsTest() override {
    pieces_.ReleaseAll();
    EndClient();
  }

  FsClient::Options With(int workers, int readers, int64_t window) const {
    auto options = Options(workers);
    options.readers = readers;
    options.read_window_bytes = window;
    return options;
  }

  void Open(const FsClient::Options& options) {
    ClientFixture::Open(options, std::make_unique<SeamFileOps>(&seam_));
  }

  Status OpenStatus(const FsClient::Options& options) {
    Status status;
    const auto client = FsClient::Open(std::make_unique<SeamFileOps>(&seam_), options, &status);
    EXPECT_EQ(client == nullptr, !status.ok());
    return status;
  }

  void Store(const std::vector<std::string>& names) {
    Submit(SetBatch(0, names));
    const auto done = DrainBatches(1);
    for (const Item& item : done[0]->items) {
      ASSERT_EQ(item.result, ItemResult::Of(Outcome::kStored, 1000));
    }
    seam_.Reset();
  }

  // Loads of these names, each into a poisoned buffer of its own.
  std::unique_ptr<Batch> GetBatch(int64_t id, const std::vector<std::string>& names) {
    loaded_.assign(names.size(), std::string(content_.size(), '\xA5'));
    auto batch = MakeBatch(id, Operation::kGet, names);
    for (size_t i = 0; i < names.size(); ++i) SetBuffer(&batch->items[i], &loaded_[i]);
    return batch;
  }

  void ExpectAllLoaded(const Batch& batch) {
    for (size_t i = 0; i < loaded_.size(); ++i) {
      EXPECT_EQ(batch.items[i].result, ItemResult::Of(Outcome::kLoaded, 1000)) << i;
      EXPECT_EQ(loaded_[i], content_) << i;
    }
  }

  // Holds so many reads, each for itself: a release lets go those that have come.
  void HoldReads(size_t count) {
    for (size_t nth = 1; nth <= count; ++nth) {
      seam_.Hold(SeamOperation::kPRead, static_cast<int>(nth));
    }
  }

  // Submits batches of one item with ascending ids.
  void SubmitOneByOne(Operation operation, int64_t first_id, int count) {
    for (int64_t id = first_id; id < first_id + count; ++id) {
      const std::vector<std::string> name{"n" + std::to_string(id)};
      Submit(operation == Operation::kSet ? SetBatch(id, name) : MakeBatch(id, operation, name));
    }
  }

  std::vector<int64_t> DrainIds(size_t count) {
    std::vector<int64_t> ids;
    for (const auto& batch : DrainBatches(count)) ids.push_back(batch->id);
    return ids;
  }

  PieceSeam pieces_;
  std::vector<std::string> loaded_;
};

TEST_F(FsClientReadsTest, OpenRefusesNumbersOutOfRange) {
  const Status invalid{Step::kInternal, EINVAL};
  EXPECT_EQ(OpenStatus(With(1, -1, 0)), invalid);
  EXPECT_EQ(OpenStatus(With(1, WorkerPool::kMaxReaders + 1, 0)), invalid);
  EXPECT_EQ(OpenStatus(With(1, 0, -1)), invalid);
  EXPECT_EQ(OpenStatus(With(1, 1, 1)), Status{});
}

// Readers are there for loads alone, and so all workers for the rest, however many loads there are.
TEST_F(FsClientReadsTest, StoresHaveAllWorkersWhileLoadsHoldAllReaders) {
  Open(With(3, 2, 0));
  const auto names = NamesOf("n", 10);
  Store(names);
  seam_.Hold(SeamOperation::kPRead);
  seam_.Hold(SeamOperation::kPWrite);
  Submit(GetBatch(1, names));
  ASSERT_TRUE(seam_.AwaitHeld(2));
  Submit(SetBatch(2, NamesOf("m", 10)));
  ASSERT_TRUE(seam_.AwaitHeld(2 + 3));
  EXPECT_EQ(seam_.inside(), 5);
  EXPECT_EQ(client_->running(), 5);
  EXPECT_EQ(client_->reading_bytes(), 2000);
  seam_.Release();
  for (const auto& batch : DrainBatches(2)) {
    if (batch->id == 1) ExpectAllLoaded(*batch);
  }
  EXPECT_EQ(seam_.peak_inside(), 5);
}

TEST_F(FsClientReadsTest, LoadsAreReadByReadersOnly) {
  ClientFixture::Open(With(3, 2, 0), std::make_unique<PieceOps>(&pieces_));
  const auto names = NamesOf("n", 200);
  Submit(SetBatch(0, names));
  DrainBatches(1);
  EXPECT_TRUE(pieces_.TakeReaders().empty());
  pieces_.Hold(0);
  Submit(GetBatch(1, names));
  pieces_.AwaitHeld(0, 2);
  pieces_.Release(0);
  ExpectAllLoaded(*DrainBatches(1)[0]);
  EXPECT_EQ(pieces_.TakeReaders(), (std::set<std::string>{"lmc-read-0", "lmc-read-1"}));
}

TEST_F(FsClientReadsTest, TheWindowIsReachedAndPassedByLessThanOneObject) {
  Open(With(8, 0, 2500));
  const auto names = NamesOf("n", 12);
  Store(names);
  HoldReads(names.size());
  Submit(GetBatch(1, names));
  for (int round = 0; round < 4; ++round) {
    // 1000, 2000, and 3000 is no less than the window.
    ASSERT_TRUE(seam_.AwaitHeld(3));
    EXPECT_EQ(client_->reading_bytes(), 3000);
    EXPECT_EQ(client_->running(), 3);
    // Whoever waits for the window is in nobody's way.
    Submit(SetBatch(2, NamesOf("m" + std::to_string(round) + "-", 20)));
    EXPECT_EQ(DrainBatches(1)[0]->id, 2);
    EXPECT_EQ(client_->reading_bytes(), 3000);
    EXPECT_EQ(client_->queued(), 9 - 3 * round);
    seam_.Release();
  }
  ExpectAllLoaded(*DrainBatches(1)[0]);
  EXPECT_FALSE(seam_.has_faults());
}

// No other thread but the one that waits for the window is there to see that it is free again.
TEST_F(FsClientReadsTest, AReadThatEndsAdmitsTheNextOneAtOnce) {
  Open(With(2, 2, 1000));
  const auto names = NamesOf("n", 20);
  Store(names);
  HoldReads(names.size());
  Submit(GetBatch(1, names));
  for (size_t i = 0; i < names.size(); ++i) {
    ASSERT_TRUE(seam_.AwaitHeld(1));
    EXPECT_EQ(client_->reading_bytes(), 1000);
    EXPECT_EQ(client_->running(), 1);
    seam_.Release();
  }
  ExpectAllLoaded(*DrainBatches(1)[0]);
  EXPECT_FALSE(seam_.has_faults());
}

TEST_F(FsClientReadsTest, ALoadThatWaitsForTheWindowCanBeCancelled) {
  Open(With(4, 0, 1000));
  const auto names = NamesOf("n", 5);
  Store(names);
  seam_.Hold(SeamOperation::kPRead);
  Submit(GetBatch(1, names));
  ASSERT_TRUE(seam_.AwaitHeld(1));
  EXPECT_EQ(client_->CancelQueued(), 4);
  client_->Stop();
  seam_.Release();
  const auto done = DrainBatches(1);
  EXPECT_EQ(done[0]->items[0].result, ItemResult::Of(Outcome::kLoaded, 1000));
  for (size_t i = 1; i < 5; ++i) {
    EXPECT_EQ(done[0]->items[i].result, ItemResult::Of(Outcome::kClosed));
  }
}

TEST_F(FsClientReadsTest, DeletesGoFirstWhenTheSubmitterSaysSo) {
  for (const bool deletes_first : {false, true}) {
    Open(With(1, 0, 0));
    seam_.Hold(SeamOperation::kPWrite);
    SubmitOneByOne(Operation::kSet, 1, 3);
    ASSERT_TRUE(seam_.AwaitHeld(1));
    SubmitOneByOne(Operation::kRemove, 11, 2);
    auto last = MakeBatch(13, Operation::kRemove, {"n13"});
    last->deletes_first = deletes_first;
    Submit(std::move(last));
    seam_.Release();
    EXPECT_EQ(DrainIds(6), deletes_first ? (std::vector<int64_t>{1, 11, 12, 13, 2, 3})
                                         : (std::vector<int64_t>{1, 2, 3, 11, 12, 13}));
    EndClient();
    for (const std::string& name : directory_.Names()) unlinkat(directory_.fd(), name.c_str(), 0);
  }
}

// The first turn is over when the store fails. In the next six deletes stand in for lookups and
// loads; the last one is for a store, and that succeeds.
TEST_F(FsClientReadsTest, DeletesGoFirstFromAFullDiskUntilAStoreSucceeds) {
  struct Case {
    SeamOperation failing;
    int error;
    bool full;
  };
  // The disk of this test has free blocks, so that an attribute for which there is no room says
  // nothing of it.
  for (const auto& [failing, error, full] :
       {Case{SeamOperation::kPWrite, ENOSPC, true}, Case{SeamOperation::kPWrite, EDQUOT, true},
        Case{SeamOperation::kPWrite, EIO, false}, Case{SeamOperation::kFSetXattr, ENOSPC, false},
        Case{SeamOperation::kFSetXattr, EDQUOT, false}}) {
    Open(With(1, 0, 0));
    seam_.Hold(SeamOperation::kPWrite);
    seam_.Fail(failing, 1, error);
    SubmitOneByOne(Operation::kSet, 1, 4);
    ASSERT_TRUE(seam_.AwaitHeld(1));
    SubmitOneByOne(Operation::kRemove, 11, 8);
    seam_.Release();
    EXPECT_EQ(DrainIds(12),
              full ? (std::vector<int64_t>{1, 11, 12, 13, 14, 15, 16, 2, 3, 4, 17, 18})
                   : (std::vector<int64_t>{1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 17, 18}))
        << static_cast<int>(failing) << " " << error;
    EXPECT_FALSE(seam_.has_faults());
    EndClient();
    for (const std::string& name : directory_.Names()) unlinkat(directory_.fd(), name.c_str(), 0);
  }
}

}  // namespace
}  // namespace lmcache

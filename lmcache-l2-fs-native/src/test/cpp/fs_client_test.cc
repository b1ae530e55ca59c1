// SPDX-License-Identifier: Apache-2.0
#include "fs_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client_fixture.h"
#include "seam_file_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

class FsClientTest : public ClientFixture {
 protected:
  Status OpenStatus(const FsClient::Options& options) {
    Status status;
    const auto client = FsClient::Open(std::make_unique<SeamFileOps>(&seam_), options, &status);
    EXPECT_EQ(client == nullptr, !status.ok());
    return status;
  }
};

TEST_F(FsClientTest, EachOperationDoesWhatItsNameSays) {
  Open(2);
  Submit(SetBatch(1, {"a", "b"}));
  auto done = DrainBatches(1);
  EXPECT_EQ(done[0]->items[0].result, ItemResult::Of(Outcome::kStored, 1000));
  EXPECT_EQ(done[0]->items[1].result, ItemResult::Of(Outcome::kStored, 1000));
  EXPECT_EQ(directory_.Read("a"), content_);

  std::string other = "other";
  auto again = MakeBatch(2, Operation::kSet, {"a", "b"});
  again->put_mode = PutMode::kReplace;
  SetBuffer(&again->items[0], &other);
  SetBuffer(&again->items[1], &content_);
  Submit(std::move(again));
  done = DrainBatches(1);
  EXPECT_EQ(done[0]->items[0].result, ItemResult::Of(Outcome::kStored, 5));
  EXPECT_EQ(done[0]->items[1].result, ItemResult::Of(Outcome::kStored, 1000));

  std::string loaded(5, '?');
  std::string wrong(6, '?');
  auto get = MakeBatch(3, Operation::kGet, {"a", "a", "absent"});
  SetBuffer(&get->items[0], &loaded);
  SetBuffer(&get->items[1], &wrong);
  SetBuffer(&get->items[2], &wrong);
  Submit(std::move(get));
  done = DrainBatches(1);
  EXPECT_EQ(done[0]->items[0].result, ItemResult::Of(Outcome::kLoaded, 5));
  EXPECT_EQ(done[0]->items[1].result, ItemResult::Of(Outcome::kSizeMismatch, 5));
  EXPECT_EQ(done[0]->items[2].result, ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(loaded, "other");
  EXPECT_EQ(wrong, "??????");

  Submit(MakeBatch(4, Operation::kExists, {"a", "absent"}));
  done = DrainBatches(1);
  EXPECT_EQ(done[0]->items[0].result, ItemResult::Of(Outcome::kFound, 5));
  EXPECT_EQ(done[0]->items[1].result, ItemResult::Of(Outcome::kNotFound));

  Submit(MakeBatch(5, Operation::kRemove, {"a", "absent"}));
  done = DrainBatches(1);
  EXPECT_EQ(done[0]->items[0].result, ItemResult::Of(Outcome::kDeleted));
  EXPECT_EQ(done[0]->items[1].result, ItemResult::Of(Outcome::kAbsent));
  EXPECT_EQ(directory_.Names(), std::vector<std::string>{"b"});
}

TEST_F(FsClientTest, OneItemThatFailsFailsAlone) {
  Open(1);
  seam_.Fail(SeamOperation::kPWrite, 2, ENOSPC);
  Submit(SetBatch(1, {"a", "b", "c"}));
  const auto done = DrainBatches(1);
  EXPECT_EQ(done[0]->items[0].result, ItemResult::Of(Outcome::kStored, 1000));
  EXPECT_EQ(done[0]->items[1].result, ItemResult::Failed({Step::kWrite, ENOSPC}));
  EXPECT_EQ(done[0]->items[2].result, ItemResult::Of(Outcome::kStored, 1000));
  EXPECT_EQ(directory_.Names(), (std::vector<std::string>{"a", "c"}));
}

TEST_F(FsClientTest, OpenRefusesBadOptions) {
  const Status invalid{Step::kInternal, EINVAL};
  EXPECT_EQ(OpenStatus(Options(0)), invalid);
  EXPECT_EQ(OpenStatus(Options(WorkerPool::kMaxWorkers + 1)), invalid);
  for (const std::string& prefix : {std::string(), std::string("a/b"), std::string("a\0b", 3)}) {
    auto options = Options(1);
    options.staging_prefix = prefix;
    EXPECT_EQ(OpenStatus(options), invalid);
  }
  for (mode_t FileStore::Options::*mode :
       {&FileStore::Options::file_mode, &FileStore::Options::dir_mode}) {
    auto with_more_than_permissions = Options(1);
    with_more_than_permissions.store.*mode = 02700;
    EXPECT_EQ(OpenStatus(with_more_than_permissions), invalid);
  }
  auto negative_read_ahead = Options(1);
  negative_read_ahead.store.read_ahead = -1;
  EXPECT_EQ(OpenStatus(negative_read_ahead), invalid);
  auto options = Options(1);
  options.base_path += std::string("\0x", 2);
  EXPECT_EQ(OpenStatus(options), invalid);
}

TEST_F(FsClientTest, OpenReportsWhatFailedAndKeepsNothing) {
  const int before = OpenDescriptors();
  auto options = Options(1);
  options.base_path += "/absent";
  EXPECT_EQ(OpenStatus(options), (Status{Step::kOpen, ENOENT}));
  directory_.Write("file", "");
  options = Options(1);
  options.staging_path += "/file";
  EXPECT_EQ(OpenStatus(options), (Status{Step::kOpenStaging, ENOTDIR}));
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_F(FsClientTest, DestroyingClosesEveryDescriptor) {
  const int before = OpenDescriptors();
  Open(4);
  EXPECT_EQ(OpenDescriptors(), before + 3);
  Submit(SetBatch(1, NamesOf("n", 20)));
  DrainBatches(1);
  client_->Stop();
  DrainToTheEnd();
  client_.reset();
  EXPECT_EQ(OpenDescriptors(), before);
}

// The number of workers is the number of calls in the kernel at the same time: no less with enough
// to do, and no more.
class DepthTest : public FsClientTest, public testing::WithParamInterface<int> {};

TEST_P(DepthTest, ManyBatchesOfOneItem) {
  const int depth = GetParam();
  Open(depth);
  seam_.Hold(SeamOperation::kPWrite);
  for (int64_t id = 0; id < 64; ++id) Submit(SetBatch(id, {"n" + std::to_string(id)}));
  ASSERT_TRUE(seam_.AwaitHeld(depth));
  EXPECT_EQ(seam_.inside(), depth);
  EXPECT_EQ(client_->running(), depth);
  EXPECT_EQ(client_->queued(), 64 - depth);
  seam_.Release();
  DrainBatches(64);
  EXPECT_EQ(seam_.peak_inside(), depth);
  EXPECT_EQ(directory_.Names().size(), 64u);
}

TEST_P(DepthTest, OneBatchOfManyItems) {
  const int depth = GetParam();
  Open(depth);
  seam_.Hold(SeamOperation::kPWrite);
  Submit(SetBatch(1, NamesOf("n", 64)));
  ASSERT_TRUE(seam_.AwaitHeld(depth));
  EXPECT_EQ(seam_.inside(), depth);
  seam_.Release();
  DrainBatches(1);
  EXPECT_EQ(seam_.peak_inside(), depth);
}

INSTANTIATE_TEST_SUITE_P(Workers, DepthTest, testing::Values(1, 4, 32));

TEST_F(FsClientTest, CancellingClosesWhatIsQueuedAndLeavesWhatIsInTheKernel) {
  Open(4);
  seam_.Hold(SeamOperation::kPWrite);
  // The held items are in two batches, of which one has queued items too.
  Submit(SetBatch(1, NamesOf("a", 3)));
  Submit(SetBatch(2, NamesOf("b", 5)));
  Submit(SetBatch(3, NamesOf("c", 56), Priority::kLow));
  ASSERT_TRUE(seam_.AwaitHeld(4));
  EXPECT_EQ(client_->CancelQueued(), 60);
  EXPECT_EQ(client_->queued(), 0);
  EXPECT_EQ(client_->running(), 4);
  // The batch that no worker had begun is complete while the others are in the kernel.
  EXPECT_EQ(DrainBatches(1)[0]->id, 3);
  seam_.Release();

  int stored = 0;
  int closed = 0;
  for (const auto& batch : DrainBatches(2)) {
    for (const Item& item : batch->items) {
      const bool exists = std::ranges::count(directory_.Names(), std::string(item.name)) == 1;
      if (item.result == ItemResult::Of(Outcome::kStored, 1000)) {
        ++stored;
        EXPECT_TRUE(exists) << item.name;
      } else {
        EXPECT_EQ(item.result, ItemResult::Of(Outcome::kClosed));
        ++closed;
        EXPECT_FALSE(exists) << item.name;
      }
    }
  }
  EXPECT_EQ(stored, 4);
  EXPECT_EQ(closed, 4);
}

TEST_F(FsClientTest, CancellingDoesNotEndTheClient) {
  Open(1);
  EXPECT_EQ(client_->CancelQueued(), 0);
  Submit(SetBatch(1, {"a"}));
  EXPECT_EQ(DrainBatches(1)[0]->items[0].result.outcome, Outcome::kStored);
}

TEST_F(FsClientTest, HigherPriorityOvertakesWhatIsQueued) {
  Open(1);
  seam_.Hold(SeamOperation::kPWrite);
  Submit(SetBatch(1, {"first"}));
  ASSERT_TRUE(seam_.AwaitHeld(1));
  Submit(SetBatch(2, {"low"}, Priority::kLow));
  Submit(SetBatch(3, {"normal"}, Priority::kNormal));
  Submit(SetBatch(4, {"high"}, Priority::kHigh));
  seam_.Release();
  const auto done = DrainBatches(4);
  EXPECT_EQ(done[0]->id, 1);
  EXPECT_EQ(done[1]->id, 4);
  EXPECT_EQ(done[2]->id, 3);
  EXPECT_EQ(done[3]->id, 2);
}

TEST_F(FsClientTest, ADeadlineEndsWhatIsQueuedAndNotWhatRuns) {
  Open(1);
  const auto with_deadline = [this](std::unique_ptr<Batch> batch) {
    batch->deadline = DeadlineAfter(client_->Now(), 100);
    return batch;
  };
  seam_.Hold(SeamOperation::kPWrite);
  Submit(with_deadline(SetBatch(1, {"running"})));
  ASSERT_TRUE(seam_.AwaitHeld(1));
  Submit(with_deadline(SetBatch(2, {"late"})));
  fake_nanos = 100;
  // It would be the next call of its kind, if the late item touched the file system.
  seam_.Fail(SeamOperation::kFStatAt, 1, EIO);
  seam_.Release();
  const auto done = DrainBatches(2);
  EXPECT_EQ(done[0]->items[0].result, ItemResult::Of(Outcome::kStored, 1000));
  EXPECT_EQ(done[1]->items[0].result, ItemResult::Of(Outcome::kDeadline));
  EXPECT_TRUE(seam_.has_faults());
}

TEST_F(FsClientTest, ADeadlineThatHasNotComeIsNone) {
  Open(1);
  auto batch = SetBatch(1, {"a"});
  batch->deadline = DeadlineAfter(client_->Now(), 100);
  fake_nanos = 99;
  Submit(std::move(batch));
  EXPECT_EQ(DrainBatches(1)[0]->items[0].result.outcome, Outcome::kStored);
}

TEST_F(FsClientTest, StopWhileIdleEndsTheDrain) {
  Open(2);
  std::thread drain([this] { DrainToTheEnd(); });
  client_->Stop();
  drain.join();
}

TEST_F(FsClientTest, AfterStopNothingIsAccepted) {
  Open(1);
  client_->Stop();
  EXPECT_FALSE(client_->Submit(SetBatch(1, {"a"})));
  DrainToTheEnd();
  EXPECT_TRUE(directory_.Names().empty());
}

TEST_F(FsClientTest, AfterStopQueuedItemsAreWorkedOff) {
  Open(2);
  seam_.Hold(SeamOperation::kPWrite);
  Submit(SetBatch(1, NamesOf("n", 20)));
  ASSERT_TRUE(seam_.AwaitHeld(2));
  client_->Stop();
  seam_.Release();
  const auto done = DrainBatches(1);
  for (const Item& item : done[0]->items) {
    EXPECT_EQ(item.result.outcome, Outcome::kStored);
  }
  DrainToTheEnd();
}

TEST_F(FsClientTest, StopWaitsForWhatIsInTheKernel) {
  Open(1);
  seam_.Hold(SeamOperation::kPWrite);
  Submit(SetBatch(1, {"held", "queued"}));
  ASSERT_TRUE(seam_.AwaitHeld(1));
  client_->CancelQueued();
  client_->Stop();
  std::vector<std::unique_ptr<Batch>> done;
  std::thread drain([&] {
    done = DrainBatches(1);
    DrainToTheEnd();
  });
  EXPECT_EQ(client_->running(), 1);
  seam_.Release();
  drain.join();
  EXPECT_EQ(done[0]->items[0].result.outcome, Outcome::kStored);
  EXPECT_EQ(done[0]->items[1].result.outcome, Outcome::kClosed);
}

}  // namespace
}  // namespace lmcache

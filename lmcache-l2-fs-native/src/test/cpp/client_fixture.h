// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_CLIENT_FIXTURE_H_
#define LMCACHE_CLIENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fs_client.h"
#include "seam_file_ops.h"
#include "test_support.h"

namespace lmcache {

// A client over a seam, on a directory of its own and a clock that only the test moves. Ends the
// client at the end of the test and checks that each accepted batch was drained exactly once.
class ClientFixture : public testing::Test {
 protected:
  static constexpr int64_t kPlenty = 1 << 20;

  ClientFixture() { fake_nanos.store(0); }

  ~ClientFixture() override { EndClient(); }

  // To be called by the destructor of who gives the client buffers or file operations of its own.
  void EndClient() {
    if (client_ != nullptr) {
      seam_.Reset();
      client_->CancelQueued();
      client_->Stop();
      DrainToTheEnd();
      EXPECT_EQ(client_->queued(), 0);
      EXPECT_EQ(client_->running(), 0);
      EXPECT_EQ(client_->reading_bytes(), 0);
      client_.reset();
    }
  }

  static TimePoint FakeNow() { return TimePoint(std::chrono::nanoseconds(fake_nanos.load())); }
  static inline std::atomic<int64_t> fake_nanos{0};

  FsClient::Options Options(int workers) const {
    FsClient::Options options;
    options.base_path = directory_.path();
    options.staging_path = directory_.path();
    options.staging_prefix = ".lmc-test-";
    options.workers = workers;
    options.store.now = &FakeNow;
    return options;
  }

  void Open(int workers) { Open(Options(workers), std::make_unique<SeamFileOps>(&seam_)); }

  void Open(const FsClient::Options& options, std::unique_ptr<FileOps> ops) {
    Status status;
    client_ = FsClient::Open(std::move(ops), options, &status);
    ASSERT_EQ(status, Status{});
  }

  void Submit(std::unique_ptr<Batch> batch) {
    const int64_t id = batch->id;
    ASSERT_TRUE(client_->Submit(std::move(batch)));
    ++owed_[id];
  }

  // A set of these names, each with the content that belongs to it.
  std::unique_ptr<Batch> SetBatch(int64_t id, const std::vector<std::string>& names,
                                  Priority priority = Priority::kNormal) {
    auto batch = MakeBatch(id, Operation::kSet, names, priority);
    for (Item& item : batch->items) SetBuffer(&item, &content_);
    return batch;
  }

  static std::vector<std::string> NamesOf(const std::string& prefix, int count) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(prefix + std::to_string(i));
    return names;
  }

  // Drains until so many batches have come, and returns them in that order.
  std::vector<std::unique_ptr<Batch>> DrainBatches(size_t count) {
    std::vector<std::unique_ptr<Batch>> batches;
    while (batches.size() < count && DrainOnce(&batches)) {
    }
    EXPECT_EQ(batches.size(), count);
    return batches;
  }

  void DrainToTheEnd() {
    std::vector<std::unique_ptr<Batch>> batches;
    while (DrainOnce(&batches)) {
    }
    for (const auto& [id, owed] : owed_) EXPECT_EQ(owed, 0) << "batch " << id;
  }

  TempDirectory directory_;
  Seam seam_;
  std::unique_ptr<FsClient> client_;
  std::string content_ = ContentOf("content", 1000);

 private:
  // False at the end.
  bool DrainOnce(std::vector<std::unique_ptr<Batch>>* batches) {
    Drained drained = client_->Drain(kPlenty);
    if (drained.batches.empty()) {
      EXPECT_EQ(drained.needed_words, 0);
      return false;
    }
    while (Batch* const batch = drained.batches.PopFront()) {
      --owed_[batch->id];
      batches->emplace_back(batch);
      for (const Item& item : batch->items) EXPECT_NE(item.result.outcome, Outcome::kPending);
    }
    return true;
  }

  std::map<int64_t, int> owed_;
};

}  // namespace lmcache

#endif  // LMCACHE_CLIENT_FIXTURE_H_

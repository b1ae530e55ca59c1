// SPDX-License-Identifier: Apache-2.0
#include "courtesy.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client_fixture.h"
#include "crc32c.h"
#include "object_transfer.h"
#include "seam_file_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

class CourtesyTest : public ClientFixture {
 protected:
  CourtesyTest() { gave_way.store(0); }

  static inline std::atomic<int> gave_way{0};
  static void GiveWay() { gave_way.fetch_add(1); }

  void Open(bool checksum) {
    auto options = Options(2);
    options.store.courtesy.give_way = &GiveWay;
    options.store.checksum = checksum;
    ClientFixture::Open(options, std::make_unique<SeamFileOps>(&seam_));
  }

  // Stores one large object, and says how often its worker gave way and what it wrote.
  int StoreLarge(const std::string& name, std::vector<std::string>* writes) {
    gave_way.store(0);
    seam_.StartTrace();
    Submit(SetBatch(7, {name}));
    const auto done = DrainBatches(1);
    EXPECT_EQ(done[0]->items[0].result,
              ItemResult::Of(Outcome::kStored, static_cast<int64_t>(content_.size())));
    writes->clear();
    for (const std::string& call : seam_.TakeTrace()) {
      if (call.rfind("pwrite", 0) == 0) writes->push_back(call);
    }
    EXPECT_EQ(directory_.Read(name), content_);
    return gave_way.load();
  }
};

TEST_F(CourtesyTest, AStoreGivesWayBetweenItsBlocksWhileALoadIsAwaited) {
  content_ = ContentOf("large", 3 * kCheckedBlockBytes + 1);
  for (const bool checksum : {true, false}) {
    const std::string of = checksum ? "checked" : "plain";
    Open(checksum);
    std::vector<std::string> writes;
    EXPECT_EQ(StoreLarge("before " + of, &writes), 0);
    EXPECT_EQ(writes.size(), checksum ? 4U : 1U);

    std::string loaded(content_.size(), '\xA5');
    seam_.Hold(SeamOperation::kPRead, 1);
    auto load = MakeBatch(1, Operation::kGet, {"before " + of});
    load->items[0].mark.digest = DigestOf("before " + of);
    SetBuffer(&load->items[0], &loaded);
    Submit(std::move(load));
    ASSERT_TRUE(seam_.AwaitHeld(1));
    EXPECT_EQ(StoreLarge("beside " + of, &writes), 3);
    EXPECT_EQ(writes.size(), 4U) << "in blocks, also without a checksum";
    seam_.Release();
    EXPECT_EQ(DrainBatches(1)[0]->items[0].result,
              ItemResult::Of(Outcome::kLoaded, static_cast<int64_t>(content_.size())));
    EXPECT_EQ(loaded, content_);

    EXPECT_EQ(StoreLarge("after " + of, &writes), 0) << "the load was drained";
    EndClient();
  }
}

TEST_F(CourtesyTest, LookupsAreAwaitedAndDeletesAreNot) {
  content_ = ContentOf("large", 2 * kCheckedBlockBytes);
  Open(true);
  std::vector<std::string> writes;
  ASSERT_EQ(StoreLarge("there", &writes), 0);
  seam_.Hold(SeamOperation::kFStatAt, 1);
  Submit(MakeBatch(1, Operation::kExists, {"absent"}));
  ASSERT_TRUE(seam_.AwaitHeld(1));
  EXPECT_EQ(StoreLarge("beside a lookup", &writes), 1);
  seam_.Release();
  DrainBatches(1);
  seam_.Hold(SeamOperation::kUnlink, 1);
  Submit(MakeBatch(2, Operation::kRemove, {"there"}));
  ASSERT_TRUE(seam_.AwaitHeld(1));
  EXPECT_EQ(StoreLarge("beside a delete", &writes), 0);
  seam_.Release();
  DrainBatches(1);
}

// What was cancelled is awaited by nobody once it is drained.
TEST_F(CourtesyTest, CancelledLookupsAreNotAwaited) {
  content_ = ContentOf("large", 2 * kCheckedBlockBytes);
  Open(true);
  std::vector<std::string> writes;
  seam_.Hold(SeamOperation::kFStatAt);
  Submit(MakeBatch(1, Operation::kExists, {"a", "b", "c", "d"}));
  ASSERT_TRUE(seam_.AwaitHeld(2));
  EXPECT_EQ(client_->CancelQueued(), 2);
  seam_.Release();
  DrainBatches(1);
  EXPECT_EQ(StoreLarge("afterwards", &writes), 0);
}

}  // namespace
}  // namespace lmcache

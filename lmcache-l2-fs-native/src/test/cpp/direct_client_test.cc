// SPDX-License-Identifier: Apache-2.0

// O_DIRECT through a client: what opening makes of the probe, and loads in pieces.

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "aligned_slot.h"
#include "client_fixture.h"
#include "piece_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

using Reason = DirectFinding::Reason;

class DirectOpenTest : public ClientFixture {
 protected:
  DirectOpenTest() {
    seam_.SetResidentPages(0);
    seam_.SetDioAlign(512, 4096);
  }

  // Opens a client and ends it; nothing may be left.
  Status OpenAndEnd(DirectMode mode) {
    auto options = Options(1);
    options.direct = mode;
    Status status;
    finding_ = {};
    client_ = FsClient::Open(std::make_unique<SeamFileOps>(&seam_), options, &status, &finding_);
    EXPECT_EQ(client_ != nullptr, status.ok());
    EndClient();
    EXPECT_TRUE(directory_.Names().empty());
    EXPECT_FALSE(seam_.has_faults());
    return status;
  }

  DirectFinding finding_;
};

TEST_F(DirectOpenTest, AFullDiskIsNoReasonNotToOpen) {
  for (const DirectMode mode : {DirectMode::kOn, DirectMode::kRequire}) {
    for (const int error : {ENOSPC, EDQUOT}) {
      seam_.Fail(SeamOperation::kPWrite, 1, error);
      EXPECT_EQ(OpenAndEnd(mode), Status{});
      EXPECT_EQ(finding_.reason, Reason::kNoSpace);
      EXPECT_EQ(finding_.error, error);
    }
  }
}

TEST_F(DirectOpenTest, WhereItIsRequiredSomebodyMustHaveSaidSo) {
  for (const SeamOperation silent : {SeamOperation::kPWrite, SeamOperation::kMinCore}) {
    const int error = silent == SeamOperation::kPWrite ? ENOSPC : ENODEV;
    seam_.Fail(SeamOperation::kDioAlign, 1, ENOSYS);
    seam_.Fail(silent, 1, error);
    EXPECT_EQ(OpenAndEnd(DirectMode::kRequire), (Status{Step::kProbe, error}));
    seam_.Fail(SeamOperation::kDioAlign, 1, ENOSYS);
    seam_.Fail(silent, 1, error);
    EXPECT_EQ(OpenAndEnd(DirectMode::kOn), Status{});
    seam_.Fail(silent, 1, error);
    EXPECT_EQ(OpenAndEnd(DirectMode::kRequire), Status{});
  }
}

TEST_F(DirectOpenTest, WhatCouldNotBeFoundOutIsAFailure) {
  for (const DirectMode mode : {DirectMode::kOn, DirectMode::kRequire}) {
    for (const int error : {EMFILE, EIO}) {
      seam_.Fail(SeamOperation::kCreate, 1, error);
      EXPECT_EQ(OpenAndEnd(mode), (Status{Step::kProbe, error}));
      EXPECT_EQ(finding_.reason, Reason::kFailed);
    }
  }
}

TEST_F(DirectOpenTest, WhatIsNotEffectiveIsAFailureOnlyWhereItIsRequired) {
  seam_.Fail(SeamOperation::kPWrite, 1, EINVAL);
  EXPECT_EQ(OpenAndEnd(DirectMode::kOn), Status{});
  EXPECT_EQ(finding_.reason, Reason::kRefused);
  seam_.Fail(SeamOperation::kPWrite, 1, EINVAL);
  EXPECT_EQ(OpenAndEnd(DirectMode::kRequire), (Status{Step::kProbe, EINVAL}));
}

constexpr int64_t kPieces = 5;
// The last piece has what is left over: past the page cache in the same call, while calls through
// it are short, and those beyond the last piece are one more to the seam.
constexpr int64_t kSize = kPieces * kSegmentBytes + 12'345;

class DirectPiecesTest : public ClientFixture {
 protected:
  ~DirectPiecesTest() override {
    pieces_.ReleaseAll();
    EndClient();
  }

  void Open(DirectMode mode, int64_t size = kSize, int64_t physical = kPhysical) {
    auto options = Options(2);
    options.direct = mode;
    ClientFixture::Open(options, std::make_unique<PieceOps>(&pieces_));
    slot_ = std::make_unique<AlignedSlot>(size, physical);
    content_of_object_ = ContentOf("object", size);
    slot_->Fill(content_of_object_);
    ASSERT_EQ(Run(Operation::kSet), ItemResult::Of(Outcome::kStored, size));
    ASSERT_EQ(directory_.Read("object"), content_of_object_);
    Forget();
  }

  ItemResult Run(Operation operation) {
    Start(operation);
    return DrainBatches(1)[0]->items[0].result;
  }

  void Start(Operation operation) {
    auto batch = MakeBatch(next_id_++, operation, {"object"});
    batch->items[0].data = slot_->data();
    batch->items[0].size = slot_->memory().size;
    batch->items[0].physical = slot_->memory().physical;
    Submit(std::move(batch));
  }

  // Loads it into poison, with a piece in the hands of each of two threads at the same time.
  ItemResult LoadByTwo() {
    slot_->Poison();
    Forget();
    pieces_.Hold(0);
    pieces_.Hold(1);
    Start(Operation::kGet);
    pieces_.AwaitHeld(0);
    pieces_.AwaitHeld(1);
    EXPECT_EQ(pieces_.TakeReaders().size(), 2u);
    pieces_.ReleaseAll();
    const ItemResult result = DrainBatches(1)[0]->items[0].result;
    EXPECT_TRUE(slot_->CanariesAreWhole());
    return result;
  }

  void Forget() {
    pieces_.TakeReaders();
    pieces_.TakeDirect();
    pieces_.TakeBuffered();
    pieces_.TakeOpens();
  }

  bool IsWhole() const { return slot_->Content() == content_of_object_; }

  static std::set<int64_t> UpTo(int64_t last) {
    std::set<int64_t> all;
    for (int64_t piece = 0; piece <= last; ++piece) all.insert(piece);
    return all;
  }

  static constexpr int64_t kPhysical = kPieces * kSegmentBytes + 16'384;

  PieceSeam pieces_;
  std::unique_ptr<AlignedSlot> slot_;
  std::string content_of_object_;

 private:
  int64_t next_id_ = 0;
};

TEST_F(DirectPiecesTest, PiecesGoPastThePageCacheWithThePaddedTail) {
  Open(DirectMode::kRequire);
  EXPECT_EQ(LoadByTwo(), ItemResult::Of(Outcome::kLoaded, kSize));
  EXPECT_TRUE(IsWhole());
  EXPECT_EQ(pieces_.TakeDirect(), UpTo(kPieces - 1));
  EXPECT_TRUE(pieces_.TakeBuffered().empty());
  // What seems corrupt is read once more, which would hide that a piece was wrong.
  EXPECT_EQ(pieces_.TakeOpens(), 1);
  EXPECT_EQ(client_->split_loads(), 1);
  EXPECT_EQ(client_->direct_counters().loads, 1);
}

TEST_F(DirectPiecesTest, APieceThatIsRefusedHasAllOfItReadThroughThePageCache) {
  Open(DirectMode::kOn);
  int64_t refused = 0;
  for (const int error : {EINVAL, EOPNOTSUPP, EPERM}) {
    for (int64_t bad = 0; bad < kPieces; ++bad) {
      pieces_.FailDirect(bad, error);
      const ItemResult result = LoadByTwo();
      EXPECT_EQ(result.outcome, Outcome::kLoaded);
      EXPECT_EQ(result.fallback, Fallback::kErrno);
      EXPECT_EQ(result.error, error);
      EXPECT_TRUE(IsWhole()) << bad;
      EXPECT_TRUE(pieces_.TakeDirect().contains(bad));
      EXPECT_EQ(pieces_.TakeBuffered(), UpTo(kPieces));
      EXPECT_EQ(pieces_.TakeOpens(), 2);
      EXPECT_EQ(client_->direct_counters().fallback_errno, ++refused);
      pieces_.Heal();
    }
  }
  EXPECT_EQ(refused, 15);
  EXPECT_EQ(client_->split_loads(), 15);
  EXPECT_EQ(client_->direct_counters().loads, 0);
  EXPECT_EQ(LoadByTwo(), ItemResult::Of(Outcome::kLoaded, kSize));
}

TEST_F(DirectPiecesTest, WhereItIsRequiredAPieceThatIsRefusedFailsTheLoad) {
  Open(DirectMode::kRequire);
  pieces_.FailDirect(3, EINVAL);
  EXPECT_EQ(LoadByTwo(), ItemResult::Failed({Step::kNotDirect, EINVAL}));
  EXPECT_TRUE(pieces_.TakeBuffered().empty());
  EXPECT_EQ(client_->direct_counters().loads, 0);
}

TEST_F(DirectPiecesTest, APieceThatFailsIsNoReasonToFallBack) {
  Open(DirectMode::kOn);
  pieces_.FailDirect(2, EIO);
  EXPECT_EQ(LoadByTwo(), ItemResult::Failed({Step::kRead, EIO}));
  EXPECT_TRUE(pieces_.TakeBuffered().empty());
  EXPECT_EQ(client_->direct_counters().fallback_errno, 0);
}

TEST_F(DirectPiecesTest, AFlippedByteIsFoundInAnyPieceAndInTheTail) {
  Open(DirectMode::kOn);
  int64_t found = 0;
  for (const int64_t at : {int64_t{0}, 2 * kSegmentBytes - 1, 3 * kSegmentBytes, kSize - 1}) {
    {
      std::fstream file(directory_.PathOf("object"), std::ios::in | std::ios::out);
      file.seekp(at).put(static_cast<char>(content_of_object_[static_cast<size_t>(at)] ^ 1));
    }
    EXPECT_EQ(LoadByTwo().outcome, Outcome::kCorrupt) << at;
    EXPECT_EQ(client_->counters().corrupt, ++found);
    slot_->Fill(content_of_object_);
    EXPECT_EQ(Run(Operation::kSet).outcome, Outcome::kStored);
  }
  EXPECT_EQ(found, 4);
}

TEST_F(DirectPiecesTest, AUnitThatIsLargerThanAPieceIsReadInOneGo) {
  pieces_.SetUnit(2 * kSegmentBytes);
  Open(DirectMode::kRequire, kSize, 3 * 2 * kSegmentBytes);
  slot_->Poison();
  EXPECT_EQ(Run(Operation::kGet), ItemResult::Of(Outcome::kLoaded, kSize));
  EXPECT_TRUE(IsWhole());
  EXPECT_EQ(client_->split_loads(), 0);
  EXPECT_EQ(client_->direct_counters().loads, 1);
}

}  // namespace
}  // namespace lmcache

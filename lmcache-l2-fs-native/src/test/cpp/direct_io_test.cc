// SPDX-License-Identifier: Apache-2.0
#include "direct_io.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "test_support.h"

namespace lmcache {
namespace {

constexpr DirectAlignment kAlignment{512, 4096};

// An address need not be there to be planned with.
ObjectMemory At(uintptr_t address, int64_t size, int64_t physical) {
  return {reinterpret_cast<void*>(address), size, physical};
}

using Reason = DirectFinding::Reason;

DirectFinding Found(Reason reason, int error = 0) {
  DirectFinding finding;
  finding.reason = reason;
  finding.error = error;
  finding.alignment = kAlignment;
  return finding;
}

DirectPlan Plan(DirectMode mode, bool effective, const ObjectMemory& memory) {
  return DirectIo({mode, Found(effective ? Reason::kEffective : Reason::kCached)}).PlanFor(memory);
}

TEST(DirectIoTest, OffIsNeverDirectAndNeverAFallback) {
  const DirectPlan plan = Plan(DirectMode::kOff, true, At(0x1000, 4096, 4096));
  EXPECT_FALSE(plan.direct);
  EXPECT_EQ(plan.transfer_bytes, 4096);
  EXPECT_EQ(plan.fallback, Fallback::kNone);
}

TEST(DirectIoTest, NothingToMoveIsNoFallback) {
  for (const DirectMode mode : {DirectMode::kOn, DirectMode::kRequire}) {
    const DirectPlan plan = Plan(mode, true, At(0x1001, 0, 0));
    EXPECT_FALSE(plan.direct);
    EXPECT_EQ(plan.fallback, Fallback::kNone);
    EXPECT_EQ(plan.failure.outcome, Outcome::kPending);
  }
}

TEST(DirectIoTest, APaddedLengthIsRoundedUp) {
  const DirectPlan plan = Plan(DirectMode::kOn, true, At(0x1200, 4097, 8192));
  EXPECT_TRUE(plan.direct);
  EXPECT_EQ(plan.transfer_bytes, 8192);
}

TEST(DirectIoTest, PaddingThatIsTooShortIsNotUsed) {
  const DirectPlan plan = Plan(DirectMode::kOn, true, At(0x1000, 4097, 8191));
  EXPECT_FALSE(plan.direct);
  EXPECT_EQ(plan.transfer_bytes, 4097);
  EXPECT_EQ(plan.fallback, Fallback::kLength);
}

TEST(DirectIoTest, ALengthThatIsAMultipleNeedsNoPadding) {
  EXPECT_TRUE(Plan(DirectMode::kOn, true, At(0x1000, 8192, 8192)).direct);
}

TEST(DirectIoTest, WhatIsBufferedAnywayMayHaveAnyAddress) {
  const DirectPlan plan = Plan(DirectMode::kOn, true, At(0x1001, 100, 100));
  EXPECT_EQ(plan.failure.outcome, Outcome::kPending);
  EXPECT_EQ(plan.fallback, Fallback::kLength);
}

TEST(DirectIoTest, AMisalignedAddressIsAnErrorThatTellsTheAddress) {
  for (const DirectMode mode : {DirectMode::kOn, DirectMode::kRequire}) {
    for (const uintptr_t skew : {1, 64, 511}) {
      const DirectPlan plan = Plan(mode, true, At(0x1000 + skew, 4096, 4096));
      ItemResult expected = ItemResult::Failed({Step::kMisaligned, EINVAL});
      expected.bytes = static_cast<int64_t>(0x1000 + skew);
      EXPECT_EQ(plan.failure, expected);
    }
    EXPECT_TRUE(Plan(mode, true, At(0x1200, 4096, 4096)).direct);
  }
}

TEST(DirectIoTest, RequireFailsWhatWouldFallBack) {
  ItemResult expected = ItemResult::Failed({Step::kLengthNotDirect, EINVAL});
  expected.bytes = 100;
  EXPECT_EQ(Plan(DirectMode::kRequire, true, At(0x1000, 100, 100)).failure, expected);
  const DirectIo io({DirectMode::kRequire, Found(Reason::kEffective)});
  EXPECT_EQ(io.PlanAfterRefusal(At(0x1000, 4096, 4096), EOPNOTSUPP).failure,
            ItemResult::Failed({Step::kNotDirect, EOPNOTSUPP}));
}

TEST(DirectIoTest, CountsWhatWasDone) {
  DirectIo io({DirectMode::kOn, Found(Reason::kEffective)});
  const ObjectMemory whole = At(0x1000, 4096, 4096);
  io.CountStore(io.PlanFor(whole));
  io.CountLoad(io.PlanFor(whole));
  io.CountLoad(io.PlanFor(whole));
  io.CountLoad(io.PlanFor(At(0x1000, 1, 1)));
  io.CountLoad(io.PlanFor(At(0x1000, 0, 0)));
  io.CountStore(io.PlanAfterRefusal(whole, EPERM));
  EXPECT_EQ(io.counters().stores, 1);
  EXPECT_EQ(io.counters().loads, 2);
  EXPECT_EQ(io.counters().fallback_length, 1);
  EXPECT_EQ(io.counters().fallback_errno, 1);
  EXPECT_EQ(io.counters().fallback_fs, 0);
  DirectIo cached({DirectMode::kOn, Found(Reason::kCached)});
  cached.CountStore(cached.PlanFor(whole));
  EXPECT_EQ(cached.counters().fallback_fs, 1);
  EXPECT_EQ(cached.counters().stores, 0);
}

TEST(DirectIoTest, KnowsWhatRefusesAFile) {
  for (const int error : {EINVAL, EOPNOTSUPP, EPERM}) EXPECT_TRUE(DirectIo::IsRefusal(error));
  for (const int error : {0, ENOSPC, EIO, EACCES}) EXPECT_FALSE(DirectIo::IsRefusal(error));
}

TEST(DirectIoTest, WhatIsNotProvenIsTried) {
  for (const Reason reason : {Reason::kNoSpace, Reason::kUnseen}) {
    const DirectIo direct({DirectMode::kOn, Found(reason, ENOSPC)});
    EXPECT_TRUE(direct.PlanFor(At(0x1000, 4096, 4096)).direct);
    EXPECT_EQ(direct.unsettled(), reason == Reason::kNoSpace);
    EXPECT_EQ(direct.finding().reason, reason);
    EXPECT_EQ(direct.finding().error, ENOSPC);
  }
  EXPECT_FALSE(DirectIo({DirectMode::kOff, Found(Reason::kNoSpace, ENOSPC)}).unsettled());
}

TEST(DirectIoTest, TheNextProbeSettlesIt) {
  for (const Reason reason :
       {Reason::kEffective, Reason::kRefused, Reason::kNoDioAlign, Reason::kCached}) {
    DirectIo direct({DirectMode::kOn, Found(Reason::kNoSpace, ENOSPC)});
    direct.Settle(Found(reason, 5));
    EXPECT_FALSE(direct.unsettled());
    EXPECT_EQ(direct.finding().reason, reason);
    EXPECT_EQ(direct.finding().error, 5);
    const DirectPlan plan = direct.PlanFor(At(0x1000, 4096, 4096));
    EXPECT_EQ(plan.direct, reason == Reason::kEffective);
    EXPECT_EQ(plan.fallback, plan.direct ? Fallback::kNone : Fallback::kFileSystem);
  }
}

TEST(DirectIoTest, AProbeThatSaysNothingSettlesNothing) {
  DirectIo direct({DirectMode::kOn, Found(Reason::kNoSpace, ENOSPC)});
  direct.Settle(Found(Reason::kFailed, EIO));
  EXPECT_TRUE(direct.unsettled());
  EXPECT_EQ(direct.finding().error, ENOSPC);
  direct.Settle(Found(Reason::kNoSpace, EDQUOT));
  EXPECT_TRUE(direct.unsettled());
}

TEST(DirectIoTest, AnAlignmentThatWasToldStays) {
  DirectIo direct({DirectMode::kOn, Found(Reason::kNoSpace, ENOSPC)});
  DirectFinding finer = Found(Reason::kNoSpace, ENOSPC);
  finer.alignment = {512, 512};
  direct.Settle(finer);
  EXPECT_EQ(direct.alignment().length, 4096);
  EXPECT_TRUE(direct.unsettled());
  DirectFinding coarser = Found(Reason::kEffective);
  coarser.alignment = {512, 8192};
  direct.Settle(coarser);
  EXPECT_EQ(direct.alignment().length, 4096);
  EXPECT_EQ(direct.finding().reason, Reason::kRefused);
  EXPECT_EQ(direct.finding().error, EINVAL);
}

TEST(DirectIoTest, WhereItIsRequiredAndTurnsOutNotToBeKeysFail) {
  DirectIo direct({DirectMode::kRequire, Found(Reason::kNoSpace, ENOSPC)});
  EXPECT_TRUE(direct.PlanFor(At(0x1000, 4096, 4096)).direct);
  direct.Settle(Found(Reason::kCached));
  EXPECT_EQ(direct.PlanFor(At(0x1000, 4096, 4096)).failure, ItemResult::Failed({Step::kProbe, 0}));
  EXPECT_EQ(direct.PlanFor(At(0x1000, 0, 0)).failure.outcome, Outcome::kPending);
}

}  // namespace
}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#include "direct_probe.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>

#include "seam_file_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

using Reason = DirectFinding::Reason;

// The file system under it may be any: what the kernel would say about the page cache and about
// alignments is said by the seam. Real file systems are in the matrix of the Java tests.
class DirectProbeTest : public testing::Test {
 protected:
  DirectProbeTest() {
    seam_.SetResidentPages(0);
    seam_.SetDioAlign(512, 4096);
  }
  ~DirectProbeTest() override { EXPECT_TRUE(directory_.Names().empty()) << "the probe's file"; }

  DirectFinding Probe() { return ProbeDirectIo(&ops_, directory_.fd(), "probe-", &counter_); }

  TempDirectory directory_;
  Seam seam_;
  SeamFileOps ops_{&seam_};
  std::atomic<uint64_t> counter_{7};
};

TEST_F(DirectProbeTest, TellsTheKernelsAlignments) {
  seam_.StartTrace();
  const DirectFinding found = Probe();
  EXPECT_EQ(found.reason, Reason::kEffective);
  EXPECT_TRUE(found.effective());
  EXPECT_TRUE(found.reliable());
  EXPECT_EQ(found.alignment.memory, 512);
  EXPECT_EQ(found.alignment.length, 4096);
  EXPECT_GT(found.block_size, 0);
  EXPECT_EQ(seam_.TakeTrace(),
            (std::vector<std::string>{"fstatvfs", "create direct", "dioalign", "pwrite 4096@0",
                                      "pread 4096@0", "mincore", "close", "unlink"}));
}

TEST_F(DirectProbeTest, OfASmallUnitItMovesAPageWhichMinCoreCanSee) {
  seam_.SetDioAlign(512, 512);
  seam_.StartTrace();
  const DirectFinding found = Probe();
  EXPECT_EQ(found.reason, Reason::kEffective);
  EXPECT_EQ(found.alignment.length, 512);
  EXPECT_EQ(seam_.TakeTrace(),
            (std::vector<std::string>{"fstatvfs", "create direct", "dioalign", "pwrite 4096@0",
                                      "pread 4096@0", "mincore", "close", "unlink"}));
}

TEST_F(DirectProbeTest, OfASmallUnitAReadThatIsCutShortGoesOn) {
  seam_.SetDioAlign(512, 512);
  seam_.Shorten(SeamOperation::kPRead, 1, 512);
  EXPECT_EQ(Probe().reason, Reason::kEffective);
  EXPECT_EQ(seam_.fired(), 1);
}

TEST_F(DirectProbeTest, AUnitOfMegabytesIsTakenAtItsWord) {
  seam_.SetDioAlign(4096, 4 << 20);
  const DirectFinding found = Probe();
  EXPECT_TRUE(found.effective());
  EXPECT_EQ(found.alignment.length, 4 << 20);
}

TEST_F(DirectProbeTest, AnAnswerThatIsNoAlignmentIsNotUsed) {
  seam_.SetDioAlign(513, 4096);
  const DirectFinding found = Probe();
  EXPECT_EQ(found.reason, Reason::kRefused);
  EXPECT_EQ(found.error, ERANGE);
  EXPECT_EQ(found.alignment.memory, 4096);
}

TEST_F(DirectProbeTest, ZeroAlignmentsMeanNo) {
  for (const auto& [memory, offset] : {std::pair{0, 0}, {0, 512}, {512, 0}}) {
    seam_.SetDioAlign(static_cast<uint32_t>(memory), static_cast<uint32_t>(offset));
    EXPECT_EQ(Probe().reason, Reason::kNoDioAlign);
  }
}

TEST_F(DirectProbeTest, APageInTheCacheMeansNo) {
  seam_.SetResidentPages(1);
  EXPECT_EQ(Probe().reason, Reason::kCached);
}

TEST_F(DirectProbeTest, ARefusalIsFoundWhereverItComes) {
  for (const SeamOperation operation :
       {SeamOperation::kCreate, SeamOperation::kPWrite, SeamOperation::kPRead}) {
    for (const int error : {EINVAL, EOPNOTSUPP, EPERM}) {
      seam_.Fail(operation, 1, error);
      const DirectFinding found = Probe();
      EXPECT_EQ(found.reason, Reason::kRefused);
      EXPECT_EQ(found.error, error);
    }
  }
}

TEST_F(DirectProbeTest, OtherErrorsSayNothing) {
  int told = 0;
  for (const SeamOperation operation :
       {SeamOperation::kCreate, SeamOperation::kPWrite, SeamOperation::kPRead}) {
    for (const int error : {EIO, EMFILE, ENFILE, EACCES, EROFS}) {
      seam_.Fail(operation, 1, error);
      const DirectFinding found = Probe();
      EXPECT_EQ(found.reason, Reason::kFailed);
      EXPECT_EQ(found.error, error);
      EXPECT_FALSE(found.effective());
      ++told;
    }
  }
  EXPECT_EQ(told, 15);
}

TEST_F(DirectProbeTest, BytesThatComeBackOtherwiseSayNothing) {
  seam_.Shorten(SeamOperation::kPRead, 1, 512);
  seam_.Shorten(SeamOperation::kPRead, 2, 512);
  const DirectFinding found = Probe();
  EXPECT_EQ(found.reason, Reason::kFailed);
  EXPECT_EQ(found.error, EIO);
}

TEST_F(DirectProbeTest, WithoutRoomItReadsAHole) {
  for (const int error : {ENOSPC, EDQUOT}) {
    seam_.Fail(SeamOperation::kPWrite, 1, error);
    seam_.StartTrace();
    const DirectFinding found = Probe();
    EXPECT_EQ(found.reason, Reason::kNoSpace);
    EXPECT_EQ(found.error, error);
    EXPECT_EQ(found.alignment.memory, 512);
    EXPECT_TRUE(found.effective());
    EXPECT_TRUE(found.reliable()) << "the kernel says so";
    EXPECT_EQ(seam_.TakeTrace(), (std::vector<std::string>{
                                     "fstatvfs", "create direct", "dioalign", "pwrite 4096@0",
                                     "ftruncate", "pread 4096@0", "mincore", "close", "unlink"}));
  }
}

TEST_F(DirectProbeTest, AUnitThatIsCutShortFoundNoRoom) {
  seam_.Shorten(SeamOperation::kPWrite, 1, 512);
  const DirectFinding found = Probe();
  EXPECT_EQ(found.reason, Reason::kNoSpace);
  EXPECT_EQ(found.error, ENOSPC);
}

TEST_F(DirectProbeTest, WithoutRoomForANameItTakesAFileWithoutOne) {
  seam_.Fail(SeamOperation::kCreate, 1, ENOSPC);
  seam_.StartTrace();
  EXPECT_EQ(Probe().reason, Reason::kEffective);
  EXPECT_EQ(seam_.TakeTrace(),
            (std::vector<std::string>{"fstatvfs", "create direct", "open direct", "dioalign",
                                      "pwrite 4096@0", "pread 4096@0", "mincore", "close"}));
  seam_.Fail(SeamOperation::kCreate, 1, ENOSPC);
  seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
  const DirectFinding found = Probe();
  EXPECT_EQ(found.reason, Reason::kNoSpace);
  EXPECT_EQ(found.error, ENOSPC);
  EXPECT_TRUE(found.reliable());
}

TEST_F(DirectProbeTest, WithoutRoomForAnyFileNothingSpeaksAgainstIt) {
  // Also what would be a refusal elsewhere: there may be no files without a name.
  for (const int error : {EOPNOTSUPP, EISDIR, EINVAL, ENOSPC}) {
    seam_.Fail(SeamOperation::kCreate, 1, ENOSPC);
    seam_.Fail(SeamOperation::kOpen, 1, error);
    const DirectFinding found = Probe();
    EXPECT_EQ(found.reason, Reason::kNoSpace);
    EXPECT_EQ(found.error, ENOSPC);
    EXPECT_TRUE(found.effective());
    EXPECT_FALSE(found.reliable());
    EXPECT_EQ(found.alignment.length, 4096);
  }
}

TEST_F(DirectProbeTest, WithoutRoomAndWithoutTheKernelsWordItIsNotReliable) {
  seam_.Fail(SeamOperation::kDioAlign, 1, ENOSYS);
  seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
  const DirectFinding found = Probe();
  EXPECT_TRUE(found.effective());
  EXPECT_FALSE(found.reliable());
}

TEST_F(DirectProbeTest, AHoleTellsWhatNeedsNoRoom) {
  seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
  seam_.Fail(SeamOperation::kPRead, 1, EINVAL);
  EXPECT_EQ(Probe().reason, Reason::kRefused);
  seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
  seam_.Fail(SeamOperation::kPRead, 1, EIO);
  EXPECT_EQ(Probe().reason, Reason::kFailed);
  seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
  seam_.Fail(SeamOperation::kFTruncate, 1, EFBIG);
  EXPECT_EQ(Probe().reason, Reason::kNoSpace);
  seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
  seam_.Fail(SeamOperation::kMinCore, 1, ENODEV);
  EXPECT_EQ(Probe().reason, Reason::kNoSpace);
  seam_.SetResidentPages(1);
  seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
  EXPECT_EQ(Probe().reason, Reason::kCached);
  EXPECT_FALSE(seam_.has_faults());
}

TEST_F(DirectProbeTest, AFileThatCannotBeMappedIsNotSaidToBeCachedNorRefused) {
  // EINVAL here is no word about O_DIRECT.
  for (const int error : {ENODEV, EINVAL, EPERM}) {
    seam_.Fail(SeamOperation::kMinCore, 1, error);
    const DirectFinding found = Probe();
    EXPECT_EQ(found.reason, Reason::kUnseen);
    EXPECT_EQ(found.error, error);
    EXPECT_TRUE(found.effective());
    EXPECT_TRUE(found.reliable());
  }
  seam_.Fail(SeamOperation::kDioAlign, 1, ENOSYS);
  seam_.Fail(SeamOperation::kMinCore, 1, ENODEV);
  EXPECT_FALSE(Probe().reliable());
}

TEST_F(DirectProbeTest, WithoutAnAnswerAPageIsTheUnit) {
  seam_.Fail(SeamOperation::kDioAlign, 1, ENOSYS);
  const DirectFinding found = Probe();
  EXPECT_EQ(found.reason, Reason::kEffective);
  EXPECT_TRUE(found.reliable());
  EXPECT_EQ(found.alignment.memory, 4096);
  EXPECT_EQ(found.alignment.length, 4096);
}

TEST_F(DirectProbeTest, AFileThatIsNotOursStaysAndAnotherNameIsTaken) {
  directory_.Write("probe-7.tmp", "theirs");
  EXPECT_EQ(Probe().reason, Reason::kEffective);
  EXPECT_EQ(directory_.Read("probe-7.tmp"), "theirs");
  EXPECT_EQ(::unlinkat(directory_.fd(), "probe-7.tmp", 0), 0);
}

}  // namespace
}  // namespace lmcache

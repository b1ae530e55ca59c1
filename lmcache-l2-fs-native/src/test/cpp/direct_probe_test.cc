// SPDX-License-Identifier: Apache-2.0
#include "direct_probe.h"

#include <gtest/gtest.h>

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

  DirectFinding Probe() { return ProbeDirectIo(&ops_, directory_.fd(), "probe.tmp"); }

  TempDirectory directory_;
  Seam seam_;
  SeamFileOps ops_{&seam_};
};

TEST_F(DirectProbeTest, TellsTheKernelsAlignments) {
  seam_.StartTrace();
  const DirectFinding found = Probe();
  EXPECT_TRUE(found.effective());
  EXPECT_EQ(found.alignment.memory, 512);
  EXPECT_EQ(found.alignment.length, 4096);
  EXPECT_GT(found.block_size, 0);
  EXPECT_EQ(seam_.TakeTrace(),
            (std::vector<std::string>{"fstatvfs", "create direct", "dioalign", "pwrite 4096@0",
                                      "pread 4096@0", "mincore", "close", "unlink"}));
}

TEST_F(DirectProbeTest, AUnitOfMegabytesIsTakenAtItsWord) {
  seam_.SetDioAlign(4096, 4 << 20);
  const DirectFinding found = Probe();
  EXPECT_TRUE(found.effective());
  EXPECT_EQ(found.alignment.length, 4 << 20);
}

TEST_F(DirectProbeTest, AnAnswerThatIsNoAlignmentIsNotUsed) {
  seam_.SetDioAlign(513, 4096);
  EXPECT_EQ(Probe().reason, Reason::kFailed);
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

TEST_F(DirectProbeTest, OtherErrorsAreTold) {
  seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
  const DirectFinding found = Probe();
  EXPECT_EQ(found.reason, Reason::kFailed);
  EXPECT_EQ(found.error, ENOSPC);
  seam_.Fail(SeamOperation::kMinCore, 1, EIO);
  EXPECT_EQ(Probe().reason, Reason::kFailed);
}

TEST_F(DirectProbeTest, WithoutAnAnswerAPageIsTheUnit) {
  seam_.Fail(SeamOperation::kDioAlign, 1, ENOSYS);
  const DirectFinding found = Probe();
  EXPECT_TRUE(found.effective());
  EXPECT_EQ(found.alignment.memory, 4096);
  EXPECT_EQ(found.alignment.length, 4096);
}

TEST_F(DirectProbeTest, AFileThatIsNotOursStays) {
  directory_.Write("probe.tmp", "theirs");
  EXPECT_EQ(Probe().error, EEXIST);
  EXPECT_EQ(directory_.Read("probe.tmp"), "theirs");
  EXPECT_EQ(::unlinkat(directory_.fd(), "probe.tmp", 0), 0);
}

}  // namespace
}  // namespace lmcache

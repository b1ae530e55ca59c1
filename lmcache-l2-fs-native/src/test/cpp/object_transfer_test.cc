// SPDX-License-Identifier: Apache-2.0
#include "object_transfer.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "crc32c.h"
#include "seam_file_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

class ObjectTransferTest : public testing::Test {
 protected:
  ObjectTransferTest() {
    directory_.Write("file", "");
    EXPECT_EQ(OpenFile(&ops_, directory_.fd(), "file", O_RDWR, 0, &fd_), 0);
  }

  Transfer Write(const std::string& data) {
    const auto size = static_cast<int64_t>(data.size());
    return WriteObject(&ops_, fd_.get(), data.data(), size, size, {}, &crc_);
  }

  Transfer Read(std::string* data) {
    const auto size = static_cast<int64_t>(data->size());
    return ReadObject(&ops_, fd_.get(), data->data(), 0, size, size, {}, &crc_);
  }

  static uint32_t CrcOf(const std::string& data) { return Crc32c(0, data.data(), data.size()); }

  TempDirectory directory_;
  Seam seam_;
  SeamFileOps ops_{&seam_};
  UniqueFd fd_;
  uint32_t crc_ = 0;
};

TEST_F(ObjectTransferTest, BothWaysAroundEveryEdgeOfABlock) {
  int sizes = 0;
  for (const int64_t blocks : {0, 1, 2, 3}) {
    for (int64_t size = blocks * kCheckedBlockBytes - 1; size <= blocks * kCheckedBlockBytes + 1;
         ++size) {
      if (size < 0) continue;
      const std::string data = ContentOf("of " + std::to_string(size), size);
      crc_ = 77;
      const Transfer written = Write(data);
      EXPECT_EQ(written.bytes, size);
      EXPECT_EQ(written.error, 0);
      EXPECT_EQ(crc_, CrcOf(data)) << size;
      std::string read(data.size(), '?');
      crc_ = 77;
      EXPECT_EQ(Read(&read).bytes, size);
      EXPECT_EQ(crc_, CrcOf(data)) << size;
      EXPECT_EQ(read, data);
      ++sizes;
    }
  }
  EXPECT_EQ(sizes, 11);
}

TEST_F(ObjectTransferTest, GoesOnAfterShortCountsAndInterrupts) {
  const std::string data = ContentOf("short", kCheckedBlockBytes + 1000);
  const auto size = static_cast<int64_t>(data.size());
  for (const SeamOperation operation : {SeamOperation::kPWrite, SeamOperation::kPRead}) {
    seam_.Shorten(operation, 1, 1000);
    seam_.Fail(operation, 2, EINTR);
    seam_.Shorten(operation, 4, 10);
  }
  EXPECT_EQ(Write(data).bytes, size);
  EXPECT_EQ(crc_, CrcOf(data));
  std::string read(data.size(), '?');
  EXPECT_EQ(Read(&read).bytes, size);
  EXPECT_EQ(crc_, CrcOf(data));
  EXPECT_EQ(read, data);
  EXPECT_FALSE(seam_.has_faults());
}

TEST_F(ObjectTransferTest, AReadStopsAtEndOfFile) {
  const std::string data = ContentOf("ends", kCheckedBlockBytes + 1000);
  directory_.Write("file", data);
  std::string read(data.size() + 3 * kCheckedBlockBytes, '?');
  const Transfer done = Read(&read);
  EXPECT_EQ(done.bytes, static_cast<int64_t>(data.size()));
  EXPECT_EQ(done.error, 0);
  EXPECT_EQ(crc_, CrcOf(data));
}

TEST_F(ObjectTransferTest, StopsAtTheFirstError) {
  std::string data = ContentOf("fails", 3 * kCheckedBlockBytes);
  const auto size = static_cast<int64_t>(data.size());
  seam_.Fail(SeamOperation::kPWrite, 2, ENOSPC);
  Transfer done = Write(data);
  EXPECT_EQ(done.error, ENOSPC);
  EXPECT_EQ(done.bytes, kCheckedBlockBytes);
  EXPECT_EQ(Write(data).bytes, size);
  seam_.Fail(SeamOperation::kPRead, 3, EIO);
  done = Read(&data);
  EXPECT_EQ(done.error, EIO);
  EXPECT_EQ(done.bytes, 2 * kCheckedBlockBytes);
}

}  // namespace
}  // namespace lmcache

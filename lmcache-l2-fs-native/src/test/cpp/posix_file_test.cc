// SPDX-License-Identifier: Apache-2.0
#include "posix_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "forwarding_file_ops.h"
#include "seam_file_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

// Answers transfers of any size without memory behind them, and closes nothing.
class ScriptedFileOps final : public ForwardingFileOps {
 public:
  struct Piece {
    size_t size;
    int64_t offset;
  };

  int64_t PRead(int, void*, size_t size, int64_t offset) override { return Move(size, offset); }
  int64_t PWrite(int, const void*, size_t size, int64_t offset) override {
    return Move(size, offset);
  }
  int Close(int fd) override {
    closed.push_back(fd);
    return close_result;
  }

  std::vector<int> closed;
  int close_result = 0;
  std::vector<Piece> pieces;
  bool moves_nothing = false;

 private:
  int64_t Move(size_t size, int64_t offset) {
    pieces.push_back({size, offset});
    return moves_nothing ? 0 : static_cast<int64_t>(size);
  }
};

TEST(UniqueFdTest, ClosesOnceWhereverItMoves) {
  ScriptedFileOps ops;
  {
    UniqueFd a(&ops, 7);
    UniqueFd b(std::move(a));
    EXPECT_FALSE(a.valid());
    UniqueFd c;
    c = std::move(b);
    EXPECT_EQ(c.get(), 7);
    EXPECT_TRUE(ops.closed.empty());
  }
  EXPECT_EQ(ops.closed, std::vector<int>{7});
}

TEST(UniqueFdTest, AssigningClosesWhatItHeld) {
  ScriptedFileOps ops;
  UniqueFd held(&ops, 7);
  held = UniqueFd(&ops, 8);
  EXPECT_EQ(ops.closed, std::vector<int>{7});
  EXPECT_EQ(held.get(), 8);
}

TEST(UniqueFdTest, CloseReportsTheErrorAndIsNeverRetried) {
  for (const int error : {EINTR, EIO, EDQUOT}) {
    ScriptedFileOps ops;
    ops.close_result = -error;
    {
      UniqueFd fd(&ops, 7);
      EXPECT_EQ(fd.Close(), -error);
      EXPECT_FALSE(fd.valid());
      EXPECT_EQ(fd.Close(), 0);
    }
    EXPECT_EQ(ops.closed, std::vector<int>{7});
  }
}

constexpr int64_t kHugeBytes = 2 * kMaxPieceBytes + 5;

void ExpectThreePieces(const std::vector<ScriptedFileOps::Piece>& pieces) {
  ASSERT_EQ(pieces.size(), 3u);
  for (size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(pieces[i].offset, static_cast<int64_t>(i) * kMaxPieceBytes);
    EXPECT_EQ(pieces[i].size, i < 2 ? static_cast<size_t>(kMaxPieceBytes) : 5u);
  }
}

TEST(TransferTest, HugeReadsGoInPieces) {
  ScriptedFileOps ops;
  const Transfer read = ReadFully(&ops, 7, nullptr, kHugeBytes);
  EXPECT_EQ(read.bytes, kHugeBytes);
  EXPECT_EQ(read.error, 0);
  ExpectThreePieces(ops.pieces);
}

TEST(TransferTest, HugeWritesGoInPieces) {
  ScriptedFileOps ops;
  const Transfer written = WriteFully(&ops, 7, nullptr, kHugeBytes);
  EXPECT_EQ(written.bytes, kHugeBytes);
  EXPECT_EQ(written.error, 0);
  ExpectThreePieces(ops.pieces);
}

// So that a first read is as long as was promised, up to what Linux moves at once.
TEST(TransferTest, WhatLinuxMovesInOneCallIsOneCall) {
  for (const int64_t size : {int64_t{1} << 30, (int64_t{1} << 30) + 1, int64_t{0x7ffff000}}) {
    ScriptedFileOps ops;
    EXPECT_EQ(ReadFully(&ops, 7, nullptr, size).bytes, size);
    EXPECT_EQ(ops.pieces.size(), 1u) << size;
  }
}

TEST(TransferTest, NothingToMoveIsNoCall) {
  ScriptedFileOps ops;
  EXPECT_EQ(ReadFully(&ops, 7, nullptr, 0).error, 0);
  EXPECT_EQ(WriteFully(&ops, 7, nullptr, 0).error, 0);
  EXPECT_TRUE(ops.pieces.empty());
}

TEST(TransferTest, AWriteThatMovesNothingIsAnErrorAndNoLoop) {
  ScriptedFileOps ops;
  ops.moves_nothing = true;
  std::string data = "abc";
  const Transfer written = WriteFully(&ops, 7, data.data(), 3);
  EXPECT_EQ(written.error, EIO);
  EXPECT_EQ(written.bytes, 0);
  EXPECT_EQ(ops.pieces.size(), 1u);
}

// The real kernel behind a seam that cuts calls short and interrupts them.
class SeamTransferTest : public testing::Test {
 protected:
  SeamTransferTest() {
    directory_.Write("file", content_);
    EXPECT_EQ(OpenFile(&ops_, directory_.fd(), "file", O_RDWR, 0, &fd_), 0);
  }

  TempDirectory directory_;
  Seam seam_;
  SeamFileOps ops_{&seam_};
  UniqueFd fd_;
  const std::string content_ = ContentOf("file", 1000);
};

TEST_F(SeamTransferTest, ReadsThroughShortCountsAndInterrupts) {
  seam_.Shorten(SeamOperation::kPRead, 1, 1);
  seam_.Fail(SeamOperation::kPRead, 2, EINTR);
  seam_.Fail(SeamOperation::kPRead, 3, EINTR);
  seam_.Shorten(SeamOperation::kPRead, 4, 400);
  std::string data(1000, '?');
  const Transfer read = ReadFully(&ops_, fd_.get(), data.data(), 1000);
  EXPECT_EQ(read.bytes, 1000);
  EXPECT_EQ(read.error, 0);
  EXPECT_EQ(data, content_);
  EXPECT_FALSE(seam_.has_faults());
}

TEST_F(SeamTransferTest, AnOffsetMovesBothEnds) {
  std::string data(300, '?');
  EXPECT_EQ(ReadFully(&ops_, fd_.get(), data.data(), 300, 650).bytes, 300);
  EXPECT_EQ(data, content_.substr(650, 300));
  EXPECT_EQ(WriteFully(&ops_, fd_.get(), "abc", 3, 998).bytes, 3);
  EXPECT_EQ(directory_.Read("file"), content_.substr(0, 998) + "abc");
}

TEST_F(SeamTransferTest, ReadStopsAtEndOfFile) {
  std::string data(1200, '?');
  const Transfer read = ReadFully(&ops_, fd_.get(), data.data(), 1200);
  EXPECT_EQ(read.bytes, 1000);
  EXPECT_EQ(read.error, 0);
  EXPECT_EQ(data, content_ + std::string(200, '?'));
}

TEST_F(SeamTransferTest, ReadStopsAtTheFirstError) {
  seam_.Shorten(SeamOperation::kPRead, 1, 10);
  seam_.Fail(SeamOperation::kPRead, 2, EIO);
  std::string data(1000, '?');
  const Transfer read = ReadFully(&ops_, fd_.get(), data.data(), 1000);
  EXPECT_EQ(read.bytes, 10);
  EXPECT_EQ(read.error, EIO);
}

TEST_F(SeamTransferTest, WritesThroughShortCountsAndInterrupts) {
  seam_.Fail(SeamOperation::kPWrite, 1, EINTR);
  seam_.Shorten(SeamOperation::kPWrite, 2, 1);
  seam_.Shorten(SeamOperation::kPWrite, 3, 998);
  const std::string data = ContentOf("other", 1000);
  const Transfer written = WriteFully(&ops_, fd_.get(), data.data(), 1000);
  EXPECT_EQ(written.bytes, 1000);
  EXPECT_EQ(written.error, 0);
  EXPECT_EQ(directory_.Read("file"), data);
  EXPECT_FALSE(seam_.has_faults());
}

TEST_F(SeamTransferTest, WriteStopsAtTheFirstError) {
  seam_.Shorten(SeamOperation::kPWrite, 1, 10);
  seam_.Fail(SeamOperation::kPWrite, 2, ENOSPC);
  const Transfer written = WriteFully(&ops_, fd_.get(), content_.data(), 1000);
  EXPECT_EQ(written.bytes, 10);
  EXPECT_EQ(written.error, ENOSPC);
}

TEST_F(SeamTransferTest, OpenIsRetriedAfterInterruptsOnly) {
  seam_.Fail(SeamOperation::kOpen, 1, EINTR);
  seam_.Fail(SeamOperation::kOpen, 2, EINTR);
  UniqueFd fd;
  EXPECT_EQ(OpenFile(&ops_, directory_.fd(), "file", O_RDONLY, 0, &fd), 0);
  EXPECT_TRUE(fd.valid());
  seam_.Fail(SeamOperation::kOpen, 1, EMFILE);
  UniqueFd none;
  EXPECT_EQ(OpenFile(&ops_, directory_.fd(), "file", O_RDONLY, 0, &none), -EMFILE);
  EXPECT_FALSE(none.valid());
}

TEST_F(SeamTransferTest, DescriptorsAreCloseOnExec) {
  EXPECT_EQ(::fcntl(fd_.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

}  // namespace
}  // namespace lmcache

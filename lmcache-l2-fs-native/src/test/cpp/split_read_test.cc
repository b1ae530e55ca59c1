// SPDX-License-Identifier: Apache-2.0
#include "split_read.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client_fixture.h"
#include "piece_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

constexpr int64_t kPieces = 5;
// The last piece has what is left over, which the seam counts as one more.
constexpr int64_t kSize = kPieces * kSegmentBytes + 12'345;

class SplitReadTest : public ClientFixture {
 protected:
  ~SplitReadTest() override {
    pieces_.ReleaseAll();
    EndClient();
  }

  void Open(int workers, int readers = 0) {
    auto options = Options(workers);
    options.readers = readers;
    OpenWith(options);
  }

  void OpenWith(const FsClient::Options& options) {
    ClientFixture::Open(options, std::make_unique<PieceOps>(&pieces_));
    descriptors_ = OpenDescriptors();
  }

  // Stores an object and keeps its content in `stored_`.
  void Store(const std::string& name, int64_t size = kSize) {
    stored_ = ContentOf(name, size);
    auto batch = MakeBatch(next_id_++, Operation::kSet, {name});
    batch->put_mode = PutMode::kReplace;
    SetBuffer(&batch->items[0], &stored_);
    Submit(std::move(batch));
    ASSERT_EQ(DrainResult(), ItemResult::Of(Outcome::kStored, size));
    pieces_.TakeBegun();
    pieces_.TakeReaders();
  }

  // Submits a load into a poisoned buffer, `loaded_`.
  void StartLoad(const std::string& name, int64_t size = kSize) {
    loaded_.assign(static_cast<size_t>(size), '\xA5');
    pieces_.TakeOpens();
    auto batch = MakeBatch(next_id_++, Operation::kGet, {name});
    SetBuffer(&batch->items[0], &loaded_);
    Submit(std::move(batch));
  }

  // Submits one item that needs no buffer of its own.
  void Start(Operation operation, const std::string& name) {
    Submit(operation == Operation::kSet ? SetBatch(next_id_++, {name})
                                        : MakeBatch(next_id_++, operation, {name}));
  }

  // Of the next batch, which has one item.
  ItemResult DrainResult() { return DrainBatches(1)[0]->items[0].result; }

  ItemResult Load(const std::string& name, int64_t size = kSize) {
    StartLoad(name, size);
    return DrainResult();
  }

  void ExpectLoaded(const ItemResult& result) {
    EXPECT_EQ(result, ItemResult::Of(Outcome::kLoaded, static_cast<int64_t>(stored_.size())));
    EXPECT_TRUE(loaded_ == stored_);
    // What seems corrupt is opened and read once more, which would hide that the sum was wrong.
    EXPECT_EQ(pieces_.TakeOpens(), 1);
    EXPECT_EQ(OpenDescriptors(), descriptors_);
  }

  // Starts a load whose first two pieces are held, each with one of two workers: the one that began
  // it in the first.
  void StartHeldLoad(const std::string& name) {
    pieces_.Hold(0);
    pieces_.Hold(1);
    StartLoad(name);
    pieces_.AwaitHeld(0);
    pieces_.AwaitHeld(1);
  }

  void Overwrite(const std::string& name, int64_t offset, const std::string& bytes) {
    std::fstream file(directory_.PathOf(name), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(offset);
    file << bytes;
    ASSERT_TRUE(file.good());
  }

  static std::set<int64_t> UpTo(int64_t last) {
    std::set<int64_t> pieces;
    for (int64_t piece = 0; piece <= last; ++piece) pieces.insert(piece);
    return pieces;
  }

  PieceSeam pieces_;
  std::string stored_;
  std::string loaded_;
  int descriptors_ = 0;

 private:
  int64_t next_id_ = 0;
};

TEST_F(SplitReadTest, AllIdleWorkersReadOneObjectAtTheSameTime) {
  constexpr int kWorkers = 8;
  constexpr int64_t kLarge = int64_t{64} << 20;
  Open(kWorkers);
  Store("large", kLarge);
  for (int64_t piece = 0; piece < kWorkers; ++piece) pieces_.Hold(piece);
  StartLoad("large", kLarge);
  for (int64_t piece = 0; piece < kWorkers; ++piece) pieces_.AwaitHeld(piece);
  EXPECT_EQ(pieces_.TakeReaders().size(), static_cast<size_t>(kWorkers));
  EXPECT_EQ(OpenDescriptors(), descriptors_ + 1);
  EXPECT_EQ(client_->running(), 1);
  EXPECT_EQ(client_->reading_bytes(), kLarge);
  EXPECT_EQ(client_->split_loads(), 1);
  pieces_.ReleaseAll();
  ExpectLoaded(DrainResult());
  EXPECT_EQ(pieces_.TakeBegun(), UpTo(kLarge / kSegmentBytes - 1));
}

TEST_F(SplitReadTest, TwoPiecesAreTheLeastThatIsSplit) {
  Open(2);
  Store("short", kMinSplitBytes - 1);
  ExpectLoaded(Load("short", kMinSplitBytes - 1));
  EXPECT_EQ(client_->split_loads(), 0);
  for (const int64_t more : {int64_t{0}, int64_t{1}, kSegmentBytes - 1, kSegmentBytes}) {
    const int64_t before = client_->split_loads();
    Store("long", kMinSplitBytes + more);
    ExpectLoaded(Load("long", kMinSplitBytes + more));
    EXPECT_EQ(client_->split_loads(), before + 1);
  }
}

TEST_F(SplitReadTest, OneThreadForLoadsReadsInOneGo) {
  Open(1);
  Store("key");
  ExpectLoaded(Load("key"));
  EXPECT_EQ(client_->split_loads(), 0);
}

TEST_F(SplitReadTest, OneReaderReadsInOneGoHoweverManyWorkersThereAre) {
  Open(4, 1);
  Store("key");
  ExpectLoaded(Load("key"));
  EXPECT_EQ(client_->split_loads(), 0);
  EXPECT_EQ(pieces_.TakeReaders(), std::set<std::string>{"lmc-read-0"});
}

TEST_F(SplitReadTest, OnlyReadersHelpReaders) {
  Open(4, 2);
  Store("key");
  StartHeldLoad("key");
  pieces_.ReleaseAll();
  ExpectLoaded(DrainResult());
  EXPECT_EQ(client_->split_loads(), 1);
  EXPECT_EQ(pieces_.TakeReaders(), (std::set<std::string>{"lmc-read-0", "lmc-read-1"}));
}

TEST_F(SplitReadTest, WithAFirstReadOfItsOwnLengthItIsReadInOneGo) {
  auto options = Options(4);
  options.store.read_ahead = 4096;
  OpenWith(options);
  Store("key");
  ExpectLoaded(Load("key"));
  EXPECT_EQ(client_->split_loads(), 0);
}

TEST_F(SplitReadTest, WithoutChecksumsBytesAreBytes) {
  auto options = Options(4);
  options.store.checksum = false;
  OpenWith(options);
  Store("key");
  ExpectLoaded(Load("key"));
  EXPECT_EQ(client_->split_loads(), 1);
}

TEST_F(SplitReadTest, WhatIsNotToBeReadIsAnsweredAtOnce) {
  Open(4);
  Store("key");
  EXPECT_EQ(Load("absent"), ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(Load("key", kSize + 1), ItemResult::Of(Outcome::kSizeMismatch, kSize));
  EXPECT_EQ(client_->split_loads(), 0);
}

TEST_F(SplitReadTest, AFlippedByteIsFoundInEveryPiece) {
  Open(4);
  int found = 0;
  for (const int64_t at : {int64_t{0}, kSegmentBytes - 1, kSegmentBytes, 2 * kSegmentBytes + 77,
                           4 * kSegmentBytes - 1, kPieces * kSegmentBytes, kSize - 1}) {
    Store("key");
    Overwrite("key", at, std::string(1, static_cast<char>(stored_[static_cast<size_t>(at)] ^ 4)));
    EXPECT_EQ(Load("key").outcome, Outcome::kCorrupt) << at;
    EXPECT_EQ(client_->counters().corrupt, ++found);
    EXPECT_TRUE(directory_.Names().empty());
  }
  EXPECT_EQ(client_->split_loads(), found);
  EXPECT_EQ(OpenDescriptors(), descriptors_);
}

TEST_F(SplitReadTest, PiecesThatChangedPlacesAreFound) {
  Open(4);
  Store("key");
  const auto piece = [this](int64_t n) {
    return stored_.substr(static_cast<size_t>(n * kSegmentBytes), kSegmentBytes);
  };
  Overwrite("key", 1 * kSegmentBytes, piece(2));
  Overwrite("key", 2 * kSegmentBytes, piece(1));
  EXPECT_EQ(Load("key").outcome, Outcome::kCorrupt);
}

// One worker is held elsewhere, so that the other goes through the pieces alone and in order.
TEST_F(SplitReadTest, AnErrorInAnyPieceFailsTheLoadAndNoOtherPieceIsBegun) {
  Open(2);
  Store("key");
  pieces_.Hold(PieceSeam::kWrites);
  Start(Operation::kSet, "held");
  pieces_.AwaitHeld(PieceSeam::kWrites);
  pieces_.TakeBegun();
  for (int64_t bad = 0; bad < kPieces; ++bad) {
    pieces_.Fail(bad, EIO);
    EXPECT_EQ(Load("key"), ItemResult::Failed({Step::kRead, EIO})) << bad;
    EXPECT_EQ(pieces_.TakeBegun(), UpTo(bad));
    EXPECT_EQ(pieces_.TakeOpens(), 1);
    pieces_.Heal();
  }
  pieces_.ReleaseAll();
  EXPECT_EQ(DrainResult().outcome, Outcome::kStored);
  ExpectLoaded(Load("key"));
  EXPECT_EQ(client_->split_loads(), kPieces + 1);
}

TEST_F(SplitReadTest, AFailedLoadWaitsForThePieceThatIsInTheKernel) {
  Open(2);
  Store("key");
  StartHeldLoad("key");
  pieces_.Fail(0, EIO);
  pieces_.Release(0);
  // The one that failed goes on with other work.
  Start(Operation::kSet, "other");
  EXPECT_EQ(DrainResult().outcome, Outcome::kStored);
  EXPECT_EQ(client_->running(), 1);
  pieces_.Release(1);
  EXPECT_EQ(DrainResult(), ItemResult::Failed({Step::kRead, EIO}));
  EXPECT_EQ(pieces_.TakeBegun(), (std::set<int64_t>{PieceSeam::kWrites, 0, 1}));
  EXPECT_EQ(OpenDescriptors(), descriptors_);
}

TEST_F(SplitReadTest, TheFirstOfSeveralErrorsInTheFileIsReported) {
  Open(2);
  Store("key");
  StartHeldLoad("key");
  pieces_.Fail(0, EIO);
  pieces_.Fail(1, ENXIO);
  pieces_.Release(1);
  // The helper has failed before the one that began, and does other work.
  Start(Operation::kExists, "key");
  EXPECT_EQ(DrainResult(), ItemResult::Of(Outcome::kFound, kSize));
  pieces_.Release(0);
  EXPECT_EQ(DrainResult(), ItemResult::Failed({Step::kRead, EIO}));
  EXPECT_EQ(pieces_.TakeBegun(), UpTo(1));
}

TEST_F(SplitReadTest, NobodyWaitsForAPieceThatIsHeld) {
  Open(2);
  Store("key");
  StartHeldLoad("key");
  pieces_.Release(0);
  // Whoever began the load reads all other pieces and goes on with other work.
  Start(Operation::kExists, "key");
  EXPECT_EQ(DrainResult(), ItemResult::Of(Outcome::kFound, kSize));
  EXPECT_EQ(pieces_.TakeBegun(), UpTo(kPieces));
  EXPECT_EQ(client_->running(), 1);
  EXPECT_EQ(client_->reading_bytes(), kSize);
  pieces_.Release(1);
  ExpectLoaded(DrainResult());
  EXPECT_EQ(client_->reading_bytes(), 0);
}

TEST_F(SplitReadTest, AFileThatIsCutWhileItIsReadIsCorrupt) {
  Open(2);
  Store("key");
  StartHeldLoad("key");
  std::filesystem::resize_file(directory_.PathOf("key"), 2 * kSegmentBytes + 1000);
  pieces_.ReleaseAll();
  EXPECT_EQ(DrainResult().outcome, Outcome::kCorrupt);
  EXPECT_EQ(client_->counters().corrupt, 1);
  EXPECT_TRUE(directory_.Names().empty());
}

TEST_F(SplitReadTest, AFileWithoutAttributeThatIsCutIsToldWithItsLength) {
  for (const int64_t left : {int64_t{0}, int64_t{1}, kSegmentBytes, 2 * kSegmentBytes + 1000}) {
    Open(2);
    stored_ = ContentOf("foreign", kSize);
    directory_.Write("foreign", stored_);
    ExpectLoaded(Load("foreign"));
    EXPECT_EQ(client_->counters().unverified, 1);
    StartHeldLoad("foreign");
    std::filesystem::resize_file(directory_.PathOf("foreign"), static_cast<uintmax_t>(left));
    pieces_.ReleaseAll();
    EXPECT_EQ(DrainResult(), ItemResult::Of(Outcome::kSizeMismatch, left));
    EXPECT_EQ(client_->split_loads(), 2);
    EndClient();
  }
}

// As in AnErrorInAnyPiece: one worker alone.
TEST_F(SplitReadTest, NoPieceBeyondTheEndOfTheFileIsBegun) {
  Open(2);
  directory_.Write("foreign", ContentOf("foreign", kSize));
  pieces_.Hold(PieceSeam::kWrites);
  Start(Operation::kSet, "held");
  pieces_.AwaitHeld(PieceSeam::kWrites);
  pieces_.TakeBegun();
  pieces_.Hold(1);
  StartLoad("foreign");
  pieces_.AwaitHeld(1);
  std::filesystem::resize_file(directory_.PathOf("foreign"), kSegmentBytes + 1000);
  pieces_.Release(1);
  EXPECT_EQ(DrainResult(), ItemResult::Of(Outcome::kSizeMismatch, kSegmentBytes + 1000));
  EXPECT_EQ(pieces_.TakeBegun(), UpTo(1));
}

TEST_F(SplitReadTest, APieceThatThrowsFailsTheLoadAndNoThreadIsLost) {
  Open(2);
  Store("key");
  for (const int64_t throwing : {0, 1}) {
    StartHeldLoad("key");
    pieces_.Fail(throwing, 0);
    pieces_.ReleaseAll();
    EXPECT_EQ(DrainResult(), ItemResult::Failed({Step::kInternal, ENOMEM})) << throwing;
  }
  // Both workers are there again.
  StartHeldLoad("key");
  pieces_.ReleaseAll();
  ExpectLoaded(DrainResult());
}

TEST_F(SplitReadTest, AJudgementThatThrowsFailsTheLoadOnce) {
  Open(2);
  Store("key");
  Overwrite("key", 5, "x");
  // The load opens the file, and what seems corrupt is opened once more.
  pieces_.ThrowAtOpen(2);
  EXPECT_EQ(Load("key"), ItemResult::Failed({Step::kInternal, ENOMEM}));
  EXPECT_EQ(OpenDescriptors(), descriptors_);
  EXPECT_EQ(Load("key").outcome, Outcome::kCorrupt);
}

TEST_F(SplitReadTest, CloseDoesNotWaitForPiecesThatAreHeld) {
  Open(2);
  Store("key");
  StartHeldLoad("key");
  for (int i = 0; i < 3; ++i) Start(Operation::kExists, "key");
  EXPECT_EQ(client_->CancelQueued(), 3);
  client_->Stop();
  EXPECT_FALSE(client_->Submit(MakeBatch(99, Operation::kExists, {"key"})));
  for (const auto& batch : DrainBatches(3)) {
    EXPECT_EQ(batch->items[0].result, ItemResult::Of(Outcome::kClosed));
  }
  EXPECT_EQ(client_->running(), 1);
  ItemResult result;
  std::thread drain([&] {
    result = DrainResult();
    DrainToTheEnd();
  });
  pieces_.ReleaseAll();
  drain.join();
  ExpectLoaded(result);
  // What had begun was read to the end.
  EXPECT_EQ(pieces_.TakeBegun(), UpTo(kPieces));
}

}  // namespace
}  // namespace lmcache

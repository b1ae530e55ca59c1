// SPDX-License-Identifier: Apache-2.0

// When an object is called corrupt, and what may be removed then.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "file_store.h"
#include "forwarding_file_ops.h"
#include "object_attribute.h"
#include "object_transfer.h"
#include "removal_limit.h"
#include "store_fixture.h"
#include "test_support.h"

namespace lmcache {
namespace {

constexpr int64_t kSize = 2 * kCheckedBlockBytes + 1000;

// Lets a test act in the middle of the store's calls.
class HookedFileOps final : public ForwardingFileOps {
 public:
  using Hook = std::function<void()>;

  int FStat(int fd, struct stat* out) override {
    const int result = kernel_.FStat(fd, out);
    Run(&after_fstat);
    return result;
  }
  int FStatAt(int directory, const char* name, struct stat* out) override {
    const int result = kernel_.FStatAt(directory, name, out);
    Run(&after_fstatat);
    return result;
  }
  int Close(int fd) override {
    const int result = kernel_.Close(fd);
    Run(&after_close);
    return result;
  }
  int UnlinkAt(int directory, const char* name) override {
    Run(&before_unlink);
    return unlink_error != 0 ? -unlink_error : kernel_.UnlinkAt(directory, name);
  }

  Hook after_fstat;
  Hook after_fstatat;
  Hook after_close;
  Hook before_unlink;
  int unlink_error = 0;

 private:
  // A copy, for a hook may take itself away.
  static void Run(const Hook* hook) {
    if (const Hook now = *hook; now) now();
  }
};

class ObjectRemovalTest : public StoreFixture {
 protected:
  std::string PathOf(const std::string& name) const { return directory_.PathOf(name); }

  // Changes one byte of a file in place.
  void Damage(const std::string& name, int64_t offset) {
    const int fd = ::open(PathOf(name).c_str(), O_RDWR | O_CLOEXEC);
    char byte = 0;
    ASSERT_EQ(::pread(fd, &byte, 1, offset), 1);
    byte = static_cast<char>(~byte);
    ASSERT_EQ(::pwrite(fd, &byte, 1, offset), 1);
    ::close(fd);
  }

  // Stores a whole object and damages it.
  void StoreDamaged(const std::string& name) {
    ASSERT_EQ(Put(name, ContentOf(name, kSize), PutMode::kReplace).outcome, Outcome::kStored);
    Damage(name, kSize / 2);
  }

  ItemResult GetThrough(FileStore* store, const std::string& name) {
    loaded_ = Poison(kSize);
    return store->Get(name.c_str(), {loaded_.data(), kSize, kSize}, DigestOf(name));
  }

  HookedFileOps hooked_;
  FileStore hooked_store_{&hooked_, directory_.fd(), directory_.fd(), ".lmc-hooked-", options_};
  const std::string content_ = ContentOf("key", kSize);
};

TEST_F(ObjectRemovalTest, AnyDamagedByteIsFoundAndTheFileRemoved) {
  int64_t corrupt = 0;
  for (const int64_t offset : {int64_t{0}, kCheckedBlockBytes - 1, kCheckedBlockBytes, kSize - 1}) {
    ASSERT_EQ(Put("key", content_).outcome, Outcome::kStored);
    Damage("key", offset);
    EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kCorrupt, kSize)) << offset;
    EXPECT_TRUE(directory_.Names().empty()) << offset;
    EXPECT_EQ(Counts(), (std::vector<int64_t>{++corrupt, 0, 0, 0, 0, 0}));
    EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kNotFound));
  }
  EXPECT_FALSE(store_.removal_tripped());
}

TEST_F(ObjectRemovalTest, WhatContradictsItsAttributeIsCorruptAndRemoved) {
  const std::string whole = AttributeFor("key", content_);
  std::string damaged = whole;
  damaged[20] ^= 4;
  struct Case {
    const char* what;
    std::string content;
    std::string attribute;
  };
  const std::vector<Case> cases{
      {"damaged attribute", content_, damaged},
      {"empty attribute", content_, ""},
      {"huge attribute", content_, std::string(1000, 'x')},
      {"too long", content_ + "x", whole},
      {"too short", content_.substr(1), whole},
      {"empty", "", whole},
      {"another key", content_, AttributeFor("another", content_)},
      {"another content", ContentOf("other", kSize), whole},
  };
  for (const Case& one : cases) {
    directory_.Write("key", one.content);
    directory_.SetAttribute("key", kAttributeName, one.attribute);
    EXPECT_EQ(Get("key", kSize),
              ItemResult::Of(Outcome::kCorrupt, static_cast<int64_t>(one.content.size())))
        << one.what;
    EXPECT_TRUE(directory_.Names().empty()) << one.what;
  }
  EXPECT_EQ(Counts(), (std::vector<int64_t>{8, 0, 0, 0, 0, 0}));
}

TEST_F(ObjectRemovalTest, WhatACrashLeavesIsRemovedAndNotFound) {
  for (int i = 1; i <= 40; ++i) {
    directory_.Write("key", "");
    EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kNotFound));
    EXPECT_TRUE(directory_.Names().empty());
    EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 0, 0, i, 0}));
  }
  EXPECT_FALSE(store_.removal_tripped()) << "the limit is for corrupt files";
  directory_.Write("key", "");
  EXPECT_EQ(Get("key", 0), ItemResult::Of(Outcome::kLoaded, 0));
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(ObjectRemovalTest, AnEmptyFileThatWasReplacedMeanwhileIsKept) {
  directory_.Write("key", "");
  hooked_.after_close = [&] {
    hooked_.after_close = nullptr;
    EXPECT_EQ(Put("key", content_).outcome, Outcome::kStored);
  };
  EXPECT_EQ(GetThrough(&hooked_store_, "key"), ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
  EXPECT_EQ(loaded_, content_);
}

TEST_F(ObjectRemovalTest, OneBadReadingIsNotEnough) {
  ASSERT_EQ(Put("key", content_).outcome, Outcome::kStored);
  // Between the look at the length and the reading, the file is damaged; then it is whole again.
  int looks = 0;
  hooked_.after_fstat = [&] {
    if (++looks == 1) Damage("key", 7);
    if (looks == 2) Damage("key", 7);
  };
  EXPECT_EQ(GetThrough(&hooked_store_, "key"), ItemResult::Of(Outcome::kLoaded, kSize));
  EXPECT_EQ(loaded_, content_);
  EXPECT_EQ(looks, 2);
  EXPECT_EQ(hooked_store_.counters().corrupt, 0);
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(ObjectRemovalTest, TwoBadReadingsMustBeOfTheSameFile) {
  StoreDamaged("key");
  int looks = 0;
  // Another damaged file, and once more, then the same.
  hooked_.after_fstat = [&] {
    if (++looks <= 2) StoreDamaged("key");
  };
  EXPECT_EQ(GetThrough(&hooked_store_, "key"), ItemResult::Of(Outcome::kCorrupt, kSize));
  EXPECT_EQ(looks, 4);
  EXPECT_EQ(hooked_store_.counters().corrupt, 1);
  EXPECT_TRUE(directory_.Names().empty());
}

TEST_F(ObjectRemovalTest, AFileThatKeepsChangingIsAFailureAndKept) {
  StoreDamaged("key");
  int looks = 0;
  hooked_.after_fstat = [&] {
    ++looks;
    StoreDamaged("key");
  };
  EXPECT_EQ(GetThrough(&hooked_store_, "key"), Failed(Step::kRead, EAGAIN));
  EXPECT_EQ(looks, 9);
  EXPECT_EQ(hooked_store_.counters().corrupt, 0);
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(ObjectRemovalTest, TheNewerReadingCounts) {
  ASSERT_EQ(Put("key", content_).outcome, Outcome::kStored);
  Damage("key", 7);
  hooked_.after_close = [&] {
    hooked_.after_close = nullptr;
    ASSERT_EQ(::unlink(PathOf("key").c_str()), 0);
  };
  EXPECT_EQ(GetThrough(&hooked_store_, "key"), ItemResult::Of(Outcome::kNotFound));
  StoreDamaged("key");
  seam_.Fail(SeamOperation::kOpen, 2, EMFILE);
  EXPECT_EQ(Get("key", kSize), Failed(Step::kOpen, EMFILE));
  EXPECT_EQ(Counts(), std::vector<int64_t>(6, 0));
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(ObjectRemovalTest, AFileReplacedAfterTheVerdictIsKeptAndLookedAt) {
  StoreDamaged("key");
  int closes = 0;
  hooked_.after_close = [&] {
    if (++closes == 2) {
      EXPECT_EQ(Put("key", content_, PutMode::kReplace).outcome, Outcome::kStored);
    }
  };
  EXPECT_EQ(GetThrough(&hooked_store_, "key"), ItemResult::Of(Outcome::kLoaded, kSize));
  EXPECT_EQ(closes, 3);
  EXPECT_EQ(hooked_store_.counters().corrupt, 0);
  EXPECT_EQ(hooked_store_.counters().corrupt_kept, 0);
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
  EXPECT_EQ(loaded_, content_);
}

// The same, but the new file comes between the last look and the removal: the writer must wait.
TEST_F(ObjectRemovalTest, AWriterWaitsForARemovalOfTheSameName) {
  for (int round = 0; round < 20; ++round) {
    StoreDamaged("key");
    std::latch written(1);
    std::thread writer;
    hooked_.before_unlink = [&] {
      hooked_.before_unlink = nullptr;
      writer = std::thread([&] {
        EXPECT_EQ(hooked_store_
                      .Put("key", MemoryOf(content_), PutMode::kReplace, {DigestOf("key"), nullptr})
                      .outcome,
                  Outcome::kStored);
      });
      written.wait();
      // The writer is about to rename, or is waiting to: give it every chance.
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    };
    std::atomic<int> closes{0};
    hooked_.after_close = [&] {
      // Two looks of the reader, one of the writer, then the writer's staging file.
      if (++closes == 4) written.count_down();
    };
    EXPECT_EQ(GetThrough(&hooked_store_, "key").outcome, Outcome::kCorrupt);
    writer.join();
    hooked_.after_close = nullptr;
    EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
    EXPECT_EQ(loaded_, content_);
    fake_seconds += 60;
  }
}

TEST_F(ObjectRemovalTest, TooManyAreKeptAndSaidToBe) {
  const int limit = RemovalLimit::kRemovals;
  for (int i = 0; i < limit + 3; ++i) {
    StoreDamaged("key" + std::to_string(i));
  }
  for (int i = 0; i < limit; ++i) {
    EXPECT_EQ(Get("key" + std::to_string(i), kSize).outcome, Outcome::kCorrupt);
  }
  EXPECT_FALSE(store_.removal_tripped());
  for (int i = limit; i < limit + 3; ++i) {
    EXPECT_EQ(Get("key" + std::to_string(i), kSize).outcome, Outcome::kCorrupt);
  }
  EXPECT_TRUE(store_.removal_tripped());
  EXPECT_EQ(Counts(), (std::vector<int64_t>{limit + 3, 3, 0, 0, 0, 0}));
  EXPECT_EQ(directory_.Names(), (Names{"key16", "key17", "key18"}));

  fake_seconds += 60;
  EXPECT_FALSE(store_.removal_tripped());
  EXPECT_EQ(Get("key16", kSize).outcome, Outcome::kCorrupt);
  EXPECT_EQ(directory_.Names(), (Names{"key17", "key18"}));
}

TEST_F(ObjectRemovalTest, WhatCannotBeRemovedIsCountedAsKept) {
  StoreDamaged("key");
  seam_.Fail(SeamOperation::kUnlink, 1, EROFS);
  EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kCorrupt, kSize));
  seam_.Fail(SeamOperation::kFStatAt, 1, EIO);
  EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kCorrupt, kSize));
  EXPECT_EQ(Counts(), (std::vector<int64_t>{2, 2, 0, 0, 0, 0}));
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(ObjectRemovalTest, WhatHadToStayIsNoObjectUntilItIsReplaced) {
  StoreDamaged("key");
  seam_.Fail(SeamOperation::kUnlink, 1, EROFS);
  EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kCorrupt, kSize));
  EXPECT_EQ(store_.Exists("key"), ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(Put("key", content_, PutMode::kIfAbsent).outcome, Outcome::kStored);
  EXPECT_EQ(store_.Exists("key"), ItemResult::Of(Outcome::kFound, kSize));
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
  EXPECT_EQ(Put("key", content_, PutMode::kIfAbsent).outcome, Outcome::kAlreadyPresent);
}

// Who looked before the file came that had to stay must not take its mark away.
TEST_F(ObjectRemovalTest, WhatHadToStayIsNoObjectEvenToWhoLookedBefore) {
  const auto damaged_comes_after_the_look = [&] {
    hooked_.after_fstatat = nullptr;
    StoreDamaged("key");
    hooked_.unlink_error = EROFS;
    EXPECT_EQ(GetThrough(&hooked_store_, "key").outcome, Outcome::kCorrupt);
    hooked_.unlink_error = 0;
  };
  const auto put = [&] {
    return hooked_store_.Put("key", MemoryOf(content_), PutMode::kIfAbsent,
                             {DigestOf("key"), nullptr});
  };
  ASSERT_EQ(put().outcome, Outcome::kStored);
  hooked_.after_fstatat = damaged_comes_after_the_look;
  EXPECT_EQ(hooked_store_.Exists("key"), ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(hooked_store_.Exists("key"), ItemResult::Of(Outcome::kNotFound)) << "still marked";
  hooked_.after_fstatat = damaged_comes_after_the_look;
  EXPECT_EQ(put().outcome, Outcome::kStored);
  EXPECT_EQ(hooked_store_.counters().corrupt_kept, 2);

  // The mark of a file that is gone goes with the first look, and is looked for no more.
  int looks = 0;
  hooked_.after_fstatat = [&] { ++looks; };
  EXPECT_EQ(hooked_store_.Exists("key"), ItemResult::Of(Outcome::kFound, kSize));
  EXPECT_EQ(looks, 2);
  EXPECT_EQ(hooked_store_.Exists("key"), ItemResult::Of(Outcome::kFound, kSize));
  EXPECT_EQ(looks, 3);
}

TEST_F(ObjectRemovalTest, AMarkStaysWhileNobodyCanLook) {
  StoreDamaged("key");
  seam_.Fail(SeamOperation::kUnlink, 1, EROFS);
  ASSERT_EQ(Get("key", kSize).outcome, Outcome::kCorrupt);
  ASSERT_EQ(::unlink(PathOf("key").c_str()), 0);
  directory_.Write("key", content_);
  seam_.Fail(SeamOperation::kFStatAt, 2, EIO);
  for (const size_t looks : {2, 2, 1}) {
    seam_.StartTrace();
    EXPECT_EQ(store_.Exists("key"), ItemResult::Of(Outcome::kFound, kSize));
    EXPECT_EQ(seam_.TakeTrace(), std::vector<std::string>(looks, "fstatat"));
  }
  EXPECT_FALSE(seam_.has_faults());
}

TEST_F(ObjectRemovalTest, AFileWithoutBytesExistsOnlyIfItsAttributeSaysSo) {
  directory_.Write("crashed", "");
  EXPECT_EQ(store_.Exists("crashed"), ItemResult::Of(Outcome::kNotFound));
  ASSERT_EQ(Put("empty", "").outcome, Outcome::kStored);
  EXPECT_EQ(store_.Exists("empty"), ItemResult::Of(Outcome::kFound, 0));
}

// What another client of a network file system removed is not there, whichever call says so.
TEST_F(ObjectRemovalTest, AStaleFileIsNotFound) {
  ASSERT_EQ(Put("key", content_).outcome, Outcome::kStored);
  for (const SeamOperation operation : {SeamOperation::kOpen, SeamOperation::kFStat,
                                        SeamOperation::kFGetXattr, SeamOperation::kPRead}) {
    seam_.Fail(operation, 1, ESTALE);
    EXPECT_EQ(Get("key", kSize).outcome, Outcome::kNotFound) << static_cast<int>(operation);
  }
  seam_.Fail(SeamOperation::kFStatAt, 1, ESTALE);
  EXPECT_EQ(store_.Exists("key"), ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
}

TEST_F(ObjectRemovalTest, WhatBecomesStaleAfterItsOpenIsAbsentAndMayBeReplaced) {
  for (const SeamOperation operation : {SeamOperation::kFStat, SeamOperation::kFGetXattr}) {
    SCOPED_TRACE(static_cast<int>(operation));
    // Of a file without bytes the attribute says whether it is one.
    ASSERT_EQ(Put("empty", "").outcome, Outcome::kStored);
    seam_.Fail(operation, 1, ESTALE);
    EXPECT_EQ(store_.Exists("empty"), ItemResult::Of(Outcome::kNotFound));
    EXPECT_EQ(store_.Exists("empty"), ItemResult::Of(Outcome::kFound, 0));
    seam_.Fail(operation, 1, ESTALE);
    EXPECT_EQ(Put("empty", "").outcome, Outcome::kStored) << "it is written again";
    seam_.Fail(operation, 1, ESTALE);
    EXPECT_EQ(store_.Remove("empty").outcome, Outcome::kDeleted);
    EXPECT_FALSE(seam_.has_faults());
  }
}

TEST_F(ObjectRemovalTest, KeepsNoDescriptor) {
  const int before = OpenDescriptors();
  StoreDamaged("key");
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kCorrupt);
  directory_.Write("key", "");
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kNotFound);
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace lmcache

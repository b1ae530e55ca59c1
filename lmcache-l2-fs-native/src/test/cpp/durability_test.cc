// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "store_fixture.h"

namespace lmcache {
namespace {

using Calls = std::vector<std::string>;

FileStore::Options With(Fsync fsync) {
  FileStore::Options options;
  options.fsync = fsync;
  return options;
}

class NoFsyncTest : public StoreFixture {
 protected:
  explicit NoFsyncTest(Fsync fsync = Fsync::kNone) : StoreFixture(With(fsync)) {}

  Calls CallsOfPut(const std::string& name) {
    seam_.StartTrace();
    EXPECT_EQ(Put(name, "abc", PutMode::kReplace).outcome, Outcome::kStored);
    return seam_.TakeTrace();
  }
};

class DataFsyncTest : public NoFsyncTest {
 protected:
  DataFsyncTest() : NoFsyncTest(Fsync::kData) {}
};

class FullFsyncTest : public NoFsyncTest {
 protected:
  FullFsyncTest() : NoFsyncTest(Fsync::kFull) {}
};

TEST_F(NoFsyncTest, WaitsForNoDisk) {
  EXPECT_EQ(CallsOfPut("key"),
            (Calls{"fstatat", "create", "pwrite 3@0", "fsetxattr", "fstat", "close", "rename"}));
}

TEST_F(DataFsyncTest, SyncsTheWholeFileBeforeItsNameAppears) {
  EXPECT_EQ(CallsOfPut("key"), (Calls{"fstatat", "create", "pwrite 3@0", "fsetxattr", "fstat",
                                      "fdatasync", "close", "rename"}));
}

TEST_F(DataFsyncTest, AFileThatCouldNotBeSyncedIsNotPublished) {
  seam_.Fail(SeamOperation::kFDataSync, 1, EIO);
  EXPECT_EQ(Put("key", "abc"), Failed(Step::kSync, EIO));
  EXPECT_TRUE(directory_.Names().empty());
}

int SyncsIn(const Calls& calls) {
  return static_cast<int>(std::count(calls.begin(), calls.end(), "fsync"));
}

TEST_F(FullFsyncTest, SyncsTheDirectoryAfterTheNameAppeared) {
  // That directory is open anyway. The last look is for what is remembered.
  EXPECT_EQ(CallsOfPut("key"), (Calls{"fstatat", "create", "pwrite 3@0", "fsetxattr", "fstat",
                                      "fdatasync", "close", "rename", "fsync", "fstatat"}));
}

TEST_F(FullFsyncTest, SyncsTheDirectoriesThatLeadToItBeforeAndOnce) {
  // The first one makes the directories. What leads to them is synced before the rename.
  const Calls first = CallsOfPut("ab/cd/key");
  EXPECT_EQ(SyncsIn(first), 3);
  const auto rename = std::find(first.begin(), first.end(), "rename");
  EXPECT_EQ(Calls(rename, first.end()), (Calls{"rename", "fsync", "fstatat", "close"}));
  EXPECT_EQ(SyncsIn(CallsOfPut("ab/cd/other")), 1);
  EXPECT_EQ(SyncsIn(CallsOfPut("ab/ef/key")), 2);
}

TEST_F(FullFsyncTest, ADirectoryIsDurableOnlyOnceAllAboveItAre) {
  seam_.Fail(SeamOperation::kFSync, 2, EIO);
  EXPECT_EQ(Put("ab/cd/key", "abc"), Failed(Step::kSyncDirectory, EIO));
  EXPECT_EQ(SyncsIn(CallsOfPut("ab/cd/other")), 3);
}

TEST_F(FullFsyncTest, AnObjectWhoseNameMayBeLostIsTakenAway) {
  for (const std::string name : {"key", "ab/key"}) {
    EXPECT_EQ(Put(name, "old").outcome, Outcome::kStored);
    seam_.Fail(SeamOperation::kFSync, 1, EIO);
    EXPECT_EQ(Put(name, "abcd"), Failed(Step::kSyncDirectory, EIO));
    EXPECT_EQ(store_.Exists(name.c_str()).outcome, Outcome::kNotFound);
  }
}

TEST_F(FullFsyncTest, WantOfADescriptorLeavesTheOldObject) {
  EXPECT_EQ(Put("ab/cd/key", "old").outcome, Outcome::kStored);
  // The first open is that of the old object, for a look at its attribute.
  seam_.Fail(SeamOperation::kOpen, 2, EMFILE);
  EXPECT_EQ(Put("ab/cd/key", "new!"), Failed(Step::kSyncDirectory, EMFILE));
  EXPECT_FALSE(seam_.has_faults());
  EXPECT_EQ(Get("ab/cd/key", 3).outcome, Outcome::kLoaded);
  EXPECT_EQ(loaded_, "old");
  // And so does a directory above that cannot be synced.
  EXPECT_EQ(Put("ef/cd/key", "old").outcome, Outcome::kStored);
  FileStore another(&ops_, directory_.fd(), directory_.fd(), "another", options_);
  seam_.Fail(SeamOperation::kFSync, 1, EIO);
  EXPECT_EQ(another.Put("ef/cd/key", MemoryOf("new!"), PutMode::kReplace, {}),
            Failed(Step::kSyncDirectory, EIO));
  EXPECT_EQ(Get("ef/cd/key", 3).outcome, Outcome::kLoaded);
  EXPECT_EQ(directory_.Names(), (Names{"ab", "ef"}));
}

TEST_F(FullFsyncTest, NoDescriptorIsNeededForTheBaseDirectory) {
  EXPECT_EQ(CallsOfPut("key").size(), 10u);
  seam_.Fail(SeamOperation::kOpen, 2, EMFILE);
  EXPECT_EQ(Put("key", "abcd"), ItemResult::Of(Outcome::kStored, 4));
  EXPECT_TRUE(seam_.has_faults()) << "nothing but the old object was opened";
}

class PresentFullFsyncTest : public FullFsyncTest {
 protected:
  Calls CallsOfPresent(FileStore* store, const std::string& name) {
    seam_.StartTrace();
    EXPECT_EQ(PutPresent(store, name), ItemResult::Of(Outcome::kAlreadyPresent, 3));
    return seam_.TakeTrace();
  }

  ItemResult PutPresent(FileStore* store, const std::string& name) {
    const std::string content = "abc";
    return store->Put(name.c_str(), MemoryOf(content), PutMode::kIfAbsent,
                      {DigestOf(name), nullptr});
  }

  // Knows nothing of what is there.
  FileStore later_{&ops_, directory_.fd(), directory_.fd(), "later", options_};
};

TEST_F(PresentFullFsyncTest, WhatThisStoreMadeDurableIsNotSyncedAgain) {
  for (const std::string name : {"key", "ab/key"}) {
    EXPECT_EQ(Put(name, "abc").outcome, Outcome::kStored);
    EXPECT_EQ(CallsOfPresent(&store_, name),
              (Calls{"fstatat", "open", "fstat", "fgetxattr", "close"}));
  }
}

TEST_F(PresentFullFsyncTest, WhatOthersStoredIsSyncedOnce) {
  EXPECT_EQ(Put("key", "abc").outcome, Outcome::kStored);
  EXPECT_EQ(CallsOfPresent(&later_, "key"),
            (Calls{"fstatat", "open", "fstat", "fgetxattr", "fsync", "fsync", "close"}));
  EXPECT_EQ(SyncsIn(CallsOfPresent(&later_, "key")), 0);
  EXPECT_EQ(Put("ab/cd/key", "abc").outcome, Outcome::kStored);
  // The file, and the three directories.
  EXPECT_EQ(SyncsIn(CallsOfPresent(&later_, "ab/cd/key")), 4);
  EXPECT_EQ(SyncsIn(CallsOfPresent(&later_, "ab/cd/key")), 0);
}

TEST_F(PresentFullFsyncTest, AFileThatChangedSinceIsSyncedAgain) {
  EXPECT_EQ(Put("key", "abc").outcome, Outcome::kStored);
  EXPECT_EQ(SyncsIn(CallsOfPresent(&later_, "key")), 2);
  // The same bytes, but another file.
  EXPECT_EQ(Put("key", "abc", PutMode::kReplace).outcome, Outcome::kStored);
  EXPECT_EQ(SyncsIn(CallsOfPresent(&later_, "key")), 2);
}

TEST_F(PresentFullFsyncTest, AFileThatCannotBeSyncedIsNotPresentAndStays) {
  EXPECT_EQ(Put("key", "abc").outcome, Outcome::kStored);
  seam_.Fail(SeamOperation::kFSync, 1, EIO);
  EXPECT_EQ(PutPresent(&later_, "key"), Failed(Step::kSync, EIO));
  seam_.Fail(SeamOperation::kFSync, 2, EIO);
  EXPECT_EQ(PutPresent(&later_, "key"), Failed(Step::kSyncDirectory, EIO));
  EXPECT_EQ(directory_.Names(), Names{"key"});
  EXPECT_EQ(SyncsIn(CallsOfPresent(&later_, "key")), 2);
}

TEST_F(PresentFullFsyncTest, WithoutAttributesItIsOpenedForThatAlone) {
  FileStore::Options plain = options_;
  plain.attributes = false;
  FileStore store(&ops_, directory_.fd(), directory_.fd(), "plain", plain);
  directory_.Write("key", "abc");
  EXPECT_EQ(SyncsIn(CallsOfPresent(&store, "key")), 2);
  EXPECT_EQ(SyncsIn(CallsOfPresent(&store, "key")), 0);
}

TEST_F(DataFsyncTest, WhatIsPresentIsNotSynced) {
  EXPECT_EQ(Put("key", "abc").outcome, Outcome::kStored);
  seam_.StartTrace();
  EXPECT_EQ(Put("key", "abc").outcome, Outcome::kAlreadyPresent);
  EXPECT_EQ(SyncsIn(seam_.TakeTrace()), 0);
}

}  // namespace
}  // namespace lmcache

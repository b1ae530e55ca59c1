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

TEST_F(FullFsyncTest, SyncsTheDirectoryAfterTheNameAppeared) {
  EXPECT_EQ(CallsOfPut("key"), (Calls{"fstatat", "create", "pwrite 3@0", "fsetxattr", "fstat",
                                      "fdatasync", "close", "rename", "open", "fsync", "close"}));
}

TEST_F(FullFsyncTest, SyncsTheDirectoriesThatLeadToItOnce) {
  const auto syncs = [](const Calls& calls) {
    return std::count(calls.begin(), calls.end(), "fsync");
  };
  // Its own, and those of both directories.
  EXPECT_EQ(syncs(CallsOfPut("ab/cd/key")), 3);
  EXPECT_EQ(syncs(CallsOfPut("ab/cd/other")), 1);
  EXPECT_EQ(syncs(CallsOfPut("ab/ef/key")), 2);
}

TEST_F(FullFsyncTest, ADirectoryIsDurableOnlyOnceAllAboveItAre) {
  // The first one makes the directories.
  seam_.Fail(SeamOperation::kFSync, 3, EIO);
  EXPECT_EQ(Put("ab/cd/key", "abc"), Failed(Step::kSyncDirectory, EIO));
  const Calls calls = CallsOfPut("ab/cd/other");
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "fsync"), 3);
}

TEST_F(FullFsyncTest, AnObjectWhoseNameMayBeLostIsTakenAway) {
  for (const SeamOperation operation : {SeamOperation::kFSync, SeamOperation::kOpen}) {
    seam_.Fail(operation, 1, EIO);
    EXPECT_EQ(Put("key", "abc"), Failed(Step::kSyncDirectory, EIO));
    EXPECT_TRUE(directory_.Names().empty());
    EXPECT_EQ(store_.Exists("key").outcome, Outcome::kNotFound);
  }
}

}  // namespace
}  // namespace lmcache

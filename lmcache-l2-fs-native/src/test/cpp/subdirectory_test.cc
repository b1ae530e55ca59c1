// SPDX-License-Identifier: Apache-2.0

// Objects in sub-directories of the store's directory.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "store_fixture.h"
#include "test_support.h"

namespace lmcache {
namespace {

class SubdirectoryTest : public StoreFixture {
 protected:
  SubdirectoryTest() : StoreFixture({.dir_mode = 0750}) {}

  const std::string content_ = ContentOf("content", 5000);
};

TEST_F(SubdirectoryTest, AreMadeWhenTheFirstObjectNeedsThem) {
  for (const char* const name : {"ab/cd/key", "ab/cd/other", "ab/ef/key", "gh/key", "key"}) {
    EXPECT_EQ(store_.Exists(name), ItemResult::Of(Outcome::kNotFound)) << name;
    EXPECT_EQ(Get(name, 5000), ItemResult::Of(Outcome::kNotFound)) << name;
    EXPECT_EQ(store_.Remove(name), ItemResult::Of(Outcome::kAbsent)) << name;
    EXPECT_EQ(Put(name, content_), ItemResult::Of(Outcome::kStored, 5000)) << name;
    EXPECT_EQ(directory_.Read(name), content_) << name;
    EXPECT_EQ(Put(name, content_), ItemResult::Of(Outcome::kAlreadyPresent, 5000)) << name;
    EXPECT_EQ(store_.Exists(name), ItemResult::Of(Outcome::kFound, 5000)) << name;
    EXPECT_EQ(Get(name, 5000), ItemResult::Of(Outcome::kLoaded, 5000)) << name;
  }
  EXPECT_EQ(directory_.Names(), (Names{"ab", "gh", "key"}));
  EXPECT_EQ(store_.Remove("ab/cd/key"), ItemResult::Of(Outcome::kDeleted));
  EXPECT_EQ(store_.Exists("ab/cd/other"), ItemResult::Of(Outcome::kFound, 5000));
}

TEST_F(SubdirectoryTest, HaveTheirModeWhateverTheUmask) {
  int made = 0;
  for (const mode_t mask : {0000, 0022, 0077, 0277, 0777}) {
    const ScopedUmask scoped(mask);
    const std::string top = "m" + std::to_string(mask);
    EXPECT_EQ(Put(top + "/cd/key", content_).outcome, Outcome::kStored) << mask;
    EXPECT_EQ(directory_.PermissionsOf(top), 0750u) << mask;
    EXPECT_EQ(directory_.PermissionsOf(top + "/cd"), 0750u) << mask;
    ++made;
  }
  EXPECT_EQ(made, 5);
}

TEST_F(SubdirectoryTest, KeepWhatTheyInherit) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 02700), 0);
  const ScopedUmask scoped(0077);
  EXPECT_EQ(Put("ab/cd/key", content_).outcome, Outcome::kStored);
  EXPECT_EQ(directory_.PermissionsOf("ab"), 02750u);
  EXPECT_EQ(directory_.PermissionsOf("ab/cd"), 02750u);
}

TEST_F(SubdirectoryTest, AFileInTheirPlaceIsKept) {
  directory_.Write("ab", "not a directory");
  EXPECT_EQ(Put("ab/key", content_), Failed(Step::kRename, ENOTDIR));
  EXPECT_EQ(Get("ab/key", 5000), ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(directory_.Names(), Names{"ab"});
  EXPECT_EQ(directory_.Read("ab"), "not a directory");
}

TEST_F(SubdirectoryTest, ReportsWhatFailedAndLeavesNoFile) {
  seam_.Fail(SeamOperation::kMkdir, 2, ENOSPC);
  EXPECT_EQ(Put("ab/cd/key", content_), Failed(Step::kMkdir, ENOSPC));
  const ScopedUmask scoped(0077);
  seam_.Fail(SeamOperation::kFChmodAt, 1, EPERM);
  EXPECT_EQ(Put("ab/cd/key", content_), Failed(Step::kMkdir, EPERM));
  seam_.Fail(SeamOperation::kFStatAt, 2, EIO);
  EXPECT_EQ(Put("ef/key", content_), Failed(Step::kMkdir, EIO));
  // Without a directory to make, and with one that does not help.
  seam_.Fail(SeamOperation::kRename, 1, ENOENT);
  EXPECT_EQ(Put("key", content_), Failed(Step::kRename, ENOENT));
  seam_.Fail(SeamOperation::kRename, 1, ENOENT);
  seam_.Fail(SeamOperation::kRename, 2, ENOENT);
  EXPECT_EQ(Put("gh/key", content_), Failed(Step::kRename, ENOENT));
  EXPECT_FALSE(seam_.has_faults());
  EXPECT_EQ(directory_.Names(), (Names{"ab", "ef", "gh"}));
  EXPECT_EQ(Put("ab/cd/key", content_).outcome, Outcome::kStored);
}

TEST_F(SubdirectoryTest, ManyWritersMayNeedTheSameOnes) {
  constexpr int kWriters = 4;
  constexpr int kRounds = 30;
  std::latch start(kWriters);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      start.arrive_and_wait();
      for (int round = 0; round < kRounds; ++round) {
        const std::string name = "r" + std::to_string(round) + "/cd/key" + std::to_string(writer);
        EXPECT_EQ(Put(name, content_).outcome, Outcome::kStored) << name;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(directory_.Names().size(), static_cast<size_t>(kRounds));
  for (int round = 0; round < kRounds; ++round) {
    const std::string name = "r" + std::to_string(round) + "/cd/key" + std::to_string(round % 4);
    EXPECT_EQ(directory_.Read(name), content_) << name;
  }
}

}  // namespace
}  // namespace lmcache

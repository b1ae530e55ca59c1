// SPDX-License-Identifier: Apache-2.0
#include "file_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "forwarding_file_ops.h"
#include "posix_file.h"
#include "seam_file_ops.h"
#include "store_fixture.h"
#include "test_support.h"

namespace lmcache {
namespace {

class FileStoreTest : public StoreFixture {
 protected:
  const std::string content_ = "abc";
};

TEST_F(FileStoreTest, WhatIsPutIsAFileOfThatNameAndContent) {
  const std::string content = ContentOf("key", 100'000);
  EXPECT_EQ(Put("key", content), ItemResult::Of(Outcome::kStored, 100'000));
  EXPECT_EQ(directory_.Names(), Names{"key"});
  EXPECT_EQ(directory_.Read("key"), content);
  EXPECT_EQ(Get("key", 100'000), ItemResult::Of(Outcome::kLoaded, 100'000));
  EXPECT_EQ(loaded_, content);
}

TEST_F(FileStoreTest, APublishedFileIsNotCleanedUp) {
  seam_.Fail(SeamOperation::kUnlink, 1, EIO);
  EXPECT_EQ(Put("key", "content").outcome, Outcome::kStored);
  EXPECT_TRUE(seam_.has_faults()) << "something was unlinked";
}

TEST_F(FileStoreTest, EmptyObjectsAreObjects) {
  EXPECT_EQ(Put("key", ""), ItemResult::Of(Outcome::kStored, 0));
  EXPECT_EQ(store_.Exists("key"), ItemResult::Of(Outcome::kFound, 0));
  EXPECT_EQ(Get("key", 0), ItemResult::Of(Outcome::kLoaded, 0));
  EXPECT_EQ(Put("key", ""), ItemResult::Of(Outcome::kAlreadyPresent, 0));
}

TEST_F(FileStoreTest, IfAbsentMovesNoByteWhenTheSizeIsTheSame) {
  directory_.Write("key", "before");
  seam_.Fail(SeamOperation::kCreate, 1, EIO);
  EXPECT_EQ(Put("key", "behind"), ItemResult::Of(Outcome::kAlreadyPresent, 6));
  EXPECT_TRUE(seam_.has_faults()) << "a staging file was created";
  EXPECT_EQ(directory_.Read("key"), "before");
}

TEST_F(FileStoreTest, IfAbsentReplacesAnotherSize) {
  directory_.Write("key", "before");
  EXPECT_EQ(Put("key", "after"), ItemResult::Of(Outcome::kStored, 5));
  EXPECT_EQ(directory_.Read("key"), "after");
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(FileStoreTest, IfAbsentFailsWhenItCannotLook) {
  seam_.Fail(SeamOperation::kFStatAt, 1, EACCES);
  EXPECT_EQ(Put("key", "content"), Failed(Step::kStat, EACCES));
  EXPECT_EQ(Put("key", "content", PutMode::kReplace).outcome, Outcome::kStored);
  seam_.Fail(SeamOperation::kFStatAt, 1, EACCES);
  EXPECT_EQ(Put("key", "other", PutMode::kReplace), Failed(Step::kStat, EACCES));
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(FileStoreTest, ReplaceAlwaysWrites) {
  directory_.Write("key", "before");
  EXPECT_EQ(Put("key", "behind", PutMode::kReplace), ItemResult::Of(Outcome::kStored, 6));
  EXPECT_EQ(directory_.Read("key"), "behind");
}

TEST_F(FileStoreTest, AReaderOfTheOldObjectKeepsIt) {
  directory_.Write("key", "before");
  UniqueFd old;
  ASSERT_EQ(OpenFile(&ops_, directory_.fd(), "key", O_RDONLY, 0, &old), 0);
  EXPECT_EQ(Put("key", "behind", PutMode::kReplace).outcome, Outcome::kStored);
  std::string data(6, '?');
  EXPECT_EQ(ReadFully(&ops_, old.get(), data.data(), 6).bytes, 6);
  EXPECT_EQ(data, "before");
}

TEST_F(FileStoreTest, ModeIs0600WhateverTheUmask) {
  for (const mode_t mask : {0000, 0022, 0077, 0277, 0777}) {
    const ScopedUmask scoped(mask);
    EXPECT_EQ(Put("key", "content", PutMode::kReplace).outcome, Outcome::kStored) << mask;
    EXPECT_EQ(directory_.PermissionsOf("key"), 0600u) << mask;
  }
}

TEST_F(FileStoreTest, ChmodIsOnlyCalledWhenTheUmaskTookBits) {
  seam_.Fail(SeamOperation::kFChmod, 1, EPERM);
  {
    const ScopedUmask scoped(0077);
    EXPECT_EQ(Put("first", "content").outcome, Outcome::kStored);
  }
  const ScopedUmask scoped(0277);
  EXPECT_EQ(Put("second", "content"), Failed(Step::kChmod, EPERM));
}

TEST_F(FileStoreTest, StagingMayBeAnotherDirectory) {
  TempDirectory staging;
  FileStore store(&ops_, directory_.fd(), staging.fd(), kPrefix, {});
  seam_.Fail(SeamOperation::kRename, 1, EIO);
  EXPECT_EQ(store.Put("key", MemoryOf(content_), PutMode::kIfAbsent, {}),
            Failed(Step::kRename, EIO));
  EXPECT_TRUE(staging.Names().empty());
  EXPECT_EQ(store.Put("key", MemoryOf(content_), PutMode::kIfAbsent, {}).outcome, Outcome::kStored);
  EXPECT_TRUE(staging.Names().empty());
  EXPECT_EQ(directory_.Read("key"), "abc");
}

TEST_F(FileStoreTest, StagingNamesThatAreTakenAreLeftAlone) {
  directory_.Write(".lmc-test-0.tmp", "not ours");
  directory_.Write(".lmc-test-1.tmp", "not ours");
  EXPECT_EQ(Put("key", "content").outcome, Outcome::kStored);
  EXPECT_EQ(directory_.Names(), (Names{".lmc-test-0.tmp", ".lmc-test-1.tmp", "key"}));
  EXPECT_EQ(directory_.Read(".lmc-test-0.tmp"), "not ours");
  EXPECT_EQ(directory_.Read(".lmc-test-1.tmp"), "not ours");
}

TEST_F(FileStoreTest, CollisionsAreNotTriedForEver) {
  for (int i = 1; i <= 1000; ++i) {
    seam_.Fail(SeamOperation::kCreate, i, EEXIST);
  }
  seam_.Fail(SeamOperation::kUnlink, 1, EIO);
  EXPECT_EQ(Put("key", "content"), Failed(Step::kCreate, EEXIST));
  directory_.Write("key", "content");
  EXPECT_EQ(store_.Remove("key"), Failed(Step::kUnlink, EIO)) << "a foreign file was unlinked";
}

// Each step of a put that can fail, with the error it must report.
struct BrokenStep {
  const char* name;
  SeamOperation operation;
  int error;
  Step reported;
};

void PrintTo(const BrokenStep& step, std::ostream* out) { *out << step.name; }

class BrokenStepTest : public FileStoreTest, public testing::WithParamInterface<BrokenStep> {};

TEST_P(BrokenStepTest, LeavesNoFile) {
  const ScopedUmask takes_bits(0277);  // so that chmod is one of the steps
  seam_.Fail(GetParam().operation, 1, GetParam().error);
  EXPECT_EQ(Put("key", "content"), Failed(GetParam().reported, GetParam().error));
  EXPECT_FALSE(seam_.has_faults());
  EXPECT_TRUE(directory_.Names().empty());
}

TEST_P(BrokenStepTest, LeavesTheOldObjectWhole) {
  const ScopedUmask takes_bits(0277);
  for (const PutMode mode : {PutMode::kIfAbsent, PutMode::kReplace}) {
    directory_.Write("key", "the old object");
    // The look at the old object opens, asks and closes a file too.
    const bool also_looks = GetParam().operation == SeamOperation::kFStat ||
                            GetParam().operation == SeamOperation::kClose;
    seam_.Fail(GetParam().operation, also_looks ? 2 : 1, GetParam().error);
    EXPECT_EQ(Put("key", "content", mode), Failed(GetParam().reported, GetParam().error));
    EXPECT_EQ(directory_.Names(), Names{"key"});
    EXPECT_EQ(directory_.Read("key"), "the old object");
  }
}

TEST_P(BrokenStepTest, KeepsNoDescriptor) {
  const ScopedUmask takes_bits(0277);
  const int before = OpenDescriptors();
  seam_.Fail(GetParam().operation, 1, GetParam().error);
  EXPECT_EQ(Put("key", "content").outcome, Outcome::kFailed);
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST_P(BrokenStepTest, ReportsTheFirstErrorWhenCleaningUpFailsToo) {
  const ScopedUmask takes_bits(0277);
  seam_.Fail(GetParam().operation, 1, GetParam().error);
  seam_.Fail(SeamOperation::kUnlink, 1, EROFS);
  EXPECT_EQ(Put("key", "content"), Failed(GetParam().reported, GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Steps, BrokenStepTest,
    testing::Values(BrokenStep{"Create", SeamOperation::kCreate, EMFILE, Step::kCreate},
                    BrokenStep{"PWrite", SeamOperation::kPWrite, ENOSPC, Step::kWrite},
                    BrokenStep{"FSetXattr", SeamOperation::kFSetXattr, EPERM, Step::kSetXattr},
                    BrokenStep{"FStat", SeamOperation::kFStat, EIO, Step::kStat},
                    BrokenStep{"FChmod", SeamOperation::kFChmod, EPERM, Step::kChmod},
                    BrokenStep{"Close", SeamOperation::kClose, EDQUOT, Step::kClose},
                    BrokenStep{"Rename", SeamOperation::kRename, EXDEV, Step::kRename}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(FileStoreTest, AWriteThatStopsHalfWayLeavesNoFile) {
  seam_.Shorten(SeamOperation::kPWrite, 1, 3);
  seam_.Fail(SeamOperation::kPWrite, 2, ENOSPC);
  EXPECT_EQ(Put("key", "content"), Failed(Step::kWrite, ENOSPC));
  EXPECT_TRUE(directory_.Names().empty());
}

// Says that more was written than was.
class LyingFileOps final : public ForwardingFileOps {
 public:
  int64_t PWrite(int fd, const void* data, size_t size, int64_t offset) override {
    EXPECT_EQ(kernel_.PWrite(fd, data, size - 1, offset), static_cast<int64_t>(size) - 1);
    return static_cast<int64_t>(size);
  }
};

TEST_F(FileStoreTest, AFileOfAnotherSizeThanWrittenIsNotPublished) {
  LyingFileOps lying;
  FileStore store(&lying, directory_.fd(), directory_.fd(), kPrefix, {});
  EXPECT_EQ(store.Put("key", MemoryOf(content_), PutMode::kIfAbsent, {}),
            Failed(Step::kVerify, EIO));
  EXPECT_TRUE(directory_.Names().empty());
}

TEST_F(FileStoreTest, GetOfAnotherSizeLeavesTheBufferAlone) {
  directory_.Write("key", "content");
  for (const int64_t wanted : {0, 6, 8}) {
    EXPECT_EQ(Get("key", wanted), ItemResult::Of(Outcome::kSizeMismatch, 7));
    EXPECT_EQ(loaded_, Poison(wanted));
  }
}

TEST_F(FileStoreTest, GetOfAFileThatShrinksWhileReadIsAMismatch) {
  directory_.Write("key", "content");
  seam_.Shorten(SeamOperation::kPRead, 1, 3);
  seam_.Shorten(SeamOperation::kPRead, 2, 0);
  EXPECT_EQ(Get("key", 7), ItemResult::Of(Outcome::kSizeMismatch, 3));
}

TEST_F(FileStoreTest, GetOfNothingIsNotFound) {
  EXPECT_EQ(Get("key", 7), ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(loaded_, Poison(7));
  seam_.Fail(SeamOperation::kOpen, 1, ENOTDIR);
  EXPECT_EQ(Get("key", 7), ItemResult::Of(Outcome::kNotFound));
}

TEST_F(FileStoreTest, GetReportsWhatFailed) {
  directory_.Write("key", "content");
  seam_.Fail(SeamOperation::kOpen, 1, EMFILE);
  EXPECT_EQ(Get("key", 7), Failed(Step::kOpen, EMFILE));
  seam_.Fail(SeamOperation::kFStat, 1, EIO);
  EXPECT_EQ(Get("key", 7), Failed(Step::kStat, EIO));
  seam_.Fail(SeamOperation::kPRead, 1, EIO);
  EXPECT_EQ(Get("key", 7), Failed(Step::kRead, EIO));
  seam_.Fail(SeamOperation::kClose, 1, EIO);
  EXPECT_EQ(Get("key", 7), ItemResult::Of(Outcome::kLoaded, 7));
}

TEST_F(FileStoreTest, GetKeepsNoDescriptor) {
  directory_.Write("key", "content");
  const int before = OpenDescriptors();
  EXPECT_EQ(Get("key", 7).outcome, Outcome::kLoaded);
  EXPECT_EQ(Get("key", 8).outcome, Outcome::kSizeMismatch);
  EXPECT_EQ(Get("absent", 8).outcome, Outcome::kNotFound);
  EXPECT_EQ(OpenDescriptors(), before);
}

// Everything that may stand in an object's place without being a regular file.
class NotRegularTest : public StoreFixture {
 protected:
  NotRegularTest() {
    EXPECT_EQ(::mkdir(directory_.PathOf("directory").c_str(), 0700), 0);
    EXPECT_EQ(::mkfifo(directory_.PathOf("fifo").c_str(), 0600), 0);
    EXPECT_EQ(::symlink("target", directory_.PathOf("link").c_str()), 0);
    EXPECT_EQ(::symlink("nothing", directory_.PathOf("dangling").c_str()), 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory_.PathOf("socket");
    EXPECT_LT(path.size(), sizeof(address.sun_path));
    std::memcpy(address.sun_path, path.c_str(), path.size());
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    directory_.Write("target", "content");
  }
  ~NotRegularTest() override {
    EXPECT_EQ(directory_.Names(),
              (Names{"dangling", "directory", "fifo", "link", "socket", "target"}));
    EXPECT_EQ(directory_.Read("target"), "content");
    ::close(socket_);
  }

  const Names names_{"dangling", "directory", "fifo", "link", "socket"};

 private:
  const int socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

TEST_F(NotRegularTest, IsNoObject) {
  for (const std::string& name : names_) {
    for (const int64_t size : {0, 7}) {
      EXPECT_EQ(Get(name, size), ItemResult::Of(Outcome::kNotFound)) << name;
      EXPECT_EQ(loaded_, Poison(size)) << name;
    }
    EXPECT_EQ(store_.Exists(name.c_str()), ItemResult::Of(Outcome::kNotFound)) << name;
  }
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 0, 10, 0, 0}));
}

TEST_F(NotRegularTest, IsNotReplaced) {
  for (const std::string& name : names_) {
    for (const PutMode mode : {PutMode::kIfAbsent, PutMode::kReplace}) {
      EXPECT_EQ(Put(name, "content", mode), Failed(Step::kOccupied, EEXIST)) << name;
    }
  }
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 0, 10, 0, 0}));
}

TEST_F(NotRegularTest, IsNotRemoved) {
  for (const std::string& name : names_) {
    EXPECT_EQ(store_.Remove(name.c_str()), ItemResult::Of(Outcome::kAbsent)) << name;
  }
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 0, 5, 0, 0}));
}

TEST_F(FileStoreTest, Exists) {
  directory_.Write("key", "content");
  EXPECT_EQ(store_.Exists("key"), ItemResult::Of(Outcome::kFound, 7));
  EXPECT_EQ(store_.Exists("absent"), ItemResult::Of(Outcome::kNotFound));
  seam_.Fail(SeamOperation::kFStatAt, 1, ENOTDIR);
  EXPECT_EQ(store_.Exists("key"), ItemResult::Of(Outcome::kNotFound));
  seam_.Fail(SeamOperation::kFStatAt, 1, EIO);
  EXPECT_EQ(store_.Exists("key"), Failed(Step::kStat, EIO));
  EXPECT_EQ(store_.Exists(std::string(256, 'x').c_str()), Failed(Step::kStat, ENAMETOOLONG));
}

TEST_F(FileStoreTest, SizesAre64Bit) {
  directory_.Write("key", "");
  const int64_t size = (int64_t{5} << 32) + 1;
  ASSERT_EQ(::truncate(directory_.PathOf("key").c_str(), size), 0);
  EXPECT_EQ(store_.Exists("key"), ItemResult::Of(Outcome::kFound, size));
  EXPECT_EQ(Get("key", 1), ItemResult::Of(Outcome::kSizeMismatch, size));
}

TEST_F(FileStoreTest, Remove) {
  directory_.Write("key", "content");
  EXPECT_EQ(store_.Remove("key"), ItemResult::Of(Outcome::kDeleted));
  EXPECT_EQ(store_.Remove("key"), ItemResult::Of(Outcome::kAbsent));
  directory_.Write("key", "content");
  seam_.Fail(SeamOperation::kUnlink, 1, EROFS);
  EXPECT_EQ(store_.Remove("key"), Failed(Step::kUnlink, EROFS));
  seam_.Fail(SeamOperation::kFStatAt, 1, EIO);
  EXPECT_EQ(store_.Remove("key"), Failed(Step::kStat, EIO));
  seam_.Fail(SeamOperation::kFStatAt, 1, ENOTDIR);
  EXPECT_EQ(store_.Remove("key"), ItemResult::Of(Outcome::kAbsent));
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

}  // namespace
}  // namespace lmcache

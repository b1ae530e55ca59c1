// SPDX-License-Identifier: Apache-2.0

// What a store writes beside the bytes, and what it makes of files that others wrote.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "crc32c.h"
#include "file_store.h"
#include "forwarding_file_ops.h"
#include "object_attribute.h"
#include "object_transfer.h"
#include "store_fixture.h"
#include "test_support.h"

namespace lmcache {
namespace {

constexpr int64_t kSize = kCheckedBlockBytes + 1000;

class ObjectFormatTest : public StoreFixture {
 protected:
  using StoreFixture::StoreFixture;

  // A file as another process would leave it.
  void Place(const std::string& name, const std::string& content, const std::string& attribute) {
    directory_.Write(name, content);
    directory_.SetAttribute(name, kAttributeName, attribute);
  }

  // The attribute of a whole object in a version that is not known here.
  static std::string NewerAttribute(const std::string& name, const std::string& content) {
    std::string attribute = AttributeFor(name, content);
    attribute[0] = 2;
    return Resealed(attribute);
  }

  static std::string Resealed(std::string attribute) {
    const uint32_t crc = Crc32c(0, attribute.data(), 32);
    for (size_t i = 0; i < 4; ++i) attribute[32 + i] = static_cast<char>(crc >> (8 * i));
    return attribute;
  }

  const std::string content_ = ContentOf("content", kSize);
};

TEST_F(ObjectFormatTest, EveryPutLeavesItsAttributeAndNothingElse) {
  for (const int64_t size : {int64_t{0}, int64_t{1}, kSize}) {
    const std::string name = "key" + std::to_string(size);
    const std::string content = ContentOf(name, size);
    EXPECT_EQ(Put(name, content), ItemResult::Of(Outcome::kStored, size));
    EXPECT_EQ(directory_.Attribute(name, kAttributeName), AttributeFor(name, content));
    EXPECT_EQ(directory_.Attribute(name, kKeyAttributeName), std::nullopt);
    EXPECT_EQ(Get(name, size), ItemResult::Of(Outcome::kLoaded, size));
    EXPECT_EQ(loaded_, content);
  }
  EXPECT_EQ(Counts(), std::vector<int64_t>(6, 0));
}

TEST_F(ObjectFormatTest, TheCanonicalKeyIsKeptWhereItIsGiven) {
  EXPECT_EQ(Put("key", content_, PutMode::kIfAbsent, "model@0@1@cafe").outcome, Outcome::kStored);
  EXPECT_EQ(directory_.Attribute("key", kKeyAttributeName), "model@0@1@cafe");
  EXPECT_EQ(directory_.Attribute("key", kAttributeName), AttributeFor("key", content_));
}

TEST_F(ObjectFormatTest, ReplacingReplacesTheAttributeToo) {
  const std::string other = ContentOf("other", kSize);
  EXPECT_EQ(Put("key", content_).outcome, Outcome::kStored);
  EXPECT_EQ(Put("key", other, PutMode::kReplace).outcome, Outcome::kStored);
  EXPECT_EQ(directory_.Attribute("key", kAttributeName), AttributeFor("key", other));
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
  EXPECT_EQ(loaded_, other);
}

TEST_F(ObjectFormatTest, AnAttributeOfAnotherVersionIsNeverServedReplacedOrRemoved) {
  std::string flagged = AttributeFor("key", content_);
  flagged[1] = 3;
  for (const std::string& newer : {NewerAttribute("key", content_), Resealed(flagged)}) {
    Place("key", content_, newer);
    const int64_t foreign = Counts()[3];
    EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kNotFound));
    EXPECT_EQ(loaded_, Poison(kSize));
    EXPECT_EQ(Put("key", content_), Failed(Step::kOccupied, EEXIST));
    EXPECT_EQ(Put("key", "another size"), Failed(Step::kOccupied, EEXIST));
    EXPECT_EQ(Put("key", content_, PutMode::kReplace), Failed(Step::kOccupied, EEXIST));
    EXPECT_EQ(store_.Remove("key"), ItemResult::Of(Outcome::kAbsent));
    EXPECT_EQ(Counts()[3], foreign + 5);
    EXPECT_EQ(directory_.Read("key"), content_);
    EXPECT_EQ(directory_.Attribute("key", kAttributeName), newer);
  }
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(ObjectFormatTest, IfAbsentKeepsWhatIsTheObjectAndReplacesWhatIsNot) {
  const std::string whole = AttributeFor("key", content_);
  Place("key", content_, whole);
  EXPECT_EQ(Put("key", content_), ItemResult::Of(Outcome::kAlreadyPresent, kSize));

  std::string damaged = whole;
  damaged[5] ^= 1;
  const std::vector<std::string> bad{damaged, AttributeFor("key", "shorter"),
                                     AttributeFor("another key", content_), std::string(300, 'x'),
                                     std::string()};
  for (const std::string& attribute : bad) {
    Place("key", std::string(content_.size(), '?'), attribute);
    EXPECT_EQ(Put("key", content_), ItemResult::Of(Outcome::kStored, kSize));
    EXPECT_EQ(directory_.Read("key"), content_);
    EXPECT_EQ(directory_.Attribute("key", kAttributeName), whole);
  }
}

TEST_F(ObjectFormatTest, FilesOfOthersAreServedByTheirLength) {
  directory_.Write("key", content_);
  EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kLoaded, kSize));
  EXPECT_EQ(loaded_, content_);
  const std::string padded = content_ + std::string(4096 - kSize % 4096, '\0');
  directory_.Write("padded", padded);
  EXPECT_EQ(Get("padded", kSize), ItemResult::Of(Outcome::kLoaded, kSize));
  EXPECT_EQ(loaded_, content_);
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 2, 0, 0, 0}));
  EXPECT_EQ(Get("key", kSize + 1), ItemResult::Of(Outcome::kSizeMismatch, kSize));
  EXPECT_EQ(Get("key", kSize - 1), ItemResult::Of(Outcome::kSizeMismatch, kSize));
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 2, 0, 0, 2}));
  EXPECT_EQ(directory_.Names(), (Names{"key", "padded"}));
}

TEST_F(ObjectFormatTest, AWholeObjectOfAnotherLengthIsAMismatchAndKept) {
  EXPECT_EQ(Put("key", content_).outcome, Outcome::kStored);
  EXPECT_EQ(Get("key", kSize - 1), ItemResult::Of(Outcome::kSizeMismatch, kSize));
  EXPECT_EQ(loaded_, Poison(kSize - 1));
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(ObjectFormatTest, ReportsAnAttributeThatCannotBeRead) {
  EXPECT_EQ(Put("key", content_).outcome, Outcome::kStored);
  seam_.Fail(SeamOperation::kFGetXattr, 1, EIO);
  EXPECT_EQ(Get("key", kSize), Failed(Step::kGetXattr, EIO));
  seam_.Fail(SeamOperation::kFGetXattr, 1, EIO);
  EXPECT_EQ(Put("key", content_), Failed(Step::kGetXattr, EIO));
  seam_.Fail(SeamOperation::kFGetXattr, 1, EIO);
  EXPECT_EQ(store_.Remove("key"), Failed(Step::kGetXattr, EIO));
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
  seam_.Fail(SeamOperation::kFGetXattr, 1, EOPNOTSUPP);
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 1, 0, 0, 0}));
}

TEST_F(ObjectFormatTest, TheAttributeIsSetAlsoWhenTheUmaskForbidsIt) {
  seam_.Fail(SeamOperation::kFSetXattr, 1, EACCES);
  EXPECT_EQ(Put("key", content_).outcome, Outcome::kStored);
  EXPECT_FALSE(seam_.has_faults());
  EXPECT_EQ(directory_.Attribute("key", kAttributeName), AttributeFor("key", content_));
  seam_.Fail(SeamOperation::kFSetXattr, 1, EACCES);
  seam_.Fail(SeamOperation::kFChmod, 1, EPERM);
  EXPECT_EQ(Put("other", content_), Failed(Step::kChmod, EPERM));
  seam_.Fail(SeamOperation::kFSetXattr, 1, EACCES);
  seam_.Fail(SeamOperation::kFSetXattr, 2, EACCES);
  EXPECT_EQ(Put("other", content_), Failed(Step::kSetXattr, EACCES));
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

// A file system that has as many free blocks as the test says.
class FillingFileOps final : public ForwardingFileOps {
 public:
  int FSetXattr(int, const char*, const void*, size_t) override { return -error; }
  int FStatVfs(int fd, struct statvfs* out) override {
    if (blind) return -EIO;
    const int result = kernel_.FStatVfs(fd, out);
    out->f_bavail = free_blocks;
    return result;
  }

  int error = 0;
  fsblkcnt_t free_blocks = 0;
  bool blind = false;
};

TEST_F(ObjectFormatTest, NoRoomForAnAttributeIsNoSpaceOnlyIfThereIsNone) {
  FillingFileOps filling;
  FileStore store(&filling, directory_.fd(), directory_.fd(), kPrefix, options_);
  const std::string content = "abc";
  const auto put = [&] { return store.Put("key", MemoryOf(content), PutMode::kIfAbsent, {}); };
  for (const int error : {ENOSPC, EDQUOT}) {
    filling.error = error;
    filling.free_blocks = 0;
    EXPECT_EQ(put(), Failed(Step::kSetXattr, error));
    filling.free_blocks = 1;
    EXPECT_EQ(put(), Failed(Step::kAttributeRefused, error));
    filling.blind = true;
    EXPECT_EQ(put(), Failed(Step::kAttributeRefused, error));
    filling.blind = false;
  }
  filling.error = E2BIG;
  EXPECT_EQ(put(), Failed(Step::kSetXattr, E2BIG));
  EXPECT_TRUE(directory_.Names().empty());
}

class FileModeTest : public ObjectFormatTest {
 protected:
  FileModeTest() : ObjectFormatTest({.file_mode = 0440}) {}
};

TEST_F(FileModeTest, IsWhatIsConfiguredWhateverTheUmask) {
  for (const mode_t mask : {0000, 0022, 0077, 0277, 0777}) {
    const ScopedUmask scoped(mask);
    EXPECT_EQ(Put("key", content_, PutMode::kReplace).outcome, Outcome::kStored) << mask;
    EXPECT_EQ(directory_.PermissionsOf("key"), 0440u) << mask;
    EXPECT_EQ(directory_.Attribute("key", kAttributeName), AttributeFor("key", content_));
  }
}

class NoChecksumTest : public ObjectFormatTest {
 protected:
  NoChecksumTest() : ObjectFormatTest({.checksum = false}) {}
};

TEST_F(NoChecksumTest, LengthAndKeyAreStillBound) {
  EXPECT_EQ(Put("key", content_).outcome, Outcome::kStored);
  const auto expected = EncodeAttribute({kSize, false, 0, DigestOf("key")});
  EXPECT_EQ(directory_.Attribute("key", kAttributeName),
            std::string(expected.begin(), expected.end()));
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
  EXPECT_EQ(loaded_, content_);
  ASSERT_EQ(::rename(directory_.PathOf("key").c_str(), directory_.PathOf("swapped").c_str()), 0);
  EXPECT_EQ(Get("swapped", kSize).outcome, Outcome::kCorrupt);
}

TEST_F(NoChecksumTest, ChecksumsOfOthersAreNotComputed) {
  Place("key", content_, AttributeFor("key", ContentOf("other", kSize)));
  EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kLoaded, kSize));
  EXPECT_EQ(loaded_, content_);
}

TEST_F(NoChecksumTest, AFileThatEndsEarlyIsStillNoticed) {
  EXPECT_EQ(Put("key", content_).outcome, Outcome::kStored);
  seam_.Shorten(SeamOperation::kPRead, 1, 3);
  seam_.Shorten(SeamOperation::kPRead, 2, 0);
  EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kLoaded, kSize)) << "at the second look";
  EXPECT_EQ(loaded_, content_);
  EXPECT_FALSE(seam_.has_faults());
}

TEST_F(ObjectFormatTest, AnAttributeWithoutAChecksumIsNotHeldAgainstTheBytes) {
  const auto bytes = EncodeAttribute({kSize, false, 0, DigestOf("key")});
  Place("key", content_, std::string(bytes.begin(), bytes.end()));
  EXPECT_EQ(Get("key", kSize), ItemResult::Of(Outcome::kLoaded, kSize));
  EXPECT_EQ(Counts(), std::vector<int64_t>(6, 0));
}

class NoAttributesTest : public ObjectFormatTest {
 protected:
  NoAttributesTest() : ObjectFormatTest({.attributes = false}) {}
};

TEST_F(NoAttributesTest, NoneAreWrittenOrRead) {
  for (int call = 1; call <= 3; ++call) {
    seam_.Fail(SeamOperation::kFGetXattr, call, EIO);
    seam_.Fail(SeamOperation::kFSetXattr, call, EIO);
  }
  EXPECT_EQ(Put("key", content_, PutMode::kIfAbsent, "canonical").outcome, Outcome::kStored);
  EXPECT_EQ(directory_.Attribute("key", kAttributeName), std::nullopt);
  EXPECT_EQ(directory_.Attribute("key", kKeyAttributeName), std::nullopt);
  EXPECT_EQ(Put("key", content_).outcome, Outcome::kAlreadyPresent);
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
  EXPECT_EQ(loaded_, content_);
  EXPECT_EQ(Get("key", kSize + 1), ItemResult::Of(Outcome::kSizeMismatch, kSize));
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 1, 0, 0, 1}));
  Place("key", content_, "damaged");
  EXPECT_EQ(Get("key", kSize).outcome, Outcome::kLoaded);
  EXPECT_EQ(store_.Remove("key"), ItemResult::Of(Outcome::kDeleted));
  EXPECT_TRUE(seam_.has_faults());
}

TEST_F(NoAttributesTest, WhatIsNoRegularFileIsStillKept) {
  directory_.Write("target", content_);
  ASSERT_EQ(::symlink("target", directory_.PathOf("link").c_str()), 0);
  for (const PutMode mode : {PutMode::kIfAbsent, PutMode::kReplace}) {
    EXPECT_EQ(Put("link", content_, mode), Failed(Step::kOccupied, EEXIST));
  }
  EXPECT_EQ(Get("link", kSize), ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(store_.Remove("link"), ItemResult::Of(Outcome::kAbsent));
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 0, 4, 0, 0}));
  EXPECT_EQ(directory_.Names(), (Names{"link", "target"}));
}

}  // namespace
}  // namespace lmcache

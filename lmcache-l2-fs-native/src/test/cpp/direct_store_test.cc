// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "aligned_slot.h"
#include "store_fixture.h"

namespace lmcache {
namespace {

constexpr int64_t kUnit = AlignedSlot::kUnit;

using Reason = DirectFinding::Reason;

FileStore::Options Direct(DirectMode mode, Reason reason) {
  FileStore::Options options;
  options.direct.mode = mode;
  options.direct.finding.reason = reason;
  options.direct.finding.alignment = {512, kUnit};
  return options;
}

class DirectStoreTest : public StoreFixture {
 protected:
  explicit DirectStoreTest(DirectMode mode = DirectMode::kOn, Reason reason = Reason::kEffective)
      : StoreFixture(Direct(mode, reason)) {}

  ItemResult PutDirect(const std::string& name, int64_t size, int64_t physical) {
    const AlignedSlot slot = std::move(AlignedSlot(size, physical).Fill(ContentOf(name, size)));
    return store_.Put(name.c_str(), slot.memory(), PutMode::kReplace, {DigestOf(name), nullptr});
  }

  // Loads it and compares every byte.
  ItemResult GetDirect(const std::string& name, int64_t size, int64_t physical) {
    const AlignedSlot slot(size, physical);
    const ItemResult result = store_.Get(name.c_str(), slot.memory(), DigestOf(name));
    EXPECT_TRUE(slot.CanariesAreWhole());
    if (result.outcome == Outcome::kLoaded) {
      EXPECT_EQ(slot.Content(), ContentOf(name, size));
    }
    return result;
  }

  std::vector<int64_t> DirectCounts() const {
    const DirectCounters& counts = store_.direct_counters();
    return {counts.stores, counts.loads, counts.fallback_length, counts.fallback_errno};
  }
};

using Counted = std::vector<int64_t>;

TEST_F(DirectStoreTest, PaddedObjectsAreDirectAndTheirFilesExact) {
  int64_t moved = 0;
  for (const int64_t size : {1, 511, 4095, 4096, 4097, 300'000, 9'000'001}) {
    const std::string name = "of-" + std::to_string(size);
    EXPECT_EQ(PutDirect(name, size, AlignedSlot::RoundedUp(size)),
              ItemResult::Of(Outcome::kStored, size));
    EXPECT_EQ(directory_.Read(name), ContentOf(name, size));
    EXPECT_EQ(GetDirect(name, size, AlignedSlot::RoundedUp(size)),
              ItemResult::Of(Outcome::kLoaded, size));
    ++moved;
    EXPECT_EQ(DirectCounts(), (Counted{moved, moved, 0, 0})) << size;
  }
  EXPECT_EQ(moved, 7);
}

TEST_F(DirectStoreTest, ADirectStoreWritesWholeUnitsAndCutsTheRest) {
  seam_.StartTrace();
  EXPECT_EQ(PutDirect("key", 5000, 8192).outcome, Outcome::kStored);
  EXPECT_EQ(seam_.TakeTrace(),
            (std::vector<std::string>{"fstatat", "create direct", "pwrite 8192@0", "ftruncate",
                                      "fsetxattr", "fstat", "close", "rename"}));
  seam_.StartTrace();
  EXPECT_EQ(GetDirect("key", 5000, 8192).outcome, Outcome::kLoaded);
  EXPECT_EQ(seam_.TakeTrace(), (std::vector<std::string>{"open direct", "fstat", "fgetxattr",
                                                         "pread 8192@0", "close"}));
}

TEST_F(DirectStoreTest, WithoutPaddingItFallsBackAndIsCounted) {
  seam_.StartTrace();
  const ItemResult stored = PutDirect("key", 5000, 5000);
  EXPECT_EQ(stored.outcome, Outcome::kStored);
  EXPECT_EQ(stored.fallback, Fallback::kLength);
  const ItemResult loaded = GetDirect("key", 5000, 5000);
  EXPECT_EQ(loaded.outcome, Outcome::kLoaded);
  EXPECT_EQ(loaded.fallback, Fallback::kLength);
  for (const std::string& call : seam_.TakeTrace()) {
    EXPECT_EQ(call.find("direct"), std::string::npos) << call;
  }
  EXPECT_EQ(DirectCounts(), (Counted{0, 0, 2, 0}));
}

TEST_F(DirectStoreTest, WhatMovesNothingIsNotCounted) {
  EXPECT_EQ(PutDirect("key", 5000, 5000).outcome, Outcome::kStored);
  const std::string content = ContentOf("key", 5000);
  EXPECT_EQ(Put("key", content).outcome, Outcome::kAlreadyPresent);
  EXPECT_EQ(GetDirect("other", 5000, 5000).outcome, Outcome::kNotFound);
  EXPECT_EQ(GetDirect("key", 5001, 5001).outcome, Outcome::kSizeMismatch);
  EXPECT_EQ(DirectCounts(), (Counted{0, 0, 1, 0}));
}

TEST_F(DirectStoreTest, AMisalignedAddressFailsItsKeyAndLeavesNothing) {
  const AlignedSlot slot(kUnit, 2 * kUnit);
  ItemResult expected = ItemResult::Failed({Step::kMisaligned, EINVAL});
  expected.bytes = static_cast<int64_t>(reinterpret_cast<uintptr_t>(slot.data() + 64));
  const ObjectMemory skewed{slot.data() + 64, kUnit, kUnit};
  const KeyMark mark{DigestOf("key"), nullptr};
  EXPECT_EQ(store_.Put("key", skewed, PutMode::kIfAbsent, mark), expected);
  EXPECT_TRUE(directory_.Names().empty());
  EXPECT_EQ(store_.Get("key", skewed, mark.digest).outcome, Outcome::kNotFound);
  EXPECT_EQ(PutDirect("key", kUnit, kUnit).outcome, Outcome::kStored);
  EXPECT_EQ(store_.Get("key", skewed, mark.digest), expected);
  EXPECT_EQ(DirectCounts(), (Counted{1, 0, 0, 0}));
}

TEST_F(DirectStoreTest, AFileThatIsRefusedIsMovedThroughThePageCache) {
  int64_t refusals = 0;
  for (const int error : {EINVAL, EOPNOTSUPP, EPERM}) {
    for (const SeamOperation operation : {SeamOperation::kCreate, SeamOperation::kPWrite}) {
      seam_.Fail(operation, 1, error);
      const ItemResult stored = PutDirect("key", kUnit, kUnit);
      EXPECT_EQ(stored.outcome, Outcome::kStored);
      EXPECT_EQ(stored.fallback, Fallback::kErrno);
      EXPECT_EQ(stored.error, error);
      EXPECT_EQ(directory_.Read("key"), ContentOf("key", kUnit));
      EXPECT_EQ(directory_.Names(), Names{"key"});
      EXPECT_EQ(DirectCounts()[3], ++refusals);
    }
    for (const SeamOperation operation : {SeamOperation::kOpen, SeamOperation::kPRead}) {
      seam_.Fail(operation, 1, error);
      const ItemResult loaded = GetDirect("key", kUnit, kUnit);
      EXPECT_EQ(loaded.outcome, Outcome::kLoaded);
      EXPECT_EQ(loaded.fallback, Fallback::kErrno);
      EXPECT_EQ(loaded.error, error);
      EXPECT_EQ(DirectCounts()[3], ++refusals);
    }
  }
  EXPECT_EQ(refusals, 12);
  EXPECT_FALSE(seam_.has_faults());
}

TEST_F(DirectStoreTest, ShortCountsGoOnAtAUnit) {
  constexpr int64_t size = 5 * kUnit + 100;
  // The kernel cuts at a sector: in the middle of a unit, or at its end.
  for (const int bytes : {4096 + 512, 4096}) {
    seam_.Shorten(SeamOperation::kPWrite, 1, bytes);
    EXPECT_EQ(PutDirect("key", size, AlignedSlot::RoundedUp(size)),
              ItemResult::Of(Outcome::kStored, size));
    EXPECT_EQ(directory_.Read("key"), ContentOf("key", size));
    seam_.Shorten(SeamOperation::kPRead, 1, bytes);
    EXPECT_EQ(GetDirect("key", size, AlignedSlot::RoundedUp(size)),
              ItemResult::Of(Outcome::kLoaded, size));
  }
  EXPECT_EQ(DirectCounts(), (Counted{2, 2, 0, 0}));
  // Before the end of the first one: a read begins anew, a write does not know what is there.
  seam_.Shorten(SeamOperation::kPRead, 1, 512);
  EXPECT_EQ(GetDirect("key", size, AlignedSlot::RoundedUp(size)).outcome, Outcome::kLoaded);
  seam_.Shorten(SeamOperation::kPWrite, 1, 512);
  EXPECT_EQ(PutDirect("key", size, AlignedSlot::RoundedUp(size)).fallback, Fallback::kErrno);
  EXPECT_EQ(directory_.Read("key"), ContentOf("key", size));
  EXPECT_FALSE(seam_.has_faults());
}

TEST_F(DirectStoreTest, AFileThatIsCutWhileItIsReadIsNotDelivered) {
  EXPECT_EQ(PutDirect("key", 2 * kUnit + 7, 3 * kUnit).outcome, Outcome::kStored);
  // What it says about itself is gone with the attribute, so that only the read can find it.
  seam_.Fail(SeamOperation::kFGetXattr, 1, ENODATA);
  directory_.Write("cut", ContentOf("cut", kUnit));
  EXPECT_EQ(GetDirect("cut", 2 * kUnit, 2 * kUnit).outcome, Outcome::kSizeMismatch);
}

TEST_F(DirectStoreTest, DirectLoadsVerifyWhatTheyRead) {
  constexpr int64_t size = kUnit + 9;
  EXPECT_EQ(PutDirect("key", size, AlignedSlot::RoundedUp(size)).outcome, Outcome::kStored);
  std::string content = directory_.Read("key");
  content[kUnit + 8] ^= 1;
  directory_.Write("key", content);
  EXPECT_EQ(GetDirect("key", size, AlignedSlot::RoundedUp(size)).outcome, Outcome::kCorrupt);
  EXPECT_TRUE(directory_.Names().empty());
}

TEST_F(DirectStoreTest, ErrorsThatAreNoRefusalStayErrors) {
  seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
  EXPECT_EQ(PutDirect("key", kUnit, kUnit), Failed(Step::kWrite, ENOSPC));
  seam_.Fail(SeamOperation::kFTruncate, 1, EIO);
  EXPECT_EQ(PutDirect("key", 100, kUnit), Failed(Step::kTruncate, EIO));
  EXPECT_TRUE(directory_.Names().empty());
  EXPECT_EQ(DirectCounts(), (Counted{0, 0, 0, 0}));
}

class RequiredDirectStoreTest : public DirectStoreTest {
 protected:
  RequiredDirectStoreTest() : DirectStoreTest(DirectMode::kRequire) {}
};

TEST_F(RequiredDirectStoreTest, FailsWhatWouldFallBackAndLeavesNothing) {
  ItemResult length = ItemResult::Failed({Step::kLengthNotDirect, EINVAL});
  length.bytes = 5000;
  EXPECT_EQ(PutDirect("key", 5000, 5000), length);
  for (const SeamOperation operation : {SeamOperation::kCreate, SeamOperation::kPWrite}) {
    seam_.Fail(operation, 1, EOPNOTSUPP);
    EXPECT_EQ(PutDirect("key", kUnit, kUnit), Failed(Step::kNotDirect, EOPNOTSUPP));
    EXPECT_TRUE(directory_.Names().empty());
  }
  EXPECT_EQ(PutDirect("key", kUnit, kUnit).outcome, Outcome::kStored);
  for (const SeamOperation operation : {SeamOperation::kOpen, SeamOperation::kPRead}) {
    seam_.Fail(operation, 1, EINVAL);
    EXPECT_EQ(GetDirect("key", kUnit, kUnit), Failed(Step::kNotDirect, EINVAL));
  }
  EXPECT_EQ(GetDirect("key", kUnit, kUnit).outcome, Outcome::kLoaded);
  EXPECT_EQ(DirectCounts(), (Counted{1, 1, 0, 0}));
}

// The disk was full when it was to be found out.
class UnsettledDirectStoreTest : public DirectStoreTest {
 protected:
  explicit UnsettledDirectStoreTest(DirectMode mode = DirectMode::kOn)
      : DirectStoreTest(mode, Reason::kNoSpace) {
    seam_.SetResidentPages(0);
    seam_.SetDioAlign(512, kUnit);
  }

  Reason Now() const { return store_.direct_finding().reason; }

  // Of the trace, the calls that only a probe makes.
  int ProbesIn(const std::vector<std::string>& trace) const {
    return static_cast<int>(std::count(trace.begin(), trace.end(), "dioalign"));
  }
};

TEST_F(UnsettledDirectStoreTest, TheFirstStoreWithRoomSettlesItAndNoLaterOneAsks) {
  for (int full = 0; full < 3; ++full) {
    // Of the probe, and of the store.
    seam_.Fail(SeamOperation::kPWrite, 1, ENOSPC);
    seam_.Fail(SeamOperation::kPWrite, 2, ENOSPC);
    EXPECT_EQ(PutDirect("key", kUnit, kUnit), Failed(Step::kWrite, ENOSPC));
    EXPECT_EQ(Now(), Reason::kNoSpace);
    EXPECT_TRUE(directory_.Names().empty());
  }
  seam_.StartTrace();
  EXPECT_EQ(PutDirect("key", kUnit, kUnit), ItemResult::Of(Outcome::kStored, kUnit));
  EXPECT_EQ(PutDirect("key", kUnit, kUnit), ItemResult::Of(Outcome::kStored, kUnit));
  EXPECT_EQ(ProbesIn(seam_.TakeTrace()), 1);
  EXPECT_EQ(Now(), Reason::kEffective);
  EXPECT_EQ(GetDirect("key", kUnit, kUnit), ItemResult::Of(Outcome::kLoaded, kUnit));
  EXPECT_EQ(DirectCounts(), (Counted{2, 1, 0, 0}));
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(UnsettledDirectStoreTest, WhatTurnsOutToBeCachedIsBufferedFromThenOn) {
  seam_.SetResidentPages(1);
  const ItemResult stored = PutDirect("key", kUnit, kUnit);
  EXPECT_EQ(stored.outcome, Outcome::kStored);
  EXPECT_EQ(stored.fallback, Fallback::kFileSystem);
  EXPECT_EQ(Now(), Reason::kCached);
  EXPECT_EQ(GetDirect("key", kUnit, kUnit).fallback, Fallback::kFileSystem);
  EXPECT_EQ(store_.direct_counters().fallback_fs, 2);
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

TEST_F(UnsettledDirectStoreTest, AProbeThatFailsSettlesNothingAndHarmsNoStore) {
  seam_.Fail(SeamOperation::kCreate, 1, EMFILE);
  EXPECT_EQ(PutDirect("key", kUnit, kUnit), ItemResult::Of(Outcome::kStored, kUnit));
  EXPECT_EQ(Now(), Reason::kNoSpace);
  EXPECT_EQ(DirectCounts(), (Counted{1, 0, 0, 0}));
}

TEST_F(UnsettledDirectStoreTest, NobodyWaitsForAProbe) {
  seam_.Hold(SeamOperation::kMinCore);
  std::thread probing(
      [this] { EXPECT_EQ(PutDirect("a", kUnit, kUnit).outcome, Outcome::kStored); });
  ASSERT_TRUE(seam_.AwaitHeld(1));
  EXPECT_EQ(PutDirect("b", kUnit, kUnit), ItemResult::Of(Outcome::kStored, kUnit));
  EXPECT_EQ(Now(), Reason::kNoSpace);
  seam_.Release();
  probing.join();
  EXPECT_EQ(Now(), Reason::kEffective);
  EXPECT_EQ(directory_.Names(), (Names{"a", "b"}));
}

class RequiredUnsettledDirectStoreTest : public UnsettledDirectStoreTest {
 protected:
  RequiredUnsettledDirectStoreTest() : UnsettledDirectStoreTest(DirectMode::kRequire) {}
};

TEST_F(RequiredUnsettledDirectStoreTest, KeysFailOnceItTurnsOutNotToBe) {
  EXPECT_EQ(GetDirect("key", kUnit, kUnit).outcome, Outcome::kNotFound);
  seam_.SetResidentPages(1);
  EXPECT_EQ(PutDirect("key", kUnit, kUnit), Failed(Step::kProbe, 0));
  directory_.Write("key", ContentOf("key", kUnit));
  EXPECT_EQ(GetDirect("key", kUnit, kUnit), Failed(Step::kProbe, 0));
}

class ReadAheadTest : public StoreFixture {
 protected:
  ReadAheadTest() : StoreFixture(Options()) {}
  static FileStore::Options Options() {
    FileStore::Options options;
    options.read_ahead = 1000;
    return options;
  }
};

TEST_F(ReadAheadTest, TheFirstReadHasExactlyThatLength) {
  EXPECT_EQ(Put("large", ContentOf("large", 600'000)).outcome, Outcome::kStored);
  EXPECT_EQ(Put("small", ContentOf("small", 999)).outcome, Outcome::kStored);
  seam_.StartTrace();
  EXPECT_EQ(Get("large", 600'000).outcome, Outcome::kLoaded);
  EXPECT_EQ(loaded_, ContentOf("large", 600'000));
  EXPECT_EQ(
      seam_.TakeTrace(),
      (std::vector<std::string>{"open", "fstat", "fgetxattr", "pread 1000@0", "pread 262144@1000",
                                "pread 262144@263144", "pread 74712@525288", "close"}));
  seam_.StartTrace();
  EXPECT_EQ(Get("small", 999).outcome, Outcome::kLoaded);
  EXPECT_EQ(seam_.TakeTrace()[3], "pread 999@0");
}

}  // namespace
}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#include "batch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <string_view>

#include "test_support.h"

namespace lmcache {
namespace {

using std::chrono::nanoseconds;

bool Accepts(std::string_view names, int32_t count) {
  Batch batch(1, Operation::kExists, Priority::kNormal);
  const bool accepted = batch.SetNames(std::string(names), count);
  EXPECT_EQ(batch.count(), accepted ? count : 0);
  return accepted;
}

TEST(BatchTest, TakesExactlyTheNamesItIsGiven) {
  using std::string_view_literals::operator""sv;
  EXPECT_TRUE(Accepts("a\0"sv, 1));
  EXPECT_TRUE(Accepts("a\0b.data\0...\0"sv, 3));
  EXPECT_TRUE(Accepts("a/b\0ab/cd/e.data\0"sv, 2));
  EXPECT_FALSE(Accepts("a\0b\0"sv, 1));
  EXPECT_FALSE(Accepts("a\0b\0"sv, 3));
  EXPECT_FALSE(Accepts("a\0b"sv, 2));
  EXPECT_FALSE(Accepts("a"sv, 1));
  EXPECT_FALSE(Accepts(""sv, 1));
}

TEST(BatchTest, RefusesWhatIsNoObjectName) {
  using std::string_view_literals::operator""sv;
  EXPECT_FALSE(Accepts("\0"sv, 1));
  EXPECT_FALSE(Accepts("a\0\0b\0"sv, 3));
  EXPECT_FALSE(Accepts("/\0"sv, 1));
  EXPECT_FALSE(Accepts("a/\0"sv, 1));
  EXPECT_FALSE(Accepts("/a\0"sv, 1));
  EXPECT_FALSE(Accepts("a//b\0"sv, 1));
  EXPECT_FALSE(Accepts("../a\0"sv, 1));
  EXPECT_FALSE(Accepts("a/./b\0"sv, 1));
  EXPECT_FALSE(Accepts("a/b/..\0"sv, 1));
  EXPECT_FALSE(Accepts("a/b/c/d\0"sv, 1));
  EXPECT_FALSE(Accepts(".\0"sv, 1));
  EXPECT_FALSE(Accepts("..\0"sv, 1));
}

TEST(BatchTest, DigestsAreOnePerItem) {
  Batch batch(1, Operation::kGet, Priority::kNormal);
  ASSERT_TRUE(batch.SetNames(std::string("a\0b\0", 4), 2));
  std::string digests;
  for (const char* const name : {"first", "second"}) {
    const KeyDigest digest = DigestOf(name);
    digests.append(digest.begin(), digest.end());
  }
  EXPECT_FALSE(batch.SetDigests(digests.substr(1)));
  EXPECT_FALSE(batch.SetDigests(digests + "x"));
  EXPECT_FALSE(batch.SetDigests(""));
  EXPECT_TRUE(batch.SetDigests(digests));
  EXPECT_EQ(batch.items[0].mark.digest, DigestOf("first"));
  EXPECT_EQ(batch.items[1].mark.digest, DigestOf("second"));
}

TEST(BatchTest, CanonicalKeysAreOnePerItemAndAnEmptyOneIsNone) {
  using std::string_view_literals::operator""sv;
  Batch batch(1, Operation::kSet, Priority::kNormal);
  ASSERT_TRUE(batch.SetNames(std::string("a\0b\0c\0", 6), 3));
  for (const auto wrong : {""sv, "\0\0"sv, "\0\0\0\0"sv, "\0\0\0x"sv, "x\0y\0z"sv}) {
    EXPECT_FALSE(batch.SetCanonicalKeys(std::string(wrong)));
  }
  EXPECT_TRUE(batch.SetCanonicalKeys(std::string("\0first\0second one\0"sv)));
  EXPECT_EQ(batch.items[0].mark.canonical_key, nullptr);
  EXPECT_STREQ(batch.items[1].mark.canonical_key, "first");
  EXPECT_STREQ(batch.items[2].mark.canonical_key, "second one");
}

TEST(BatchTest, ItemsCarryTheirNames) {
  const auto batch = MakeBatch(1, Operation::kGet, {"first", "second"});
  EXPECT_STREQ(batch->items[0].name, "first");
  EXPECT_STREQ(batch->items[1].name, "second");
}

TEST(BatchTest, TheLastItemFinishesIt) {
  const auto batch = MakeBatch(1, Operation::kGet, {"a", "b", "c"});
  EXPECT_FALSE(batch->Finish(2, ItemResult::Of(Outcome::kLoaded, 2)));
  EXPECT_FALSE(batch->Finish(0, ItemResult::Of(Outcome::kNotFound)));
  EXPECT_TRUE(batch->Finish(1, ItemResult::Of(Outcome::kClosed)));
  EXPECT_EQ(batch->items[0].result, ItemResult::Of(Outcome::kNotFound));
  EXPECT_EQ(batch->items[1].result, ItemResult::Of(Outcome::kClosed));
  EXPECT_EQ(batch->items[2].result, ItemResult::Of(Outcome::kLoaded, 2));
}

TEST(DeadlineTest, IsNowPlusTheTimeoutAndNeverOverflows) {
  const TimePoint now(nanoseconds(1000));
  const int64_t longest = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(DeadlineAfter(now, 0), now);
  EXPECT_EQ(DeadlineAfter(now, 5), TimePoint(nanoseconds(1005)));
  EXPECT_EQ(DeadlineAfter(now, -1), kNoDeadline);
  EXPECT_EQ(DeadlineAfter(now, longest), kNoDeadline);
  EXPECT_EQ(DeadlineAfter(now, longest - 1001), TimePoint(nanoseconds(longest - 1)));
}

TEST(BatchListTest, IsFirstInFirstOutAndReusable) {
  const auto a = MakeBatch(1, Operation::kGet, {"a"});
  const auto b = MakeBatch(2, Operation::kGet, {"b"});
  BatchList list;
  EXPECT_EQ(list.PopFront(), nullptr);
  for (int round = 0; round < 2; ++round) {
    list.PushBack(a.get());
    list.PushBack(b.get());
    EXPECT_EQ(list.front(), a.get());
    EXPECT_EQ(list.PopFront(), a.get());
    EXPECT_EQ(list.PopFront(), b.get());
    EXPECT_TRUE(list.empty());
  }
}

}  // namespace
}  // namespace lmcache

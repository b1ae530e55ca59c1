// SPDX-License-Identifier: Apache-2.0

// A regression test for ThreadSanitizer (preset tsan), and one of behaviour under every preset.
//
// A reader that looks at the length, the attribute and the bytes of a name by path may get each of
// them from another file while writers rename over it, and would call healthy objects corrupt; and
// whoever then removes "the file of that name" removes the healthy one. So a store takes all three
// from one descriptor, looks twice, and removes only the very file it saw. Here two threads replace
// one name with objects that differ in content and length while two others load it: each load must
// come back whole or, if it asked for the other length, as a mismatch.

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "store_fixture.h"
#include "test_support.h"

namespace lmcache {
namespace {

class TsanReplaceTest : public StoreFixture {};

TEST_F(TsanReplaceTest, ReadersNeverSeeADamagedObjectAndRemoveNone) {
  constexpr int kWriters = 2;
  constexpr int kReaders = 2;
  constexpr int kRounds = 400;
  // Two of one length and two of another, so that a mix of two of them cannot be seen by length.
  std::vector<std::string> contents;
  for (const int64_t size : {70'000, 70'000, 4096, 4096}) {
    contents.push_back(ContentOf("content " + std::to_string(contents.size()), size));
  }
  ASSERT_EQ(Put("key", contents[0]).outcome, Outcome::kStored);

  std::latch start(kWriters + kReaders);
  std::atomic<int> loaded{0};
  std::atomic<int> mismatched{0};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      start.arrive_and_wait();
      for (int round = 0; round < kRounds; ++round) {
        const std::string& content = contents[static_cast<size_t>((round + writer) % 4)];
        ASSERT_EQ(Put("key", content, PutMode::kReplace).outcome, Outcome::kStored);
      }
    });
  }
  for (int reader = 0; reader < kReaders; ++reader) {
    threads.emplace_back([&, reader] {
      start.arrive_and_wait();
      for (int round = 0; round < kRounds; ++round) {
        const int64_t wanted = (round + reader) % 2 == 0 ? 70'000 : 4096;
        std::string data = Poison(wanted);
        const ItemResult result = store_.Get("key", {data.data(), wanted, wanted}, DigestOf("key"));
        if (result.outcome == Outcome::kSizeMismatch) {
          ++mismatched;
          continue;
        }
        ASSERT_EQ(result, ItemResult::Of(Outcome::kLoaded, wanted));
        ASSERT_TRUE(data == contents[wanted == 4096 ? 2 : 0] ||
                    data == contents[wanted == 4096 ? 3 : 1]);
        ++loaded;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loaded + mismatched, kReaders * kRounds);
  EXPECT_GT(loaded, 0);
  EXPECT_EQ(Counts(), (std::vector<int64_t>{0, 0, 0, 0, 0, mismatched}));
  EXPECT_EQ(directory_.Names(), Names{"key"});
}

}  // namespace
}  // namespace lmcache

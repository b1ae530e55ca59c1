// SPDX-License-Identifier: Apache-2.0
#include "removal_limit.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace lmcache {
namespace {

class RemovalLimitTest : public testing::Test {
 protected:
  RemovalLimitTest() { seconds_ = 1000; }

  static TimePoint Now() { return TimePoint(std::chrono::seconds(seconds_.load())); }
  static inline std::atomic<int64_t> seconds_{0};

  int Granted(int asked) {
    int granted = 0;
    for (int i = 0; i < asked; ++i) granted += limit_.TryAcquire() ? 1 : 0;
    return granted;
  }

  RemovalLimit limit_{&Now};
};

TEST_F(RemovalLimitTest, SixteenInAMinute) {
  EXPECT_EQ(Granted(16), 16);
  EXPECT_FALSE(limit_.tripped());
  EXPECT_EQ(Granted(5), 0);
  EXPECT_TRUE(limit_.tripped());
}

TEST_F(RemovalLimitTest, TheMinuteSlides) {
  for (int i = 0; i < 16; ++i, ++seconds_) EXPECT_TRUE(limit_.TryAcquire()) << i;
  seconds_ = 1059;
  EXPECT_FALSE(limit_.TryAcquire());
  seconds_ = 1060;
  EXPECT_EQ(Granted(2), 1);
  seconds_ = 1063;
  EXPECT_EQ(Granted(10), 3);
}

TEST_F(RemovalLimitTest, StaysTrippedUntilAMinuteHasPassedWithoutARefusal) {
  EXPECT_EQ(Granted(17), 16);
  seconds_ = 1030;
  EXPECT_FALSE(limit_.TryAcquire());
  seconds_ = 1060;
  EXPECT_TRUE(limit_.TryAcquire());
  EXPECT_TRUE(limit_.tripped());
  seconds_ = 1089;
  EXPECT_TRUE(limit_.tripped());
  seconds_ = 1090;
  EXPECT_FALSE(limit_.tripped());
}

}  // namespace
}  // namespace lmcache

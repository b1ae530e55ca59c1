// SPDX-License-Identifier: Apache-2.0
#include "verdict.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "test_support.h"

namespace lmcache {
namespace {

constexpr int64_t kMostBytes = std::numeric_limits<int64_t>::max();

const KeyDigest kKey = DigestOf("key");

FoundFile Without(int64_t size) { return {size, AttributeState::kAbsent, {}}; }

FoundFile With(int64_t size, int64_t length, const KeyDigest& digest) {
  return {size, AttributeState::kPresent, {length, true, 0, digest}};
}

Verdict Load(int64_t wanted, const FoundFile& file) { return JudgeForLoad(wanted, file, kKey); }

Standing Stored(int64_t size, const FoundFile& file) { return JudgeForStore(size, file, kKey); }

TEST(VerdictTest, AnAttributeThatAgreesIsVerified) {
  for (const int64_t size : {int64_t{0}, int64_t{1}, int64_t{700}, kMostBytes}) {
    EXPECT_EQ(Load(size, With(size, size, kKey)), Verdict::kVerify) << size;
    EXPECT_EQ(Stored(size, With(size, size, kKey)), Standing::kAlreadyPresent) << size;
  }
}

TEST(VerdictTest, AWholeObjectOfAnotherLengthIsAMismatchAlsoIfItLooksPadded) {
  for (const int64_t wanted : {0, 1, 511, 513, 1024}) {
    EXPECT_EQ(Load(wanted, With(512, 512, kKey)), Verdict::kSizeMismatch) << wanted;
    EXPECT_EQ(Stored(wanted, With(512, 512, kKey)), Standing::kReplace) << wanted;
  }
}

TEST(VerdictTest, WhatContradictsItsAttributeIsCorruptWhateverIsWanted) {
  const FoundFile damaged{700, AttributeState::kMalformed, {}};
  for (const int64_t wanted : {0, 1, 699, 700, 701}) {
    EXPECT_EQ(Load(wanted, damaged), Verdict::kCorrupt) << wanted;
    EXPECT_EQ(Load(wanted, With(700, 699, kKey)), Verdict::kCorrupt) << wanted;
    EXPECT_EQ(Load(wanted, With(0, 700, kKey)), Verdict::kCorrupt) << wanted;
    EXPECT_EQ(Load(wanted, With(700, 700, DigestOf("other"))), Verdict::kCorrupt) << wanted;
    EXPECT_EQ(Stored(wanted, damaged), Standing::kReplace) << wanted;
    EXPECT_EQ(Stored(wanted, With(700, 699, kKey)), Standing::kReplace) << wanted;
    EXPECT_EQ(Stored(wanted, With(700, 700, DigestOf("other"))), Standing::kReplace) << wanted;
  }
}

TEST(VerdictTest, EveryByteOfTheDigestCounts) {
  for (size_t i = 0; i < kKey.size(); ++i) {
    KeyDigest other = kKey;
    other[i] ^= 1;
    EXPECT_EQ(Load(700, With(700, 700, other)), Verdict::kCorrupt) << i;
  }
}

TEST(VerdictTest, NewerVersionsAreForeignWhateverTheirLength) {
  for (const int64_t size : {0, 700, 4096}) {
    const FoundFile newer{size, AttributeState::kNewer, {}};
    EXPECT_EQ(Load(700, newer), Verdict::kForeign) << size;
    EXPECT_EQ(Stored(700, newer), Standing::kForeign) << size;
  }
}

TEST(VerdictTest, WithoutAnAttributeTheLengthDecides) {
  EXPECT_EQ(Load(0, Without(0)), Verdict::kUnverified);
  EXPECT_EQ(Load(1, Without(0)), Verdict::kEmpty);
  EXPECT_EQ(Load(700, Without(700)), Verdict::kUnverified);
  EXPECT_EQ(Load(700, Without(699)), Verdict::kSizeMismatch);
  EXPECT_EQ(Load(700, Without(701)), Verdict::kSizeMismatch);
  EXPECT_EQ(Load(0, Without(512)), Verdict::kSizeMismatch);
  EXPECT_EQ(Stored(700, Without(700)), Standing::kAlreadyPresent);
  EXPECT_EQ(Stored(700, Without(1024)), Standing::kReplace);
  EXPECT_EQ(Stored(700, Without(0)), Standing::kReplace);
}

TEST(VerdictTest, EveryPaddingOfUpstreamAndNoOther) {
  for (const int64_t wanted : {1, 700, 65'535, 65'537, 1'000'000}) {
    int padded = 0;
    for (int64_t alignment = 256; alignment <= 131'072; alignment *= 2) {
      const int64_t size = (wanted + alignment - 1) / alignment * alignment;
      bool legal = false;
      for (int64_t known = 512; known <= 65'536; known *= 2) {
        legal = legal || size == (wanted + known - 1) / known * known;
      }
      padded += legal ? 1 : 0;
      EXPECT_EQ(Load(wanted, Without(size)), legal ? Verdict::kUnverified : Verdict::kSizeMismatch)
          << wanted << " " << alignment;
      EXPECT_EQ(Load(wanted, Without(size + 1)), Verdict::kSizeMismatch) << wanted;
    }
    EXPECT_GE(padded, 8) << wanted;
  }
  EXPECT_EQ(Load(kMostBytes, Without(512)), Verdict::kSizeMismatch);
  EXPECT_EQ(Load(1, Without(256)), Verdict::kSizeMismatch);
  EXPECT_EQ(Load(1, Without(131'072)), Verdict::kSizeMismatch);
}

}  // namespace
}  // namespace lmcache

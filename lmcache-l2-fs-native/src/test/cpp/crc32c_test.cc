// SPDX-License-Identifier: Apache-2.0
#include "crc32c.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "test_support.h"

namespace lmcache {
namespace {

using Function = uint32_t (*)(uint32_t, const void*, size_t);

// The definition, bit by bit.
uint32_t Reference(const std::string& data) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : data) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
    }
  }
  return ~crc;
}

// Every way to compute it that this machine has.
std::vector<Function> Functions() {
  std::vector<Function> functions{&Crc32c, &internal::Crc32cSoftware};
  if (internal::HasCrc32cInstruction()) {
    functions.push_back(&internal::Crc32cHardware);
  }
  if (internal::CanFoldCrc32c()) {
    functions.push_back(&internal::Crc32cFolded);
  }
  return functions;
}

uint32_t Of(Function function, const std::string& data) {
  return function(0, data.data(), data.size());
}

// What the kernel says of the first processor; the line is called otherwise on each architecture.
std::set<std::string> ProcessorFeatures() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.rfind("flags", 0) == 0 || line.rfind("Features", 0) == 0) {
      std::istringstream words(line.substr(line.find(':') + 1));
      return {std::istream_iterator<std::string>(words), {}};
    }
  }
  return {};
}

// So that none which this processor has goes untested, and on no processor a test is left out.
TEST(Crc32cTest, EveryWayThatThisProcessorHasIsTestedAndTheFastestTaken) {
  const std::set<std::string> features = ProcessorFeatures();
  const bool instruction = features.count("sse4_2") + features.count("crc32") > 0;
  const bool folds =
      features.count("sse4_2") + features.count("avx512f") + features.count("vpclmulqdq") == 3;
  std::vector<Function> expected{&Crc32c, &internal::Crc32cSoftware};
  if (instruction) expected.push_back(&internal::Crc32cHardware);
  if (folds) expected.push_back(&internal::Crc32cFolded);
  EXPECT_EQ(Functions(), expected);
  EXPECT_EQ(Crc32cWayHere(), folds         ? Crc32cWay::kFolded
                             : instruction ? Crc32cWay::kInstruction
                                           : Crc32cWay::kSoftware);
  EXPECT_STREQ(Crc32cWayName(Crc32cWay::kFolded), "folded");
  EXPECT_STREQ(Crc32cWayName(Crc32cWay::kInstruction), "instruction");
  EXPECT_STREQ(Crc32cWayName(Crc32cWay::kSoftware), "software");
}

TEST(Crc32cTest, KnowsTheVectorsOfRfc3720) {
  std::string rising(32, '\0');
  for (size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<char>(i);
  const std::string falling(rising.rbegin(), rising.rend());
  for (const Function function : Functions()) {
    EXPECT_EQ(Of(function, ""), 0u);
    EXPECT_EQ(Of(function, "123456789"), 0xE3069283u);
    EXPECT_EQ(Of(function, std::string(32, '\0')), 0x8A9136AAu);
    EXPECT_EQ(Of(function, std::string(32, '\xFF')), 0x62A8AB43u);
    EXPECT_EQ(Of(function, rising), 0x46DD794Eu);
    EXPECT_EQ(Of(function, falling), 0x113FDB5Cu);
  }
}

// Up to where folding has gone round more than once, and three short streams too.
constexpr size_t kShort = 1700;

TEST(Crc32cTest, EveryShortLengthAtEveryAlignment) {
  const std::string content = ContentOf("lengths", kShort);
  alignas(64) char place[kShort + 64];
  size_t compared = 0;
  for (size_t length = 0; length <= kShort; ++length) {
    const uint32_t expected = Reference(content.substr(0, length));
    for (size_t alignment = 0; alignment < 64; ++alignment) {
      std::memcpy(place + alignment, content.data(), length);
      for (const Function function : Functions()) {
        ASSERT_EQ(function(0, place + alignment, length), expected) << length << " " << alignment;
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, (kShort + 1) * 64 * Functions().size());
}

TEST(Crc32cTest, EverySplitOfAShortOneComesToTheSame) {
  const std::string data = ContentOf("splits", kShort);
  const uint32_t whole = Reference(data);
  size_t compared = 0;
  for (const Function function : Functions()) {
    for (size_t split = 0; split <= kShort; ++split) {
      const uint32_t first = function(0, data.data(), split);
      ASSERT_EQ(function(first, data.data() + split, kShort - split), whole) << split;
      ++compared;
    }
  }
  EXPECT_EQ(compared, (kShort + 1) * Functions().size());
}

// Around the lengths at which folding and three streams begin, and where one loop hands over to the
// next.
TEST(Crc32cTest, LongLengthsAreTheDefinition) {
  const std::string content = ContentOf("long", 60'000);
  for (const size_t around : {512u, 768u, 1024u, 1536u, 24'576u, 25'344u, 49'152u, 49'920u}) {
    for (size_t length = around - 9; length <= around + 9; ++length) {
      const std::string data = content.substr(3, length);
      const uint32_t expected = Reference(data);
      for (const Function function : Functions()) {
        ASSERT_EQ(Of(function, data), expected) << length;
      }
    }
  }
}

TEST(Crc32cTest, PiecesComeToTheSameAsOnePass) {
  const std::string data = ContentOf("pieces", 50'000);
  const uint32_t whole = Reference(data);
  for (const Function function : Functions()) {
    for (const size_t piece : {1u, 7u, 255u, 769u, 24'577u}) {
      uint32_t crc = 0;
      for (size_t at = 0; at < data.size(); at += piece) {
        crc = function(crc, data.data() + at, std::min(piece, data.size() - at));
        crc = function(crc, data.data(), 0);
      }
      EXPECT_EQ(crc, whole) << piece;
    }
  }
}

TEST(Crc32cTest, EveryFlippedBitShows) {
  std::string data = ContentOf("bits", 200);
  const uint32_t before = Crc32c(0, data.data(), data.size());
  for (size_t bit = 0; bit < 8 * data.size(); ++bit) {
    const char mask = static_cast<char>(1 << bit % 8);
    data[bit / 8] ^= mask;
    EXPECT_NE(Crc32c(0, data.data(), data.size()), before) << bit;
    data[bit / 8] ^= mask;
  }
}

TEST(Crc32cCombineTest, EverySplitOfAMebibyteIsTheOnePassValue) {
  constexpr size_t kSize = 1 << 20;
  const std::string data = ContentOf("combine", kSize);
  const uint32_t whole = Crc32c(0, data.data(), kSize);
  int compared = 0;
  for (size_t split = 0; split <= kSize; split += 4096) {
    const uint32_t first = Crc32c(0, data.data(), split);
    const uint32_t second = Crc32c(0, data.data() + split, kSize - split);
    ASSERT_EQ(Crc32cCombine(first, second, static_cast<int64_t>(kSize - split)), whole) << split;
    ++compared;
  }
  EXPECT_EQ(compared, 257);
}

TEST(Crc32cCombineTest, EveryShortLengthIsTheOnePassValue) {
  const std::string data = ContentOf("short", 70);
  for (size_t size = 0; size <= data.size(); ++size) {
    for (size_t split = 0; split <= size; ++split) {
      const uint32_t first = Crc32c(0, data.data(), split);
      const uint32_t second = Crc32c(0, data.data() + split, size - split);
      ASSERT_EQ(Crc32cCombine(first, second, static_cast<int64_t>(size - split)),
                Crc32c(0, data.data(), size))
          << split << " of " << size;
    }
  }
}

TEST(Crc32cCombineTest, NothingChangesNothing) {
  EXPECT_EQ(Crc32cCombine(0, 0, 0), 0u);
  EXPECT_EQ(Crc32cCombine(0xE3069283u, 0, 0), 0xE3069283u);
  EXPECT_EQ(Crc32cCombine(0, 0xE3069283u, 9), 0xE3069283u);
}

// The polynomial is x + 1 times a primitive one of degree 31, so x^(2^31 - 1) is 1: whole rounds of
// that many bytes behind something leave it as it is.
TEST(Crc32cCombineTest, LengthsBeyondFourGibibytesAreTakenWhole) {
  constexpr int64_t kRound = (int64_t{1} << 31) - 1;
  for (const int64_t rounds : {int64_t{1}, int64_t{3}, int64_t{1} << 31}) {
    for (const int64_t rest : {0, 1, 4096, 1'000'003}) {
      EXPECT_EQ(Crc32cCombine(0xE3069283u, 0x12345678u, rounds * kRound + rest),
                Crc32cCombine(0xE3069283u, 0x12345678u, rest))
          << rounds << " " << rest;
    }
  }
  // In whatever order parts are put together.
  const int64_t large = (int64_t{5} << 30) + 12'345;
  const int64_t larger = (int64_t{9} << 32) + 7;
  const uint32_t left = Crc32cCombine(Crc32cCombine(1, 2, large), 3, larger);
  EXPECT_EQ(Crc32cCombine(1, Crc32cCombine(2, 3, larger), large + larger), left);
  EXPECT_NE(Crc32cCombine(1, Crc32cCombine(2, 3, larger), larger), left);
}

}  // namespace
}  // namespace lmcache

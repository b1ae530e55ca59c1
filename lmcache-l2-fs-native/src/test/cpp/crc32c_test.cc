// SPDX-License-Identifier: Apache-2.0
#include "crc32c.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
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
  return functions;
}

uint32_t Of(Function function, const std::string& data) {
  return function(0, data.data(), data.size());
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

TEST(Crc32cTest, EveryShortLengthAtEveryAlignment) {
  const std::string content = ContentOf("lengths", 400);
  alignas(64) char place[512];
  int compared = 0;
  for (size_t length = 0; length <= 300; ++length) {
    const std::string data = content.substr(0, length);
    const uint32_t expected = Reference(data);
    for (size_t alignment = 0; alignment < 64; ++alignment) {
      std::memcpy(place + alignment, data.data(), length);
      for (const Function function : Functions()) {
        ASSERT_EQ(function(0, place + alignment, length), expected) << length << " " << alignment;
        ++compared;
      }
    }
  }
  EXPECT_GE(compared, 301 * 64 * 2);
}

// Around the lengths at which three streams begin, and where one loop hands over to the next.
TEST(Crc32cTest, LongLengthsAreTheDefinition) {
  const std::string content = ContentOf("long", 60'000);
  for (const size_t around : {768u, 1536u, 24'576u, 25'344u, 49'152u, 49'920u}) {
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

}  // namespace
}  // namespace lmcache

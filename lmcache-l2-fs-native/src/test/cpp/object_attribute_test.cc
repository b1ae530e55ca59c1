// SPDX-License-Identifier: Apache-2.0
#include "object_attribute.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "crc32c.h"
#include "test_support.h"

namespace lmcache {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes FromHex(const std::string& hex) {
  Bytes bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// A0 to AF.
KeyDigest GoldenDigest() {
  KeyDigest digest;
  for (size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<uint8_t>(0xA0 + i);
  return digest;
}

// Computed elsewhere: the object "123456789", with and without its checksum, and a length that has
// another byte in each place.
constexpr char kWithChecksum[] =
    "010124000900000000000000839206e3a0a1a2a3a4a5a6a7a8a9aaabacadaeaf54ca6a05";
constexpr char kWithoutChecksum[] =
    "01002400090000000000000000000000a0a1a2a3a4a5a6a7a8a9aaabacadaeaf3469bd63";
constexpr char kLongLength[] =
    "010124000807060504030201839206e3a0a1a2a3a4a5a6a7a8a9aaabacadaeaf2d60988a";

Bytes Encode(int64_t length, bool has_checksum, uint32_t checksum) {
  const auto encoded = EncodeAttribute({length, has_checksum, checksum, GoldenDigest()});
  return Bytes(encoded.begin(), encoded.end());
}

AttributeState Decode(const Bytes& bytes, ObjectAttribute* out) {
  return DecodeAttribute(bytes.data(), bytes.size(), out);
}

AttributeState StateOf(const Bytes& bytes) {
  ObjectAttribute ignored;
  return Decode(bytes, &ignored);
}

// Makes the last four bytes agree with the rest again.
Bytes Resealed(Bytes bytes) {
  const size_t body = bytes.size() - 4;
  const uint32_t crc = Crc32c(0, bytes.data(), body);
  for (size_t i = 0; i < 4; ++i) bytes[body + i] = static_cast<uint8_t>(crc >> (8 * i));
  return bytes;
}

TEST(ObjectAttributeTest, IsTheseBytesOnEveryMachine) {
  EXPECT_EQ(Encode(9, true, 0xE3069283), FromHex(kWithChecksum));
  EXPECT_EQ(Encode(9, false, 0xE3069283), FromHex(kWithoutChecksum));
  EXPECT_EQ(Encode(0x0102030405060708, true, 0xE3069283), FromHex(kLongLength));
}

TEST(ObjectAttributeTest, ReadsWhatWasWritten) {
  ObjectAttribute read;
  ASSERT_EQ(Decode(FromHex(kLongLength), &read), AttributeState::kPresent);
  EXPECT_EQ(read.length, 0x0102030405060708);
  EXPECT_TRUE(read.has_checksum);
  EXPECT_EQ(read.checksum, 0xE3069283);
  EXPECT_EQ(read.digest, GoldenDigest());
  ASSERT_EQ(Decode(FromHex(kWithoutChecksum), &read), AttributeState::kPresent);
  EXPECT_EQ(read.length, 9);
  EXPECT_FALSE(read.has_checksum);
}

// The vectors that the Java side is tested with.
TEST(ObjectAttributeTest, AgreesWithJava) {
  std::ifstream vectors(LMCACHE_ATTRIBUTE_VECTORS);
  ASSERT_TRUE(vectors.is_open()) << LMCACHE_ATTRIBUTE_VECTORS;
  const std::map<std::string, AttributeState> states{{"PRESENT", AttributeState::kPresent},
                                                     {"NEWER", AttributeState::kNewer},
                                                     {"MALFORMED", AttributeState::kMalformed}};
  std::map<std::string, int> seen;
  for (std::string line; std::getline(vectors, line);) {
    if (line.starts_with('#')) continue;
    std::string field[5];
    std::istringstream fields(line);
    for (std::string& one : field) std::getline(fields, one, '\t');
    ++seen[field[1]];
    const Bytes bytes = FromHex(field[0]);
    ObjectAttribute read;
    ASSERT_EQ(Decode(bytes, &read), states.at(field[1])) << line;
    if (field[1] != "PRESENT") continue;
    EXPECT_EQ(read.length, std::stoll(field[2])) << line;
    EXPECT_EQ(read.has_checksum, field[3] != "-") << line;
    if (read.has_checksum) {
      EXPECT_EQ(read.checksum, std::stoul(field[3], nullptr, 16)) << line;
      const auto again = EncodeAttribute(read);
      EXPECT_EQ(Bytes(again.begin(), again.end()), bytes) << line;
    }
    EXPECT_EQ(Bytes(read.digest.begin(), read.digest.end()), FromHex(field[4])) << line;
  }
  for (const auto& [state, ignored] : states) EXPECT_GE(seen[state], 5) << state;
}

TEST(ObjectAttributeTest, AnyFlippedBitMakesItMalformed) {
  Bytes bytes = FromHex(kWithChecksum);
  for (size_t bit = 0; bit < 8 * kAttributeBytes; ++bit) {
    bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_EQ(StateOf(bytes), AttributeState::kMalformed) << bit;
    bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
  EXPECT_EQ(StateOf(bytes), AttributeState::kPresent);
}

TEST(ObjectAttributeTest, NoLengthBeyondTheLimitsIsRead) {
  for (size_t size = 0; size <= 300; ++size) {
    Bytes bytes(size, 7);
    bytes.resize(std::max<size_t>(size, 4));
    bytes = Resealed(bytes);
    bytes.resize(std::max<size_t>(size, 1));
    ObjectAttribute ignored;
    const AttributeState state = DecodeAttribute(bytes.data(), size, &ignored);
    const bool legal = size >= 8 && size <= 256;
    EXPECT_EQ(state, legal ? AttributeState::kNewer : AttributeState::kMalformed) << size;
  }
}

TEST(ObjectAttributeTest, VersionsAfterThisOneAreNewerIfTheirChecksumIsRight) {
  for (int version = 2; version <= 255; ++version) {
    Bytes bytes = FromHex(kWithChecksum);
    bytes[0] = static_cast<uint8_t>(version);
    EXPECT_EQ(StateOf(bytes), AttributeState::kMalformed) << version;
    EXPECT_EQ(StateOf(Resealed(bytes)), AttributeState::kNewer) << version;
  }
  Bytes none = FromHex(kWithChecksum);
  none[0] = 0;
  EXPECT_EQ(StateOf(Resealed(none)), AttributeState::kMalformed);
}

TEST(ObjectAttributeTest, FlagsThatAreNotKnownAreNewer) {
  for (int flag = 2; flag <= 128; flag *= 2) {
    Bytes bytes = FromHex(kWithChecksum);
    bytes[1] = static_cast<uint8_t>(bytes[1] | flag);
    EXPECT_EQ(StateOf(Resealed(bytes)), AttributeState::kNewer) << flag;
  }
}

TEST(ObjectAttributeTest, VersionOneHasOneSizeAndNoNegativeLength) {
  Bytes longer = FromHex(kWithChecksum);
  longer.insert(longer.end() - 4, 0);
  EXPECT_EQ(StateOf(Resealed(longer)), AttributeState::kMalformed);
  Bytes lying = FromHex(kWithChecksum);
  lying[2] = 37;
  EXPECT_EQ(StateOf(Resealed(lying)), AttributeState::kMalformed);
  Bytes negative = FromHex(kWithChecksum);
  negative[11] = 0x80;
  EXPECT_EQ(StateOf(Resealed(negative)), AttributeState::kMalformed);
}

}  // namespace
}  // namespace lmcache

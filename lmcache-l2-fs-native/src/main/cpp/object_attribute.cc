// SPDX-License-Identifier: Apache-2.0
#include "object_attribute.h"

#include <algorithm>

#include "crc32c.h"

namespace lmcache {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kChecksumFlag = 1;

constexpr size_t kVersionAt = 0;
constexpr size_t kFlagsAt = 1;
constexpr size_t kSizeAt = 2;
constexpr size_t kLengthAt = 4;
constexpr size_t kChecksumAt = 12;
constexpr size_t kDigestAt = 16;

constexpr size_t kTrailerBytes = 4;
constexpr size_t kMinAttributeBytes = 8;

template <typename Unsigned>
void Store(uint8_t* to, Unsigned value) {
  for (size_t i = 0; i < sizeof(value); ++i) {
    to[i] = static_cast<uint8_t>(value >> (8 * i));
  }
}

template <typename Unsigned>
Unsigned Load(const uint8_t* from) {
  Unsigned value = 0;
  for (size_t i = 0; i < sizeof(value); ++i) {
    value = static_cast<Unsigned>(value | static_cast<Unsigned>(from[i]) << (8 * i));
  }
  return value;
}

}  // namespace

std::array<uint8_t, kAttributeBytes> EncodeAttribute(const ObjectAttribute& attribute) {
  std::array<uint8_t, kAttributeBytes> bytes{};
  bytes[kVersionAt] = kVersion;
  bytes[kFlagsAt] = attribute.has_checksum ? kChecksumFlag : 0;
  Store(&bytes[kSizeAt], static_cast<uint16_t>(kAttributeBytes));
  Store(&bytes[kLengthAt], static_cast<uint64_t>(attribute.length));
  Store(&bytes[kChecksumAt], attribute.has_checksum ? attribute.checksum : uint32_t{0});
  std::copy(attribute.digest.begin(), attribute.digest.end(), &bytes[kDigestAt]);
  const size_t body = kAttributeBytes - kTrailerBytes;
  Store(&bytes[body], Crc32c(0, bytes.data(), body));
  return bytes;
}

AttributeState DecodeAttribute(const uint8_t* bytes, size_t size, ObjectAttribute* out) {
  if (size < kMinAttributeBytes || size > kMaxAttributeBytes || bytes[kVersionAt] == 0) {
    return AttributeState::kMalformed;
  }
  const size_t body = size - kTrailerBytes;
  if (Load<uint32_t>(bytes + body) != Crc32c(0, bytes, body)) {
    return AttributeState::kMalformed;
  }
  if (bytes[kVersionAt] > kVersion) {
    return AttributeState::kNewer;
  }
  if (size != kAttributeBytes || Load<uint16_t>(bytes + kSizeAt) != kAttributeBytes) {
    return AttributeState::kMalformed;
  }
  if ((bytes[kFlagsAt] & ~kChecksumFlag) != 0) {
    return AttributeState::kNewer;
  }
  const auto length = static_cast<int64_t>(Load<uint64_t>(bytes + kLengthAt));
  if (length < 0) {
    return AttributeState::kMalformed;
  }
  out->length = length;
  out->has_checksum = (bytes[kFlagsAt] & kChecksumFlag) != 0;
  out->checksum = Load<uint32_t>(bytes + kChecksumAt);
  std::copy_n(bytes + kDigestAt, out->digest.size(), out->digest.begin());
  return AttributeState::kPresent;
}

}  // namespace lmcache

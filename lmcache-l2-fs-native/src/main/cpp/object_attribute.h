// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_OBJECT_ATTRIBUTE_H_
#define LMCACHE_OBJECT_ATTRIBUTE_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace lmcache {

// The first half of the SHA-256 of a key's canonical form; Java computes it.
using KeyDigest = std::array<uint8_t, 16>;

// The extended attributes of an object's file: what ObjectAttribute encodes, and, where the name
// does not tell the key, the key's canonical form.
inline constexpr char kAttributeName[] = "user.lmcache";
inline constexpr char kKeyAttributeName[] = "user.lmcache.key";

// What a file of ours says about itself. Little endian, 36 bytes:
//
//    0  u8   version, 1
//    1  u8   flags; bit 0: there is a checksum
//    2  u16  size of all this, 36
//    4  i64  length of the object
//   12  u32  CRC-32C of the object; 0 if there is none
//   16  16   digest of the key
//   32  u32  CRC-32C of bytes 0 to 31
//
// In every version byte 0 is the version and the last four bytes are the CRC-32C of all before, so
// that an attribute from a later version can be told from a damaged one.
struct ObjectAttribute {
  int64_t length = 0;
  bool has_checksum = false;
  uint32_t checksum = 0;
  KeyDigest digest{};
};

constexpr size_t kAttributeBytes = 36;
// An attribute of any version has at most this many bytes.
constexpr size_t kMaxAttributeBytes = 256;

enum class AttributeState : uint8_t { kAbsent, kMalformed, kNewer, kPresent };

std::array<uint8_t, kAttributeBytes> EncodeAttribute(const ObjectAttribute& attribute);

// Never kAbsent; `out` is set if kPresent.
AttributeState DecodeAttribute(const uint8_t* bytes, size_t size, ObjectAttribute* out);

}  // namespace lmcache

#endif  // LMCACHE_OBJECT_ATTRIBUTE_H_

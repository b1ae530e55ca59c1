// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_VERDICT_H_
#define LMCACHE_VERDICT_H_

#include <cstdint>

#include "object_attribute.h"

namespace lmcache {

// What is known of a file that stands under a key's name, without its bytes.
struct FoundFile {
  int64_t size = 0;
  AttributeState state = AttributeState::kAbsent;
  ObjectAttribute attribute;  // if kPresent
};

// What such a file is worth to a load.
enum class Verdict : uint8_t {
  kVerify,        // whole, the key's and of the wanted length: read, and compare the checksum
  kUnverified,    // without an attribute, and as long as wanted, or as upstream pads that: read
  kSizeMismatch,  // whole, or may be, but of another length: kept
  kEmpty,         // no attribute and no byte: what a crash leaves; removed
  kForeign,       // of a newer version of the format: kept, and not served
  kCorrupt,       // damaged, of another length than it says, or another key's
};
Verdict JudgeForLoad(int64_t wanted, const FoundFile& file, const KeyDigest& digest);

// What becomes of such a file when an object of `size` bytes is stored under its name.
enum class Standing : uint8_t {
  kAlreadyPresent,  // is the object, as far as can be told without reading it
  kReplace,         // is not, or is not whole
  kForeign,         // of a newer version of the format: not to be touched, whatever the mode
};
Standing JudgeForStore(int64_t size, const FoundFile& file, const KeyDigest& digest);

}  // namespace lmcache

#endif  // LMCACHE_VERDICT_H_

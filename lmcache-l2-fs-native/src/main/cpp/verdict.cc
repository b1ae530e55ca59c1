// SPDX-License-Identifier: Apache-2.0
#include "verdict.h"

namespace lmcache {
namespace {

constexpr uint64_t kSmallestAlignment = 512;
constexpr uint64_t kLargestAlignment = 65536;

// Whether a file of `size` bytes may be an object of `wanted` bytes as upstream writes it with
// direct I/O, padded to the alignment.
bool IsPadded(int64_t wanted, int64_t size) {
  for (uint64_t alignment = kSmallestAlignment; alignment <= kLargestAlignment; alignment *= 2) {
    // Unsigned, and so without overflow.
    const uint64_t padded = (static_cast<uint64_t>(wanted) + alignment - 1) & ~(alignment - 1);
    if (padded == static_cast<uint64_t>(size)) {
      return true;
    }
  }
  return false;
}

bool Agrees(const FoundFile& file, const KeyDigest& digest) {
  return file.state == AttributeState::kPresent && file.attribute.length == file.size &&
         file.attribute.digest == digest;
}

}  // namespace

Verdict JudgeForLoad(int64_t wanted, const FoundFile& file, const KeyDigest& digest) {
  if (file.state == AttributeState::kNewer) {
    return Verdict::kForeign;
  }
  if (file.state == AttributeState::kAbsent) {
    if (file.size == 0 && wanted > 0) {
      return Verdict::kEmpty;
    }
    const bool fits = file.size == wanted || IsPadded(wanted, file.size);
    return fits ? Verdict::kUnverified : Verdict::kSizeMismatch;
  }
  if (!Agrees(file, digest)) {
    return Verdict::kCorrupt;
  }
  return file.size == wanted ? Verdict::kVerify : Verdict::kSizeMismatch;
}

Standing JudgeForStore(int64_t size, const FoundFile& file, const KeyDigest& digest) {
  if (file.state == AttributeState::kNewer) {
    return Standing::kForeign;
  }
  const bool stands = file.state == AttributeState::kAbsent || Agrees(file, digest);
  return stands && file.size == size ? Standing::kAlreadyPresent : Standing::kReplace;
}

}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_CRC32C_H_
#define LMCACHE_CRC32C_H_

#include <cstddef>
#include <cstdint>

namespace lmcache {

// The CRC-32C (Castagnoli) of what `crc` stands for followed by these bytes; 0 stands for nothing.
// Thread-safe. Uses what the processor has for it.
uint32_t Crc32c(uint32_t crc, const void* data, size_t size);

// The ways to compute it, fastest first: by wide carry-less products, by the processor's
// instruction for this CRC, by tables.
enum class Crc32cWay : uint8_t { kFolded, kInstruction, kSoftware };

// The way that Crc32c goes on this processor, and its name.
Crc32cWay Crc32cWayHere();
const char* Crc32cWayName(Crc32cWay way);

// The CRC-32C of some bytes followed by others, from the two CRCs and the length of the second part
// (not negative). Thread-safe; takes as many steps as that length has bits.
uint32_t Crc32cCombine(uint32_t first, uint32_t second, int64_t second_size);

namespace internal {

// The first two ways must only be gone where the processor can.
bool CanFoldCrc32c();
uint32_t Crc32cFolded(uint32_t crc, const void* data, size_t size);
bool HasCrc32cInstruction();
uint32_t Crc32cHardware(uint32_t crc, const void* data, size_t size);
uint32_t Crc32cSoftware(uint32_t crc, const void* data, size_t size);

}  // namespace internal
}  // namespace lmcache

#endif  // LMCACHE_CRC32C_H_

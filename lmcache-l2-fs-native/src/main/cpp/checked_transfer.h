// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_CHECKED_TRANSFER_H_
#define LMCACHE_CHECKED_TRANSFER_H_

#include <cstdint>

#include "file_ops.h"
#include "posix_file.h"

namespace lmcache {

// A checked transfer moves blocks of this size and takes each into the checksum while the
// processor's cache still holds it. Smaller ones cost calls, larger ones leave the cache before
// their turn.
constexpr int64_t kCheckedBlockBytes = int64_t{256} << 10;

// As ReadFully and WriteFully from offset 0 on. `*crc` becomes the CRC-32C of the bytes that were
// moved, if none failed.
Transfer ReadChecked(FileOps* ops, int fd, void* data, int64_t size, uint32_t* crc);
Transfer WriteChecked(FileOps* ops, int fd, const void* data, int64_t size, uint32_t* crc);

}  // namespace lmcache

#endif  // LMCACHE_CHECKED_TRANSFER_H_

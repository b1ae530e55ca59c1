// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_OBJECT_TRANSFER_H_
#define LMCACHE_OBJECT_TRANSFER_H_

#include <cstdint>

#include "courtesy.h"
#include "file_ops.h"
#include "posix_file.h"

namespace lmcache {

// A transfer with a checksum moves blocks of this size and takes each into the checksum while the
// processor's cache still holds it. Smaller ones cost calls, larger ones leave the cache before
// their turn. So does a write without one while it gives way to others.
constexpr int64_t kCheckedBlockBytes = int64_t{256} << 10;

// Past the page cache each call waits for the device, so blocks are larger.
constexpr int64_t kDirectBlockBytes = int64_t{8} << 20;

// How to move bytes between memory and a file.
struct TransferPlan {
  // 1: through the page cache. Else the file is open with O_DIRECT, and this is the unit.
  int64_t alignment = 1;
  // The length of the first read; 0: like the others. Must be 0 for what is direct.
  int64_t first_read = 0;
  // Of writes only.
  Courtesy courtesy{};
};

// Reads from `offset` on: `object_bytes`, and with O_DIRECT up to `transfer_bytes`, which may reach
// beyond the end of the file. Tells how many of the object's bytes there were; fewer without an
// error mean end of file. `*crc`, if not null, becomes the CRC-32C of those.
Transfer ReadObject(FileOps* ops, int fd, void* data, int64_t offset, int64_t object_bytes,
                    int64_t transfer_bytes, const TransferPlan& plan, uint32_t* crc);

// Writes from offset 0 on, in the same manner: also the padding, if more than the object is to be
// transferred. Fewer bytes than the object's always come with an error.
Transfer WriteObject(FileOps* ops, int fd, const void* data, int64_t object_bytes,
                     int64_t transfer_bytes, const TransferPlan& plan, uint32_t* crc);

}  // namespace lmcache

#endif  // LMCACHE_OBJECT_TRANSFER_H_

// SPDX-License-Identifier: Apache-2.0
#include "checked_transfer.h"

#include <algorithm>

#include "crc32c.h"

namespace lmcache {

Transfer ReadChecked(FileOps* ops, int fd, void* data, int64_t size, uint32_t* crc) {
  Transfer done;
  uint32_t sum = 0;
  while (done.bytes < size) {
    char* const block = static_cast<char*>(data) + done.bytes;
    const int64_t wanted = std::min(size - done.bytes, kCheckedBlockBytes);
    const Transfer moved = ReadFully(ops, fd, block, wanted, done.bytes);
    sum = Crc32c(sum, block, static_cast<size_t>(moved.bytes));
    done.bytes += moved.bytes;
    done.error = moved.error;
    if (moved.bytes < wanted) {
      break;
    }
  }
  *crc = sum;
  return done;
}

Transfer WriteChecked(FileOps* ops, int fd, const void* data, int64_t size, uint32_t* crc) {
  Transfer done;
  uint32_t sum = 0;
  while (done.bytes < size) {
    const char* const block = static_cast<const char*>(data) + done.bytes;
    const int64_t wanted = std::min(size - done.bytes, kCheckedBlockBytes);
    // The first touch brings the block into the cache, from where the kernel then copies it.
    sum = Crc32c(sum, block, static_cast<size_t>(wanted));
    const Transfer moved = WriteFully(ops, fd, block, wanted, done.bytes);
    done.bytes += moved.bytes;
    done.error = moved.error;
    if (moved.bytes < wanted) {
      break;
    }
  }
  *crc = sum;
  return done;
}

}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#include "object_transfer.h"

#include <algorithm>

#include "crc32c.h"

namespace lmcache {
namespace {

int64_t BlockBytes(const TransferPlan& plan, bool small) {
  if (plan.alignment > 1) {
    return std::max(kDirectBlockBytes, plan.alignment);
  }
  return small ? kCheckedBlockBytes : kMaxPieceBytes;
}

void AddToChecksum(uint32_t* crc, const char* data, int64_t bytes) {
  if (crc != nullptr && bytes > 0) {
    *crc = Crc32c(*crc, data, static_cast<size_t>(bytes));
  }
}

}  // namespace

Transfer ReadObject(FileOps* ops, int fd, void* data, int64_t offset, int64_t object_bytes,
                    int64_t transfer_bytes, const TransferPlan& plan, uint32_t* crc) {
  if (crc != nullptr) {
    *crc = 0;
  }
  Transfer done;
  int64_t block_bytes = plan.first_read > 0 ? plan.first_read : BlockBytes(plan, crc != nullptr);
  while (done.bytes < object_bytes) {
    char* const block = static_cast<char*>(data) + done.bytes;
    const int64_t wanted = std::min(transfer_bytes - done.bytes, block_bytes);
    const int64_t of_object = std::min(object_bytes - done.bytes, wanted);
    const Transfer moved = plan.alignment > 1
                               ? ReadFullyDirect(ops, fd, block, wanted, of_object,
                                                 offset + done.bytes, plan.alignment)
                               : ReadFully(ops, fd, block, wanted, offset + done.bytes);
    const int64_t useful = std::min(moved.bytes, of_object);
    AddToChecksum(crc, block, useful);
    done.bytes += useful;
    done.error = moved.error;
    if (useful < of_object) {
      break;
    }
    block_bytes = BlockBytes(plan, crc != nullptr);
  }
  return done;
}

Transfer WriteObject(FileOps* ops, int fd, const void* data, int64_t object_bytes,
                     int64_t transfer_bytes, const TransferPlan& plan, uint32_t* crc) {
  if (crc != nullptr) {
    *crc = 0;
  }
  Transfer done;
  while (done.bytes < transfer_bytes && done.error == 0) {
    const char* const block = static_cast<const char*>(data) + done.bytes;
    const bool in_blocks = crc != nullptr || plan.courtesy.due();
    const int64_t wanted = std::min(transfer_bytes - done.bytes, BlockBytes(plan, in_blocks));
    // The first touch brings the block into the cache, from where the kernel then copies it.
    AddToChecksum(crc, block, std::min(object_bytes - done.bytes, wanted));
    const Transfer moved =
        plan.alignment > 1 ? WriteFullyDirect(ops, fd, block, wanted, done.bytes, plan.alignment)
                           : WriteFully(ops, fd, block, wanted, done.bytes);
    done.bytes += moved.bytes;
    done.error = moved.error;
    if (done.error == 0 && done.bytes < transfer_bytes && plan.courtesy.due()) {
      plan.courtesy.give_way();
    }
  }
  return done;
}

}  // namespace lmcache

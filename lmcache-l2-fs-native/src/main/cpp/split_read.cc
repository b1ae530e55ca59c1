// SPDX-License-Identifier: Apache-2.0
#include "split_read.h"

#include <cerrno>
#include <new>
#include <utility>

#include "crc32c.h"

namespace lmcache {

SplitRead::SplitRead(FileStore* store, ObjectLoad&& load, int64_t transfer_bytes)
    : store_(store),
      transfer_bytes_(transfer_bytes),
      // The last one takes what is left over.
      pieces_(static_cast<size_t>(transfer_bytes / kSegmentBytes)),
      load_(std::move(load)) {}

bool SplitRead::Read(int32_t piece) noexcept {
  Piece& mine = pieces_[static_cast<size_t>(piece)];
  const int64_t offset = piece * kSegmentBytes;
  const int64_t end = piece + 1 == pieces() ? transfer_bytes_ : offset + kSegmentBytes;
  try {
    mine.read = load_.Read(offset, end - offset, &mine.checksum);
    mine.whole =
        mine.read.error == 0 && mine.read.bytes == load_.object_bytes(offset, end - offset);
  } catch (const std::bad_alloc&) {
    mine.thrown = {Step::kInternal, ENOMEM};
  } catch (...) {
    mine.thrown = {Step::kInternal, 0};
  }
  return mine.whole;
}

ItemResult SplitRead::End() {
  // Up to the first piece that is not whole. Those before it are: pieces begin in order, and each
  // that began has ended. So the sum is the one of a single pass that met the same fault.
  LoadSum sum;
  for (const Piece& piece : pieces_) {
    if (!piece.thrown.ok()) {
      return ItemResult::Failed(piece.thrown);
    }
    sum.bytes += piece.read.bytes;
    sum.error = piece.read.error;
    sum.checksum = Crc32cCombine(sum.checksum, piece.checksum, piece.read.bytes);
    if (!piece.whole) {
      break;
    }
  }
  return store_->EndGet(&load_, sum);
}

}  // namespace lmcache

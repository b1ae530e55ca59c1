// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_SPLIT_READ_H_
#define LMCACHE_SPLIT_READ_H_

#include <cstdint>
#include <vector>

#include "file_store.h"
#include "object_load.h"
#include "posix_file.h"
#include "status.h"

namespace lmcache {

class Batch;

// One item of a batch that is under way.
struct WorkItem {
  Batch* batch = nullptr;
  int32_t index = 0;
};

// A piece is at least this long; so a load of less than two of them is not worth splitting.
constexpr int64_t kSegmentBytes = int64_t{4} << 20;
constexpr int64_t kMinSplitBytes = 2 * kSegmentBytes;

// The bytes of one large load, read in pieces by any number of threads through one descriptor.
//
// Ownership: on the heap, of the threads that are at it. The one that began it offers it to the
// queue and takes piece after piece until none is left; others join with a piece that the queue
// hands out and leave after it. Nobody waits for another: whoever is the last to leave ends the
// load and deletes this. So it is alive exactly as long as someone is at it, and no one can join
// after the last has left, for the one that began it leaves only when no piece is left to begin.
//
// Threads: pieces differ in which bytes and which slot they write. What each thread wrote is seen
// by the one that ends the load, since leaving is under the lock of the queue. `next_piece`,
// `threads` and `next` belong to the queue, under that lock.
class SplitRead final {
 public:
  // Of a load that is to transfer so much, at least kMinSplitBytes. The load is not touched if this
  // throws std::bad_alloc. The store must outlive this.
  SplitRead(FileStore* store, ObjectLoad&& load, int64_t transfer_bytes);
  SplitRead(const SplitRead&) = delete;
  SplitRead& operator=(const SplitRead&) = delete;

  int32_t pieces() const { return static_cast<int32_t>(pieces_.size()); }

  // Reads one piece, once. False if it is not whole: then no other needs to be begun.
  bool Read(int32_t piece) noexcept;

  // What the load came to. For the last one, once; may throw.
  ItemResult End();

  WorkItem item;  // set before it is offered

  int32_t next_piece = 0;     // the first one that has not been begun
  int32_t threads = 0;        // that are at it
  SplitRead* next = nullptr;  // of those with pieces to begin

 private:
  struct Piece {
    bool whole = false;
    Status thrown;  // instead of an answer
    Transfer read;
    uint32_t checksum = 0;
  };

  FileStore* const store_;
  const int64_t transfer_bytes_;
  std::vector<Piece> pieces_;
  ObjectLoad load_;
};

}  // namespace lmcache

#endif  // LMCACHE_SPLIT_READ_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_OBJECT_LOAD_H_
#define LMCACHE_OBJECT_LOAD_H_

#include <cstdint>

#include "direct_io.h"
#include "file_ops.h"
#include "object_attribute.h"
#include "object_file.h"
#include "object_memory.h"
#include "posix_file.h"
#include "status.h"

namespace lmcache {

// What is to be loaded, and where to. The name belongs to the caller.
struct LoadTarget {
  const char* name = nullptr;
  ObjectMemory memory;
  KeyDigest digest{};
};

// What the pieces of a read came to: how many of the object's bytes there were, the first error,
// and the CRC-32C of the bytes in their order.
struct LoadSum {
  int64_t bytes = 0;
  int error = 0;
  uint32_t checksum = 0;
};

// An object that is open and judged, and whose bytes are to be read: in one piece or in several,
// by one thread or by several at once. Move-only.
class ObjectLoad {
 public:
  // What is to be read, from offset 0 on: more than the object where it is direct.
  int64_t transfer_bytes() const { return plan_.transfer_bytes; }

  // Whether it may be read in pieces that begin at multiples of so much. Not if the length of its
  // first read is promised, nor if O_DIRECT has a larger unit.
  bool in_pieces_of(int64_t bytes) const { return first_read_ == 0 && bytes % alignment_ == 0; }

  // How many of a piece's bytes belong to the object.
  int64_t object_bytes(int64_t offset, int64_t length) const;

  // Reads a piece; pieces must not overlap, and begin at multiples of what in_pieces_of allows.
  // Tells how many of the object's bytes there were; fewer without an
  // error: the file ends. `*crc` becomes the CRC-32C of those, or 0 if nobody will ask for it.
  Transfer Read(int64_t offset, int64_t length, uint32_t* crc) const;

  const LoadTarget& target() const { return target_; }

  // All of it.
  LoadSum ReadAll() const;

 private:
  friend class ObjectReader;

  FileOps* ops_ = nullptr;
  LoadTarget target_;
  OpenedFile opened_;
  DirectPlan plan_;
  int64_t alignment_ = 1;
  int64_t first_read_ = 0;
  bool verified_ = false;    // there is a checksum to compare with
  bool unverified_ = false;  // there is no attribute to compare with
};

// What one open and read of an object came to, before anything is counted or removed.
struct Reading {
  ItemResult result;  // kCorrupt: so it seems
  bool foreign = false;
  bool unverified = false;
  bool empty = false;  // what a crash leaves
  DirectPlan plan;     // how it was read
  FileIdentity identity;
};

// Opens, judges and reads objects. Thread-safe, and keeps nothing.
class ObjectReader {
 public:
  struct Options {
    bool attributes = true;
    bool checksum = true;
    int64_t read_ahead = 0;  // length of the first read through the page cache; 0: like the others
  };

  // All belong to the caller and must outlive this object.
  ObjectReader(FileOps* ops, int directory, const DirectIo* direct, const Options& options)
      : ops_(ops), directory_(directory), direct_(direct), options_(options) {}

  // True if there are bytes to read, which `load` does then; else `reading` tells all.
  bool Begin(const LoadTarget& target, ObjectLoad* load, Reading* reading) const;

  // What it came to; closes the file. If O_DIRECT turned out to be refused, it is read once more,
  // without. The bytes in memory are undefined unless the outcome is kLoaded.
  Reading End(ObjectLoad* load, const LoadSum& sum) const;

  // Both, with all bytes in between.
  Reading Read(const LoadTarget& target) const;

 private:
  bool BeginWith(const DirectPlan& plan, const LoadTarget& target, ObjectLoad* load,
                 Reading* reading) const;
  Reading EndWithFallback(ObjectLoad* load, const LoadSum& sum) const;
  Reading EndWhole(const ObjectLoad& load, const LoadSum& sum) const;
  ItemResult Judge(const ObjectLoad& load, const LoadSum& sum) const;

  FileOps* const ops_;
  const int directory_;
  const DirectIo* const direct_;
  const Options options_;
};

}  // namespace lmcache

#endif  // LMCACHE_OBJECT_LOAD_H_

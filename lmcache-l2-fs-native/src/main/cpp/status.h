// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_STATUS_H_
#define LMCACHE_STATUS_H_

#include <cstdint>

namespace lmcache {

// How one item of a batch ended. The numbers are shared with Java; 0 is never delivered.
enum class Outcome : uint8_t {
  kPending = 0,
  kStored = 1,
  kAlreadyPresent = 2,
  kLoaded = 3,
  kNotFound = 4,
  kSizeMismatch = 5,
  kFound = 6,
  kDeleted = 7,
  kAbsent = 8,
  kFailed = 9,
  kDeadline = 10,
  kClosed = 11,
  kCorrupt = 12,
};

// Which operation failed. The numbers are shared with Java.
enum class Step : uint8_t {
  kNone = 0,
  kOpen = 1,
  kCreate = 2,
  kRead = 3,
  kWrite = 4,
  kStat = 5,
  kChmod = 6,
  kClose = 7,
  kRename = 8,
  kUnlink = 9,
  kVerify = 10,    // the file system reported another size than was written
  kEvent = 11,     // eventfd
  kThread = 12,    // a worker thread did not start
  kInternal = 13,  // not a system call: a bad argument, no memory, or a task that threw
  kOccupied = 14,  // what is in the object's place is not ours to replace
  kSetXattr = 15,
  kGetXattr = 16,
  kMkdir = 17,
  kTruncate = 18,
  kSync = 19,              // of the staging file
  kSyncDirectory = 20,     // of a directory that leads to the object
  kMisaligned = 21,        // O_DIRECT and an address that does not allow it; bytes is the address
  kNotDirect = 22,         // O_DIRECT is required, and the kernel refused this file
  kLengthNotDirect = 23,   // O_DIRECT is required, and neither length nor padding allow it
  kProbe = 24,             // O_DIRECT is required, and the probe found that it is not effective
  kAttributeRefused = 25,  // ENOSPC or EDQUOT of kSetXattr, and the file system has free blocks
  kOpenStaging = 26,       // the directory of the staging files
};

// Why an object did not go past the page cache although that was asked for. The numbers are shared
// with Java.
enum class Fallback : uint8_t { kNone = 0, kLength = 1, kFileSystem = 2, kErrno = 3 };

// The first error of a sequence of operations: which one it was and its errno, or "no error".
struct [[nodiscard]] Status {
  Step step = Step::kNone;
  int error = 0;

  bool ok() const { return step == Step::kNone; }
};

// What one item of a batch is told. `bytes` is the number of bytes moved (stored, loaded), the size
// found (already present, size mismatch, found) or what the failed step says, else 0. With a
// fallback of kErrno, `error` is the errno that it was refused with.
struct [[nodiscard]] ItemResult {
  Outcome outcome = Outcome::kPending;
  Step step = Step::kNone;
  int error = 0;
  int64_t bytes = 0;
  Fallback fallback = Fallback::kNone;

  static ItemResult Of(Outcome outcome, int64_t bytes = 0) {
    return {outcome, Step::kNone, 0, bytes, Fallback::kNone};
  }
  static ItemResult Failed(Status status) {
    return {Outcome::kFailed, status.step, status.error, 0, Fallback::kNone};
  }
};

// Outcome, step, fallback and errno in the one word that Java takes apart.
constexpr int64_t PackResult(const ItemResult& result) {
  return static_cast<int64_t>(result.outcome) | static_cast<int64_t>(result.step) << 8 |
         static_cast<int64_t>(result.fallback) << 16 | static_cast<int64_t>(result.error) << 32;
}

}  // namespace lmcache

#endif  // LMCACHE_STATUS_H_

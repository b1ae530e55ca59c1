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
};

// The first error of a sequence of operations: which one it was and its errno, or "no error".
struct [[nodiscard]] Status {
  Step step = Step::kNone;
  int error = 0;

  bool ok() const { return step == Step::kNone; }
};

// What one item of a batch is told. `bytes` is the number of bytes moved (stored, loaded) or the
// size found (already present, size mismatch, found), else 0.
struct [[nodiscard]] ItemResult {
  Outcome outcome = Outcome::kPending;
  Step step = Step::kNone;
  int error = 0;
  int64_t bytes = 0;

  static ItemResult Of(Outcome outcome, int64_t bytes = 0) {
    return {outcome, Step::kNone, 0, bytes};
  }
  static ItemResult Failed(Status status) {
    return {Outcome::kFailed, status.step, status.error, 0};
  }
};

// Outcome, step and errno in the one word that Java takes apart.
constexpr int64_t PackResult(const ItemResult& result) {
  return static_cast<int64_t>(result.outcome) | static_cast<int64_t>(result.step) << 8 |
         static_cast<int64_t>(result.error) << 32;
}

}  // namespace lmcache

#endif  // LMCACHE_STATUS_H_

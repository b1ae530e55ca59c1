// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_DIRECT_IO_H_
#define LMCACHE_DIRECT_IO_H_

#include <atomic>
#include <cstdint>

#include "object_memory.h"
#include "status.h"

namespace lmcache {

// The numbers are shared with Java.
enum class DirectMode : uint8_t { kOff = 0, kOn = 1, kRequire = 2 };

// What O_DIRECT asks for: addresses must be multiples of `memory`, offsets and lengths of `length`.
struct DirectAlignment {
  int64_t memory = 4096;
  int64_t length = 4096;
};

// Objects that went past the page cache, and those that should have but did not, by the reason.
struct DirectCounters {
  std::atomic<int64_t> stores{0};
  std::atomic<int64_t> loads{0};
  std::atomic<int64_t> fallback_length{0};
  std::atomic<int64_t> fallback_fs{0};
  std::atomic<int64_t> fallback_errno{0};
};

// How an object is to be moved. Not `direct`: through the page cache.
struct DirectPlan {
  bool direct = false;
  int64_t transfer_bytes = 0;  // the object's size, rounded up if direct
  Fallback fallback = Fallback::kNone;
  int refused_with = 0;  // the errno, for Fallback::kErrno
  ItemResult failure;    // an outcome other than kPending: it must not be moved at all

  // What is told of an object that was moved so.
  ItemResult Result(Outcome outcome, int64_t bytes) const {
    return {outcome, Step::kNone, refused_with, bytes, fallback};
  }
};

// Decides for each object whether it goes past the page cache, and counts what could not.
//
// The length is looked at first: what is buffered anyway may have any address. A length that is no
// multiple will do if the owner declared enough padding. An address that is no multiple is an error
// and no reason to fall back, also where the kernel would take it: else who measures would measure
// the page cache without knowing.
//
// Plans count nothing, since what was planned may not come to be: the caller counts what it did.
// Thread-safe.
class DirectIo {
 public:
  struct Options {
    DirectMode mode = DirectMode::kOff;
    bool effective = false;  // what the probe found
    DirectAlignment alignment;
  };

  explicit DirectIo(const Options& options) : options_(options) {}

  DirectPlan PlanFor(const ObjectMemory& memory) const;

  // The plan for an object whose file the kernel refused with this errno.
  DirectPlan PlanAfterRefusal(const ObjectMemory& memory, int error) const;

  // Whether an errno says "not with O_DIRECT" of a file that was opened so.
  static bool IsRefusal(int error);

  const DirectAlignment& alignment() const { return options_.alignment; }

  void CountStore(const DirectPlan& plan) { Count(plan, &counters_.stores); }
  void CountLoad(const DirectPlan& plan) { Count(plan, &counters_.loads); }
  const DirectCounters& counters() const { return counters_; }

 private:
  void Count(const DirectPlan& plan, std::atomic<int64_t>* direct);

  const Options options_;
  DirectCounters counters_;
};

}  // namespace lmcache

#endif  // LMCACHE_DIRECT_IO_H_

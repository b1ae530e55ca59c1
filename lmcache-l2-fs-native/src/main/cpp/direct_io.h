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

// What a probe found, see ProbeDirectIo. The numbers of the reasons are shared with Java.
struct DirectFinding {
  enum class Reason : uint8_t {
    kEffective = 0,
    kRefused = 1,     // by an open, a write or a read, with `error`
    kNoDioAlign = 2,  // the kernel says that such files take no direct I/O
    kCached = 3,      // everything works, and everything is in the page cache
    kFailed = 4,      // with `error`, which says nothing about O_DIRECT
    kNoSpace = 5,     // nothing speaks against it, but there was no room for the write: `error`
    kUnseen = 6,      // it works, but the page cache cannot be looked into: `error`
  };

  Reason reason = Reason::kEffective;
  int error = 0;
  DirectAlignment alignment;
  bool vouched = false;    // the kernel itself says that such files take direct I/O
  int64_t block_size = 0;  // statvfs.f_bsize, which is shown and not used

  // Proven or not: files are moved past the page cache, and one that is refused falls back alone.
  bool effective() const {
    return reason == Reason::kEffective || reason == Reason::kNoSpace || reason == Reason::kUnseen;
  }
  // Good enough for DirectMode::kRequire.
  bool reliable() const { return reason == Reason::kEffective || (effective() && vouched); }
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
//
// Thread-safe. What the probe found may be settled later, if it found no room; callers have been
// told the alignment by then, so that stays.
class DirectIo {
 public:
  struct Options {
    DirectMode mode = DirectMode::kOff;
    DirectFinding finding;
  };

  explicit DirectIo(const Options& options)
      : mode_(options.mode),
        first_(options.finding),
        latest_({options.finding.reason, options.finding.error}) {}

  // What is known by now.
  DirectFinding finding() const;

  // Whether the probe should be made again, before something is written.
  bool unsettled() const {
    return mode_ != DirectMode::kOff && latest_.load().reason == DirectFinding::Reason::kNoSpace;
  }

  // The probe was made again. Callers take turns.
  void Settle(const DirectFinding& found);

  DirectPlan PlanFor(const ObjectMemory& memory) const;

  // The plan for an object whose file the kernel refused with this errno.
  DirectPlan PlanAfterRefusal(const ObjectMemory& memory, int error) const;

  // Whether an errno says "not with O_DIRECT" of a file that was opened so.
  static bool IsRefusal(int error);

  const DirectAlignment& alignment() const { return first_.alignment; }

  void CountStore(const DirectPlan& plan) { Count(plan, &counters_.stores); }
  void CountLoad(const DirectPlan& plan) { Count(plan, &counters_.loads); }
  const DirectCounters& counters() const { return counters_; }

 private:
  struct Answer {
    DirectFinding::Reason reason;
    int error;
  };

  void Count(const DirectPlan& plan, std::atomic<int64_t>* direct);

  const DirectMode mode_;
  const DirectFinding first_;
  std::atomic<Answer> latest_;
  DirectCounters counters_;
};

}  // namespace lmcache

#endif  // LMCACHE_DIRECT_IO_H_

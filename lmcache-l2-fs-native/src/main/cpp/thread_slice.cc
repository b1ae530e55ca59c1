// SPDX-License-Identifier: Apache-2.0
#include "thread_slice.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lmcache {
namespace {

constexpr uint64_t kShortNanos = 100'000;  // the least that the kernel grants
constexpr uint64_t kUsualNanos = 0;        // the kernel's own choice
constexpr uint64_t kResetOnFork = 1;       // SCHED_FLAG_RESET_ON_FORK

// The kernel's struct sched_attr in its first version. Old headers of the kernel cannot be included
// beside those of glibc, and old ones of glibc have neither it nor the two functions.
struct Attributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};
static_assert(sizeof(Attributes) == 48);

thread_local Slice wish = Slice::kUsual;

}  // namespace

Slice WishedSlice() { return wish; }

void WishForSlice(Slice slice) {
  if (slice == wish) {
    return;
  }
  wish = slice;
  Attributes attributes{};
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) != 0 ||
      attributes.policy != SCHED_OTHER || attributes.runtime == 0) {
    return;  // without a runtime, the kernel knows of no slices
  }
  // Threads that a callback starts on this one do not take after it.
  attributes.flags |= kResetOnFork;
  attributes.runtime = slice == Slice::kShort ? kShortNanos : kUsualNanos;
  ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace lmcache

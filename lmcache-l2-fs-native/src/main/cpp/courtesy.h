// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_COURTESY_H_
#define LMCACHE_COURTESY_H_

#include <sched.h>

#include <atomic>
#include <cstdint>

namespace lmcache {

// How a thread that writes in the background gives way, between two blocks, to those that bring
// what somebody waits for. Without, they may wait for the processor until the kernel's next tick,
// which is as long as many loads. Where nobody waits for anything, writes keep the processor.
struct Courtesy {
  // How many answers are waited for; null: nobody ever waits. Must outlive the user.
  const std::atomic<int64_t>* awaited = nullptr;
  // Replaced in tests.
  void (*give_way)() = [] { ::sched_yield(); };

  bool due() const { return awaited != nullptr && awaited->load(std::memory_order_relaxed) > 0; }
};

}  // namespace lmcache

#endif  // LMCACHE_COURTESY_H_

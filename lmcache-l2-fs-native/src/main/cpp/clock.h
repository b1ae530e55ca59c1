// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_CLOCK_H_
#define LMCACHE_CLOCK_H_

#include <chrono>

namespace lmcache {

using TimePoint = std::chrono::steady_clock::time_point;

// Where the time comes from; a plain function, so that it may be called from any thread.
using Clock = TimePoint (*)();

}  // namespace lmcache

#endif  // LMCACHE_CLOCK_H_

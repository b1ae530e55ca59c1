// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_OBJECT_MEMORY_H_
#define LMCACHE_OBJECT_MEMORY_H_

#include <cstdint>

namespace lmcache {

// The memory of an object: `size` bytes, and up to `physical` bytes behind it that its owner
// declared to be padding. What lies beyond may be a neighbour's.
struct ObjectMemory {
  void* data = nullptr;
  int64_t size = 0;
  int64_t physical = 0;
};

}  // namespace lmcache

#endif  // LMCACHE_OBJECT_MEMORY_H_

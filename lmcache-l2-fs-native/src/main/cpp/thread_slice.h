// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_THREAD_SLICE_H_
#define LMCACHE_THREAD_SLICE_H_

#include <cstdint>

namespace lmcache {

// How long a thread wishes to run at a stretch. One that wishes for little gets the processor
// sooner when it wakes, though no more of it in all: so threads that bring what somebody waits for
// need not wait for the slices of those that write in the background.
//
// A wish and no more: where the kernel is older than 6.12, the thread's policy is not the normal
// one, or a sandbox forbids the call, all stays as it was, and only waiting times differ.
enum class Slice : uint8_t { kUsual, kShort };

// Sets the wish of the calling thread, which is kUsual at first. Costs two system calls if it is
// another one than before, else nothing.
void WishForSlice(Slice slice);

// The wish of the calling thread, heard or not.
Slice WishedSlice();

}  // namespace lmcache

#endif  // LMCACHE_THREAD_SLICE_H_

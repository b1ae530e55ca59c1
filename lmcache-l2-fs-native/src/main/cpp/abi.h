// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_ABI_H_
#define LMCACHE_ABI_H_

namespace lmcache {

// Version of everything that Java and C++ have agreed on: the native methods, the numbers of
// Outcome, Step, Operation and Priority, and the layouts of what drain and counts return. Java
// refuses a library with another number, so it must grow with every change of those.
constexpr int kAbiVersion = 5;

}  // namespace lmcache

#endif  // LMCACHE_ABI_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_DIRECT_PROBE_H_
#define LMCACHE_DIRECT_PROBE_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "direct_io.h"
#include "file_ops.h"

namespace lmcache {

// Finds out whether files in that directory can be moved past the page cache, by doing so: some
// file systems refuse O_DIRECT at open, others at the first read or write, and others take it and
// cache everything. The alignments are the kernel's answer for a regular file; where there is none,
// 4096 for both.
//
// Without room for a write, it reads a hole: what refuses or caches that needs no write to be found
// out. Other errors than refusals say nothing.
//
// Makes a file of a name as staging files have, and removes it again.
DirectFinding ProbeDirectIo(FileOps* ops, int directory, const std::string& prefix,
                            std::atomic<uint64_t>* counter);

}  // namespace lmcache

#endif  // LMCACHE_DIRECT_PROBE_H_

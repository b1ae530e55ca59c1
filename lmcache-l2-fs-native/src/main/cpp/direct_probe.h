// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_DIRECT_PROBE_H_
#define LMCACHE_DIRECT_PROBE_H_

#include <cstdint>
#include <string>

#include "direct_io.h"
#include "file_ops.h"

namespace lmcache {

// What a probe found. The numbers of the reasons are shared with Java.
struct DirectFinding {
  enum class Reason : uint8_t {
    kEffective = 0,
    kRefused = 1,     // by an open, a write or a read, with `error`
    kNoDioAlign = 2,  // the kernel says that such files take no direct I/O
    kCached = 3,      // everything works, and everything is in the page cache
    kFailed = 4,      // with `error`, which says nothing about O_DIRECT
  };

  Reason reason = Reason::kEffective;
  int error = 0;
  DirectAlignment alignment;
  int64_t block_size = 0;  // statvfs.f_bsize, which is shown and not used

  bool effective() const { return reason == Reason::kEffective; }
};

// Finds out whether files in that directory can be moved past the page cache, by doing so: some
// file systems refuse O_DIRECT at open, others at the first read or write, and others take it and
// cache everything. The alignments are the kernel's answer for a regular file; where there is none,
// 4096 for both.
//
// Makes a file of that name and removes it again; the name must not be anybody else's.
DirectFinding ProbeDirectIo(FileOps* ops, int directory, const std::string& name);

}  // namespace lmcache

#endif  // LMCACHE_DIRECT_PROBE_H_

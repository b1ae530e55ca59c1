// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_DURABILITY_H_
#define LMCACHE_DURABILITY_H_

#include <mutex>
#include <string>
#include <unordered_set>

#include "file_ops.h"
#include "status.h"

namespace lmcache {

// Puts names on the disk: that of a file each time, and once those of the sub-directories that lead
// to it, whoever created them and whenever.
//
// Thread-safe; the mutex is held for a look into a set, never for I/O.
class Durability {
 public:
  // `ops` and `base_directory` belong to the caller and must outlive this object.
  Durability(FileOps* ops, int base_directory) : ops_(ops), base_directory_(base_directory) {}
  Durability(const Durability&) = delete;
  Durability& operator=(const Durability&) = delete;

  // When it succeeds, the file of that name is on the disk under it.
  Status Sync(const char* name);

 private:
  Status SyncDirectory(const std::string& path);
  bool IsDurable(const std::string& directory);

  FileOps* const ops_;
  const int base_directory_;
  std::mutex mutex_;
  std::unordered_set<std::string> durable_;  // they, and all directories above
};

}  // namespace lmcache

#endif  // LMCACHE_DURABILITY_H_

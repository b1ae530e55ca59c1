// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_STAGING_FILE_H_
#define LMCACHE_STAGING_FILE_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "file_ops.h"
#include "posix_file.h"
#include "status.h"

namespace lmcache {

// One object on its way to its final name: Create, Write, Seal, Publish, in that order, each only
// if the one before it succeeded.
//
// Owns the file it created until Publish has succeeded: destroyed before that, it closes and
// unlinks it. It never unlinks a file that it did not create. Used by one thread.
class StagingFile {
 public:
  // `ops` and `directory` belong to the caller and must outlive this object.
  StagingFile(FileOps* ops, int directory) : ops_(ops), directory_(directory) {}
  StagingFile(const StagingFile&) = delete;
  StagingFile& operator=(const StagingFile&) = delete;
  ~StagingFile();

  // Creates <prefix><counter>.tmp. A name that is taken is left alone and the next one tried.
  Status Create(const std::string& prefix, std::atomic<uint64_t>* counter);

  Status Write(const void* data, int64_t size);

  // Makes sure that the file system agrees about the size, that the mode is 0600 whatever the
  // umask, and that closing reports no late write error.
  Status Seal(int64_t size);

  // Renames the file over `name`.
  Status Publish(int directory, const char* name);

 private:
  FileOps* const ops_;
  const int directory_;
  std::string name_;
  UniqueFd fd_;
  bool owned_ = false;  // the file exists under name_ and is ours to unlink
};

}  // namespace lmcache

#endif  // LMCACHE_STAGING_FILE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_FILE_STORE_H_
#define LMCACHE_FILE_STORE_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "file_ops.h"
#include "status.h"

namespace lmcache {

enum class PutMode : uint8_t { kIfAbsent, kReplace };

// Objects as files of one directory: the name of the object is the name of the file, its bytes are
// the whole content.
//
// A put writes a staging file of its own and renames it over the final name, so a reader gets the
// old object or the new one, whole, and two writers of one name never touch each other's bytes.
// Staging files are named <prefix><counter>.tmp; the prefix must differ between all stores that
// share a directory. After any failure the store unlinks its own staging file and nothing else.
//
// Names are single path components, never "." or "..". The directory descriptors belong to the
// caller and must stay open as long as the store is used; they may be the same.
//
// Thread-safe without locks: the only shared state is the counter of staging names. A call blocks
// as long as the kernel does, no longer: nothing here waits for another thread, retries are bounded
// except after EINTR, and what is not a regular file is opened without blocking and never read.
class FileStore {
 public:
  FileStore(FileOps* ops, int base_directory, int staging_directory, std::string staging_prefix);

  // kIfAbsent: a regular file of that size is kAlreadyPresent and no byte moves; one of another
  // size is replaced. kReplace: always written. Else kStored or kFailed.
  ItemResult Put(const char* name, const void* data, int64_t size, PutMode mode);

  // kLoaded, kNotFound, kFailed, or kSizeMismatch with the size found. `data` is not touched unless
  // the file has exactly `size` bytes when it is opened.
  ItemResult Get(const char* name, void* data, int64_t size);

  // kFound with the size, kNotFound (also for what is not a regular file) or kFailed.
  ItemResult Exists(const char* name);

  // kDeleted, kAbsent, or kFailed (also for a directory).
  ItemResult Remove(const char* name);

 private:
  FileOps* const ops_;
  const int base_directory_;
  const int staging_directory_;
  const std::string staging_prefix_;
  std::atomic<uint64_t> staging_counter_{0};
};

}  // namespace lmcache

#endif  // LMCACHE_FILE_STORE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_DURABILITY_H_
#define LMCACHE_DURABILITY_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "file_ops.h"
#include "object_file.h"
#include "posix_file.h"
#include "status.h"

namespace lmcache {

// Puts names on the disk: those of the sub-directories that lead to a file before it gets its name,
// once and whoever created them, and then its own. So all that can fail beforehand does, and what a
// file replaces is given up for nothing less than a failed sync.
//
// What was put there is remembered, by a mark of the file and its state, so that a file that stands
// there already is synced once. There is place for so many marks; who loses its place costs another
// sync and no promise.
//
// Thread-safe; the mutex is held for a look into a set, never for I/O.
class Durability {
 public:
  // `ops` and `base_directory` belong to the caller and must outlive this object. Without
  // `remembers` every file is new.
  Durability(FileOps* ops, int base_directory, bool remembers)
      : ops_(ops), base_directory_(base_directory), marks_(remembers ? kMarks : 0) {}
  Durability(const Durability&) = delete;
  Durability& operator=(const Durability&) = delete;

  // Before a file is renamed to that name: makes sure of the directories that lead there, and opens
  // the last one. It stays closed if that is the base directory, which is open anyway.
  Status Prepare(const char* name, UniqueFd* directory);

  // After: when it succeeds, the names in that directory are on the disk.
  Status Sync(const UniqueFd& directory);

  // The file of that name is on the disk under it.
  void Remember(const char* name, const FileIdentity& identity);

  // Makes sure that it is, if that is not known.
  Status Ensure(const char* name, const OpenedFile& file);

 private:
  static constexpr size_t kMarks = size_t{1} << 16;

  Status Open(const std::string& path, UniqueFd* directory);
  bool IsDurable(const std::string& directory);
  std::atomic<uint64_t>& PlaceOf(uint64_t mark) { return marks_[mark % kMarks]; }

  FileOps* const ops_;
  const int base_directory_;
  std::mutex mutex_;
  std::unordered_set<std::string> durable_;  // they, and all directories above
  std::vector<std::atomic<uint64_t>> marks_;
};

}  // namespace lmcache

#endif  // LMCACHE_DURABILITY_H_

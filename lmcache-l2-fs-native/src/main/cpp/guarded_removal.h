// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_GUARDED_REMOVAL_H_
#define LMCACHE_GUARDED_REMOVAL_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "file_ops.h"
#include "object_file.h"
#include "removal_limit.h"

namespace lmcache {

// Removes a file that was found to be bad, but never a good one that took its place meanwhile.
//
// The kernel cannot unlink "this file under this name", only "whatever has this name". So whoever
// publishes under a name holds the mutex that belongs to it while renaming, and a removal holds it
// from its last look until the file is gone. That covers all who publish through the same store;
// for others, in this process or another one, the window between look and removal stays open, and
// what is lost there is an entry of a cache.
//
// Threads: any. The mutexes are shared by names, and are held for one rename, or a look and an
// unlink: no other locks but the limit's and that of the kept are taken under them, and nobody
// waits there for anything but the kernel.
class GuardedRemoval {
 public:
  enum class Result : uint8_t {
    kRemoved,
    kGone,  // another file has the name, or none
    kKept,  // the limit said no, or the kernel did
  };

  // `ops` and `directory` belong to the caller and must outlive this object.
  GuardedRemoval(FileOps* ops, int directory) : ops_(ops), directory_(directory) {}
  GuardedRemoval(const GuardedRemoval&) = delete;
  GuardedRemoval& operator=(const GuardedRemoval&) = delete;

  // To be held while a file is renamed to that name.
  std::mutex& MutexOf(const char* name);

  // Unlinks the name if it still is that file in that state. A `limit` is asked first if it is not
  // null.
  Result Remove(const char* name, const FileIdentity& identity, RemovalLimit* limit);

  // Whether that very file was found to be bad and had to stay: then it is no object. Where the
  // mark is of another file it is looked again, for who asks may have looked before the mark was
  // made.
  bool IsKept(const char* name, const FileIdentity& identity);

 private:
  static constexpr size_t kMutexes = 64;
  static constexpr size_t kMaxKept = 10'000;  // more would be a list of all that is wrong

  void Keep(const char* name, const FileIdentity& identity);
  // Whether the file that has the name by now is the one that is marked; if not, the mark goes.
  bool IsKeptNow(const char* name);

  FileOps* const ops_;
  const int directory_;
  std::array<std::mutex, kMutexes> mutexes_;

  std::mutex kept_mutex_;              // taken last
  std::atomic<size_t> kept_count_{0};  // so that nobody takes the mutex while all is well
  std::unordered_map<std::string, FileIdentity> kept_;
};

}  // namespace lmcache

#endif  // LMCACHE_GUARDED_REMOVAL_H_

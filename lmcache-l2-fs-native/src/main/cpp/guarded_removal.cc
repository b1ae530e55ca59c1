// SPDX-License-Identifier: Apache-2.0
#include "guarded_removal.h"

#include <functional>
#include <string_view>

namespace lmcache {

std::mutex& GuardedRemoval::MutexOf(const char* name) {
  return mutexes_[std::hash<std::string_view>()(name) % kMutexes];
}

GuardedRemoval::Result GuardedRemoval::Remove(const char* name, const FileIdentity& identity,
                                              RemovalLimit* limit) {
  std::lock_guard lock(MutexOf(name));
  struct stat found;
  if (const int error = ops_->FStatAt(directory_, name, &found); error < 0) {
    return SaysAbsent(error) ? Result::kGone : Result::kKept;
  }
  if (FileIdentity::Of(found) != identity) {
    return Result::kGone;
  }
  if (limit != nullptr && !limit->TryAcquire()) {
    return Result::kKept;
  }
  const int error = ops_->UnlinkAt(directory_, name);
  if (error < 0) {
    return SaysAbsent(error) ? Result::kGone : Result::kKept;
  }
  return Result::kRemoved;
}

}  // namespace lmcache

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
    Keep(name, identity);
    return Result::kKept;
  }
  const int error = ops_->UnlinkAt(directory_, name);
  if (error < 0 && !SaysAbsent(error)) {
    Keep(name, identity);
    return Result::kKept;
  }
  return error < 0 ? Result::kGone : Result::kRemoved;
}

void GuardedRemoval::Keep(const char* name, const FileIdentity& identity) {
  std::lock_guard lock(kept_mutex_);
  if (kept_.size() < kMaxKept) {
    kept_.insert_or_assign(name, identity);
    kept_count_.store(kept_.size(), std::memory_order_release);
  }
}

bool GuardedRemoval::IsKept(const char* name, const FileIdentity& identity) {
  if (kept_count_.load(std::memory_order_acquire) == 0) {
    return false;
  }
  FileIdentity marked;
  {
    std::lock_guard lock(kept_mutex_);
    const auto kept = kept_.find(name);
    if (kept == kept_.end()) {
      return false;
    }
    marked = kept->second;
  }
  return marked == identity || IsKeptNow(name);
}

bool GuardedRemoval::IsKeptNow(const char* name) {
  std::lock_guard lock(MutexOf(name));
  struct stat found;
  const int error = ops_->FStatAt(directory_, name, &found);
  std::lock_guard lock_kept(kept_mutex_);
  const auto kept = kept_.find(name);
  if (kept == kept_.end()) {
    return false;
  }
  const bool marked = error == 0 && FileIdentity::Of(found) == kept->second;
  if (!marked && (error == 0 || SaysAbsent(error))) {
    kept_.erase(kept);
    kept_count_.store(kept_.size(), std::memory_order_release);
  }
  return marked;
}

}  // namespace lmcache

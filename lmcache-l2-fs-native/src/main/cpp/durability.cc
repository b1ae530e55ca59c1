// SPDX-License-Identifier: Apache-2.0
#include "durability.h"

#include <fcntl.h>

#include "posix_file.h"

namespace lmcache {
namespace {

// "" is the base directory.
std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

Status Durability::Sync(const char* name) {
  std::string directory = ParentOf(name);
  Status status = SyncDirectory(directory);
  while (status.ok() && !directory.empty() && !IsDurable(directory)) {
    const std::string parent = ParentOf(directory);
    status = SyncDirectory(parent);
    if (status.ok()) {
      std::lock_guard lock(mutex_);
      durable_.insert(directory);
    }
    directory = parent;
  }
  return status;
}

Status Durability::SyncDirectory(const std::string& path) {
  UniqueFd directory;
  int error = OpenFile(ops_, base_directory_, path.empty() ? "." : path.c_str(),
                       O_RDONLY | O_DIRECTORY, 0, &directory);
  if (error == 0) {
    error = ops_->FSync(directory.get());
  }
  if (error < 0) {
    return {Step::kSyncDirectory, -error};
  }
  return {};
}

bool Durability::IsDurable(const std::string& directory) {
  std::lock_guard lock(mutex_);
  return durable_.count(directory) > 0;
}

}  // namespace lmcache

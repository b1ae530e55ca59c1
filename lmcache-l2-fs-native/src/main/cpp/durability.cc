// SPDX-License-Identifier: Apache-2.0
#include "durability.h"

#include <fcntl.h>

#include <vector>

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
  std::vector<std::string> on_the_way;
  while (status.ok() && !directory.empty() && !IsDurable(directory)) {
    on_the_way.push_back(directory);
    directory = ParentOf(directory);
    status = SyncDirectory(directory);
  }
  if (status.ok() && !on_the_way.empty()) {
    // Only now: a directory is durable if all that lead to it are.
    std::lock_guard lock(mutex_);
    durable_.insert(on_the_way.begin(), on_the_way.end());
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

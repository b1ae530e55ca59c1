// SPDX-License-Identifier: Apache-2.0
#include "durability.h"

#include <fcntl.h>

#include <functional>
#include <string_view>

namespace lmcache {
namespace {

// "" is the base directory.
std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// Never that of an empty place.
uint64_t MarkOf(std::string_view name, const FileIdentity& identity) {
  uint64_t mark = std::hash<std::string_view>()(name);
  for (const auto word :
       {static_cast<uint64_t>(identity.device), static_cast<uint64_t>(identity.inode),
        static_cast<uint64_t>(identity.changed_seconds),
        static_cast<uint64_t>(identity.changed_nanos)}) {
    mark = (mark ^ word) * 0x9E3779B97F4A7C15;
    mark ^= mark >> 32;
  }
  return mark | uint64_t{1} << 63;
}

}  // namespace

Status Durability::Prepare(const char* name, UniqueFd* directory) {
  std::string path = ParentOf(name);
  if (path.empty()) {
    return {};
  }
  Status status = Open(path, directory);
  std::vector<std::string> on_the_way;
  while (status.ok() && !path.empty() && !IsDurable(path)) {
    on_the_way.push_back(path);
    path = ParentOf(path);
    UniqueFd above;
    if (!path.empty()) status = Open(path, &above);
    if (status.ok()) status = Sync(above);
  }
  if (status.ok() && !on_the_way.empty()) {
    // Only now: a directory is durable if all that lead to it are.
    std::lock_guard lock(mutex_);
    durable_.insert(on_the_way.begin(), on_the_way.end());
  }
  return status;
}

Status Durability::Open(const std::string& path, UniqueFd* directory) {
  const int error =
      OpenFile(ops_, base_directory_, path.c_str(), O_RDONLY | O_DIRECTORY, 0, directory);
  if (error < 0) {
    return {Step::kSyncDirectory, -error};
  }
  return {};
}

Status Durability::Sync(const UniqueFd& directory) {
  const int error = ops_->FSync(directory.valid() ? directory.get() : base_directory_);
  if (error < 0) {
    return {Step::kSyncDirectory, -error};
  }
  return {};
}

bool Durability::IsDurable(const std::string& directory) {
  std::lock_guard lock(mutex_);
  return durable_.count(directory) > 0;
}

void Durability::Remember(const char* name, const FileIdentity& identity) {
  if (!marks_.empty()) {
    const uint64_t mark = MarkOf(name, identity);
    PlaceOf(mark).store(mark, std::memory_order_relaxed);
  }
}

Status Durability::Ensure(const char* name, const OpenedFile& file) {
  if (!marks_.empty()) {
    const uint64_t mark = MarkOf(name, file.identity);
    if (PlaceOf(mark).load(std::memory_order_relaxed) == mark) {
      return {};
    }
  }
  // All of it: its attribute is no data.
  if (const int error = ops_->FSync(file.fd.get()); error < 0) {
    return {Step::kSync, -error};
  }
  UniqueFd directory;
  Status status = Prepare(name, &directory);
  if (status.ok()) status = Sync(directory);
  if (status.ok()) Remember(name, file.identity);
  return status;
}

}  // namespace lmcache

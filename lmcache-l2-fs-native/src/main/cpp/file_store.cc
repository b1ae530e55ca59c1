// SPDX-License-Identifier: Apache-2.0
#include "file_store.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "posix_file.h"
#include "staging_file.h"

namespace lmcache {
namespace {

// Whether -errno says that no file of that name can be there.
bool SaysAbsent(int error) { return error == -ENOENT || error == -ENOTDIR; }

ItemResult FailedAt(Step step, int error) { return ItemResult::Failed({step, -error}); }

}  // namespace

FileStore::FileStore(FileOps* ops, int base_directory, int staging_directory,
                     std::string staging_prefix)
    : ops_(ops),
      base_directory_(base_directory),
      staging_directory_(staging_directory),
      staging_prefix_(std::move(staging_prefix)) {}

ItemResult FileStore::Put(const char* name, const void* data, int64_t size, PutMode mode) {
  if (mode == PutMode::kIfAbsent) {
    struct stat found;
    const int error = ops_->FStatAt(base_directory_, name, &found);
    if (error < 0 && !SaysAbsent(error)) {
      return FailedAt(Step::kStat, error);
    }
    if (error == 0 && S_ISREG(found.st_mode) && found.st_size == size) {
      return ItemResult::Of(Outcome::kAlreadyPresent, size);
    }
  }

  StagingFile file(ops_, staging_directory_);
  Status status = file.Create(staging_prefix_, &staging_counter_);
  if (status.ok()) status = file.Write(data, size);
  if (status.ok()) status = file.Seal(size);
  if (status.ok()) status = file.Publish(base_directory_, name);
  return status.ok() ? ItemResult::Of(Outcome::kStored, size) : ItemResult::Failed(status);
}

ItemResult FileStore::Get(const char* name, void* data, int64_t size) {
  // Without O_NONBLOCK the open of a FIFO would wait for a writer, and the worker with it.
  UniqueFd fd;
  const int open_error = OpenFile(ops_, base_directory_, name, O_RDONLY | O_NONBLOCK, 0, &fd);
  // ENXIO is how sockets and devices without a driver answer; a regular file never does.
  if (SaysAbsent(open_error) || open_error == -ENXIO) {
    return ItemResult::Of(Outcome::kNotFound);
  }
  if (open_error < 0) {
    return FailedAt(Step::kOpen, open_error);
  }

  struct stat found;
  if (const int error = ops_->FStat(fd.get(), &found); error < 0) {
    return FailedAt(Step::kStat, error);
  }
  if (!S_ISREG(found.st_mode)) {
    return ItemResult::Of(Outcome::kNotFound);
  }
  if (found.st_size != size) {
    return ItemResult::Of(Outcome::kSizeMismatch, found.st_size);
  }

  const Transfer read = ReadFully(ops_, fd.get(), data, size);
  if (read.error != 0) {
    return FailedAt(Step::kRead, -read.error);
  }
  // Someone outside this product cut the file while it was being read.
  if (read.bytes != size) {
    return ItemResult::Of(Outcome::kSizeMismatch, read.bytes);
  }
  return ItemResult::Of(Outcome::kLoaded, size);
}

ItemResult FileStore::Exists(const char* name) {
  struct stat found;
  const int error = ops_->FStatAt(base_directory_, name, &found);
  if (error < 0 && !SaysAbsent(error)) {
    return FailedAt(Step::kStat, error);
  }
  if (error < 0 || !S_ISREG(found.st_mode)) {
    return ItemResult::Of(Outcome::kNotFound);
  }
  return ItemResult::Of(Outcome::kFound, found.st_size);
}

ItemResult FileStore::Remove(const char* name) {
  const int error = ops_->UnlinkAt(base_directory_, name);
  if (error == -ENOENT) {
    return ItemResult::Of(Outcome::kAbsent);
  }
  if (error < 0) {
    return FailedAt(Step::kUnlink, error);
  }
  return ItemResult::Of(Outcome::kDeleted);
}

}  // namespace lmcache

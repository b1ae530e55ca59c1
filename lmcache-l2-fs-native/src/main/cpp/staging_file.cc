// SPDX-License-Identifier: Apache-2.0
#include "staging_file.h"

#include <fcntl.h>

#include <cerrno>

namespace lmcache {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kPermissionBits = 07777;

// The prefix is unique to its owner, so a collision means that something is wrong in the directory;
// a few more names get past left-overs, and more would only spin.
constexpr int kCreateAttempts = 16;

}  // namespace

StagingFile::~StagingFile() {
  if (owned_) {
    fd_.Close();
    ops_->UnlinkAt(directory_, name_.c_str());
  }
}

Status StagingFile::Create(const std::string& prefix, std::atomic<uint64_t>* counter) {
  int error = 0;
  for (int attempt = 0; attempt < kCreateAttempts; ++attempt) {
    name_ = prefix + std::to_string(counter->fetch_add(1, std::memory_order_relaxed)) + ".tmp";
    error = OpenFile(ops_, directory_, name_.c_str(), O_CREAT | O_EXCL | O_WRONLY, kFileMode, &fd_);
    if (error != -EEXIST) {
      break;
    }
  }
  if (error < 0) {
    return {Step::kCreate, -error};
  }
  owned_ = true;
  return {};
}

Status StagingFile::Write(const void* data, int64_t size) {
  const Transfer written = WriteFully(ops_, fd_.get(), data, size);
  if (written.error != 0) {
    return {Step::kWrite, written.error};
  }
  return {};
}

Status StagingFile::Seal(int64_t size) {
  struct stat found;
  if (const int error = ops_->FStat(fd_.get(), &found); error < 0) {
    return {Step::kStat, -error};
  }
  if (found.st_size != size) {
    return {Step::kVerify, EIO};
  }
  if ((found.st_mode & kPermissionBits) != kFileMode) {
    if (const int error = ops_->FChmod(fd_.get(), kFileMode); error < 0) {
      return {Step::kChmod, -error};
    }
  }
  if (const int error = fd_.Close(); error < 0) {
    return {Step::kClose, -error};
  }
  return {};
}

Status StagingFile::Publish(int directory, const char* name) {
  if (const int error = ops_->RenameAt(directory_, name_.c_str(), directory, name); error < 0) {
    return {Step::kRename, -error};
  }
  owned_ = false;
  return {};
}

}  // namespace lmcache

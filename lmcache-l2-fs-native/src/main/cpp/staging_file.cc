// SPDX-License-Identifier: Apache-2.0
#include "staging_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace lmcache {
namespace {

// What the owner needs to set attributes.
constexpr mode_t kOwnerBits = 0600;
constexpr mode_t kPermissionBits = 07777;

// The prefix is unique to its owner, so a collision means that something is wrong in the directory;
// a few more names get past left-overs, and more would only spin.
constexpr int kCreateAttempts = 16;

}  // namespace

int CreateStagingFile(FileOps* ops, int directory, const std::string& prefix,
                      std::atomic<uint64_t>* counter, int flags, mode_t mode, std::string* name,
                      UniqueFd* out) {
  int error = 0;
  for (int attempt = 0; attempt < kCreateAttempts; ++attempt) {
    *name = prefix + std::to_string(counter->fetch_add(1, std::memory_order_relaxed)) + ".tmp";
    error = OpenFile(ops, directory, name->c_str(), flags | O_CREAT | O_EXCL, mode, out);
    if (error != -EEXIST) {
      break;
    }
  }
  if ((flags & O_DIRECT) != 0 && DirectIo::IsRefusal(-error)) {
    // The kernel creates a file before its file system refuses it; the name was free until then.
    ops->UnlinkAt(directory, name->c_str());
  }
  return error;
}

StagingFile::~StagingFile() {
  if (owned_) {
    fd_.Close();
    ops_->UnlinkAt(directory_, name_.c_str());
  }
}

Status StagingFile::Create(const std::string& prefix, std::atomic<uint64_t>* counter, bool direct) {
  const int flags = O_WRONLY | (direct ? O_DIRECT : 0);
  const int error =
      CreateStagingFile(ops_, directory_, prefix, counter, flags, mode_, &name_, &fd_);
  if (error < 0) {
    return {Step::kCreate, -error};
  }
  owned_ = true;
  return {};
}

Status StagingFile::Write(const ObjectMemory& memory, int64_t transfer_bytes,
                          const TransferPlan& how, uint32_t* checksum) {
  const Transfer written =
      WriteObject(ops_, fd_.get(), memory.data, memory.size, transfer_bytes, how, checksum);
  if (written.error != 0) {
    return {Step::kWrite, written.error};
  }
  if (transfer_bytes > memory.size) {
    if (const int error = ops_->FTruncate(fd_.get(), memory.size); error < 0) {
      return {Step::kTruncate, -error};
    }
  }
  return {};
}

Status StagingFile::SetAttributes(const ObjectAttribute& attribute, const char* canonical_key) {
  // This one first: what comes first gets the place inside the inode.
  const auto encoded = EncodeAttribute(attribute);
  Status status = SetAttribute(kAttributeName, encoded.data(), encoded.size());
  if (status.ok() && canonical_key != nullptr) {
    status = SetAttribute(kKeyAttributeName, canonical_key, std::strlen(canonical_key));
  }
  return status;
}

Status StagingFile::SetAttribute(const char* name, const void* value, size_t size) {
  int error = ops_->FSetXattr(fd_.get(), name, value, size);
  if (error == -EACCES) {
    // Unlike a write, this asks for a permission that the mode or the umask may leave out.
    if (const int denied = ops_->FChmod(fd_.get(), kOwnerBits); denied < 0) {
      return {Step::kChmod, -denied};
    }
    error = ops_->FSetXattr(fd_.get(), name, value, size);
  }
  if (error == 0) {
    return {};
  }
  const bool says_full = error == -ENOSPC || error == -EDQUOT;
  return {says_full && !NoBlockIsFree() ? Step::kAttributeRefused : Step::kSetXattr, -error};
}

bool StagingFile::NoBlockIsFree() {
  struct statvfs found;
  return ops_->FStatVfs(fd_.get(), &found) == 0 && found.f_bavail == 0;
}

Status StagingFile::Seal(int64_t size, bool sync) {
  struct stat found;
  if (const int error = ops_->FStat(fd_.get(), &found); error < 0) {
    return {Step::kStat, -error};
  }
  if (found.st_size != size) {
    return {Step::kVerify, EIO};
  }
  identity_ = FileIdentity::Of(found);
  if ((found.st_mode & kPermissionBits) != mode_) {
    if (const int error = ops_->FChmod(fd_.get(), mode_); error < 0) {
      return {Step::kChmod, -error};
    }
  }
  if (sync) {
    if (const int error = ops_->FDataSync(fd_.get()); error < 0) {
      return {Step::kSync, -error};
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

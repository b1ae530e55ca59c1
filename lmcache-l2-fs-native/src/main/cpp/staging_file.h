// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_STAGING_FILE_H_
#define LMCACHE_STAGING_FILE_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "direct_io.h"
#include "file_ops.h"
#include "object_attribute.h"
#include "object_file.h"
#include "object_memory.h"
#include "object_transfer.h"
#include "posix_file.h"
#include "status.h"

namespace lmcache {

// Creates <prefix><counter>.tmp for the owner of the prefix. A name that is taken is left alone and
// the next one tried. If O_DIRECT is among the flags and is refused, nothing is left behind.
// Returns 0 or -errno.
int CreateStagingFile(FileOps* ops, int directory, const std::string& prefix,
                      std::atomic<uint64_t>* counter, int flags, mode_t mode, std::string* name,
                      UniqueFd* out);

// One object on its way to its final name: Create, Write, SetAttributes if wanted, Seal, Publish,
// in that order, each only if the one before it succeeded.
//
// Owns the file it created until Publish has succeeded: destroyed before that, it closes and
// unlinks it. It never unlinks a file that it did not create. Used by one thread.
class StagingFile {
 public:
  // `ops` and `directory` belong to the caller and must outlive this object.
  // `mode` has permission bits only.
  StagingFile(FileOps* ops, int directory, mode_t mode)
      : ops_(ops), directory_(directory), mode_(mode) {}
  StagingFile(const StagingFile&) = delete;
  StagingFile& operator=(const StagingFile&) = delete;
  ~StagingFile();

  // See CreateStagingFile.
  Status Create(const std::string& prefix, std::atomic<uint64_t>* counter, bool direct);

  // Writes the object, and cuts off what O_DIRECT made it write beyond. With a `checksum`, it
  // becomes the CRC-32C of the object.
  Status Write(const ObjectMemory& memory, int64_t transfer_bytes, const TransferPlan& how,
               uint32_t* checksum);

  // A null `canonical_key` is not written. ENOSPC and EDQUOT of a file system that is not full are
  // of a step of their own, for making room would not help.
  Status SetAttributes(const ObjectAttribute& attribute, const char* canonical_key);

  // Makes sure that the file system agrees about the size, that the mode is right whatever the
  // umask, that all is on the disk if it is to be synced, and that closing reports no late write
  // error.
  Status Seal(int64_t size, bool sync);

  // Which file it is, once it was sealed.
  const FileIdentity& identity() const { return identity_; }

  // Renames the file over `name`.
  Status Publish(int directory, const char* name);

 private:
  Status SetAttribute(const char* name, const void* value, size_t size);
  bool NoBlockIsFree();

  FileOps* const ops_;
  const int directory_;
  const mode_t mode_;
  std::string name_;
  UniqueFd fd_;
  FileIdentity identity_;
  bool owned_ = false;  // the file exists under name_ and is ours to unlink
};

}  // namespace lmcache

#endif  // LMCACHE_STAGING_FILE_H_

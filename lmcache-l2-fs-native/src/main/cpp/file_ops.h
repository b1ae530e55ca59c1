// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_FILE_OPS_H_
#define LMCACHE_FILE_OPS_H_

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace lmcache {

// What statx says with STATX_DIOALIGN. Zeros in an answer: the file takes no direct I/O.
struct DioAlign {
  bool answered = false;  // older kernels and some file systems do not
  uint32_t memory = 0;
  uint32_t offset = 0;
};

static_assert(sizeof(off_t) == 8, "file sizes are 64-bit");

// Every system call on files goes through here: the seam at which tests put faults, short counts
// and calls that do not return.
//
// Each method is one call of the function it is named after, without any retry. It returns what
// that function returns, or -errno; the global errno is not part of the contract. Implementations
// may be used by any number of threads at once, do not throw, and must outlive what uses them.
class FileOps {
 public:
  FileOps() = default;
  FileOps(const FileOps&) = delete;
  FileOps& operator=(const FileOps&) = delete;
  virtual ~FileOps() = default;

  virtual int OpenAt(int directory, const char* name, int flags, mode_t mode) = 0;
  virtual int FStat(int fd, struct stat* out) = 0;
  // Does not follow a symbolic link in the last place.
  virtual int FStatAt(int directory, const char* name, struct stat* out) = 0;
  virtual int FStatVfs(int fd, struct statvfs* out) = 0;
  virtual int64_t PRead(int fd, void* data, size_t size, int64_t offset) = 0;
  virtual int64_t PWrite(int fd, const void* data, size_t size, int64_t offset) = 0;
  virtual int64_t FGetXattr(int fd, const char* name, void* buffer, size_t size) = 0;
  virtual int FSetXattr(int fd, const char* name, const void* buffer, size_t size) = 0;
  virtual int FChmod(int fd, mode_t mode) = 0;
  // Does not follow a symbolic link in the last place.
  virtual int FChmodAt(int directory, const char* name, mode_t mode) = 0;
  virtual int Close(int fd) = 0;
  virtual int RenameAt(int from_directory, const char* from, int to_directory, const char* to) = 0;
  virtual int UnlinkAt(int directory, const char* name) = 0;
  virtual int MkdirAt(int directory, const char* name, mode_t mode) = 0;
  virtual int FTruncate(int fd, int64_t size) = 0;
  virtual int FDataSync(int fd) = 0;
  virtual int FSync(int fd) = 0;
  // statx with STATX_DIOALIGN.
  virtual int StatDioAlign(int fd, DioAlign* out) = 0;
  // mincore over a mapping of the first `size` bytes: how many pages the page cache holds.
  virtual int64_t MinCore(int fd, int64_t size) = 0;
};

// The kernel.
class PosixFileOps final : public FileOps {
 public:
  int OpenAt(int directory, const char* name, int flags, mode_t mode) override;
  int FStat(int fd, struct stat* out) override;
  int FStatAt(int directory, const char* name, struct stat* out) override;
  int FStatVfs(int fd, struct statvfs* out) override;
  int64_t PRead(int fd, void* data, size_t size, int64_t offset) override;
  int64_t PWrite(int fd, const void* data, size_t size, int64_t offset) override;
  int64_t FGetXattr(int fd, const char* name, void* buffer, size_t size) override;
  int FSetXattr(int fd, const char* name, const void* buffer, size_t size) override;
  int FChmod(int fd, mode_t mode) override;
  int FChmodAt(int directory, const char* name, mode_t mode) override;
  int Close(int fd) override;
  int RenameAt(int from_directory, const char* from, int to_directory, const char* to) override;
  int UnlinkAt(int directory, const char* name) override;
  int MkdirAt(int directory, const char* name, mode_t mode) override;
  int FTruncate(int fd, int64_t size) override;
  int FDataSync(int fd) override;
  int FSync(int fd) override;
  int StatDioAlign(int fd, DioAlign* out) override;
  int64_t MinCore(int fd, int64_t size) override;
};

}  // namespace lmcache

#endif  // LMCACHE_FILE_OPS_H_

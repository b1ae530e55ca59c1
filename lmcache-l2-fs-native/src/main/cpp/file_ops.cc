// SPDX-License-Identifier: Apache-2.0
#include "file_ops.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

namespace lmcache {
namespace {

template <typename Result>
Result OrErrno(Result result) {
  return result >= 0 ? result : -errno;
}

}  // namespace

int PosixFileOps::OpenAt(int directory, const char* name, int flags, mode_t mode) {
  return OrErrno(::openat(directory, name, flags, mode));
}

int PosixFileOps::FStat(int fd, struct stat* out) { return OrErrno(::fstat(fd, out)); }

int PosixFileOps::FStatAt(int directory, const char* name, struct stat* out) {
  return OrErrno(::fstatat(directory, name, out, AT_SYMLINK_NOFOLLOW));
}

int PosixFileOps::FStatVfs(int fd, struct statvfs* out) { return OrErrno(::fstatvfs(fd, out)); }

int64_t PosixFileOps::PRead(int fd, void* data, size_t size, int64_t offset) {
  return OrErrno(::pread(fd, data, size, offset));
}

int64_t PosixFileOps::PWrite(int fd, const void* data, size_t size, int64_t offset) {
  return OrErrno(::pwrite(fd, data, size, offset));
}

int64_t PosixFileOps::FGetXattr(int fd, const char* name, void* buffer, size_t size) {
  return OrErrno(::fgetxattr(fd, name, buffer, size));
}

int PosixFileOps::FSetXattr(int fd, const char* name, const void* buffer, size_t size) {
  return OrErrno(::fsetxattr(fd, name, buffer, size, 0));
}

int PosixFileOps::FChmod(int fd, mode_t mode) { return OrErrno(::fchmod(fd, mode)); }

int PosixFileOps::FChmodAt(int directory, const char* name, mode_t mode) {
  return OrErrno(::fchmodat(directory, name, mode, AT_SYMLINK_NOFOLLOW));
}

int PosixFileOps::Close(int fd) { return OrErrno(::close(fd)); }

int PosixFileOps::RenameAt(int from_directory, const char* from, int to_directory, const char* to) {
  return OrErrno(::renameat(from_directory, from, to_directory, to));
}

int PosixFileOps::UnlinkAt(int directory, const char* name) {
  return OrErrno(::unlinkat(directory, name, 0));
}

int PosixFileOps::MkdirAt(int directory, const char* name, mode_t mode) {
  return OrErrno(::mkdirat(directory, name, mode));
}

}  // namespace lmcache

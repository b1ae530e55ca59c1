// SPDX-License-Identifier: Apache-2.0
#include "file_ops.h"

#include <fcntl.h>
#include <stdio.h>
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
  return OrErrno(::fstatat(directory, name, out, 0));
}

int64_t PosixFileOps::PRead(int fd, void* data, size_t size, int64_t offset) {
  return OrErrno(::pread(fd, data, size, offset));
}

int64_t PosixFileOps::PWrite(int fd, const void* data, size_t size, int64_t offset) {
  return OrErrno(::pwrite(fd, data, size, offset));
}

int PosixFileOps::FChmod(int fd, mode_t mode) { return OrErrno(::fchmod(fd, mode)); }

int PosixFileOps::Close(int fd) { return OrErrno(::close(fd)); }

int PosixFileOps::RenameAt(int from_directory, const char* from, int to_directory, const char* to) {
  return OrErrno(::renameat(from_directory, from, to_directory, to));
}

int PosixFileOps::UnlinkAt(int directory, const char* name) {
  return OrErrno(::unlinkat(directory, name, 0));
}

}  // namespace lmcache

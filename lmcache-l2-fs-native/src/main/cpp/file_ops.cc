// SPDX-License-Identifier: Apache-2.0
#include "file_ops.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace lmcache {
namespace {

template <typename Result>
Result OrErrno(Result result) {
  return result >= 0 ? result : -errno;
}

// struct statx as the kernel writes it, for headers older than STATX_DIOALIGN.
constexpr unsigned kStatxDioAlign = 0x2000;
constexpr size_t kStatxBytes = 256;
constexpr size_t kStatxMaskAt = 0;
constexpr size_t kStatxDioMemoryAt = 152;
constexpr size_t kStatxDioOffsetAt = 156;

uint32_t WordAt(const std::array<char, kStatxBytes>& bytes, size_t at) {
  uint32_t word;
  std::memcpy(&word, bytes.data() + at, sizeof(word));
  return word;
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

int PosixFileOps::FTruncate(int fd, int64_t size) { return OrErrno(::ftruncate(fd, size)); }

int PosixFileOps::FDataSync(int fd) { return OrErrno(::fdatasync(fd)); }

int PosixFileOps::FSync(int fd) { return OrErrno(::fsync(fd)); }

int PosixFileOps::StatDioAlign(int fd, DioAlign* out) {
  alignas(struct statx) std::array<char, kStatxBytes> bytes{};
  static_assert(sizeof(struct statx) <= kStatxBytes);
  auto* const found = reinterpret_cast<struct statx*>(bytes.data());
  if (::statx(fd, "", AT_EMPTY_PATH, kStatxDioAlign, found) < 0) {
    return -errno;
  }
  out->answered = (WordAt(bytes, kStatxMaskAt) & kStatxDioAlign) != 0;
  out->memory = WordAt(bytes, kStatxDioMemoryAt);
  out->offset = WordAt(bytes, kStatxDioOffsetAt);
  return 0;
}

int64_t PosixFileOps::MinCore(int fd, int64_t size) {
  const auto length = static_cast<size_t>(size);
  // Not shared: FUSE refuses that for files that go past the page cache, and it is the same pages.
  void* const mapping = ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapping == MAP_FAILED) {
    return -errno;
  }
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((length + page - 1) / page);
  const int result = OrErrno(::mincore(mapping, length, pages.data()));
  ::munmap(mapping, length);
  if (result < 0) {
    return result;
  }
  return std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1) != 0; });
}

}  // namespace lmcache

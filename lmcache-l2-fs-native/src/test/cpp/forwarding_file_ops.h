// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_FORWARDING_FILE_OPS_H_
#define LMCACHE_FORWARDING_FILE_OPS_H_

#include "file_ops.h"

namespace lmcache {

// The kernel, for tests that replace one or two of its calls.
class ForwardingFileOps : public FileOps {
 public:
  int OpenAt(int directory, const char* name, int flags, mode_t mode) override {
    return kernel_.OpenAt(directory, name, flags, mode);
  }
  int FStat(int fd, struct stat* out) override { return kernel_.FStat(fd, out); }
  int FStatAt(int directory, const char* name, struct stat* out) override {
    return kernel_.FStatAt(directory, name, out);
  }
  int FStatVfs(int fd, struct statvfs* out) override { return kernel_.FStatVfs(fd, out); }
  int64_t PRead(int fd, void* data, size_t size, int64_t offset) override {
    return kernel_.PRead(fd, data, size, offset);
  }
  int64_t PWrite(int fd, const void* data, size_t size, int64_t offset) override {
    return kernel_.PWrite(fd, data, size, offset);
  }
  int64_t FGetXattr(int fd, const char* name, void* buffer, size_t size) override {
    return kernel_.FGetXattr(fd, name, buffer, size);
  }
  int FSetXattr(int fd, const char* name, const void* buffer, size_t size) override {
    return kernel_.FSetXattr(fd, name, buffer, size);
  }
  int FChmod(int fd, mode_t mode) override { return kernel_.FChmod(fd, mode); }
  int FChmodAt(int directory, const char* name, mode_t mode) override {
    return kernel_.FChmodAt(directory, name, mode);
  }
  int Close(int fd) override { return kernel_.Close(fd); }
  int RenameAt(int from_directory, const char* from, int to_directory, const char* to) override {
    return kernel_.RenameAt(from_directory, from, to_directory, to);
  }
  int UnlinkAt(int directory, const char* name) override {
    return kernel_.UnlinkAt(directory, name);
  }
  int MkdirAt(int directory, const char* name, mode_t mode) override {
    return kernel_.MkdirAt(directory, name, mode);
  }
  int FTruncate(int fd, int64_t size) override { return kernel_.FTruncate(fd, size); }
  int FDataSync(int fd) override { return kernel_.FDataSync(fd); }
  int FSync(int fd) override { return kernel_.FSync(fd); }
  int StatDioAlign(int fd, DioAlign* out) override { return kernel_.StatDioAlign(fd, out); }
  int64_t MinCore(int fd, int64_t size) override { return kernel_.MinCore(fd, size); }

 protected:
  PosixFileOps kernel_;
};

}  // namespace lmcache

#endif  // LMCACHE_FORWARDING_FILE_OPS_H_

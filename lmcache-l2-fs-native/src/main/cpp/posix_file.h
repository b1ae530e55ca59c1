// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_POSIX_FILE_H_
#define LMCACHE_POSIX_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "file_ops.h"

namespace lmcache {

// Owns one file descriptor and closes it through the FileOps that it came from.
// Not thread-safe; move it to hand the descriptor on.
class UniqueFd {
 public:
  UniqueFd() = default;
  UniqueFd(FileOps* ops, int fd) : ops_(ops), fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept;
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd();

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }

  // Closes now and returns 0 or -errno; writers must look at it, since a file system may report a
  // failed write only here. The descriptor is gone either way: Linux frees the number before it
  // can fail, EINTR included, so a second close could hit a file that another thread just opened.
  int Close();

 private:
  FileOps* ops_ = nullptr;
  int fd_ = -1;
};

// Opens `name` relative to `directory` (or AT_FDCWD), again if a signal interrupted it.
// Always close-on-exec. Returns 0 or -errno.
int OpenFile(FileOps* ops, int directory, const char* name, int flags, mode_t mode, UniqueFd* out);

// What a whole transfer came to: error is 0 or an errno.
struct Transfer {
  int64_t bytes = 0;
  int error = 0;
};

// The most that one call of the kernel moves: Linux cuts longer ones short there.
constexpr int64_t kMaxPieceBytes = (int64_t{1} << 31) - 4096;

// Reads `size` bytes from `offset` on. Fewer bytes without an error mean end of file.
Transfer ReadFully(FileOps* ops, int fd, void* data, int64_t size, int64_t offset = 0);

// Writes `size` bytes from `offset` on. Fewer bytes always come with an error.
Transfer WriteFully(FileOps* ops, int fd, const void* data, int64_t size, int64_t offset = 0);

// As ReadFully, on a file that is open with O_DIRECT: everything is a multiple of `alignment`, and
// so are the offsets at which it goes on after a short count. `size` may reach beyond the end of
// the file; with `enough` bytes it is content.
Transfer ReadFullyDirect(FileOps* ops, int fd, void* data, int64_t size, int64_t enough,
                         int64_t offset, int64_t alignment);

// As WriteFully, on a file that is open with O_DIRECT.
Transfer WriteFullyDirect(FileOps* ops, int fd, const void* data, int64_t size, int64_t offset,
                          int64_t alignment);

}  // namespace lmcache

#endif  // LMCACHE_POSIX_FILE_H_

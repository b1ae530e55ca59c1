// SPDX-License-Identifier: Apache-2.0
#include "posix_file.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace lmcache {
namespace {

size_t PieceOf(int64_t remaining) {
  return static_cast<size_t>(std::min(remaining, kMaxPieceBytes));
}

}  // namespace

UniqueFd::UniqueFd(UniqueFd&& other) noexcept
    : ops_(other.ops_), fd_(std::exchange(other.fd_, -1)) {}

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    Close();
    ops_ = other.ops_;
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

UniqueFd::~UniqueFd() { Close(); }

int UniqueFd::Close() {
  if (!valid()) {
    return 0;
  }
  return ops_->Close(std::exchange(fd_, -1));
}

int OpenFile(FileOps* ops, int directory, const char* name, int flags, mode_t mode, UniqueFd* out) {
  int fd;
  do {
    fd = ops->OpenAt(directory, name, flags | O_CLOEXEC, mode);
  } while (fd == -EINTR);
  if (fd < 0) {
    return fd;
  }
  *out = UniqueFd(ops, fd);
  return 0;
}

Transfer ReadFully(FileOps* ops, int fd, void* data, int64_t size, int64_t offset) {
  Transfer done;
  while (done.bytes < size) {
    const int64_t count = ops->PRead(fd, static_cast<char*>(data) + done.bytes,
                                     PieceOf(size - done.bytes), offset + done.bytes);
    if (count == -EINTR) {
      continue;
    }
    if (count < 0) {
      done.error = static_cast<int>(-count);
      break;
    }
    if (count == 0) {
      break;
    }
    done.bytes += count;
  }
  return done;
}

Transfer WriteFully(FileOps* ops, int fd, const void* data, int64_t size, int64_t offset) {
  Transfer done;
  while (done.bytes < size) {
    const int64_t count = ops->PWrite(fd, static_cast<const char*>(data) + done.bytes,
                                      PieceOf(size - done.bytes), offset + done.bytes);
    if (count == -EINTR) {
      continue;
    }
    if (count <= 0) {
      // A write of at least one byte that moves none and names no reason would go on for ever.
      done.error = count < 0 ? static_cast<int>(-count) : EIO;
      break;
    }
    done.bytes += count;
  }
  return done;
}

Transfer ReadFullyDirect(FileOps* ops, int fd, void* data, int64_t size, int64_t enough,
                         int64_t offset, int64_t alignment) {
  Transfer done;
  while (done.bytes < enough) {
    // A count that is no multiple is the end of the file, or was cut short: read again from the
    // last multiple on, which at the end of the file gets no further.
    const int64_t from = done.bytes - done.bytes % alignment;
    const int64_t count =
        ops->PRead(fd, static_cast<char*>(data) + from, PieceOf(size - from), offset + from);
    if (count == -EINTR) {
      continue;
    }
    if (count < 0) {
      done.error = static_cast<int>(-count);
      break;
    }
    if (from + count <= done.bytes) {
      break;
    }
    done.bytes = from + count;
  }
  return done;
}

Transfer WriteFullyDirect(FileOps* ops, int fd, const void* data, int64_t size, int64_t offset,
                          int64_t alignment) {
  Transfer done;
  while (done.bytes < size) {
    const int64_t count = ops->PWrite(fd, static_cast<const char*>(data) + done.bytes,
                                      PieceOf(size - done.bytes), offset + done.bytes);
    if (count == -EINTR) {
      continue;
    }
    const int64_t whole = count - count % alignment;
    if (whole <= 0) {
      // Less than a unit: going on from there would be refused.
      done.error = count < 0 ? static_cast<int>(-count) : EINVAL;
      break;
    }
    done.bytes += whole;
  }
  return done;
}

}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#include "object_file.h"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "direct_io.h"

namespace lmcache {
namespace {

Status ReadAttribute(FileOps* ops, int fd, FoundFile* out) {
  std::array<uint8_t, kMaxAttributeBytes> bytes;
  const int64_t size = ops->FGetXattr(fd, kAttributeName, bytes.data(), bytes.size());
  if (size >= 0) {
    out->state = DecodeAttribute(bytes.data(), static_cast<size_t>(size), &out->attribute);
    return {};
  }
  switch (-size) {
    case ENODATA:
    case EOPNOTSUPP:
      out->state = AttributeState::kAbsent;
      return {};
    case ERANGE:  // larger than an attribute of any version
      out->state = AttributeState::kMalformed;
      return {};
    default:
      return {Step::kGetXattr, static_cast<int>(-size)};
  }
}

// A file may be removed by others after it was opened, and only then said to be absent.
Status FailedOrGone(const Status& status, OpenedFile* out) {
  if (!SaysAbsent(-status.error)) return status;
  out->kind = OpenedFile::Kind::kAbsent;
  return {};
}

}  // namespace

bool SaysAbsent(int error) {
  // ESTALE: another client of a network file system removed the file.
  return error == -ENOENT || error == -ENOTDIR || error == -ESTALE;
}

FileIdentity FileIdentity::Of(const struct stat& found) {
  return {found.st_dev, found.st_ino, found.st_ctim.tv_sec, found.st_ctim.tv_nsec};
}

Status OpenObject(FileOps* ops, int directory, const char* name, bool attributes, bool direct,
                  OpenedFile* out) {
  // Without O_NONBLOCK the open of a FIFO would wait for a writer, and the worker with it.
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW;
  int open_error = OpenFile(ops, directory, name, direct ? flags | O_DIRECT : flags, 0, &out->fd);
  if (direct && DirectIo::IsRefusal(-open_error)) {
    out->refused_with = -open_error;
    open_error = OpenFile(ops, directory, name, flags, 0, &out->fd);
  }
  if (SaysAbsent(open_error)) {
    out->kind = OpenedFile::Kind::kAbsent;
    return {};
  }
  // ELOOP is how symbolic links answer, ENXIO sockets and devices without a driver; a regular file
  // never does.
  if (open_error == -ELOOP || open_error == -ENXIO) {
    out->kind = OpenedFile::Kind::kNotRegular;
    return {};
  }
  if (open_error < 0) {
    return {Step::kOpen, -open_error};
  }

  struct stat found;
  if (const int error = ops->FStat(out->fd.get(), &found); error < 0) {
    return FailedOrGone({Step::kStat, -error}, out);
  }
  if (!S_ISREG(found.st_mode)) {
    out->kind = OpenedFile::Kind::kNotRegular;
    return {};
  }
  out->kind = OpenedFile::Kind::kRegular;
  out->identity = FileIdentity::Of(found);
  out->file.size = found.st_size;
  return attributes ? FailedOrGone(ReadAttribute(ops, out->fd.get(), &out->file), out) : Status{};
}

}  // namespace lmcache

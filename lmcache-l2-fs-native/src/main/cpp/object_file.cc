// SPDX-License-Identifier: Apache-2.0
#include "object_file.h"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "checked_transfer.h"

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

}  // namespace

bool SaysAbsent(int error) {
  // ESTALE: another client of a network file system removed the file.
  return error == -ENOENT || error == -ENOTDIR || error == -ESTALE;
}

FileIdentity FileIdentity::Of(const struct stat& found) {
  return {found.st_dev, found.st_ino, found.st_ctim.tv_sec, found.st_ctim.tv_nsec};
}

Status OpenObject(FileOps* ops, int directory, const char* name, bool attributes, OpenedFile* out) {
  // Without O_NONBLOCK the open of a FIFO would wait for a writer, and the worker with it.
  const int open_error =
      OpenFile(ops, directory, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0, &out->fd);
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
    return {Step::kStat, -error};
  }
  if (!S_ISREG(found.st_mode)) {
    out->kind = OpenedFile::Kind::kNotRegular;
    return {};
  }
  out->kind = OpenedFile::Kind::kRegular;
  out->identity = FileIdentity::Of(found);
  out->file.size = found.st_size;
  return attributes ? ReadAttribute(ops, out->fd.get(), &out->file) : Status{};
}

Reading ObjectReader::Read(const char* name, void* data, int64_t size,
                           const KeyDigest& digest) const {
  Reading reading = ReadOpened(name, data, size, digest);
  if (reading.result.outcome == Outcome::kFailed && SaysAbsent(-reading.result.error)) {
    reading.result = ItemResult::Of(Outcome::kNotFound);
  }
  return reading;
}

Reading ObjectReader::ReadOpened(const char* name, void* data, int64_t size,
                                 const KeyDigest& digest) const {
  Reading reading;
  reading.result = ItemResult::Of(Outcome::kNotFound);
  OpenedFile opened;
  const Status status = OpenObject(ops_, directory_, name, attributes_, &opened);
  if (!status.ok()) {
    reading.result = ItemResult::Failed(status);
    return reading;
  }
  if (opened.kind != OpenedFile::Kind::kRegular) {
    reading.foreign = opened.kind == OpenedFile::Kind::kNotRegular;
    return reading;
  }
  reading.identity = opened.identity;
  switch (JudgeForLoad(size, opened.file, digest)) {
    case Verdict::kVerify:
      reading.result = ReadVerified(opened, data, size);
      break;
    case Verdict::kUnverified:
      reading.result = ReadUnverified(opened, data, size);
      reading.unverified = reading.result.outcome == Outcome::kLoaded;
      break;
    case Verdict::kSizeMismatch:
      reading.result = ItemResult::Of(Outcome::kSizeMismatch, opened.file.size);
      break;
    case Verdict::kEmpty:
      reading.empty = true;
      break;
    case Verdict::kForeign:
      reading.foreign = true;
      break;
    case Verdict::kCorrupt:
      reading.result = ItemResult::Of(Outcome::kCorrupt, opened.file.size);
      break;
  }
  return reading;
}

ItemResult ObjectReader::ReadVerified(const OpenedFile& opened, void* data, int64_t size) const {
  const ObjectAttribute& attribute = opened.file.attribute;
  const bool verify = checksum_ && attribute.has_checksum;
  uint32_t checksum = 0;
  const Transfer read = verify ? ReadChecked(ops_, opened.fd.get(), data, size, &checksum)
                               : ReadFully(ops_, opened.fd.get(), data, size);
  if (read.error != 0) {
    return ItemResult::Failed({Step::kRead, read.error});
  }
  // Shorter than it was a moment ago, and so shorter than it says.
  if (read.bytes != size || (verify && checksum != attribute.checksum)) {
    return ItemResult::Of(Outcome::kCorrupt, read.bytes);
  }
  return ItemResult::Of(Outcome::kLoaded, size);
}

ItemResult ObjectReader::ReadUnverified(const OpenedFile& opened, void* data, int64_t size) const {
  const Transfer read = ReadFully(ops_, opened.fd.get(), data, size);
  if (read.error != 0) {
    return ItemResult::Failed({Step::kRead, read.error});
  }
  // Someone outside this product cut the file while it was being read.
  if (read.bytes != size) {
    return ItemResult::Of(Outcome::kSizeMismatch, read.bytes);
  }
  return ItemResult::Of(Outcome::kLoaded, size);
}

}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_OBJECT_FILE_H_
#define LMCACHE_OBJECT_FILE_H_

#include <sys/stat.h>

#include <cstdint>

#include "file_ops.h"
#include "object_attribute.h"
#include "posix_file.h"
#include "status.h"
#include "verdict.h"

namespace lmcache {

// Whether -errno says that no file of that name can be there.
bool SaysAbsent(int error);

// Which file it is, and which state of it: the time of the last change moves with every write,
// truncation, new attribute and rename, and nobody can set it.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  int64_t changed_seconds = 0;
  int64_t changed_nanos = 0;

  static FileIdentity Of(const struct stat& found);
  bool operator==(const FileIdentity&) const = default;
};

// What stands in an object's place, opened for reading if it is a regular file.
struct OpenedFile {
  enum class Kind : uint8_t { kAbsent, kNotRegular, kRegular };

  Kind kind = Kind::kAbsent;
  // For kRegular only.
  UniqueFd fd;
  FileIdentity identity;
  FoundFile file;
};

// Opens what stands under that name, without following a symbolic link and without waiting for
// anybody. Without `attributes` none is looked for. Everything told comes from one descriptor, so
// that a rename in between cannot mix two files.
Status OpenObject(FileOps* ops, int directory, const char* name, bool attributes, OpenedFile* out);

// What one open and read of an object came to, before anything is counted or removed.
struct Reading {
  ItemResult result;  // kCorrupt: so it seems
  bool foreign = false;
  bool unverified = false;
  bool empty = false;  // what a crash leaves
  FileIdentity identity;
};

// Opens, judges and reads the object into `data`, which holds `size` bytes. Its bytes are undefined
// afterwards unless the outcome is kLoaded.
class ObjectReader {
 public:
  ObjectReader(FileOps* ops, int directory, bool attributes, bool checksum)
      : ops_(ops), directory_(directory), attributes_(attributes), checksum_(checksum) {}

  Reading Read(const char* name, void* data, int64_t size, const KeyDigest& digest) const;

 private:
  Reading ReadOpened(const char* name, void* data, int64_t size, const KeyDigest& digest) const;
  ItemResult ReadVerified(const OpenedFile& opened, void* data, int64_t size) const;
  ItemResult ReadUnverified(const OpenedFile& opened, void* data, int64_t size) const;

  FileOps* const ops_;
  const int directory_;
  const bool attributes_;
  const bool checksum_;
};

}  // namespace lmcache

#endif  // LMCACHE_OBJECT_FILE_H_

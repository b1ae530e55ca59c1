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
  // Perhaps in another state, such as under another name.
  bool IsSameFile(const FileIdentity& other) const {
    return device == other.device && inode == other.inode;
  }
};

// What stands in an object's place, opened for reading if it is a regular file.
struct OpenedFile {
  enum class Kind : uint8_t { kAbsent, kNotRegular, kRegular };

  Kind kind = Kind::kAbsent;
  // For kRegular only.
  UniqueFd fd;
  int refused_with = 0;  // an errno: it was to be opened with O_DIRECT, and is not
  FileIdentity identity;
  FoundFile file;
};

// Opens what stands under that name, without following a symbolic link and without waiting for
// anybody. Without `attributes` none is looked for. Everything told comes from one descriptor, so
// that a rename in between cannot mix two files.
//
// With `direct` it is tried with O_DIRECT first; if the kernel says "not so", `refused_with` is
// told why, and it is open without.
Status OpenObject(FileOps* ops, int directory, const char* name, bool attributes, bool direct,
                  OpenedFile* out);
inline Status OpenObject(FileOps* ops, int directory, const char* name, bool attributes,
                         OpenedFile* out) {
  return OpenObject(ops, directory, name, attributes, false, out);
}

}  // namespace lmcache

#endif  // LMCACHE_OBJECT_FILE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_TEST_SUPPORT_H_
#define LMCACHE_TEST_SUPPORT_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "batch.h"
#include "object_attribute.h"
#include "object_memory.h"
#include "status.h"

namespace lmcache {

// A fresh directory with a descriptor; removed with all it holds.
class TempDirectory {
 public:
  TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory();

  int fd() const { return fd_; }
  const std::string& path() const { return path_; }
  std::string PathOf(const std::string& name) const { return path_ + "/" + name; }

  // Sorted.
  std::vector<std::string> Names() const;
  void Write(const std::string& name, const std::string& content) const;
  std::string Read(const std::string& name) const;
  mode_t PermissionsOf(const std::string& name) const;

  // Extended attributes; nothing if the file has none of that name.
  std::optional<std::string> Attribute(const std::string& name, const char* attribute) const;
  void SetAttribute(const std::string& name, const char* attribute, const std::string& value) const;

 private:
  std::string path_;
  int fd_;
};

// Sets the umask of the process while it lives.
class ScopedUmask {
 public:
  explicit ScopedUmask(mode_t mask);
  ~ScopedUmask();

 private:
  const mode_t before_;
};

// Bytes that depend on the key and on the offset, so that a piece of another object, or the right
// piece at the wrong place, cannot pass.
std::string ContentOf(const std::string& key, int64_t size);

// All of it, and no padding; for a put, which does not write to it.
ObjectMemory MemoryOf(const std::string& content);

// Stands in for the digest of the key whose object has that name.
KeyDigest DigestOf(const std::string& name);

// A batch of items with these names and their digests, without buffers.
std::unique_ptr<Batch> MakeBatch(int64_t id, Operation operation,
                                 const std::vector<std::string>& names,
                                 Priority priority = Priority::kNormal);

// Gives the item a buffer; the content must outlive the batch.
void SetBuffer(Item* item, std::string* content);

// The number of descriptors that this process has open.
int OpenDescriptors();

// Ready for EXPECT_EQ.
bool operator==(const ItemResult& a, const ItemResult& b);
std::ostream& operator<<(std::ostream& out, const ItemResult& result);
bool operator==(const Status& a, const Status& b);
std::ostream& operator<<(std::ostream& out, const Status& status);

}  // namespace lmcache

#endif  // LMCACHE_TEST_SUPPORT_H_

// SPDX-License-Identifier: Apache-2.0
#include "test_support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

namespace lmcache {

namespace fs = std::filesystem;

TempDirectory::TempDirectory() : path_(testing::TempDir() + "lmcache-fs-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) abort();
  fd_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd_ < 0) abort();
}

TempDirectory::~TempDirectory() {
  ::close(fd_);
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::vector<std::string> TempDirectory::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void TempDirectory::Write(const std::string& name, const std::string& content) const {
  std::ofstream(PathOf(name), std::ios::binary) << content;
}

std::string TempDirectory::Read(const std::string& name) const {
  std::ifstream in(PathOf(name), std::ios::binary);
  EXPECT_TRUE(in.is_open()) << name;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

mode_t TempDirectory::PermissionsOf(const std::string& name) const {
  struct stat found;
  EXPECT_EQ(::stat(PathOf(name).c_str(), &found), 0) << name;
  return found.st_mode & 07777;
}

std::optional<std::string> TempDirectory::Attribute(const std::string& name,
                                                    const char* attribute) const {
  std::string value(4096, '\0');
  const ssize_t size = ::getxattr(PathOf(name).c_str(), attribute, value.data(), value.size());
  if (size < 0) return std::nullopt;
  value.resize(static_cast<size_t>(size));
  return value;
}

void TempDirectory::SetAttribute(const std::string& name, const char* attribute,
                                 const std::string& value) const {
  EXPECT_EQ(::setxattr(PathOf(name).c_str(), attribute, value.data(), value.size(), 0), 0) << name;
}

ScopedUmask::ScopedUmask(mode_t mask) : before_(::umask(mask)) {}

ScopedUmask::~ScopedUmask() { ::umask(before_); }

std::string ContentOf(const std::string& key, int64_t size) {
  const uint64_t seed = std::hash<std::string>()(key);
  std::string content(static_cast<size_t>(size), '\0');
  for (size_t i = 0; i < content.size(); ++i) {
    uint64_t mixed = (seed + i) * 0x9E3779B97F4A7C15u;
    content[i] = static_cast<char>(mixed >> 56 ^ mixed >> 24);
  }
  return content;
}

ObjectMemory MemoryOf(const std::string& content) {
  const auto size = static_cast<int64_t>(content.size());
  return {const_cast<char*>(content.data()), size, size};
}

KeyDigest DigestOf(const std::string& name) {
  KeyDigest digest;
  const std::string content = ContentOf("digest of " + name, sizeof(digest));
  std::copy(content.begin(), content.end(), digest.begin());
  return digest;
}

std::unique_ptr<Batch> MakeBatch(int64_t id, Operation operation,
                                 const std::vector<std::string>& names, Priority priority) {
  auto batch = std::make_unique<Batch>(id, operation, priority);
  std::string block;
  for (const std::string& name : names) {
    block += name;
    block += '\0';
  }
  EXPECT_TRUE(batch->SetNames(block, static_cast<int32_t>(names.size())));
  for (Item& item : batch->items) item.mark.digest = DigestOf(item.name);
  return batch;
}

void SetBuffer(Item* item, std::string* content) {
  item->data = content->data();
  item->size = static_cast<int64_t>(content->size());
  item->physical = item->size;
}

int OpenDescriptors() {
  const fs::directory_iterator all("/proc/self/fd");
  return static_cast<int>(std::distance(fs::begin(all), fs::end(all)));
}

bool operator==(const ItemResult& a, const ItemResult& b) {
  return a.outcome == b.outcome && a.step == b.step && a.error == b.error && a.bytes == b.bytes;
}

std::ostream& operator<<(std::ostream& out, const ItemResult& result) {
  return out << "outcome " << static_cast<int>(result.outcome) << " step "
             << static_cast<int>(result.step) << " errno " << result.error << " bytes "
             << result.bytes;
}

bool operator==(const Status& a, const Status& b) { return a.step == b.step && a.error == b.error; }

std::ostream& operator<<(std::ostream& out, const Status& status) {
  return out << "step " << static_cast<int>(status.step) << " errno " << status.error;
}

}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_STORE_FIXTURE_H_
#define LMCACHE_STORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "clock.h"
#include "crc32c.h"
#include "file_store.h"
#include "object_attribute.h"
#include "seam_file_ops.h"
#include "status.h"
#include "test_support.h"

namespace lmcache {

using Names = std::vector<std::string>;

inline constexpr char kPrefix[] = ".lmc-test-";

inline ItemResult Failed(Step step, int error) { return ItemResult::Failed({step, error}); }

// A store on real files below a temporary directory, with its staging files beside the objects, and
// a clock that only the test moves.
class StoreFixture : public testing::Test {
 protected:
  explicit StoreFixture(FileStore::Options options = {}) : options_(WithFakeClock(options)) {}

  static TimePoint FakeNow() { return TimePoint(std::chrono::seconds(fake_seconds.load())); }
  static inline std::atomic<int64_t> fake_seconds{0};

  static FileStore::Options WithFakeClock(FileStore::Options options) {
    fake_seconds = 1000;
    options.now = &FakeNow;
    return options;
  }

  ItemResult Put(const std::string& name, const std::string& content,
                 PutMode mode = PutMode::kIfAbsent, const char* canonical_key = nullptr) {
    return store_.Put(name.c_str(), MemoryOf(content), mode, {DigestOf(name), canonical_key});
  }

  // Into a poisoned buffer that is kept for the test to look at.
  ItemResult Get(const std::string& name, int64_t size) {
    loaded_ = Poison(size);
    return store_.Get(name.c_str(), {loaded_.data(), size, size}, DigestOf(name));
  }

  static std::string Poison(int64_t size) { return std::string(static_cast<size_t>(size), '\xA5'); }

  // The counters in the order of StoreCounters.
  std::vector<int64_t> Counts() const {
    const StoreCounters& found = store_.counters();
    return {found.corrupt, found.corrupt_kept, found.unverified,
            found.foreign, found.empty,        found.size_mismatch};
  }

  // The attribute of a whole object of that name and content.
  static std::string AttributeFor(const std::string& name, const std::string& content);

  TempDirectory directory_;
  Seam seam_;
  SeamFileOps ops_{&seam_};
  const FileStore::Options options_;
  FileStore store_{&ops_, directory_.fd(), directory_.fd(), kPrefix, options_};
  std::string loaded_;
};

inline std::string StoreFixture::AttributeFor(const std::string& name, const std::string& content) {
  const uint32_t checksum = Crc32c(0, content.data(), content.size());
  const auto bytes =
      EncodeAttribute({static_cast<int64_t>(content.size()), true, checksum, DigestOf(name)});
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace lmcache

#endif  // LMCACHE_STORE_FIXTURE_H_

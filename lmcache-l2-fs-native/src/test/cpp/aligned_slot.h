// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_ALIGNED_SLOT_H_
#define LMCACHE_ALIGNED_SLOT_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "object_memory.h"

namespace lmcache {

// Memory for an object at a multiple of the unit, poisoned, with canaries on both sides of the
// object's padding.
class AlignedSlot {
 public:
  static constexpr int64_t kUnit = 4096;

  static int64_t RoundedUp(int64_t size) { return (size + kUnit - 1) / kUnit * kUnit; }

  AlignedSlot(int64_t size, int64_t physical) : size_(size), physical_(physical) {
    void* memory = nullptr;
    const auto all = static_cast<size_t>(2 * kUnit + physical + kUnit);
    EXPECT_EQ(::posix_memalign(&memory, kUnit, all), 0);
    memory_.reset(static_cast<char*>(memory));
    std::fill_n(memory_.get(), all, kCanary);
    Poison();
  }

  AlignedSlot& Fill(const std::string& content) {
    std::copy(content.begin(), content.end(), data());
    return *this;
  }

  void Poison() { std::fill_n(data(), physical_, '\xA5'); }

  char* data() const { return memory_.get() + kUnit; }
  std::string Content() const { return std::string(data(), static_cast<size_t>(size_)); }
  ObjectMemory memory() const { return {data(), size_, physical_}; }
  bool CanariesAreWhole() const {
    const auto whole = [](const char* from, const char* to) {
      return std::all_of(from, to, [](char c) { return c == kCanary; });
    };
    return whole(memory_.get(), data()) && whole(data() + physical_, data() + physical_ + kUnit);
  }

 private:
  static constexpr char kCanary = '\x5C';
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };

  const int64_t size_;
  const int64_t physical_;
  std::unique_ptr<char, Free> memory_;
};

}  // namespace lmcache

#endif  // LMCACHE_ALIGNED_SLOT_H_

// SPDX-License-Identifier: Apache-2.0
#include "batch.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace lmcache {
namespace {

bool IsPathComponent(std::string_view name) { return !name.empty() && name != "." && name != ".."; }

bool IsObjectName(std::string_view name) {
  for (int components = 1; components <= kMaxNameComponents; ++components) {
    const size_t slash = name.find('/');
    if (!IsPathComponent(name.substr(0, slash))) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    name.remove_prefix(slash + 1);
  }
  return false;
}

}  // namespace

TimePoint DeadlineAfter(TimePoint now, int64_t timeout_nanos) {
  const std::chrono::nanoseconds timeout(timeout_nanos);
  if (timeout_nanos < 0 || timeout >= kNoDeadline - now) {
    return kNoDeadline;
  }
  return now + timeout;
}

bool Batch::SetNames(std::string names, int32_t count) {
  names_ = std::move(names);
  std::vector<Item> parsed(static_cast<size_t>(count));
  size_t begin = 0;
  for (Item& item : parsed) {
    const size_t end = names_.find('\0', begin);
    if (end == std::string::npos ||
        !IsObjectName(std::string_view(names_).substr(begin, end - begin))) {
      return false;
    }
    item.name = names_.data() + begin;
    begin = end + 1;
  }
  if (begin != names_.size()) {
    return false;
  }
  items = std::move(parsed);
  unfinished_.store(count, std::memory_order_relaxed);
  return true;
}

bool Batch::SetDigests(std::string_view digests) {
  if (digests.size() != items.size() * sizeof(KeyDigest)) {
    return false;
  }
  for (Item& item : items) {
    std::copy_n(digests.begin(), sizeof(KeyDigest), item.mark.digest.begin());
    digests.remove_prefix(sizeof(KeyDigest));
  }
  return true;
}

bool Batch::SetCanonicalKeys(std::string keys) {
  if (std::count(keys.begin(), keys.end(), '\0') != count() ||
      (!keys.empty() && keys.back() != '\0')) {
    return false;
  }
  canonical_keys_ = std::move(keys);
  const char* next = canonical_keys_.data();
  for (Item& item : items) {
    const std::string_view key(next);
    item.mark.canonical_key = key.empty() ? nullptr : next;
    next += key.size() + 1;
  }
  return true;
}

bool Batch::Finish(int32_t index, const ItemResult& result) {
  items[static_cast<size_t>(index)].result = result;
  return unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

void BatchList::PushBack(Batch* batch) {
  batch->next = nullptr;
  if (empty()) {
    head_ = batch;
  } else {
    tail_->next = batch;
  }
  tail_ = batch;
}

Batch* BatchList::PopFront() {
  Batch* const batch = head_;
  if (batch != nullptr) {
    head_ = std::exchange(batch->next, nullptr);
  }
  return batch;
}

}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#include "drill_client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "test_support.h"

namespace lmcache {

int64_t DrillSeconds() {
  const char* const seconds = std::getenv("LMCACHE_DRILL_SECONDS");
  return seconds == nullptr ? 0 : std::atoll(seconds);
}

std::string DrillContent(const std::string& name, int version, int64_t size) {
  return ContentOf(name + " version " + std::to_string(version), size);
}

DrillClient::DrillClient(const std::string& directory, const Shape& shape) : shape_(shape) {
  FsClient::Options options;
  options.base_path = directory;
  options.staging_path = shape.staging.empty() ? directory : shape.staging;
  options.staging_prefix = shape.prefix;
  options.store.fsync = shape.fsync;
  options.workers = shape.workers;
  options.readers = shape.readers;
  Status status;
  client_ = FsClient::Open(std::make_unique<PosixFileOps>(), options, &status);
  EXPECT_EQ(status, Status{});
  if (ok()) drain_ = std::thread(&DrillClient::Drain, this);
}

DrillClient::~DrillClient() { End(); }

bool DrillClient::Submit(Operation operation, const std::vector<std::string>& names, int version,
                         PutMode mode) {
  auto batch = MakeBatch(next_id_.fetch_add(1), operation, names);
  batch->put_mode = mode;
  const int64_t id = batch->id;
  if (operation == Operation::kSet || operation == Operation::kGet) {
    auto memory = std::make_unique<Memory>();
    for (const std::string& name : names) {
      memory->push_back(operation == Operation::kSet
                            ? DrillContent(name, version, shape_.size)
                            : std::string(static_cast<size_t>(shape_.size), '\x5a'));
    }
    for (size_t i = 0; i < names.size(); ++i) SetBuffer(&batch->items[i], &(*memory)[i]);
    const std::lock_guard<std::mutex> lock(mutex_);
    lent_[id] = std::move(memory);
  }
  if (client_->Submit(std::move(batch))) {
    accepted_.fetch_add(1);
    return true;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  lent_.erase(id);
  return false;
}

void DrillClient::Drain() {
  while (true) {
    Drained drained = client_->Drain(1 << 20);
    if (drained.batches.empty()) {
      EXPECT_EQ(drained.needed_words, 0);
      return;
    }
    while (Batch* const front = drained.batches.PopFront()) {
      const std::unique_ptr<Batch> batch(front);
      Check(*batch);
      drained_.fetch_add(1);
      const std::lock_guard<std::mutex> lock(mutex_);
      lent_.erase(batch->id);
    }
  }
}

void DrillClient::Check(const Batch& batch) {
  for (const Item& item : batch.items) {
    counts_[static_cast<size_t>(item.result.outcome)].fetch_add(1);
    if (item.result.outcome == Outcome::kLoaded && !HoldsAVersion(item)) wrong_.fetch_add(1);
    if (on_result) on_result(batch.operation, item.name, item.result);
  }
}

bool DrillClient::HoldsAVersion(const Item& item) const {
  for (int version = 0; version < shape_.versions; ++version) {
    const std::string content = DrillContent(item.name, version, shape_.size);
    if (std::memcmp(item.data, content.data(), content.size()) == 0) return true;
  }
  return false;
}

void DrillClient::End() {
  if (!drain_.joinable()) return;
  client_->Stop();
  drain_.join();
  EXPECT_EQ(drained(), accepted()) << "batches";
  EXPECT_EQ(count(Outcome::kPending), 0);
  EXPECT_EQ(wrong(), 0) << "loads of wrong bytes";
  EXPECT_TRUE(lent_.empty());
  EXPECT_EQ(client_->queued(), 0);
  EXPECT_EQ(client_->running(), 0);
  client_.reset();
}

}  // namespace lmcache

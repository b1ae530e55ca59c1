// SPDX-License-Identifier: Apache-2.0
#include "fs_client.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <new>
#include <string_view>
#include <utility>

namespace lmcache {
namespace {

Status OpenDirectory(FileOps* ops, const std::string& path, Step step, UniqueFd* out) {
  // A NUL would silently name another directory.
  if (path.find('\0') != std::string::npos) {
    return {Step::kInternal, EINVAL};
  }
  const int error = OpenFile(ops, AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY, 0, out);
  if (error < 0) {
    return {step, -error};
  }
  return {};
}

Status OpenEvent(FileOps* ops, UniqueFd* out) {
  const int fd = ::eventfd(0, EFD_CLOEXEC);
  if (fd < 0) {
    return {Step::kEvent, errno};
  }
  *out = UniqueFd(ops, fd);
  return {};
}

Status CheckOptions(const FsClient::Options& options) {
  constexpr mode_t permission_bits = 0777;
  const std::string_view not_in_names("/\0", 2);
  if (options.workers < 1 || options.workers > WorkerPool::kMaxWorkers || options.readers < 0 ||
      options.readers > WorkerPool::kMaxReaders || options.read_window_bytes < 0 ||
      options.store.read_ahead < 0 || (options.store.file_mode & ~permission_bits) != 0 ||
      (options.store.dir_mode & ~permission_bits) != 0 || options.staging_prefix.empty() ||
      options.staging_prefix.find_first_of(not_in_names) != std::string::npos) {
    return {Step::kInternal, EINVAL};
  }
  return {};
}

FileStore::Options WithAwaited(FileStore::Options options, const std::atomic<int64_t>* awaited) {
  options.courtesy.awaited = awaited;
  return options;
}

bool SaysFull(const ItemResult& failed) {
  return failed.step != Step::kAttributeRefused &&
         (failed.error == ENOSPC || failed.error == EDQUOT);
}

}  // namespace

std::unique_ptr<FsClient> FsClient::Open(std::unique_ptr<FileOps> ops, const Options& options,
                                         Status* status, DirectFinding* finding) {
  UniqueFd base;
  UniqueFd staging;
  UniqueFd event;
  *status = CheckOptions(options);
  if (status->ok()) *status = OpenDirectory(ops.get(), options.base_path, Step::kOpen, &base);
  if (status->ok()) {
    *status = OpenDirectory(ops.get(), options.staging_path, Step::kOpenStaging, &staging);
  }
  if (status->ok()) *status = OpenEvent(ops.get(), &event);
  if (!status->ok()) {
    return nullptr;
  }
  Options effective = options;
  if (options.direct != DirectMode::kOff) {
    std::atomic<uint64_t> counter{0};
    const DirectFinding found =
        ProbeDirectIo(ops.get(), staging.get(), options.staging_prefix, &counter);
    if (finding != nullptr) {
      *finding = found;
    }
    const bool required = options.direct == DirectMode::kRequire;
    if (found.reason == DirectFinding::Reason::kFailed || (required && !found.reliable())) {
      *status = {Step::kProbe, found.error};
      return nullptr;
    }
    effective.store.direct = {options.direct, found};
  }
  std::unique_ptr<FsClient> client(new FsClient(std::move(ops), effective, std::move(base),
                                                std::move(staging), std::move(event)));
  *status = client->pool_.Start(options.workers, options.readers);
  return status->ok() ? std::move(client) : nullptr;
}

FsClient::FsClient(std::unique_ptr<FileOps> ops, const Options& options, UniqueFd base,
                   UniqueFd staging, UniqueFd event)
    : ops_(std::move(ops)),
      now_(options.store.now),
      base_(std::move(base)),
      staging_(std::move(staging)),
      store_(ops_.get(), base_.get(), staging_.get(), options.staging_prefix,
             WithAwaited(options.store, &awaited_)),
      may_split_((options.readers > 0 ? options.readers : options.workers) > 1),
      queue_({options.readers > 0, options.read_window_bytes}),
      completions_(std::move(event)),
      pool_(&queue_, &completions_,
            [this](const Batch& batch, const Item& item) { return Execute(batch, item); }) {}

bool FsClient::Submit(std::unique_ptr<Batch> batch) {
  if (!completions_.Accept()) {
    return false;
  }
  if (IsAwaited(batch->operation)) {
    awaited_.fetch_add(1, std::memory_order_relaxed);
  }
  // The workers leave only when the client is destroyed, so what is accepted is worked off.
  queue_.Push(batch.release());
  return true;
}

Drained FsClient::Drain(int64_t capacity_words) {
  const Drained drained = completions_.Drain(capacity_words);
  for (const Batch* batch = drained.batches.front(); batch != nullptr; batch = batch->next) {
    if (IsAwaited(batch->operation)) {
      awaited_.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  return drained;
}

int32_t FsClient::CancelQueued() {
  int32_t items = 0;
  BatchList cancelled = queue_.CancelAll();
  while (Batch* const batch = cancelled.PopFront()) {
    // With its last unfinished item the batch goes to the drain: its fields must be read before.
    const int32_t end = batch->count();
    items += end - batch->next_item;
    for (int32_t i = batch->next_item; i < end; ++i) {
      completions_.Finish(batch, i, ItemResult::Of(Outcome::kClosed));
    }
  }
  return items;
}

WorkerPool::Executed FsClient::Execute(const Batch& batch, const Item& item) {
  if (batch.deadline != kNoDeadline && now_() >= batch.deadline) {
    return ItemResult::Of(Outcome::kDeadline);
  }
  switch (batch.operation) {
    case Operation::kSet:
      return Store(batch, item);
    case Operation::kGet:
      return Load(item);
    case Operation::kExists:
      return store_.Exists(item.name);
    case Operation::kRemove:
      return store_.Remove(item.name);
  }
  return ItemResult::Failed({Step::kInternal, EINVAL});
}

ItemResult FsClient::Store(const Batch& batch, const Item& item) {
  const ItemResult result =
      store_.Put(item.name, {item.data, item.size, item.physical}, batch.put_mode, item.mark);
  if (result.outcome == Outcome::kStored) {
    queue_.SetDiskFull(false);
  } else if (result.outcome == Outcome::kFailed && SaysFull(result)) {
    queue_.SetDiskFull(true);
  }
  return result;
}

WorkerPool::Executed FsClient::Load(const Item& item) {
  ObjectLoad load;
  ItemResult result;
  if (!store_.BeginGet(item.name, {item.data, item.size, item.physical}, item.mark.digest, &load,
                       &result)) {
    return result;
  }
  const int64_t bytes = load.transfer_bytes();
  if (may_split_ && bytes >= kMinSplitBytes && load.in_pieces_of(kSegmentBytes)) {
    try {
      auto split = std::make_unique<SplitRead>(&store_, std::move(load), bytes);
      split_loads_.fetch_add(1, std::memory_order_relaxed);
      return split;
    } catch (const std::bad_alloc&) {
      // One pass needs no memory.
    }
  }
  return store_.EndGet(&load, load.ReadAll());
}

}  // namespace lmcache

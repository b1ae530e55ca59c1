// SPDX-License-Identifier: Apache-2.0
#include "fs_client.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace lmcache {
namespace {

Status OpenDirectory(FileOps* ops, const std::string& path, UniqueFd* out) {
  // A NUL would silently name another directory.
  if (path.find('\0') != std::string::npos) {
    return {Step::kInternal, EINVAL};
  }
  const int error = OpenFile(ops, AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY, 0, out);
  if (error < 0) {
    return {Step::kOpen, -error};
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
  if (options.workers < 1 || options.workers > WorkerPool::kMaxWorkers ||
      (options.store.file_mode & ~permission_bits) != 0 ||
      (options.store.dir_mode & ~permission_bits) != 0 || options.staging_prefix.empty() ||
      options.staging_prefix.find_first_of(not_in_names) != std::string::npos) {
    return {Step::kInternal, EINVAL};
  }
  return {};
}

}  // namespace

std::unique_ptr<FsClient> FsClient::Open(std::unique_ptr<FileOps> ops, const Options& options,
                                         Status* status) {
  UniqueFd base;
  UniqueFd staging;
  UniqueFd event;
  *status = CheckOptions(options);
  if (status->ok()) *status = OpenDirectory(ops.get(), options.base_path, &base);
  if (status->ok()) *status = OpenDirectory(ops.get(), options.staging_path, &staging);
  if (status->ok()) *status = OpenEvent(ops.get(), &event);
  if (!status->ok()) {
    return nullptr;
  }
  std::unique_ptr<FsClient> client(
      new FsClient(std::move(ops), options, std::move(base), std::move(staging), std::move(event)));
  *status = client->pool_.Start(options.workers);
  return status->ok() ? std::move(client) : nullptr;
}

FsClient::FsClient(std::unique_ptr<FileOps> ops, const Options& options, UniqueFd base,
                   UniqueFd staging, UniqueFd event)
    : ops_(std::move(ops)),
      now_(options.store.now),
      base_(std::move(base)),
      staging_(std::move(staging)),
      store_(ops_.get(), base_.get(), staging_.get(), options.staging_prefix, options.store),
      completions_(std::move(event)),
      pool_(&queue_, &completions_,
            [this](const Batch& batch, const Item& item) { return Execute(batch, item); }) {}

bool FsClient::Submit(std::unique_ptr<Batch> batch) {
  if (!completions_.Accept()) {
    return false;
  }
  // The workers leave only when the client is destroyed, so what is accepted is worked off.
  queue_.Push(batch.release());
  return true;
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

ItemResult FsClient::Execute(const Batch& batch, const Item& item) {
  if (batch.deadline != kNoDeadline && now_() >= batch.deadline) {
    return ItemResult::Of(Outcome::kDeadline);
  }
  switch (batch.operation) {
    case Operation::kSet:
      return store_.Put(item.name, {item.data, item.size, item.physical}, batch.put_mode,
                        item.mark);
    case Operation::kGet:
      return store_.Get(item.name, {item.data, item.size, item.physical}, item.mark.digest);
    case Operation::kExists:
      return store_.Exists(item.name);
    case Operation::kRemove:
      return store_.Remove(item.name);
  }
  return ItemResult::Failed({Step::kInternal, EINVAL});
}

}  // namespace lmcache

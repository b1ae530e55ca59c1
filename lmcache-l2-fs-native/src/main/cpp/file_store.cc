// SPDX-License-Identifier: Apache-2.0
#include "file_store.h"

#include <sys/stat.h>

#include <cerrno>
#include <mutex>
#include <string_view>
#include <utility>

#include "direct_probe.h"

namespace lmcache {
namespace {

constexpr mode_t kPermissionBits = 0777;

// A file that seems corrupt each time, but is another one each time, is being replaced as fast as
// it is read; some looks get past any writer that does it by rename.
constexpr int kMaxSecondLooks = 8;

ItemResult FailedAt(Step step, int error) { return ItemResult::Failed({step, -error}); }

void Count(std::atomic<int64_t>* counter) { counter->fetch_add(1, std::memory_order_relaxed); }

}  // namespace

FileStore::FileStore(FileOps* ops, int base_directory, int staging_directory,
                     std::string staging_prefix, const Options& options)
    : ops_(ops),
      base_directory_(base_directory),
      staging_directory_(staging_directory),
      staging_prefix_(std::move(staging_prefix)),
      options_(options),
      direct_(options.direct),
      durability_(ops, base_directory, options.fsync == Fsync::kFull),
      reader_(ops, base_directory, &direct_,
              {options.attributes, options.checksum, options.read_ahead}),
      removal_(ops, base_directory),
      removal_limit_(options.now) {}

ItemResult FileStore::Put(const char* name, const ObjectMemory& memory, PutMode mode,
                          const KeyMark& mark) {
  ItemResult result;
  if (!MustWrite(name, memory.size, mode, mark, &result)) {
    return result;
  }
  SettleDirect();
  DirectPlan plan = direct_.PlanFor(memory);
  if (plan.failure.outcome == Outcome::kPending && !Write(name, memory, mark, plan, &result)) {
    plan = direct_.PlanAfterRefusal(memory, result.error);
    // A file that is not direct is never refused for that.
    (void)(plan.failure.outcome == Outcome::kPending && Write(name, memory, mark, plan, &result));
  }
  if (plan.failure.outcome != Outcome::kPending) {
    return plan.failure;
  }
  if (result.outcome == Outcome::kStored) {
    direct_.CountStore(plan);
  }
  return result;
}

void FileStore::SettleDirect() {
  if (!direct_.unsettled()) {
    return;
  }
  std::unique_lock lock(probe_mutex_, std::try_to_lock);
  if (lock.owns_lock() && direct_.unsettled()) {
    direct_.Settle(ProbeDirectIo(ops_, staging_directory_, staging_prefix_, &staging_counter_));
  }
}

bool FileStore::Write(const char* name, const ObjectMemory& memory, const KeyMark& mark,
                      const DirectPlan& plan, ItemResult* result) {
  ObjectAttribute attribute;
  attribute.length = memory.size;
  attribute.has_checksum = options_.attributes && options_.checksum;
  attribute.digest = mark.digest;

  StagingFile file(ops_, staging_directory_, options_.file_mode);
  Status status = file.Create(staging_prefix_, &staging_counter_, plan.direct);
  if (status.ok()) {
    TransferPlan how;
    how.alignment = plan.direct ? direct_.alignment().length : 1;
    how.courtesy = options_.courtesy;
    status = file.Write(memory, plan.transfer_bytes, how,
                        attribute.has_checksum ? &attribute.checksum : nullptr);
  }
  if (plan.direct && DirectIo::IsRefusal(status.error)) {
    *result = ItemResult::Failed(status);
    return false;
  }
  if (status.ok() && options_.attributes) {
    status = file.SetAttributes(attribute, mark.canonical_key);
  }
  if (status.ok()) status = file.Seal(memory.size, options_.fsync != Fsync::kNone);
  if (status.ok()) status = Publish(&file, name);
  *result = status.ok() ? plan.Result(Outcome::kStored, memory.size) : ItemResult::Failed(status);
  return true;
}

bool FileStore::MustWrite(const char* name, int64_t size, PutMode mode, const KeyMark& mark,
                          ItemResult* result) {
  struct stat found;
  if (const int error = ops_->FStatAt(base_directory_, name, &found); error < 0) {
    *result = FailedAt(Step::kStat, error);
    return SaysAbsent(error);
  }
  if (!S_ISREG(found.st_mode)) {
    *result = Occupied();
    return false;
  }
  const bool full = options_.fsync == Fsync::kFull;
  OpenedFile opened;
  opened.kind = OpenedFile::Kind::kRegular;
  opened.file.size = found.st_size;
  if (options_.attributes || full) {
    const Status status = OpenObject(ops_, base_directory_, name, options_.attributes, &opened);
    if (!status.ok()) {
      *result = ItemResult::Failed(status);
      return false;
    }
  }
  if (opened.kind == OpenedFile::Kind::kAbsent) {
    return true;
  }
  const Standing standing = opened.kind == OpenedFile::Kind::kNotRegular
                                ? Standing::kForeign
                                : JudgeForStore(size, opened.file, mark.digest);
  if (standing == Standing::kForeign) {
    *result = Occupied();
    return false;
  }
  if (mode == PutMode::kReplace || standing == Standing::kReplace ||
      removal_.IsKept(name, FileIdentity::Of(found))) {
    return true;
  }
  const Status status = full ? durability_.Ensure(name, opened) : Status{};
  *result =
      status.ok() ? ItemResult::Of(Outcome::kAlreadyPresent, size) : ItemResult::Failed(status);
  return false;
}

ItemResult FileStore::Occupied() {
  Count(&counters_.foreign);
  return ItemResult::Failed({Step::kOccupied, EEXIST});
}

Status FileStore::Publish(StagingFile* file, const char* name) {
  UniqueFd directory;
  Status status = Rename(file, name, &directory);
  if (status.error == ENOENT && std::string_view(name).find('/') != std::string_view::npos) {
    status = MakeDirectories(name);
    if (status.ok()) status = Rename(file, name, &directory);
  }
  return status.ok() && options_.fsync == Fsync::kFull ? MakeDurable(*file, name, directory)
                                                       : status;
}

Status FileStore::Rename(StagingFile* file, const char* name, UniqueFd* directory) {
  if (options_.fsync == Fsync::kFull) {
    if (const Status status = durability_.Prepare(name, directory); !status.ok()) {
      return status;
    }
  }
  std::lock_guard lock(removal_.MutexOf(name));
  return file->Publish(base_directory_, name);
}

Status FileStore::MakeDurable(const StagingFile& file, const char* name,
                              const UniqueFd& directory) {
  const Status status = durability_.Sync(directory);
  std::lock_guard lock(removal_.MutexOf(name));
  struct stat found;
  if (ops_->FStatAt(base_directory_, name, &found) == 0 &&
      file.identity().IsSameFile(FileIdentity::Of(found))) {
    if (status.ok()) {
      durability_.Remember(name, FileIdentity::Of(found));
    } else {
      // A store that fails leaves nothing to be found.
      ops_->UnlinkAt(base_directory_, name);
    }
  }
  return status;
}

Status FileStore::MakeDirectories(const char* name) {
  const std::string_view path(name);
  for (size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
    const std::string directory(path.substr(0, slash));
    int error = ops_->MkdirAt(base_directory_, directory.c_str(), options_.dir_mode);
    if (error == -EEXIST) {
      continue;
    }
    struct stat made;
    if (error == 0) {
      error = ops_->FStatAt(base_directory_, directory.c_str(), &made);
    }
    if (error == 0 && (made.st_mode & kPermissionBits) != options_.dir_mode) {
      // The bits beyond the permissions come from the directory above.
      const mode_t inherited = made.st_mode & 07000;
      error = ops_->FChmodAt(base_directory_, directory.c_str(), inherited | options_.dir_mode);
    }
    if (error < 0) {
      return {Step::kMkdir, -error};
    }
  }
  return {};
}

ItemResult FileStore::Get(const char* name, const ObjectMemory& memory, const KeyDigest& digest) {
  ObjectLoad load;
  ItemResult result;
  return BeginGet(name, memory, digest, &load, &result) ? EndGet(&load, load.ReadAll()) : result;
}

bool FileStore::BeginGet(const char* name, const ObjectMemory& memory, const KeyDigest& digest,
                         ObjectLoad* load, ItemResult* result) {
  const LoadTarget target{name, memory, digest};
  Reading reading;
  if (reader_.Begin(target, load, &reading)) {
    return true;
  }
  *result = Conclude(target, reading);
  return false;
}

ItemResult FileStore::EndGet(ObjectLoad* load, const LoadSum& sum) {
  const LoadTarget target = load->target();
  return Conclude(target, reader_.End(load, sum));
}

ItemResult FileStore::Conclude(const LoadTarget& target, Reading reading) {
  bool confirmed = false;
  for (int looks = 0; reading.result.outcome == Outcome::kCorrupt && !confirmed; ++looks) {
    if (looks == kMaxSecondLooks) {
      return ItemResult::Failed({Step::kRead, EAGAIN});
    }
    const Reading again = reader_.Read(target);
    confirmed = again.result.outcome == Outcome::kCorrupt && again.identity == reading.identity &&
                SettleCorrupt(target.name, again);
    reading = again;
  }
  return confirmed ? reading.result : Settle(target.name, reading);
}

bool FileStore::SettleCorrupt(const char* name, const Reading& reading) {
  switch (removal_.Remove(name, reading.identity, &removal_limit_)) {
    case GuardedRemoval::Result::kGone:
      return false;
    case GuardedRemoval::Result::kKept:
      Count(&counters_.corrupt_kept);
      break;
    case GuardedRemoval::Result::kRemoved:
      break;
  }
  Count(&counters_.corrupt);
  return true;
}

ItemResult FileStore::Settle(const char* name, const Reading& reading) {
  if (reading.foreign) {
    Count(&counters_.foreign);
  }
  if (reading.unverified) {
    Count(&counters_.unverified);
  }
  if (reading.empty) {
    Count(&counters_.empty);
    // Whatever comes of it, the answer is that there is no object.
    (void)removal_.Remove(name, reading.identity, nullptr);
  }
  if (reading.result.outcome == Outcome::kSizeMismatch) {
    Count(&counters_.size_mismatch);
  }
  if (reading.result.outcome == Outcome::kLoaded) {
    direct_.CountLoad(reading.plan);
  }
  return reading.result;
}

ItemResult FileStore::Exists(const char* name) {
  struct stat found;
  const int error = ops_->FStatAt(base_directory_, name, &found);
  if (error < 0 && !SaysAbsent(error)) {
    return FailedAt(Step::kStat, error);
  }
  if (error < 0 || !S_ISREG(found.st_mode) || removal_.IsKept(name, FileIdentity::Of(found))) {
    return ItemResult::Of(Outcome::kNotFound);
  }
  if (found.st_size == 0 && options_.attributes) {
    return ExistsWithoutBytes(name);
  }
  return ItemResult::Of(Outcome::kFound, found.st_size);
}

ItemResult FileStore::ExistsWithoutBytes(const char* name) {
  OpenedFile opened;
  const Status status = OpenObject(ops_, base_directory_, name, true, &opened);
  if (!status.ok()) {
    return ItemResult::Failed(status);
  }
  const bool object = opened.kind == OpenedFile::Kind::kRegular &&
                      (opened.file.size > 0 || opened.file.state == AttributeState::kPresent ||
                       opened.file.state == AttributeState::kMalformed);
  return object ? ItemResult::Of(Outcome::kFound, opened.file.size)
                : ItemResult::Of(Outcome::kNotFound);
}

ItemResult FileStore::Remove(const char* name) {
  struct stat found;
  if (const int error = ops_->FStatAt(base_directory_, name, &found); error < 0) {
    return SaysAbsent(error) ? ItemResult::Of(Outcome::kAbsent) : FailedAt(Step::kStat, error);
  }
  OpenedFile opened;
  opened.kind = S_ISREG(found.st_mode) ? OpenedFile::Kind::kRegular : OpenedFile::Kind::kNotRegular;
  if (options_.attributes && opened.kind == OpenedFile::Kind::kRegular) {
    const Status status = OpenObject(ops_, base_directory_, name, true, &opened);
    if (!status.ok()) {
      return ItemResult::Failed(status);
    }
  }
  if (opened.kind == OpenedFile::Kind::kNotRegular || opened.file.state == AttributeState::kNewer) {
    Count(&counters_.foreign);
    return ItemResult::Of(Outcome::kAbsent);
  }
  const int error = ops_->UnlinkAt(base_directory_, name);
  if (error < 0) {
    return SaysAbsent(error) ? ItemResult::Of(Outcome::kAbsent) : FailedAt(Step::kUnlink, error);
  }
  return ItemResult::Of(Outcome::kDeleted);
}

}  // namespace lmcache

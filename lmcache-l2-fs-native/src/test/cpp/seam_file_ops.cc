// SPDX-License-Identifier: Apache-2.0
#include "seam_file_ops.h"

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace lmcache {
namespace {

// Only finds a hang.
constexpr std::chrono::seconds kAwaitLimit(60);

constexpr std::array<const char*, kSeamOperations> kNames = {
    "open",  "create",    "pread",     "pwrite",    "fstat",     "fstatat",  "fchmod",
    "close", "rename",    "unlink",    "fgetxattr", "fsetxattr", "fstatvfs", "fchmodat",
    "mkdir", "ftruncate", "fdatasync", "fsync",     "dioalign",  "mincore"};

}  // namespace

void Seam::Hold(SeamOperation operation) {
  std::lock_guard lock(mutex_);
  hold_[static_cast<size_t>(operation)] = true;
}

void Seam::Hold(SeamOperation operation, int nth_call) {
  std::lock_guard lock(mutex_);
  faults_.push_back({Kind::kHold, operation, nth_call, 0, 0});
}

void Seam::Release() {
  std::lock_guard lock(mutex_);
  LetGo();
}

void Seam::LetGo() {
  hold_.fill(false);
  held_ = 0;
  ++releases_;
  changed_.notify_all();
}

bool Seam::AwaitHeld(int calls) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kAwaitLimit, [&] { return held_ >= calls; });
}

int Seam::held() {
  std::lock_guard lock(mutex_);
  return held_;
}

int Seam::inside() {
  std::lock_guard lock(mutex_);
  return inside_;
}

int Seam::peak_inside() {
  std::lock_guard lock(mutex_);
  return peak_inside_;
}

void Seam::Fail(SeamOperation operation, int nth_call, int error) {
  std::lock_guard lock(mutex_);
  faults_.push_back({Kind::kFail, operation, nth_call, error, 0});
}

void Seam::Shorten(SeamOperation operation, int nth_call, int bytes) {
  std::lock_guard lock(mutex_);
  faults_.push_back({Kind::kShorten, operation, nth_call, 0, bytes});
}

bool Seam::has_faults() {
  std::lock_guard lock(mutex_);
  return !faults_.empty();
}

int Seam::fired() {
  std::lock_guard lock(mutex_);
  return fired_;
}

void Seam::CountFired() {
  std::lock_guard lock(mutex_);
  ++fired_;
}

void Seam::SetDioAlign(uint32_t memory, uint32_t offset) {
  std::lock_guard lock(mutex_);
  dio_align_ = DioAlign{true, memory, offset};
}

void Seam::SetResidentPages(int64_t pages) {
  std::lock_guard lock(mutex_);
  resident_pages_ = pages;
}

std::optional<DioAlign> Seam::dio_align() {
  std::lock_guard lock(mutex_);
  return dio_align_;
}

std::optional<int64_t> Seam::resident_pages() {
  std::lock_guard lock(mutex_);
  return resident_pages_;
}

void Seam::StartTrace() {
  std::lock_guard lock(mutex_);
  trace_.clear();
  tracing_ = true;
}

std::vector<std::string> Seam::TakeTrace() {
  std::lock_guard lock(mutex_);
  tracing_ = false;
  return std::exchange(trace_, {});
}

void Seam::Reset() {
  std::lock_guard lock(mutex_);
  LetGo();
  faults_.clear();
  fired_ = 0;
  trace_.clear();
  tracing_ = false;
  dio_align_.reset();
  resident_pages_.reset();
  peak_inside_ = inside_;
}

Seam::Verdict Seam::Enter(SeamOperation operation, const std::string& details) {
  std::unique_lock lock(mutex_);
  if (tracing_) {
    trace_.push_back(kNames[static_cast<size_t>(operation)] + details);
  }
  peak_inside_ = std::max(peak_inside_, ++inside_);
  if (TakeHolds(operation) || hold_[static_cast<size_t>(operation)]) {
    // Counted by releases: what is held now goes, even if the next hold comes before it wakes.
    const uint64_t release = releases_;
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return releases_ != release; });
  }
  return TakeFaults(operation);
}

void Seam::Leave() {
  std::lock_guard lock(mutex_);
  --inside_;
}

// Counts the call for all faults of the kinds that are wanted, and takes those whose turn it is.
template <typename Wanted, typename Take>
void Seam::TakeDue(SeamOperation operation, Wanted wanted, Take take) {
  for (auto fault = faults_.begin(); fault != faults_.end();) {
    if (fault->operation != operation || !wanted(fault->kind) || --fault->calls_left > 0) {
      ++fault;
      continue;
    }
    take(*fault);
    fault = faults_.erase(fault);
  }
}

bool Seam::TakeHolds(SeamOperation operation) {
  bool held = false;
  TakeDue(
      operation, [](Kind kind) { return kind == Kind::kHold; },
      [&](const Fault&) {
        held = true;
        ++fired_;
      });
  return held;
}

Seam::Verdict Seam::TakeFaults(SeamOperation operation) {
  Verdict verdict;
  TakeDue(
      operation, [](Kind kind) { return kind != Kind::kHold; },
      [&](const Fault& fault) {
        if (fault.kind == Kind::kFail) {
          verdict.error = fault.error;
          ++fired_;
        } else {
          verdict.max_bytes = fault.max_bytes;
        }
      });
  return verdict;
}

template <typename Call>
auto SeamFileOps::Through(SeamOperation operation, Call call, const std::string& details) {
  const Seam::Verdict verdict = seam_->Enter(operation, details);
  const decltype(call()) result = verdict.error != 0 ? -verdict.error : call();
  seam_->Leave();
  return result;
}

template <typename Call, typename Undo>
int64_t SeamFileOps::MoveThrough(SeamOperation operation, int fd, size_t size, int64_t offset,
                                 Call call, Undo undo) {
  const Seam::Verdict verdict =
      seam_->Enter(operation, " " + std::to_string(size) + "@" + std::to_string(offset));
  int64_t result = -verdict.error;
  if (verdict.error == 0) {
    const auto most = static_cast<size_t>(verdict.max_bytes.value_or(INT64_MAX));
    // With O_DIRECT the kernel takes whole units only: what is too much is undone.
    const size_t piece = most < size ? std::min(size, RoundedUp(fd, most)) : size;
    result = call(piece);
    if (result > static_cast<int64_t>(most) ||
        (piece < size && result == static_cast<int64_t>(piece))) {
      seam_->CountFired();
    }
    if (result > static_cast<int64_t>(most)) {
      undo(most, static_cast<size_t>(result) - most);
      result = static_cast<int64_t>(most);
    }
  }
  seam_->Leave();
  return result;
}

size_t SeamFileOps::RoundedUp(int fd, size_t bytes) {
  DioAlign align;
  if ((::fcntl(fd, F_GETFL) & O_DIRECT) == 0 || kernel_.StatDioAlign(fd, &align) < 0 ||
      !align.answered || align.offset == 0) {
    return bytes;
  }
  return (bytes + align.offset - 1) / align.offset * align.offset;
}

int SeamFileOps::OpenAt(int directory, const char* name, int flags, mode_t mode) {
  const SeamOperation operation =
      (flags & O_CREAT) != 0 ? SeamOperation::kCreate : SeamOperation::kOpen;
  return Through(
      operation, [&] { return kernel_.OpenAt(directory, name, flags, mode); },
      (flags & O_DIRECT) != 0 ? " direct" : "");
}

int SeamFileOps::FStat(int fd, struct stat* out) {
  return Through(SeamOperation::kFStat, [&] { return kernel_.FStat(fd, out); });
}

int SeamFileOps::FStatAt(int directory, const char* name, struct stat* out) {
  return Through(SeamOperation::kFStatAt, [&] { return kernel_.FStatAt(directory, name, out); });
}

int64_t SeamFileOps::PRead(int fd, void* data, size_t size, int64_t offset) {
  return MoveThrough(
      SeamOperation::kPRead, fd, size, offset,
      [&](size_t piece) { return kernel_.PRead(fd, data, piece, offset); },
      [&](size_t from, size_t bytes) {
        std::memset(static_cast<char*>(data) + from, 0xEE, bytes);
      });
}

int64_t SeamFileOps::PWrite(int fd, const void* data, size_t size, int64_t offset) {
  return MoveThrough(
      SeamOperation::kPWrite, fd, size, offset,
      [&](size_t piece) { return kernel_.PWrite(fd, data, piece, offset); },
      [&](size_t from, size_t) { kernel_.FTruncate(fd, offset + static_cast<int64_t>(from)); });
}

int SeamFileOps::FStatVfs(int fd, struct statvfs* out) {
  return Through(SeamOperation::kFStatVfs, [&] { return kernel_.FStatVfs(fd, out); });
}

int64_t SeamFileOps::FGetXattr(int fd, const char* name, void* buffer, size_t size) {
  return Through(SeamOperation::kFGetXattr,
                 [&] { return kernel_.FGetXattr(fd, name, buffer, size); });
}

int SeamFileOps::FSetXattr(int fd, const char* name, const void* buffer, size_t size) {
  return Through(SeamOperation::kFSetXattr,
                 [&] { return kernel_.FSetXattr(fd, name, buffer, size); });
}

int SeamFileOps::FChmod(int fd, mode_t mode) {
  return Through(SeamOperation::kFChmod, [&] { return kernel_.FChmod(fd, mode); });
}

int SeamFileOps::FChmodAt(int directory, const char* name, mode_t mode) {
  return Through(SeamOperation::kFChmodAt, [&] { return kernel_.FChmodAt(directory, name, mode); });
}

int SeamFileOps::Close(int fd) {
  const Seam::Verdict verdict = seam_->Enter(SeamOperation::kClose);
  const int result = kernel_.Close(fd);
  seam_->Leave();
  return verdict.error != 0 ? -verdict.error : result;
}

int SeamFileOps::RenameAt(int from_directory, const char* from, int to_directory, const char* to) {
  return Through(SeamOperation::kRename,
                 [&] { return kernel_.RenameAt(from_directory, from, to_directory, to); });
}

int SeamFileOps::UnlinkAt(int directory, const char* name) {
  return Through(SeamOperation::kUnlink, [&] { return kernel_.UnlinkAt(directory, name); });
}

int SeamFileOps::MkdirAt(int directory, const char* name, mode_t mode) {
  return Through(SeamOperation::kMkdir, [&] { return kernel_.MkdirAt(directory, name, mode); });
}

int SeamFileOps::FTruncate(int fd, int64_t size) {
  return Through(SeamOperation::kFTruncate, [&] { return kernel_.FTruncate(fd, size); });
}

int SeamFileOps::FDataSync(int fd) {
  return Through(SeamOperation::kFDataSync, [&] { return kernel_.FDataSync(fd); });
}

int SeamFileOps::FSync(int fd) {
  return Through(SeamOperation::kFSync, [&] { return kernel_.FSync(fd); });
}

int SeamFileOps::StatDioAlign(int fd, DioAlign* out) {
  return Through(SeamOperation::kDioAlign, [&] {
    const std::optional<DioAlign> answer = seam_->dio_align();
    if (answer) {
      *out = *answer;
      return 0;
    }
    return kernel_.StatDioAlign(fd, out);
  });
}

int64_t SeamFileOps::MinCore(int fd, int64_t size) {
  return Through(SeamOperation::kMinCore, [&]() -> int64_t {
    const std::optional<int64_t> answer = seam_->resident_pages();
    return answer ? *answer : kernel_.MinCore(fd, size);
  });
}

}  // namespace lmcache

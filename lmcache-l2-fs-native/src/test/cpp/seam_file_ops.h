// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_SEAM_FILE_OPS_H_
#define LMCACHE_SEAM_FILE_OPS_H_

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "file_ops.h"

namespace lmcache {

// The operations of the seam. The numbers are shared with the tests in Java.
enum class SeamOperation : uint8_t {
  kOpen = 0,    // openat without O_CREAT: a read, or a directory when a client is opened
  kCreate = 1,  // openat with O_CREAT: a staging file
  kPRead = 2,
  kPWrite = 3,
  kFStat = 4,
  kFStatAt = 5,
  kFChmod = 6,
  kClose = 7,
  kRename = 8,
  kUnlink = 9,
  kFGetXattr = 10,
  kFSetXattr = 11,
  kFStatVfs = 12,
  kFChmodAt = 13,
  kMkdir = 14,
  kFTruncate = 15,
  kFDataSync = 16,
  kFSync = 17,
  kDioAlign = 18,
  kMinCore = 19,
};
constexpr int kSeamOperations = 20;

// What a test wants to happen to file operations, and what it can see of them.
//
// A call that comes through the seam is first counted as inside, then held if its operation is
// held, then made to fail or cut short if a fault says so, else passed on. Faults are told by
// operation and call: the n-th call from the moment the fault was set, 1 being the next one.
//
// Threads: any. One mutex guards everything. AwaitHeld waits for other threads to come, a minute at
// most: nothing could end that wait from outside, no interrupt in Java either. A held call stays
// until Release or Reset, and a fault that is set meanwhile can be its own.
class Seam {
 public:
  Seam() = default;
  Seam(const Seam&) = delete;
  Seam& operator=(const Seam&) = delete;

  // From now on calls of that operation stop inside.
  void Hold(SeamOperation operation);
  // The n-th call stops inside.
  void Hold(SeamOperation operation, int nth_call);
  // All that are held go on, and no operation is held any more; but a single call that was to be
  // held and has not come yet will be.
  void Release();
  // Waits until at least that many calls are held at the same time. False if something hangs.
  [[nodiscard]] bool AwaitHeld(int calls);
  int held();

  // Calls inside now, and the most there were at the same time since the last Reset.
  int inside();
  int peak_inside();

  // The n-th call does nothing and returns -error. A close that fails does close.
  void Fail(SeamOperation operation, int nth_call, int error);
  // The n-th read or write moves at most that many bytes.
  void Shorten(SeamOperation operation, int nth_call, int bytes);
  // Whether a fault that was set has not come up yet.
  bool has_faults();
  // How many came up since the last Reset and made a difference: a transfer that was to be cut
  // short and was not longer anyway is none.
  int fired();

  // From now on files are said to want these alignments, zeros meaning no direct I/O at all.
  void SetDioAlign(uint32_t memory, uint32_t offset);
  // From now on that many pages of any file are said to be in the page cache.
  void SetResidentPages(int64_t pages);

  // From now on each call is written down: its name, after it " direct" if a file was opened so, or
  // for reads and writes " <size>@<offset>" as they were asked for.
  void StartTrace();
  // What was written down, and no more of it.
  std::vector<std::string> TakeTrace();

  // Nothing is held or will be, no faults, no trace, no answers of our own, and the peak is what is
  // inside now.
  void Reset();

 private:
  friend class SeamFileOps;

  enum class Kind : uint8_t { kFail, kShorten, kHold };

  struct Fault {
    Kind kind;
    SeamOperation operation;
    int calls_left;
    int error;
    int64_t max_bytes;
  };

  // What the call that has entered is to do: fail, or move at most so many bytes.
  struct Verdict {
    int error = 0;
    std::optional<int64_t> max_bytes;
  };

  Verdict Enter(SeamOperation operation, const std::string& details = "");
  void Leave();
  // The following need mutex_.
  Verdict TakeFaults(SeamOperation operation);
  bool TakeHolds(SeamOperation operation);
  template <typename Wanted, typename Take>
  void TakeDue(SeamOperation operation, Wanted wanted, Take take);
  void LetGo();

  void CountFired();
  std::optional<DioAlign> dio_align();
  std::optional<int64_t> resident_pages();

  std::mutex mutex_;
  std::condition_variable changed_;
  // All below are guarded by mutex_.
  std::array<bool, kSeamOperations> hold_{};
  std::vector<Fault> faults_;
  int fired_ = 0;
  uint64_t releases_ = 0;
  int held_ = 0;
  int inside_ = 0;
  int peak_inside_ = 0;
  std::optional<DioAlign> dio_align_;
  std::optional<int64_t> resident_pages_;
  bool tracing_ = false;
  std::vector<std::string> trace_;
};

// File operations that go through a seam to the kernel. The seam must outlive this object.
class SeamFileOps final : public FileOps {
 public:
  explicit SeamFileOps(Seam* seam) : seam_(seam) {}

  int OpenAt(int directory, const char* name, int flags, mode_t mode) override;
  int FStat(int fd, struct stat* out) override;
  int FStatAt(int directory, const char* name, struct stat* out) override;
  int FStatVfs(int fd, struct statvfs* out) override;
  int64_t PRead(int fd, void* data, size_t size, int64_t offset) override;
  int64_t PWrite(int fd, const void* data, size_t size, int64_t offset) override;
  int64_t FGetXattr(int fd, const char* name, void* buffer, size_t size) override;
  int FSetXattr(int fd, const char* name, const void* buffer, size_t size) override;
  int FChmod(int fd, mode_t mode) override;
  int FChmodAt(int directory, const char* name, mode_t mode) override;
  int Close(int fd) override;
  int RenameAt(int from_directory, const char* from, int to_directory, const char* to) override;
  int UnlinkAt(int directory, const char* name) override;
  int MkdirAt(int directory, const char* name, mode_t mode) override;
  int FTruncate(int fd, int64_t size) override;
  int FDataSync(int fd) override;
  int FSync(int fd) override;
  int StatDioAlign(int fd, DioAlign* out) override;
  int64_t MinCore(int fd, int64_t size) override;

 private:
  template <typename Call>
  auto Through(SeamOperation operation, Call call, const std::string& details = "");
  template <typename Call, typename Undo>
  int64_t MoveThrough(SeamOperation operation, int fd, size_t size, int64_t offset, Call call,
                      Undo undo);
  size_t RoundedUp(int fd, size_t bytes);

  Seam* const seam_;
  PosixFileOps kernel_;
};

}  // namespace lmcache

#endif  // LMCACHE_SEAM_FILE_OPS_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_PIECE_OPS_H_
#define LMCACHE_PIECE_OPS_H_

#include <fcntl.h>
#include <pthread.h>

#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <utility>

#include "forwarding_file_ops.h"
#include "split_read.h"

namespace lmcache {

// What a test wants to happen to the pieces of split reads, told by their number, and what it can
// see of them. A read belongs to the piece that its offset is in; all writes are one more piece.
//
// Threads: any. One mutex guards everything. AwaitHeld hangs only if nobody comes, and that is a
// failed test.
class PieceSeam {
 public:
  static constexpr int64_t kWrites = -1;

  // From now on calls in that piece stop inside, until Release.
  void Hold(int64_t piece) {
    std::lock_guard lock(mutex_);
    held_.emplace(piece, 0);
  }

  void Release(int64_t piece) {
    std::lock_guard lock(mutex_);
    held_.erase(piece);
    changed_.notify_all();
  }

  void ReleaseAll() {
    std::lock_guard lock(mutex_);
    held_.clear();
    changed_.notify_all();
  }

  // Waits until so many calls are held in that piece.
  void AwaitHeld(int64_t piece, int calls = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_.at(piece) >= calls; });
  }

  // From now on calls in that piece fail. With 0 the next one throws, and those after it do not.
  void Fail(int64_t piece, int error) {
    std::lock_guard lock(mutex_);
    fails_[piece] = error;
  }

  // The same for what goes past the page cache, and 0 is no fault.
  void FailDirect(int64_t piece, int error) {
    std::lock_guard lock(mutex_);
    fails_direct_[piece] = error;
  }

  void Heal() {
    std::lock_guard lock(mutex_);
    fails_.clear();
    fails_direct_.clear();
  }

  // The n-th open from now on throws, 1 being the next.
  void ThrowAtOpen(int nth) {
    std::lock_guard lock(mutex_);
    opens_left_ = nth;
  }

  // What the kernel is to say of offsets with O_DIRECT.
  void SetUnit(int64_t unit) {
    std::lock_guard lock(mutex_);
    unit_ = unit;
  }

  // The pieces in which something has been called, those that were read past the page cache, and
  // those that were read through it; the names of the threads that read, and how many
  // files were opened, each since it was asked for the last time.
  std::set<int64_t> TakeBegun() {
    std::lock_guard lock(mutex_);
    return std::exchange(begun_, {});
  }
  std::set<int64_t> TakeDirect() {
    std::lock_guard lock(mutex_);
    return std::exchange(direct_, {});
  }
  std::set<int64_t> TakeBuffered() {
    std::lock_guard lock(mutex_);
    return std::exchange(buffered_, {});
  }
  std::set<std::string> TakeReaders() {
    std::lock_guard lock(mutex_);
    return std::exchange(readers_, {});
  }
  int TakeOpens() {
    std::lock_guard lock(mutex_);
    return std::exchange(opens_, 0);
  }

 private:
  friend class PieceOps;

  // Returns 0 or -errno, or throws.
  int Enter(int64_t piece, bool direct) {
    char name[16];
    pthread_getname_np(pthread_self(), name, sizeof(name));
    std::unique_lock lock(mutex_);
    begun_.insert(piece);
    if (piece != kWrites) {
      readers_.insert(name);
      (direct ? direct_ : buffered_).insert(piece);
    }
    if (const auto hold = held_.find(piece); hold != held_.end()) {
      ++hold->second;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !held_.contains(piece); });
    }
    if (direct && fails_direct_[piece] != 0) return -fails_direct_[piece];
    const auto failure = fails_.find(piece);
    if (failure == fails_.end()) return 0;
    if (failure->second != 0) return -failure->second;
    fails_.erase(failure);
    throw std::bad_alloc();
  }

  int64_t unit() {
    std::lock_guard lock(mutex_);
    return unit_;
  }

  void Open() {
    std::lock_guard lock(mutex_);
    ++opens_;
    if (opens_left_ > 0 && --opens_left_ == 0) throw std::bad_alloc();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  // All below are guarded by mutex_.
  std::map<int64_t, int> held_;
  std::map<int64_t, int> fails_;
  std::map<int64_t, int> fails_direct_;
  std::set<int64_t> begun_;
  std::set<int64_t> direct_;
  std::set<int64_t> buffered_;
  std::set<std::string> readers_;
  int opens_ = 0;
  int opens_left_ = 0;
  int64_t unit_ = 4096;
};

// The kernel behind a seam, which must outlive this object. Says of every file that direct I/O is
// what it should be.
class PieceOps final : public ForwardingFileOps {
 public:
  explicit PieceOps(PieceSeam* seam) : seam_(seam) {}

  int OpenAt(int directory, const char* name, int flags, mode_t mode) override {
    seam_->Open();
    return ForwardingFileOps::OpenAt(directory, name, flags, mode);
  }
  int64_t PRead(int fd, void* data, size_t size, int64_t offset) override {
    const int error = seam_->Enter(offset / kSegmentBytes, IsDirect(fd));
    return error != 0 ? error : ForwardingFileOps::PRead(fd, data, size, offset);
  }
  int64_t PWrite(int fd, const void* data, size_t size, int64_t offset) override {
    const int error = seam_->Enter(PieceSeam::kWrites, IsDirect(fd));
    return error != 0 ? error : ForwardingFileOps::PWrite(fd, data, size, offset);
  }
  int StatDioAlign(int, DioAlign* out) override {
    *out = {true, 512, static_cast<uint32_t>(seam_->unit())};
    return 0;
  }
  int64_t MinCore(int, int64_t) override { return 0; }

 private:
  static bool IsDirect(int fd) { return (::fcntl(fd, F_GETFL) & O_DIRECT) != 0; }

  PieceSeam* const seam_;
};

}  // namespace lmcache

#endif  // LMCACHE_PIECE_OPS_H_

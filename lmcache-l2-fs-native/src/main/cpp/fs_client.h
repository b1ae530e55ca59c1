// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_FS_CLIENT_H_
#define LMCACHE_FS_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "batch.h"
#include "completion_queue.h"
#include "direct_io.h"
#include "direct_probe.h"
#include "file_ops.h"
#include "file_store.h"
#include "posix_file.h"
#include "status.h"
#include "work_queue.h"
#include "worker_pool.h"

namespace lmcache {

// One directory of objects, the pool of threads that works on it, and the queues to and from them.
//
// Life: Open, then any number of Submit, CancelQueued and counts from any threads while one thread
// drains, then Stop; once a drain has come back empty without needing more words, and no other call
// is under way, the client may be destroyed.
//
// Each accepted batch is drained exactly once. An item that no worker has begun can be cancelled;
// one inside a system call cannot, and completes when the kernel returns, however late. No call but
// Drain and the destructor ever waits for I/O. The first hangs for what is owed only as long as the
// kernel does (see CompletionQueue); the destructor finds the workers asleep if it is called when
// it may be (see WorkerPool).
class FsClient final {
 public:
  struct Options {
    std::string base_path;
    std::string staging_path;       // on the file system of base_path; may be the same
    std::string staging_prefix;     // of the names of staging files; unique to this client
    int workers = 1;                // 1 to WorkerPool::kMaxWorkers
    int readers = 0;                // to WorkerPool::kMaxReaders; 0: the workers read too
    int64_t read_window_bytes = 0;  // see WorkQueue; 0: none
    DirectMode direct = DirectMode::kOff;
    // Its clock is the client's too. Open sets `direct`, and what is awaited.
    FileStore::Options store;
  };

  // Null on failure, and then the reason in `status`. If O_DIRECT is asked for, `finding` tells
  // what the probe found, also on failure; if it could not find out for another reason than want of
  // room, that is a failure, and if O_DIRECT is required, so is all that is not reliable.
  static std::unique_ptr<FsClient> Open(std::unique_ptr<FileOps> ops, const Options& options,
                                        Status* status, DirectFinding* finding = nullptr);

  FsClient(const FsClient&) = delete;
  FsClient& operator=(const FsClient&) = delete;

  // False, and the batch is gone without a trace, once the client is stopped.
  bool Submit(std::unique_ptr<Batch> batch);

  // See CompletionQueue. For one thread at a time.
  Drained Drain(int64_t capacity_words);

  // Every item that no worker has begun completes with kClosed; says how many those were.
  int32_t CancelQueued();

  // Submit refuses from now on. What was accepted is worked off; combine with CancelQueued to be
  // quicker.
  void Stop() { completions_.Stop(); }

  TimePoint Now() const { return now_(); }
  int64_t queued() const { return queue_.queued(); }
  int64_t running() const { return queue_.running(); }
  int64_t reading_bytes() const { return queue_.reading_bytes(); }
  // How many loads have been read in pieces so far.
  int64_t split_loads() const { return split_loads_.load(std::memory_order_relaxed); }
  const StoreCounters& counters() const { return store_.counters(); }
  const DirectCounters& direct_counters() const { return store_.direct_counters(); }
  // What is known of O_DIRECT by now.
  DirectFinding direct_finding() const { return store_.direct_finding(); }
  bool removal_tripped() { return store_.removal_tripped(); }

 private:
  FsClient(std::unique_ptr<FileOps> ops, const Options& options, UniqueFd base, UniqueFd staging,
           UniqueFd event);

  WorkerPool::Executed Execute(const Batch& batch, const Item& item);
  ItemResult Store(const Batch& batch, const Item& item);
  WorkerPool::Executed Load(const Item& item);

  // In this order: each member uses those before it, and the workers go first.
  const std::unique_ptr<FileOps> ops_;
  const Clock now_;
  const UniqueFd base_;
  const UniqueFd staging_;
  std::atomic<int64_t> awaited_{0};  // batches of lookups and loads, until they are drained
  FileStore store_;
  const bool may_split_;  // more than one thread takes loads
  std::atomic<int64_t> split_loads_{0};
  WorkQueue queue_;
  CompletionQueue completions_;
  WorkerPool pool_;
};

}  // namespace lmcache

#endif  // LMCACHE_FS_CLIENT_H_

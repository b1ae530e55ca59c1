// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_WORKER_POOL_H_
#define LMCACHE_WORKER_POOL_H_

#include <pthread.h>

#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "batch.h"
#include "completion_queue.h"
#include "split_read.h"
#include "status.h"
#include "work_queue.h"

namespace lmcache {

// pthread_create, reduced to what the pool needs; replaced in tests. Returns 0 or an errno.
using ThreadStarter = int (*)(pthread_t* thread, void* (*body)(void*), void* argument);
int StartPosixThread(pthread_t* thread, void* (*body)(void*), void* argument);

// Threads lmc-io-0, lmc-io-1, … and readers lmc-read-0, … that take work from a queue, execute it
// and report it.
//
// Whatever the execution of an item does, return or throw, the item is finished exactly once, and
// its thread lives on: nothing that is called leaves a thread by an exception, so none can die
// before it is told to go. An item that becomes a split read is finished by whoever leaves the read
// last. Threads leave when the queue is stopped and empty, not before; they keep all asynchronous
// signals blocked, so handlers of the process never run on them.
//
// Start and Join belong to one thread. The queues belong to the caller and must outlive the pool.
// Why Join cannot hang: the destructor stops the queue first, each thread that sleeps is woken by
// that, and each other one comes back to the queue when the kernel returns; nothing else is waited
// for, not even the other threads of a split read. A call that the kernel never returns from does
// hold up the destructor.
class WorkerPool final {
 public:
  // What executing an item comes to: its result, or a load that is to be read in pieces.
  using Executed = std::variant<ItemResult, std::unique_ptr<SplitRead>>;

  // Does the work of one item, or the beginning of it. May throw anything.
  using Execute = std::function<Executed(const Batch& batch, const Item& item)>;

  static constexpr int kMaxWorkers = 1024;
  static constexpr int kMaxReaders = 1024;

  WorkerPool(WorkQueue* queue, CompletionQueue* completions, Execute execute,
             ThreadStarter start_thread = StartPosixThread);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Stops the queue and waits for the threads.
  ~WorkerPool();

  // Starts all threads, once; readers for a queue that has work for them. If one cannot be started,
  // none is left and the queue is stopped.
  Status Start(int workers, int readers = 0);

 private:
  struct Thread {
    WorkerPool* pool;
    Role role;
    int index;
    pthread_t handle;
  };

  static void* ThreadBody(void* thread);
  Status StartThreads(Role role, int count);
  void Run(Role role);
  void Begin(const WorkItem& item);
  // Takes piece after piece of a load that this thread began.
  void ReadPieces(SplitRead* read);
  void ReadPiece(SplitRead* read, int32_t piece);
  void Leave(SplitRead* read);
  void Finish(const WorkItem& item, const ItemResult& result);
  void StopAndJoin();

  WorkQueue* const queue_;
  CompletionQueue* const completions_;
  const Execute execute_;
  const ThreadStarter start_thread_;
  std::vector<Thread> threads_;
};

}  // namespace lmcache

#endif  // LMCACHE_WORKER_POOL_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_WORKER_POOL_H_
#define LMCACHE_WORKER_POOL_H_

#include <pthread.h>

#include <functional>
#include <vector>

#include "batch.h"
#include "completion_queue.h"
#include "status.h"
#include "work_queue.h"

namespace lmcache {

// pthread_create, reduced to what the pool needs; replaced in tests. Returns 0 or an errno.
using ThreadStarter = int (*)(pthread_t* thread, void* (*body)(void*), void* argument);
int StartPosixThread(pthread_t* thread, void* (*body)(void*), void* argument);

// Threads lmc-io-0, lmc-io-1, … that take items from a queue, execute them and report them.
//
// Whatever the execution of an item does, return or throw, the item is finished exactly once, and
// its worker lives on. Workers leave when the queue is stopped and empty, not before; they keep all
// asynchronous signals blocked, so handlers of the process never run on them.
//
// Start and Join belong to one thread. The queues belong to the caller and must outlive the pool.
// Why Join cannot hang: the destructor stops the queue first, each worker that sleeps is woken by
// that, and each other one comes back to the queue when the kernel returns; nothing else is waited
// for. A call that the kernel never returns from does hold up the destructor.
class WorkerPool final {
 public:
  // Does the work of one item. May throw anything.
  using Execute = std::function<ItemResult(const Batch& batch, const Item& item)>;

  static constexpr int kMaxWorkers = 1024;

  WorkerPool(WorkQueue* queue, CompletionQueue* completions, Execute execute,
             ThreadStarter start_thread = StartPosixThread);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Stops the queue and waits for the workers.
  ~WorkerPool();

  // Starts all workers, once. If one cannot be started, no worker is left and the queue is stopped.
  Status Start(int workers);

 private:
  struct Worker {
    WorkerPool* pool;
    int index;
    pthread_t thread;
  };

  static void* ThreadBody(void* worker);
  void Work();
  ItemResult ExecuteGuarded(const WorkItem& item) noexcept;
  void StopAndJoin();

  WorkQueue* const queue_;
  CompletionQueue* const completions_;
  const Execute execute_;
  const ThreadStarter start_thread_;
  std::vector<Worker> workers_;
};

}  // namespace lmcache

#endif  // LMCACHE_WORKER_POOL_H_

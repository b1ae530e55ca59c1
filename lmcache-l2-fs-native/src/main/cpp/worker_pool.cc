// SPDX-License-Identifier: Apache-2.0
#include "worker_pool.h"

#include <signal.h>

#include <cerrno>
#include <cstdio>
#include <new>
#include <optional>
#include <utility>

namespace lmcache {
namespace {

// While it lives, the calling thread, and so each thread that it starts, has all signals blocked
// but those which the kernel raises for what the thread itself does: blocked, those would kill the
// process without the report that the JVM's handlers write.
class AsynchronousSignalsBlocked {
 public:
  AsynchronousSignalsBlocked() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int synchronous : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) {
      sigdelset(&blocked, synchronous);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  }
  AsynchronousSignalsBlocked(const AsynchronousSignalsBlocked&) = delete;
  AsynchronousSignalsBlocked& operator=(const AsynchronousSignalsBlocked&) = delete;
  ~AsynchronousSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

int StartPosixThread(pthread_t* thread, void* (*body)(void*), void* argument) {
  return pthread_create(thread, nullptr, body, argument);
}

WorkerPool::WorkerPool(WorkQueue* queue, CompletionQueue* completions, Execute execute,
                       ThreadStarter start_thread)
    : queue_(queue),
      completions_(completions),
      execute_(std::move(execute)),
      start_thread_(start_thread) {}

WorkerPool::~WorkerPool() { StopAndJoin(); }

Status WorkerPool::Start(int workers) {
  const AsynchronousSignalsBlocked blocked;
  // The threads point into the vector, so it must never grow.
  workers_.reserve(static_cast<size_t>(workers));
  for (int i = 0; i < workers; ++i) {
    workers_.push_back({this, i, {}});
    Worker& worker = workers_.back();
    const int error = start_thread_(&worker.thread, &WorkerPool::ThreadBody, &worker);
    if (error != 0) {
      workers_.pop_back();
      StopAndJoin();
      return {Step::kThread, error};
    }
  }
  return {};
}

void* WorkerPool::ThreadBody(void* argument) {
  const Worker* const worker = static_cast<Worker*>(argument);
  char name[16];
  std::snprintf(name, sizeof(name), "lmc-io-%d", worker->index);
  pthread_setname_np(pthread_self(), name);
  worker->pool->Work();
  return nullptr;
}

void WorkerPool::Work() {
  while (const std::optional<WorkItem> item = queue_->Pop()) {
    const ItemResult result = ExecuteGuarded(*item);
    // Before the item is reported, so that who has drained everything sees nothing running.
    queue_->Done();
    completions_->Finish(item->batch, item->index, result);
  }
}

ItemResult WorkerPool::ExecuteGuarded(const WorkItem& item) noexcept {
  try {
    return execute_(*item.batch, item.batch->items[static_cast<size_t>(item.index)]);
  } catch (const std::bad_alloc&) {
    return ItemResult::Failed({Step::kInternal, ENOMEM});
  } catch (...) {
    return ItemResult::Failed({Step::kInternal, 0});
  }
}

void WorkerPool::StopAndJoin() {
  queue_->Stop();
  for (const Worker& worker : workers_) {
    pthread_join(worker.thread, nullptr);
  }
  workers_.clear();
}

}  // namespace lmcache

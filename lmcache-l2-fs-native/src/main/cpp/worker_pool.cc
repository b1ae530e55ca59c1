// SPDX-License-Identifier: Apache-2.0
#include "worker_pool.h"

#include <signal.h>

#include <cerrno>
#include <cstdio>
#include <new>
#include <optional>
#include <utility>

#include "thread_slice.h"

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

Slice SliceOf(Operation operation) { return IsAwaited(operation) ? Slice::kShort : Slice::kUsual; }

// What becomes of an item whose execution throws.
template <typename Body>
auto Guarded(Body body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return ItemResult::Failed({Step::kInternal, ENOMEM});
  } catch (...) {
    return ItemResult::Failed({Step::kInternal, 0});
  }
}

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

Status WorkerPool::Start(int workers, int readers) {
  const AsynchronousSignalsBlocked blocked;
  // The threads point into the vector, so it must never grow.
  threads_.reserve(static_cast<size_t>(workers) + static_cast<size_t>(readers));
  Status status = StartThreads(Role::kWorker, workers);
  if (status.ok()) status = StartThreads(Role::kReader, readers);
  if (!status.ok()) StopAndJoin();
  return status;
}

Status WorkerPool::StartThreads(Role role, int count) {
  for (int i = 0; i < count; ++i) {
    threads_.push_back({this, role, i, {}});
    Thread& thread = threads_.back();
    const int error = start_thread_(&thread.handle, &WorkerPool::ThreadBody, &thread);
    if (error != 0) {
      threads_.pop_back();
      return {Step::kThread, error};
    }
  }
  return {};
}

void* WorkerPool::ThreadBody(void* argument) {
  const Thread* const thread = static_cast<Thread*>(argument);
  char name[16];
  const char* const form = thread->role == Role::kReader ? "lmc-read-%d" : "lmc-io-%d";
  std::snprintf(name, sizeof(name), form, thread->index);
  pthread_setname_np(pthread_self(), name);
  thread->pool->Run(thread->role);
  return nullptr;
}

void WorkerPool::Run(Role role) {
  while (const std::optional<Work> work = queue_->Pop(role)) {
    if (const HelpWith* const help = std::get_if<HelpWith>(&*work)) {
      WishForSlice(SliceOf(Operation::kGet));
      ReadPiece(help->read, help->piece);
      Leave(help->read);
    } else {
      Begin(std::get<WorkItem>(*work));
    }
  }
}

void WorkerPool::Begin(const WorkItem& item) {
  WishForSlice(SliceOf(item.batch->operation));
  Executed executed = Guarded([&]() -> Executed {
    return execute_(*item.batch, item.batch->items[static_cast<size_t>(item.index)]);
  });
  if (auto* const split = std::get_if<std::unique_ptr<SplitRead>>(&executed)) {
    (*split)->item = item;
    ReadPieces(split->release());
  } else {
    Finish(item, std::get<ItemResult>(executed));
  }
}

void WorkerPool::ReadPieces(SplitRead* read) {
  for (std::optional<int32_t> piece = queue_->Offer(read); piece; piece = queue_->NextPiece(read)) {
    ReadPiece(read, *piece);
  }
  Leave(read);
}

void WorkerPool::ReadPiece(SplitRead* read, int32_t piece) {
  if (!read->Read(piece)) {
    queue_->Withdraw(read);
  }
}

void WorkerPool::Leave(SplitRead* read) {
  if (!queue_->Leave(read)) {
    return;
  }
  const WorkItem item = read->item;
  const ItemResult result = Guarded([&] {
    const std::unique_ptr<SplitRead> last(read);
    return last->End();
  });
  Finish(item, result);
}

void WorkerPool::Finish(const WorkItem& item, const ItemResult& result) {
  // Before the item is reported, so that who has drained everything sees nothing running.
  queue_->Done(item);
  completions_->Finish(item.batch, item.index, result);
}

void WorkerPool::StopAndJoin() {
  queue_->Stop();
  for (const Thread& thread : threads_) {
    pthread_join(thread.handle, nullptr);
  }
  threads_.clear();
}

}  // namespace lmcache

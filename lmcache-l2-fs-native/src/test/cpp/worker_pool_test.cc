// SPDX-License-Identifier: Apache-2.0
#include "worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "file_ops.h"
#include "test_support.h"

namespace lmcache {
namespace {

class WorkerPoolTest : public testing::Test {
 protected:
  void Submit(std::unique_ptr<Batch> batch) {
    ASSERT_TRUE(completions_.Accept());
    queue_.Push(batch.release());
  }

  // The next complete batch.
  std::unique_ptr<Batch> DrainOne() {
    return std::unique_ptr<Batch>(
        completions_.Drain(ReportWords(kMaxBatchItems)).batches.PopFront());
  }

  PosixFileOps ops_;
  WorkQueue queue_;
  CompletionQueue completions_{UniqueFd(&ops_, ::eventfd(0, EFD_CLOEXEC))};
};

TEST_F(WorkerPoolTest, AnItemThatThrowsIsFinishedAndTheWorkerLivesOn) {
  WorkerPool pool(&queue_, &completions_, [](const Batch&, const Item& item) -> ItemResult {
    const std::string what = item.name;
    if (what == "exception") throw std::runtime_error("thrown by the test");
    if (what == "memory") throw std::bad_alloc();
    if (what == "int") throw 42;
    return ItemResult::Of(Outcome::kDeleted);
  });
  ASSERT_EQ(pool.Start(1), Status{});
  for (int round = 0; round < 3; ++round) {
    Submit(MakeBatch(round, Operation::kRemove, {"exception", "int", "memory", "good"}));
    const std::unique_ptr<Batch> batch = DrainOne();
    EXPECT_EQ(batch->items[0].result, ItemResult::Failed({Step::kInternal, 0}));
    EXPECT_EQ(batch->items[1].result, ItemResult::Failed({Step::kInternal, 0}));
    EXPECT_EQ(batch->items[2].result, ItemResult::Failed({Step::kInternal, ENOMEM}));
    EXPECT_EQ(batch->items[3].result, ItemResult::Of(Outcome::kDeleted));
  }
}

TEST_F(WorkerPoolTest, NothingRunsOnceEverythingIsDrained) {
  WorkerPool pool(&queue_, &completions_,
                  [](const Batch&, const Item&) { return ItemResult::Of(Outcome::kDeleted); });
  ASSERT_EQ(pool.Start(2), Status{});
  for (int round = 0; round < 2000; ++round) {
    Submit(MakeBatch(round, Operation::kRemove, {"a", "b"}));
    DrainOne();
    EXPECT_EQ(queue_.queued(), 0);
    EXPECT_EQ(queue_.running(), 0);
  }
}

TEST_F(WorkerPoolTest, ThreadsHaveNamesAndBlockAsynchronousSignals) {
  constexpr int kWorkers = 3;
  constexpr int kReaders = 2;
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);

  WorkQueue queue({.readers = true, .read_window_bytes = 0});
  std::mutex mutex;
  std::map<std::string, Operation> names;
  std::atomic<int> arrived{0};
  WorkerPool pool(&queue, &completions_, [&](const Batch& batch, const Item&) {
    char name[16];
    EXPECT_EQ(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    for (const int signal :
         {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGALRM, SIGCHLD, SIGUSR1, SIGUSR2}) {
      EXPECT_EQ(sigismember(&mask, signal), 1) << signal;
    }
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
      EXPECT_EQ(sigismember(&mask, signal), 0) << signal;
    }
    {
      std::lock_guard lock(mutex);
      names.emplace(name, batch.operation);
    }
    // Each thread stays until all have come, so that each takes one item.
    arrived.fetch_add(1);
    arrived.notify_all();
    for (int seen = arrived.load(); seen < kWorkers + kReaders; seen = arrived.load()) {
      arrived.wait(seen);
    }
    return ItemResult::Of(Outcome::kDeleted);
  });
  ASSERT_EQ(pool.Start(kWorkers, kReaders), Status{});
  for (Batch* const batch : {MakeBatch(1, Operation::kRemove, {"a", "b", "c"}).release(),
                             MakeBatch(2, Operation::kGet, {"d", "e"}).release()}) {
    ASSERT_TRUE(completions_.Accept());
    queue.Push(batch);
  }
  // A drain may return both.
  for (int drained = 0; drained < 2;) {
    Drained some = completions_.Drain(ReportWords(kMaxBatchItems));
    while (const std::unique_ptr<Batch> batch{some.batches.PopFront()}) ++drained;
  }
  EXPECT_EQ(names, (std::map<std::string, Operation>{{"lmc-io-0", Operation::kRemove},
                                                     {"lmc-io-1", Operation::kRemove},
                                                     {"lmc-io-2", Operation::kRemove},
                                                     {"lmc-read-0", Operation::kGet},
                                                     {"lmc-read-1", Operation::kGet}}));

  sigset_t after;
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  for (int signal = 1; signal < SIGRTMAX; ++signal) {
    EXPECT_EQ(sigismember(&after, signal), sigismember(&before, signal)) << signal;
  }
}

TEST_F(WorkerPoolTest, QueuedItemsAreWorkedOffBeforeThePoolEnds) {
  std::atomic<int> executed{0};
  {
    WorkerPool pool(&queue_, &completions_, [&](const Batch&, const Item&) {
      executed.fetch_add(1);
      return ItemResult::Of(Outcome::kDeleted);
    });
    ASSERT_EQ(pool.Start(2), Status{});
    Submit(MakeBatch(1, Operation::kRemove, std::vector<std::string>(1000, "n")));
  }
  EXPECT_EQ(executed.load(), 1000);
  EXPECT_EQ(DrainOne()->id, 1);
}

// A starter that fails at one thread, and counts those which have come and gone. Plain functions,
// since a starter is one.
std::atomic<int> fails_at{0};
std::atomic<int> threads_started{0};
std::atomic<int> threads_ended{0};

struct ThreadCall {
  void* (*body)(void*);
  void* argument;
};

void* CountedBody(void* raw) {
  const std::unique_ptr<ThreadCall> call(static_cast<ThreadCall*>(raw));
  call->body(call->argument);
  threads_ended.fetch_add(1);
  return nullptr;
}

int FailAtOneThread(pthread_t* thread, void* (*body)(void*), void* argument) {
  if (threads_started.load() == fails_at.load()) {
    return EAGAIN;
  }
  threads_started.fetch_add(1);
  return StartPosixThread(thread, &CountedBody, new ThreadCall{body, argument});
}

TEST_F(WorkerPoolTest, AThreadThatDoesNotStartEndsTheOthersAndIsReported) {
  constexpr int kWorkers = 3;
  constexpr int kReaders = 2;
  for (int failing = 0; failing <= kWorkers + kReaders; ++failing) {
    fails_at = failing;
    threads_started = 0;
    threads_ended = 0;
    WorkQueue queue({.readers = true, .read_window_bytes = 0});
    {
      WorkerPool pool(
          &queue, &completions_,
          [](const Batch&, const Item&) { return ItemResult::Of(Outcome::kDeleted); },
          &FailAtOneThread);
      const bool all = failing == kWorkers + kReaders;
      EXPECT_EQ(pool.Start(kWorkers, kReaders), all ? Status{} : (Status{Step::kThread, EAGAIN}));
      EXPECT_EQ(threads_started.load(), failing);
      EXPECT_EQ(threads_ended.load(), all ? 0 : failing);
    }
    EXPECT_EQ(threads_ended.load(), failing);
  }
}

}  // namespace
}  // namespace lmcache

// SPDX-License-Identifier: Apache-2.0
#include "worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <new>
#include <set>
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
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);

  std::mutex mutex;
  std::set<std::string> names;
  std::atomic<int> arrived{0};
  WorkerPool pool(&queue_, &completions_, [&](const Batch&, const Item&) {
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
      names.insert(name);
    }
    // Each worker stays until all have come, so that each takes one item.
    arrived.fetch_add(1);
    arrived.notify_all();
    for (int seen = arrived.load(); seen < kWorkers; seen = arrived.load()) arrived.wait(seen);
    return ItemResult::Of(Outcome::kDeleted);
  });
  ASSERT_EQ(pool.Start(kWorkers), Status{});
  Submit(MakeBatch(1, Operation::kRemove, {"a", "b", "c"}));
  DrainOne();
  EXPECT_EQ(names, (std::set<std::string>{"lmc-io-0", "lmc-io-1", "lmc-io-2"}));

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

// A starter that fails at the third thread, and counts those which have come and gone. Plain
// functions, since a starter is one.
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

int FailAtThirdThread(pthread_t* thread, void* (*body)(void*), void* argument) {
  if (threads_started.load() == 2) {
    return EAGAIN;
  }
  threads_started.fetch_add(1);
  return StartPosixThread(thread, &CountedBody, new ThreadCall{body, argument});
}

TEST_F(WorkerPoolTest, AThreadThatDoesNotStartEndsTheOthersAndIsReported) {
  threads_started = 0;
  threads_ended = 0;
  WorkerPool pool(
      &queue_, &completions_,
      [](const Batch&, const Item&) { return ItemResult::Of(Outcome::kDeleted); },
      &FailAtThirdThread);
  EXPECT_EQ(pool.Start(4), (Status{Step::kThread, EAGAIN}));
  EXPECT_EQ(threads_started.load(), 2);
  EXPECT_EQ(threads_ended.load(), 2);
}

}  // namespace
}  // namespace lmcache

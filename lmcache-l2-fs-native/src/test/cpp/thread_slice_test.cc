// SPDX-License-Identifier: Apache-2.0
#include "thread_slice.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <thread>

#include "completion_queue.h"
#include "file_ops.h"
#include "test_support.h"
#include "work_queue.h"
#include "worker_pool.h"

namespace lmcache {
namespace {

constexpr uint64_t kShortNanos = 100'000;

// What the kernel says of the calling thread; 0 where it knows of no slices of single threads.
uint64_t SliceNow() {
  uint64_t attributes[6] = {};
  EXPECT_EQ(syscall(SYS_sched_getattr, 0, attributes, sizeof(attributes), 0), 0);
  return attributes[3];
}

// What a thread has that wished for little and had the usual before.
uint64_t BriefFor(uint64_t usual) {
  return usual == 0 || sched_getscheduler(0) != SCHED_OTHER ? usual : kShortNanos;
}

// In a thread of its own, since the wish stays.
template <typename Body>
void InAThread(Body body) {
  std::thread(body).join();
}

TEST(ThreadSliceTest, AWishIsGrantedAndTakenBack) {
  InAThread([] {
    const uint64_t usual = SliceNow();
    const uint64_t brief = BriefFor(usual);
    EXPECT_NE(usual, kShortNanos);
    for (int round = 0; round < 3; ++round) {
      WishForSlice(Slice::kShort);
      EXPECT_EQ(SliceNow(), brief);
      WishForSlice(Slice::kUsual);
      EXPECT_EQ(SliceNow(), usual);
    }
  });
}

TEST(ThreadSliceTest, AThreadDoesNotTakeAfterTheOneThatStartsIt) {
  InAThread([] {
    const uint64_t usual = SliceNow();
    WishForSlice(Slice::kShort);
    InAThread([&] { EXPECT_EQ(SliceNow(), usual); });
  });
}

TEST(ThreadSliceTest, NicenessAndPolicyStay) {
  InAThread([] {
    const int nicer = nice(3);
    WishForSlice(Slice::kShort);
    EXPECT_EQ(nice(0), nicer);
  });
  InAThread([] {
    const sched_param parameter{};
    ASSERT_EQ(sched_setscheduler(0, SCHED_BATCH, &parameter), 0);
    const uint64_t before = SliceNow();
    WishForSlice(Slice::kShort);
    EXPECT_EQ(SliceNow(), before);
    EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH);
  });
}

// The same worker does all, one after another, and takes its wish back for what may wait.
TEST(ThreadSliceTest, LookupsLoadsAndTheDrainWishForLittle) {
  InAThread([] {
    const uint64_t usual = SliceNow();
    const uint64_t brief = BriefFor(usual);
    PosixFileOps ops;
    CompletionQueue completions(UniqueFd(&ops, ::eventfd(0, EFD_CLOEXEC)));
    WorkQueue queue;
    uint64_t seen = 0;
    Slice wished = Slice::kUsual;
    WorkerPool pool(&queue, &completions, [&](const Batch&, const Item&) {
      seen = SliceNow();
      wished = WishedSlice();
      return ItemResult::Of(Outcome::kDeleted);
    });
    ASSERT_EQ(pool.Start(1), Status{});
    const std::map<Operation, uint64_t> expected = {{Operation::kExists, brief},
                                                    {Operation::kGet, brief},
                                                    {Operation::kSet, usual},
                                                    {Operation::kRemove, usual}};
    for (int round = 0; round < 2; ++round) {
      for (const auto& [operation, slice] : expected) {
        ASSERT_TRUE(completions.Accept());
        queue.Push(MakeBatch(round, operation, {"a"}).release());
        Drained drained = completions.Drain(ReportWords(kMaxBatchItems));
        const std::unique_ptr<Batch> batch{drained.batches.PopFront()};
        EXPECT_EQ(seen, slice) << static_cast<int>(operation);
        EXPECT_EQ(wished, IsAwaited(operation) ? Slice::kShort : Slice::kUsual);
      }
    }
    EXPECT_EQ(SliceNow(), brief);
    EXPECT_EQ(WishedSlice(), Slice::kShort);
  });
}

}  // namespace
}  // namespace lmcache

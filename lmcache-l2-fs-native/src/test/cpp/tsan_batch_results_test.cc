// SPDX-License-Identifier: Apache-2.0

// A regression test that says something only under ThreadSanitizer (preset tsan).
//
// The items of one batch are executed by different workers. Each writes the result of its item, and
// for a load the bytes, as plain memory; then it counts the batch down. Only the worker that comes
// to zero takes a lock and passes the batch on. So for the results of all the others the countdown
// itself must order "written" before "read by the drain": release on the way down, acquire for the
// last one. With relaxed ordering every test still passes on x86, while the drain is free to read
// results that are not there yet on a machine with weaker ordering. ThreadSanitizer sees it.
//
//   cmake --preset tsan && cmake --build --preset tsan && ctest --preset tsan -R TsanBatchResults

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <memory>
#include <string>
#include <vector>

#include "completion_queue.h"
#include "file_ops.h"
#include "test_support.h"
#include "work_queue.h"
#include "worker_pool.h"

namespace lmcache {
namespace {

TEST(TsanBatchResultsTest, ResultsOfAllWorkersAreVisibleToTheDrain) {
  constexpr int kItems = 64;
  constexpr int kRounds = 200;
  PosixFileOps ops;
  WorkQueue queue;
  CompletionQueue completions{UniqueFd(&ops, ::eventfd(0, EFD_CLOEXEC))};
  WorkerPool pool(&queue, &completions, [](const Batch& batch, const Item& item) {
    static_cast<char*>(item.data)[0] = static_cast<char>(batch.id);
    return ItemResult::Of(Outcome::kLoaded, item.size);
  });
  ASSERT_EQ(pool.Start(8), Status{});

  std::vector<std::string> buffers(kItems, std::string(1, '?'));
  for (int round = 0; round < kRounds; ++round) {
    auto batch = MakeBatch(round, Operation::kGet, std::vector<std::string>(kItems, "n"));
    for (size_t i = 0; i < kItems; ++i) SetBuffer(&batch->items[i], &buffers[i]);
    ASSERT_TRUE(completions.Accept());
    queue.Push(batch.release());

    Drained drained = completions.Drain(ReportWords(kItems));
    const std::unique_ptr<Batch> done(drained.batches.PopFront());
    for (size_t i = 0; i < kItems; ++i) {
      EXPECT_EQ(done->items[i].result, ItemResult::Of(Outcome::kLoaded, 1));
      EXPECT_EQ(buffers[i][0], static_cast<char>(round));
    }
  }
}

}  // namespace
}  // namespace lmcache

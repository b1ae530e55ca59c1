// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_WORK_QUEUE_SUPPORT_H_
#define LMCACHE_WORK_QUEUE_SUPPORT_H_

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "batch.h"
#include "test_support.h"
#include "work_queue.h"

namespace lmcache {

inline std::unique_ptr<Batch> BatchOf(int64_t id, int count, Priority priority = Priority::kNormal,
                                      Operation operation = Operation::kExists) {
  return MakeBatch(id, operation, std::vector<std::string>(static_cast<size_t>(count), "n"),
                   priority);
}

// A batch of loads of these sizes.
inline std::unique_ptr<Batch> LoadsOf(int64_t id, const std::vector<int64_t>& sizes) {
  auto batch = BatchOf(id, static_cast<int>(sizes.size()), Priority::kNormal, Operation::kGet);
  for (size_t i = 0; i < sizes.size(); ++i) batch->items[i].size = sizes[i];
  return batch;
}

// Takes one item, which must be there. It is running from then on.
inline WorkItem TakeItem(WorkQueue* queue, Role role = Role::kWorker) {
  return std::get<WorkItem>(*queue->Pop(role));
}

// The same, and nothing is done with it.
inline WorkItem PopItem(WorkQueue* queue, Role role = Role::kWorker) {
  const WorkItem item = TakeItem(queue, role);
  queue->Done(item);
  return item;
}

}  // namespace lmcache

#endif  // LMCACHE_WORK_QUEUE_SUPPORT_H_

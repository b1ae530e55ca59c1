// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_DRILL_CLIENT_H_
#define LMCACHE_DRILL_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fs_client.h"

namespace lmcache {

// How long a drill goes on in full: LMCACHE_DRILL_SECONDS, or 0 for a short run that is counted.
int64_t DrillSeconds();

// One of the contents that a drill stores under a name.
std::string DrillContent(const std::string& name, int version, int64_t size);

// A client on real files, the thread that drains it, and the memory of what is under way. Each
// batch is counted when it is accepted and when it is drained, and each loaded object compared with
// every content that was ever stored under its name; a buffer is freed with its batch, so that a
// sanitizer sees whoever touches it later.
//
// Threads: any may submit; one drains. It cannot hang: End stops the client, after which the drain
// ends when everything that was accepted has come.
class DrillClient final {
 public:
  static constexpr int kOutcomes = 13;

  struct Shape {
    int workers = 2;
    int readers = 1;
    int versions = 1;     // contents of a name
    int64_t size = 4096;  // of each
    std::string prefix = ".lmc-drill-";
    Fsync fsync = Fsync::kNone;
    std::string staging = {};  // where staging files go; the directory itself if empty
  };

  DrillClient(const std::string& directory, const Shape& shape);
  ~DrillClient();

  bool ok() const { return client_ != nullptr; }
  FsClient* operator->() { return client_.get(); }

  // False once the client is stopped. `version` only matters for kSet.
  bool Submit(Operation operation, const std::vector<std::string>& names, int version = 0,
              PutMode mode = PutMode::kIfAbsent);

  // Called by the draining thread for each item; to be set before the first submit.
  std::function<void(Operation, const std::string& name, const ItemResult&)> on_result;

  // Stops the client and waits until all that was accepted has come, once.
  void End();

  int64_t accepted() const { return accepted_.load(); }
  int64_t drained() const { return drained_.load(); }
  int64_t count(Outcome outcome) const { return counts_[static_cast<size_t>(outcome)].load(); }
  int64_t wrong() const { return wrong_.load(); }

 private:
  using Memory = std::vector<std::string>;

  void Drain();
  void Check(const Batch& batch);
  bool HoldsAVersion(const Item& item) const;

  const Shape shape_;
  std::unique_ptr<FsClient> client_;
  std::mutex mutex_;
  std::map<int64_t, std::unique_ptr<Memory>> lent_;  // guarded by mutex_
  std::atomic<int64_t> next_id_{1};
  std::atomic<int64_t> accepted_{0};
  std::atomic<int64_t> drained_{0};
  std::atomic<int64_t> wrong_{0};
  std::atomic<int64_t> counts_[kOutcomes] = {};
  std::thread drain_;
};

}  // namespace lmcache

#endif  // LMCACHE_DRILL_CLIENT_H_

// SPDX-License-Identifier: Apache-2.0

// Batches of look-ups or loads through FsClient, one after another, as the JVM makes them, but
// without a JVM: what the same work costs below JNI. Linked with the objects of the library.
//
// Arguments: DIRECTORY WORKERS BATCH exists|get OBJECT_BYTES KEYS SAMPLES SAMPLE_MILLIS. Stores
// KEYS objects in the empty directory, then works through them batch by batch. Prints the
// nanoseconds per key of each sample after the first, one a line.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fs_client.h"

namespace {

using lmcache::Batch;
using lmcache::FsClient;
using lmcache::Item;
using lmcache::Operation;
using lmcache::Outcome;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "client_calls: %s\n", what.c_str());
  std::exit(1);
}

// As long as the names that Java gives.
std::string NameOf(int key) {
  char name[128];
  std::snprintf(name, sizeof name, "lmcache-SEP-bench@0x00000000@0@%064d.data", key);
  return name;
}

// The names and digests of one batch, as a request of Java's has them ready.
struct Request {
  std::string names;
  std::string digests;
  int first = 0;
};

Request RequestOf(int first, int count) {
  Request request;
  request.first = first;
  for (int key = first; key < first + count; ++key) {
    request.names += NameOf(key);
    request.names += '\0';
    std::string digest(sizeof(lmcache::KeyDigest), '\0');
    std::memcpy(digest.data(), &key, sizeof key);
    request.digests += digest;
  }
  return request;
}

class Caller {
 public:
  Caller(FsClient* client, int batch, int64_t object_bytes)
      : client_(client),
        object_bytes_(object_bytes),
        from_(static_cast<size_t>(batch * object_bytes)),
        into_(from_.size(), '\xA5') {
    std::mt19937_64 random(5);
    for (char& byte : from_) byte = static_cast<char>(random());
  }

  // Whether the last loads brought what was stored; objects of a slot hold the same.
  bool Verified() const { return from_ == into_; }

  // Submits, drains, and checks every result.
  void Call(const Request& request, int count, Operation operation, Outcome wanted) {
    auto batch = std::make_unique<Batch>(++id_, operation, lmcache::Priority::kNormal);
    if (!batch->SetNames(request.names, count) || !batch->SetDigests(request.digests)) {
      Fail("a name or a digest is refused");
    }
    if (operation != Operation::kExists) {
      std::vector<char>& memory = operation == Operation::kGet ? into_ : from_;
      for (int i = 0; i < count; ++i) {
        Item& item = batch->items[static_cast<size_t>(i)];
        item.data = memory.data() + i * object_bytes_;
        item.size = object_bytes_;
        item.physical = object_bytes_;
      }
    }
    if (!client_->Submit(std::move(batch))) Fail("the client is stopped");
    lmcache::Drained drained;
    do {
      drained = client_->Drain(lmcache::ReportWords(lmcache::kMaxBatchItems));
    } while (drained.batches.empty());
    const std::unique_ptr<Batch> done(drained.batches.PopFront());
    for (const Item& item : done->items) {
      if (item.result.outcome != wanted) {
        Fail("an outcome is " + std::to_string(static_cast<int>(item.result.outcome)) + ", not " +
             std::to_string(static_cast<int>(wanted)));
      }
    }
  }

 private:
  FsClient* const client_;
  const int64_t object_bytes_;
  std::vector<char> from_;
  std::vector<char> into_;
  int64_t id_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 9) {
    std::fprintf(stderr,
                 "arguments: DIRECTORY WORKERS BATCH exists|get OBJECT_BYTES KEYS SAMPLES "
                 "SAMPLE_MILLIS\n");
    return 2;
  }
  const int count = std::atoi(argv[3]);
  const bool get = std::strcmp(argv[4], "get") == 0;
  const int64_t object_bytes = std::atoll(argv[5]);
  const int keys = std::atoi(argv[6]);
  const int samples = std::atoi(argv[7]);
  const std::chrono::milliseconds sample_time(std::atoi(argv[8]));

  FsClient::Options options;
  options.base_path = argv[1];
  options.staging_path = argv[1];
  options.staging_prefix = ".lmc-calls-";
  options.workers = std::atoi(argv[2]);
  lmcache::Status status;
  const auto client = FsClient::Open(std::make_unique<lmcache::PosixFileOps>(), options, &status);
  if (client == nullptr) Fail("cannot open the directory");

  Caller caller(client.get(), count, object_bytes);
  std::vector<Request> requests;
  for (int first = 0; first + count <= keys; first += count) {
    requests.push_back(RequestOf(first, count));
    caller.Call(requests.back(), count, Operation::kSet, Outcome::kStored);
  }
  const Operation operation = get ? Operation::kGet : Operation::kExists;
  const Outcome wanted = get ? Outcome::kLoaded : Outcome::kFound;
  size_t next = 0;
  for (int sample = 0; sample <= samples; ++sample) {
    int64_t calls = 0;
    const auto began = std::chrono::steady_clock::now();
    auto now = began;
    while (now - began < sample_time) {
      caller.Call(requests[next], count, operation, wanted);
      next = (next + 1) % requests.size();
      ++calls;
      now = std::chrono::steady_clock::now();
    }
    const std::chrono::duration<double, std::nano> took = now - began;
    if (sample > 0) {
      std::printf("%.1f\n", took.count() / static_cast<double>(calls) / count);
    }
  }
  if (get && !caller.Verified()) Fail("what was loaded is not what was stored");
  client->Stop();
  while (!client->Drain(lmcache::ReportWords(lmcache::kMaxBatchItems)).batches.empty()) {
  }
  return 0;
}

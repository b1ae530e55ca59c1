// SPDX-License-Identifier: Apache-2.0

// What takes many threads, many opens or a process of its own, under each preset; with
// LMCACHE_DRILL_SECONDS for as long as that, else short and counted.

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <latch>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "drill_client.h"
#include "test_support.h"

namespace lmcache {
namespace {

constexpr int kKeys = 8;

// The rounds of a short run, and as many more as the time of a full one takes.
class Rounds {
 public:
  explicit Rounds(int64_t at_least) : at_least_(at_least) {}
  bool Next() {
    const bool next = done_ < at_least_ || std::chrono::steady_clock::now() < end_;
    done_ += next ? 1 : 0;
    return next;
  }
  int64_t done() const { return done_; }

 private:
  const int64_t at_least_;
  int64_t done_ = 0;
  const std::chrono::steady_clock::time_point end_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(DrillSeconds());
};

std::vector<std::string> Names(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("key" + std::to_string(i) + ".data");
  return names;
}

std::set<std::string> Staging(const TempDirectory& directory) {
  std::set<std::string> staging;
  for (const std::string& name : directory.Names()) {
    if (name.rfind(".lmc-", 0) == 0) staging.insert(name);
  }
  return staging;
}

int OwnThreads() {
  const std::filesystem::directory_iterator all("/proc/self/task");
  return static_cast<int>(std::distance(std::filesystem::begin(all), std::filesystem::end(all)));
}

// Every kind of request, in an order of its own, until the client is stopped; how many were taken.
int64_t SubmitUntilStopped(DrillClient* client, uint32_t seed) {
  std::mt19937 random(seed);
  int64_t taken = 0;
  while (true) {
    const auto operation = static_cast<Operation>(random() % kOperations);
    const auto mode = random() % 2 == 0 ? PutMode::kIfAbsent : PutMode::kReplace;
    if (!client->Submit(operation, Names(1 + static_cast<int>(random() % kKeys)),
                        static_cast<int>(random() % 2), mode)) {
      return taken;
    }
    ++taken;
    if (random() % 4 == 0) std::this_thread::yield();
  }
}

// Submitters, a drain, a thread that cancels and one that stops meet in as many ways as there are
// rounds: what was accepted comes once, and nothing else does.
TEST(DrillTest, SubmitsRaceTheClose) {
  const TempDirectory directory;
  std::mt19937 random(20261130);
  int64_t closed = 0;
  int64_t worked = 0;
  int64_t taken = 0;
  Rounds rounds(40);
  while (rounds.Next()) {
    DrillClient client(directory.path(), {.versions = 2});
    ASSERT_TRUE(client.ok());
    constexpr int kSubmitters = 4;
    std::latch start(kSubmitters + 1);
    std::atomic<int64_t> submitted{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kSubmitters; ++i) {
      threads.emplace_back([&, seed = static_cast<uint32_t>(random())] {
        start.arrive_and_wait();
        submitted += SubmitUntilStopped(&client, seed);
      });
    }
    start.arrive_and_wait();
    const int64_t until = static_cast<int64_t>(random() % 60);
    while (client.drained() < until) std::this_thread::yield();
    const bool cancels_first = random() % 2 == 0;
    if (cancels_first) client->CancelQueued();
    client->Stop();
    if (!cancels_first) client->CancelQueued();
    for (std::thread& thread : threads) thread.join();
    client->CancelQueued();
    client.End();
    EXPECT_EQ(client.accepted(), submitted.load());
    taken += client.accepted();
    closed += client.count(Outcome::kClosed);
    worked += client.count(Outcome::kStored) + client.count(Outcome::kLoaded) +
              client.count(Outcome::kDeleted) + client.count(Outcome::kFound);
    EXPECT_EQ(client.count(Outcome::kFailed), 0);
    EXPECT_EQ(client.count(Outcome::kCorrupt), 0);
    if (HasFailure()) break;
  }
  EXPECT_EQ(Staging(directory), std::set<std::string>{});
  EXPECT_GT(taken, 10 * rounds.done());
  EXPECT_GT(closed, 0) << "items that a close ended";
  EXPECT_GT(worked, rounds.done()) << "items that had an effect";
  std::cout << rounds.done() << " rounds, " << taken << " batches, " << closed << " items closed, "
            << worked << " had an effect\n";
}

// Two clients, as of two processes, replace, delete and load the same few names.
TEST(DrillTest, TwoClientsOnTheSameNames) {
  const TempDirectory directory;
  Rounds rounds(1500);
  DrillClient one(directory.path(), {.versions = 2, .size = 20'000, .prefix = ".lmc-one-"});
  DrillClient two(directory.path(), {.versions = 2, .size = 20'000, .prefix = ".lmc-two-"});
  ASSERT_TRUE(one.ok() && two.ok());
  std::mt19937 random(7);
  while (rounds.Next()) {
    DrillClient& client = random() % 2 == 0 ? one : two;
    // Two of three rounds store or load, so that there is something to delete.
    const auto operation =
        static_cast<Operation>(std::max<int>(0, static_cast<int>(random() % 6) - 2));
    ASSERT_TRUE(client.Submit(operation, {Names(kKeys)[random() % kKeys]},
                              static_cast<int>(random() % 2), PutMode::kReplace));
    // A bounded number of buffers.
    while (one.accepted() + two.accepted() - one.drained() - two.drained() > 64) {
      std::this_thread::yield();
    }
  }
  one.End();
  two.End();
  for (const DrillClient* client : {&one, &two}) {
    EXPECT_EQ(client->count(Outcome::kFailed), 0);
    EXPECT_EQ(client->count(Outcome::kCorrupt), 0);
    EXPECT_GT(client->count(Outcome::kStored), 100);
    EXPECT_GT(client->count(Outcome::kLoaded), 20);
    EXPECT_GT(client->count(Outcome::kDeleted), 20);
  }
  EXPECT_EQ(Staging(directory), std::set<std::string>{});
}

// With loads under way at every tenth close.
TEST(DrillTest, OpensAndClosesLeaveNothingBehind) {
  const TempDirectory directory;
  const std::vector<std::string> names = Names(kKeys);
  {
    DrillClient client(directory.path(), {});
    ASSERT_TRUE(client.Submit(Operation::kSet, names));
  }
  const int descriptors = OpenDescriptors();
  const int threads = OwnThreads();
  int64_t ended = 0;
  Rounds rounds(200);
  while (rounds.Next()) {
    DrillClient client(directory.path(), {});
    ASSERT_TRUE(client.ok());
    if (rounds.done() % 10 == 0) {
      for (const std::string& name : names) ASSERT_TRUE(client.Submit(Operation::kGet, {name}));
      client->CancelQueued();
    }
    client.End();
    ended += client.count(Outcome::kLoaded) + client.count(Outcome::kClosed);
  }
  EXPECT_EQ(ended, rounds.done() / 10 * kKeys) << "loads that were under way";
  EXPECT_EQ(OpenDescriptors(), descriptors);
  EXPECT_EQ(OwnThreads(), threads);
}

constexpr int64_t kKilledSize = 100'000;
constexpr int64_t kMostKills = 50;

// Stores names without end and says of each that it is stored, a byte for each on the pipe.
[[noreturn]] void StoreAndTell(const std::string& directory, const std::string& staging, int from,
                               int out) {
  // Synced, so that a store takes its time.
  DrillClient client(
      directory,
      {.size = kKilledSize, .prefix = ".lmc-killed-", .fsync = Fsync::kData, .staging = staging});
  client.on_result = [&](Operation, const std::string& name, const ItemResult& result) {
    if (result.outcome == Outcome::kStored) {
      const int number = std::atoi(name.c_str() + 3);
      if (::write(out, &number, sizeof(number)) != sizeof(number)) std::_Exit(2);
    }
  };
  for (int i = from;; ++i) {
    while (client.accepted() - client.drained() > 16) std::this_thread::yield();
    if (!client.Submit(Operation::kSet, {"key" + std::to_string(i) + ".data"})) std::_Exit(3);
  }
}

// Lets the child go on name by name, until it stands still amid a store of another one.
void StopAmidAStore(pid_t child, const TempDirectory& staging, int in, std::set<int>* told) {
  for (int names = 0; names < 300; ++names) {
    int number = 0;
    ASSERT_EQ(::read(in, &number, sizeof(number)), ssize_t{sizeof(number)});
    told->insert(number);
    ASSERT_EQ(::kill(child, SIGSTOP), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
    ASSERT_TRUE(WIFSTOPPED(status)) << status;
    if (!Staging(staging).empty()) return;
    ASSERT_EQ(::kill(child, SIGCONT), 0);
  }
}

TEST(DrillTest, WhatWasToldBeforeAKillIsThere) {
  const TempDirectory directory;
  const TempDirectory staging;
  std::mt19937 random(9);
  std::set<int> told;
  int left_staging = 0;
  Rounds rounds(5);
  while (rounds.done() < kMostKills && rounds.Next()) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const int from = told.empty() ? 0 : *told.rbegin() + 1000;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe_ends[0]);
      StoreAndTell(directory.path(), staging.path(), from, pipe_ends[1]);
    }
    ::close(pipe_ends[1]);
    int number = 0;
    const int64_t until = 20 + static_cast<int64_t>(random() % 40);
    for (int64_t i = 0; i < until; ++i) {
      ASSERT_EQ(::read(pipe_ends[0], &number, sizeof(number)), ssize_t{sizeof(number)});
      told.insert(number);
    }
    StopAmidAStore(child, staging, pipe_ends[0], &told);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    while (::read(pipe_ends[0], &number, sizeof(number)) == ssize_t{sizeof(number)}) {
      told.insert(number);
    }
    ::close(pipe_ends[0]);
    left_staging += Staging(staging).empty() ? 0 : 1;
    // What Java's sweep does, whose locks the dead no longer hold.
    for (const std::string& name : Staging(staging)) ::unlink(staging.PathOf(name).c_str());

    DrillClient client(directory.path(), {.size = kKilledSize});
    for (const int n : told) {
      ASSERT_TRUE(client.Submit(Operation::kGet, {"key" + std::to_string(n) + ".data"}));
      while (client.accepted() - client.drained() > 16) std::this_thread::yield();
    }
    client.End();
    ASSERT_EQ(client.count(Outcome::kLoaded), static_cast<int64_t>(told.size()));
  }
  EXPECT_GE(told.size(), 100u);
  EXPECT_GE(left_staging, 2) << "kills amid a store";
  std::cout << told.size() << " keys told, " << left_staging << " of " << rounds.done()
            << " kills left staging files\n";
}

// Exit code of a child that may not mount; no other is the same.
constexpr int kMayNotMount = 77;

// Mounts a file system of 1 MiB that only this process sees, and that ends with it.
bool MountsASmallDisk(const std::string& directory) {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", directory.c_str(), "tmpfs", 0, "size=1m") == 0;
}

// On a file system of 1 MiB stores fail, and go on once there is room.
void FillAndEmpty(const std::string& directory) {
  const std::vector<std::string> names = Names(24);
  for (const int workers : {1, 8}) {
    std::set<std::string> stored;
    DrillClient client(directory, {.workers = workers, .size = 96 * 1024});
    client.on_result = [&](Operation operation, const std::string& name, const ItemResult& result) {
      if (operation == Operation::kSet && result.outcome == Outcome::kStored) stored.insert(name);
      if (result.outcome == Outcome::kFailed) {
        EXPECT_EQ(result.error, ENOSPC);
      }
    };
    auto settle = [&] {
      while (client.drained() < client.accepted()) std::this_thread::yield();
    };
    ASSERT_TRUE(client.Submit(Operation::kSet, names));
    settle();
    EXPECT_GE(client.count(Outcome::kFailed), 12);
    EXPECT_GE(stored.size(), 6u);
    const size_t first = stored.size();
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      EXPECT_EQ(entry.file_size(), 96u * 1024) << entry.path();
    }
    ASSERT_TRUE(client.Submit(Operation::kRemove, {*stored.begin()}));
    settle();
    ASSERT_TRUE(client.Submit(Operation::kSet, {*stored.begin()}));
    settle();
    ASSERT_TRUE(client.Submit(Operation::kGet, {stored.begin(), stored.end()}));
    settle();
    EXPECT_EQ(client.count(Outcome::kLoaded), static_cast<int64_t>(first));
    EXPECT_EQ(client.count(Outcome::kStored), static_cast<int64_t>(first) + 1);
    ASSERT_TRUE(client.Submit(Operation::kRemove, names));
    client.End();
  }
}

TEST(DrillTest, AFullDiskFailsStoresAndNothingElse) {
  const TempDirectory directory;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!MountsASmallDisk(directory.path())) {
      std::_Exit(errno == EPERM || errno == EACCES ? kMayNotMount : 1);
    }
    FillAndEmpty(directory.path());
    std::_Exit(HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  const bool refused = WIFEXITED(status) && WEXITSTATUS(status) == kMayNotMount;
  if (refused && std::getenv("CI") == nullptr) {
    GTEST_SKIP() << "it needs the right to mount";
  }
  EXPECT_FALSE(refused) << "the child needs the right to mount";
  EXPECT_EQ(status, 0) << "of the child";
}

}  // namespace
}  // namespace lmcache

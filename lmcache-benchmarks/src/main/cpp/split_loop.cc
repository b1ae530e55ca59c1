// SPDX-License-Identifier: Apache-2.0

// Reads one file over and over, each of some threads an equal slice of it, into memory on huge
// pages; the peer of a load that several workers share. Of ours it has nothing but
// the checksum.
//
// Arguments: FILE THREADS PIECE_BYTES CHECKSUM LOADS. A slice is read in pieces of that length (0:
// in one call). CHECKSUM 1 computes the CRC-32C of each piece right after it was read; nothing is
// compared with it.
//
// Prints the nanoseconds of each load after the first two, one a line, then "huge" and how many
// bytes of the memory were on huge pages.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "crc32c.h"

namespace {

constexpr int kWarmup = 2;
constexpr uint64_t kHugePage = 2 << 20;

[[noreturn]] void Fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

char* HugeMemory(size_t size) {
  char* const raw = static_cast<char*>(
      mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (raw == MAP_FAILED) Fail("mmap");
  char* const aligned = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(raw) + kHugePage - 1) &
                                                ~(kHugePage - 1));
  // Only advice; what came of it is printed.
  madvise(aligned, size, MADV_HUGEPAGE);
  std::memset(aligned, 0xA5, size);
  return aligned;
}

uint64_t HugeBytes() {
  std::ifstream smaps("/proc/self/smaps_rollup");
  std::string word;
  while (smaps >> word) {
    if (word == "AnonHugePages:") {
      uint64_t kib = 0;
      smaps >> kib;
      return kib << 10;
    }
  }
  return 0;
}

void ReadSlice(int fd, char* memory, size_t begin, size_t end, size_t piece, bool checksum,
               std::atomic<uint32_t>* sum) {
  for (size_t offset = begin; offset < end;) {
    const size_t want = std::min(end - offset, piece);
    size_t got = 0;
    while (got < want) {
      const ssize_t n =
          pread(fd, memory + offset + got, want - got, static_cast<off_t>(offset + got));
      if (n <= 0) Fail("pread");
      got += static_cast<size_t>(n);
    }
    // Kept, so that the compiler cannot leave the work out.
    if (checksum) {
      sum->fetch_xor(lmcache::Crc32c(0, memory + offset, want), std::memory_order_relaxed);
    }
    offset += want;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "arguments: FILE THREADS PIECE_BYTES CHECKSUM LOADS\n");
    return 2;
  }
  const char* const file = argv[1];
  const int threads = std::atoi(argv[2]);
  const bool checksum = std::atoi(argv[4]) != 0;
  const int loads = std::atoi(argv[5]) + kWarmup;
  struct stat stat_of;
  if (stat(file, &stat_of) != 0) Fail(file);
  const size_t size = static_cast<size_t>(stat_of.st_size);
  const size_t slice = (size + static_cast<size_t>(threads) - 1) / static_cast<size_t>(threads);
  const size_t asked = std::strtoull(argv[3], nullptr, 10);
  const size_t piece = asked == 0 ? slice : asked;
  char* const memory = HugeMemory(size);

  int fd = -1;
  std::atomic<uint32_t> sum{0};
  std::barrier begin(threads + 1);
  std::barrier end(threads + 1);
  std::vector<std::thread> pool;
  for (int t = 0; t < threads; ++t) {
    pool.emplace_back([&, from = std::min(size, slice * static_cast<size_t>(t))] {
      for (int load = 0; load < loads; ++load) {
        begin.arrive_and_wait();
        ReadSlice(fd, memory, from, std::min(size, from + slice), piece, checksum, &sum);
        end.arrive_and_wait();
      }
    });
  }
  for (int load = 0; load < loads; ++load) {
    const auto began = std::chrono::steady_clock::now();
    fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) Fail(file);
    begin.arrive_and_wait();
    end.arrive_and_wait();
    close(fd);
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - began;
    if (load >= kWarmup) std::printf("%" PRId64 "\n", static_cast<int64_t>(took.count()));
  }
  for (std::thread& thread : pool) thread.join();
  std::printf("huge %" PRIu64 "\n", HugeBytes());
  if (sum == 1) std::fprintf(stderr, "a rare sum\n");
  return 0;
}

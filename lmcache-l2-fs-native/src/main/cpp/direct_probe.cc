// SPDX-License-Identifier: Apache-2.0
#include "direct_probe.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "posix_file.h"
#include "staging_file.h"

namespace lmcache {
namespace {

using Reason = DirectFinding::Reason;

// What is moved, at least: of a page that a shorter file fills in part, mincore may not say that it
// is in the page cache.
int64_t PageBytes() { return ::sysconf(_SC_PAGESIZE); }

// More than any file system's unit; a larger answer is taken for nonsense.
constexpr int64_t kMaxAlignment = int64_t{64} << 20;

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};
using AlignedMemory = std::unique_ptr<char, FreeMemory>;

AlignedMemory Allocate(const DirectAlignment& alignment) {
  const auto unit =
      static_cast<size_t>(std::max({alignment.memory, alignment.length, PageBytes()}));
  void* memory = nullptr;
  return AlignedMemory(::posix_memalign(&memory, unit, unit) == 0 ? static_cast<char*>(memory)
                                                                  : nullptr);
}

void Fail(DirectFinding* finding, int error) {
  finding->error = error;
  finding->reason = DirectIo::IsRefusal(error)           ? Reason::kRefused
                    : error == ENOSPC || error == EDQUOT ? Reason::kNoSpace
                                                         : Reason::kFailed;
}

bool IsAlignment(int64_t value) {
  return value > 0 && value <= kMaxAlignment && (value & (value - 1)) == 0;
}

// False with the finding set if that is the end of it.
bool AskAlignment(FileOps* ops, int fd, DirectFinding* finding) {
  DioAlign answer;
  if (ops->StatDioAlign(fd, &answer) < 0 || !answer.answered) {
    return true;
  }
  if (answer.memory == 0 || answer.offset == 0) {
    finding->reason = Reason::kNoDioAlign;
    return false;
  }
  if (!IsAlignment(answer.memory) || !IsAlignment(answer.offset)) {
    // Nobody could keep to it.
    finding->reason = Reason::kRefused;
    finding->error = ERANGE;
    return false;
  }
  finding->alignment = {answer.memory, answer.offset};
  finding->vouched = true;
  return true;
}

// Returns 0 or an errno.
int WriteOnce(FileOps* ops, int fd, const char* data, int64_t size) {
  int64_t count;
  do {
    count = ops->PWrite(fd, data, static_cast<size_t>(size), 0);
  } while (count == -EINTR);
  if (count < 0) {
    return static_cast<int>(-count);
  }
  // So little is cut short only for want of room.
  return count == size ? 0 : ENOSPC;
}

void TryToMove(FileOps* ops, int fd, DirectFinding* finding) {
  const int64_t unit = finding->alignment.length;
  const int64_t size = std::max(unit, PageBytes());
  const AlignedMemory written = Allocate(finding->alignment);
  const AlignedMemory read = Allocate(finding->alignment);
  if (written == nullptr || read == nullptr) {
    Fail(finding, ENOMEM);
    return;
  }
  const auto bytes = static_cast<size_t>(size);
  for (size_t i = 0; i < bytes; ++i) {
    written.get()[i] = static_cast<char>(i * 31 + 7);
  }
  std::memset(read.get(), 0, bytes);
  const int write_error = WriteOnce(ops, fd, written.get(), size);
  if (write_error != 0) {
    Fail(finding, write_error);
    if (finding->reason != Reason::kNoSpace || ops->FTruncate(fd, size) < 0) {
      return;
    }
  }
  Transfer moved = ReadFullyDirect(ops, fd, read.get(), size, size, 0, unit);
  if (moved.error == 0 && write_error == 0 &&
      (moved.bytes != size || std::memcmp(written.get(), read.get(), bytes) != 0)) {
    moved.error = EIO;
  }
  if (moved.error != 0) {
    Fail(finding, moved.error);
    return;
  }
  const int64_t resident = ops->MinCore(fd, size);
  if (resident > 0) {
    finding->reason = Reason::kCached;
  } else if (resident < 0 && write_error == 0) {
    finding->reason = Reason::kUnseen;
    finding->error = static_cast<int>(-resident);
  }
}

}  // namespace

DirectFinding ProbeDirectIo(FileOps* ops, int directory, const std::string& prefix,
                            std::atomic<uint64_t>* counter) {
  DirectFinding finding;
  struct statvfs found;
  if (ops->FStatVfs(directory, &found) == 0) {
    finding.block_size = static_cast<int64_t>(found.f_bsize);
  }
  std::string name;
  UniqueFd file;
  const int error =
      CreateStagingFile(ops, directory, prefix, counter, O_RDWR | O_DIRECT, 0600, &name, &file);
  if (error < 0) {
    Fail(&finding, -error);
    // There may be room for a file but not for its name. Not every file system has such files.
    if (finding.reason != Reason::kNoSpace ||
        OpenFile(ops, directory, ".", O_TMPFILE | O_RDWR | O_DIRECT, 0600, &file) < 0) {
      return finding;
    }
    finding.reason = Reason::kEffective;
    finding.error = 0;
  }
  if (AskAlignment(ops, file.get(), &finding)) {
    TryToMove(ops, file.get(), &finding);
  }
  file.Close();
  if (error == 0) {
    ops->UnlinkAt(directory, name.c_str());
  }
  return finding;
}

}  // namespace lmcache

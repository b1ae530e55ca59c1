// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_FILE_STORE_H_
#define LMCACHE_FILE_STORE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "clock.h"
#include "direct_io.h"
#include "durability.h"
#include "file_ops.h"
#include "guarded_removal.h"
#include "object_attribute.h"
#include "object_load.h"
#include "object_memory.h"
#include "removal_limit.h"
#include "staging_file.h"
#include "status.h"

namespace lmcache {

enum class PutMode : uint8_t { kIfAbsent, kReplace };

// What is on the disk when a put ends; the numbers are shared with Java. With kNone objects survive
// the process and not the machine, with kData an object is whole or absent after power loss, with
// kFull it is there.
enum class Fsync : uint8_t { kNone = 0, kData = 1, kFull = 2 };

// What binds a file to its key. `canonical_key` belongs to the caller; null if the name tells it.
struct KeyMark {
  KeyDigest digest{};
  const char* canonical_key = nullptr;
};

// What a store has found since it was made.
struct StoreCounters {
  std::atomic<int64_t> corrupt{0};
  std::atomic<int64_t> corrupt_kept{0};  // of those, the ones that are still there
  std::atomic<int64_t> unverified{0};    // loaded without an attribute
  std::atomic<int64_t> foreign{0};       // met in an object's place, and left alone
  std::atomic<int64_t> empty{0};         // files without attribute and content
  std::atomic<int64_t> size_mismatch{0};
};

// Objects as files of one directory: the name of the object is the name of the file, its bytes are
// the whole content, and an extended attribute tells length, checksum and key.
//
// A put writes a staging file of its own and renames it over the final name, so a reader gets the
// old object or the new one, whole, and two writers of one name never touch each other's bytes.
// Staging files are named <prefix><counter>.tmp; the prefix must differ between all stores that
// share a directory. After any failure the store unlinks its own staging file and nothing else.
// Else only these are removed: what Remove is asked to, files that are corrupt, and empty ones that
// a crash left. What is no regular file (a symbolic link, say), and files of a newer version of the
// format, are never followed, replaced or removed.
//
// Names are relative paths whose components are never "." or "..". Sub-directories are made when
// the first object needs them. The directory descriptors belong to the caller and must stay open as
// long as the store is used; they may be the same.
//
// Thread-safe. A call blocks as long as the kernel does, and behind another's rename or removal of
// a file (see GuardedRemoval); retries are bounded except after EINTR, and what is not a regular
// file is opened without blocking and never read.
class FileStore {
 public:
  struct Options {
    bool attributes = true;
    bool checksum = true;     // needs attributes
    mode_t file_mode = 0600;  // permission bits, whatever the umask
    mode_t dir_mode = 0700;
    DirectIo::Options direct{};
    int64_t read_ahead = 0;  // see ObjectReader
    Fsync fsync = Fsync::kNone;
    Courtesy courtesy{};
    Clock now = &std::chrono::steady_clock::now;
  };

  FileStore(FileOps* ops, int base_directory, int staging_directory, std::string staging_prefix,
            const Options& options);

  // Of the memory only the object is read, and of its padding what O_DIRECT makes it write.
  //
  // kIfAbsent: a regular file of that size is kAlreadyPresent and no byte moves, unless its
  // attribute is damaged or of another object; all others are replaced. kReplace: always written.
  // Else kStored or kFailed; with kOccupied if something not ours is in the place.
  //
  // With Fsync::kFull also what is kAlreadyPresent is on the disk. A put whose directory could not
  // be synced after the rename fails and takes the object away again; what it replaced is lost.
  ItemResult Put(const char* name, const ObjectMemory& memory, PutMode mode, const KeyMark& mark);

  // kLoaded, kNotFound, kFailed, kSizeMismatch with the size found, or kCorrupt. The bytes of
  // `data` are undefined unless kLoaded.
  //
  // kCorrupt was seen twice, by independent opens of the same unchanged file. It is removed, unless
  // that were too many of late.
  ItemResult Get(const char* name, const ObjectMemory& memory, const KeyDigest& digest);

  // The same in two parts, for who reads the bytes in pieces. True: `load` is to read them, and
  // EndGet says what it came to. False: `result` is the answer. The name must stay until then.
  bool BeginGet(const char* name, const ObjectMemory& memory, const KeyDigest& digest,
                ObjectLoad* load, ItemResult* result);
  ItemResult EndGet(ObjectLoad* load, const LoadSum& sum);

  // kFound with the size, kNotFound (also for what is not a regular file) or kFailed.
  ItemResult Exists(const char* name);

  // kDeleted, kAbsent (also for what is not ours) or kFailed.
  ItemResult Remove(const char* name);

  const StoreCounters& counters() const { return counters_; }
  const DirectCounters& direct_counters() const { return direct_.counters(); }
  DirectFinding direct_finding() const { return direct_.finding(); }

  // Whether corrupt files were kept of late because there were too many.
  bool removal_tripped() { return removal_limit_.tripped(); }

 private:
  // Whether a put has to write, and if not, its result.
  bool MustWrite(const char* name, int64_t size, PutMode mode, const KeyMark& mark,
                 ItemResult* result);
  // Counts and removes a file that is corrupt for sure. False if another one has the name by now.
  bool SettleCorrupt(const char* name, const Reading& reading);
  // Of a file without a byte: only its attribute tells an object from what a crash leaves.
  ItemResult ExistsWithoutBytes(const char* name);
  ItemResult Occupied();
  // Where there was no room for the probe it is made again, by one thread and with no one waiting.
  void SettleDirect();
  // One attempt to write and publish. False if the kernel refused the file that was opened with
  // O_DIRECT: then there is none, and `result` tells why.
  bool Write(const char* name, const ObjectMemory& memory, const KeyMark& mark,
             const DirectPlan& plan, ItemResult* result);
  Status Publish(StagingFile* file, const char* name);
  // Opens the directory first if it is to be synced, which must not fail later.
  Status Rename(StagingFile* file, const char* name, UniqueFd* directory);
  Status MakeDurable(const StagingFile& file, const char* name, const UniqueFd& directory);
  Status MakeDirectories(const char* name);
  // Looks again at what seems corrupt, counts what a reading came to, and removes what must not
  // stay.
  ItemResult Conclude(const LoadTarget& target, Reading reading);
  ItemResult Settle(const char* name, const Reading& reading);

  FileOps* const ops_;
  const int base_directory_;
  const int staging_directory_;
  const std::string staging_prefix_;
  const Options options_;
  DirectIo direct_;
  std::mutex probe_mutex_;  // whoever does not get it at once goes on without
  Durability durability_;
  const ObjectReader reader_;
  GuardedRemoval removal_;
  RemovalLimit removal_limit_;
  StoreCounters counters_;
  std::atomic<uint64_t> staging_counter_{0};
};

}  // namespace lmcache

#endif  // LMCACHE_FILE_STORE_H_

// SPDX-License-Identifier: Apache-2.0

// Java's view of FsClient: checks every argument, converts it, and keeps exceptions on this side.
//
// A handle is the address of an FsClient. Java makes sure that `destroy` comes last and once, that
// no other call is under way then, that one thread drains, and that the arrays it passes for
// answers are not null. The bridge keeps no reference to anything of Java's: the buffers of a batch
// are kept alive over there until the batch has been drained.

#include "jni_bridge.h"

#include <string.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "abi.h"
#include "batch.h"
#include "crc32c.h"
#include "direct_io.h"
#include "direct_probe.h"
#include "fs_client.h"
#include "status.h"

#ifndef LMCACHE_VERSION
#define LMCACHE_VERSION "dev"
#endif

namespace lmcache {
namespace {

// Answers of submit.
constexpr jint kAccepted = 0;
constexpr jint kRefusedStopped = -1;
constexpr jint kRefusedArguments = -2;
constexpr jint kRefusedMemory = -3;

constexpr jint kReplaceFlag = 1;
constexpr jint kDeletesFirstFlag = 2;

// What open is told, word by word.
enum OptionWord : size_t {
  kWorkersWord,
  kReadersWord,
  kReadWindowWord,
  kFlagsWord,
  kFileModeWord,
  kDirModeWord,
  kDirectWord,
  kReadAheadWord,
  kFsyncWord,
  kOptionWords,
};
using OptionWords = std::array<jlong, kOptionWords>;

// Bits of kFlagsWord.
constexpr jlong kAttributesFlag = 1;
constexpr jlong kChecksumFlag = 2;

static_assert(ReportWords(kMaxBatchItems) <= INT32_MAX, "drain answers with an int");

FsClient* ClientOf(jlong handle) { return reinterpret_cast<FsClient*>(handle); }

// Runs `body`; what it throws becomes a java.lang.InternalError.
template <typename Result, typename Body>
Result Guarded(JNIEnv* env, Result on_error, Body body) noexcept {
  const char* message;
  try {
    return body();
  } catch (const std::bad_alloc&) {
    message = "lmcache_fs: out of native memory";
  } catch (...) {
    message = "lmcache_fs: unexpected C++ exception";
  }
  if (const jclass error = env->FindClass("java/lang/InternalError"); error != nullptr) {
    env->ThrowNew(error, message);
  }
  return on_error;
}

// False with a Java exception pending.
bool CopyBytes(JNIEnv* env, jbyteArray from, std::string* to) {
  const jsize length = env->GetArrayLength(from);
  to->resize(static_cast<size_t>(length));
  env->GetByteArrayRegion(from, 0, length, reinterpret_cast<jbyte*>(to->data()));
  return !env->ExceptionCheck();
}

// Writes words into a Java array through a piece of stack, so that no report can be lost for want
// of memory.
class ReportWriter {
 public:
  ReportWriter(JNIEnv* env, jlongArray target) : env_(env), target_(target) {}

  void Write(jlong word) {
    if (pending_ == static_cast<jsize>(piece_.size())) {
      Flush();
    }
    piece_[static_cast<size_t>(pending_++)] = word;
  }

  // Returns the number of words written in all.
  jint Flush() {
    env_->SetLongArrayRegion(target_, flushed_, pending_, piece_.data());
    flushed_ += std::exchange(pending_, 0);
    return flushed_;
  }

 private:
  JNIEnv* const env_;
  const jlongArray target_;
  std::array<jlong, 512> piece_;
  jsize pending_ = 0;
  jsize flushed_ = 0;
};

// Gives each item of a set or get its buffer. False if one is not direct or too small.
bool SetBuffers(JNIEnv* env, jlongArray sizes, jobjectArray buffers, Batch* batch) {
  const jsize count = batch->count();
  if (sizes == nullptr || buffers == nullptr || env->GetArrayLength(sizes) < count ||
      env->GetArrayLength(buffers) < count) {
    return false;
  }
  std::vector<jlong> wanted(static_cast<size_t>(count));
  env->GetLongArrayRegion(sizes, 0, count, wanted.data());
  for (jsize i = 0; i < count; ++i) {
    const jobject buffer = env->GetObjectArrayElement(buffers, i);
    if (env->ExceptionCheck() || buffer == nullptr) {
      return false;
    }
    Item& item = batch->items[static_cast<size_t>(i)];
    item.size = wanted[static_cast<size_t>(i)];
    item.data = env->GetDirectBufferAddress(buffer);
    // -1 if the buffer is not direct.
    item.physical = env->GetDirectBufferCapacity(buffer);
    env->DeleteLocalRef(buffer);
    // An empty buffer may be nowhere.
    if ((item.data == nullptr && item.physical != 0) || item.size < 0 ||
        item.size > item.physical) {
      return false;
    }
  }
  return true;
}

// Gives each item of a set or get the digest of its key, and each item of a set its canonical key
// where there is one. False if they do not belong to such an operation, or are too few or too many.
bool SetMarks(JNIEnv* env, jbyteArray digests, jbyteArray canonical_keys, bool moves_bytes,
              Batch* batch) {
  if (moves_bytes != (digests != nullptr) ||
      (canonical_keys != nullptr && batch->operation != Operation::kSet)) {
    return false;
  }
  std::string bytes;
  if (digests != nullptr && (!CopyBytes(env, digests, &bytes) || !batch->SetDigests(bytes))) {
    return false;
  }
  return canonical_keys == nullptr ||
         (CopyBytes(env, canonical_keys, &bytes) && batch->SetCanonicalKeys(std::move(bytes)));
}

jint SubmitChecked(JNIEnv* env, FsClient* client, jlong id, jint operation, jint flags,
                   jint priority, jlong timeout_nanos, jint count, jbyteArray names,
                   jbyteArray digests, jbyteArray canonical_keys, jlongArray sizes,
                   jobjectArray buffers) {
  if (operation < 0 || operation >= kOperations || priority < 0 || priority >= kPriorities ||
      (flags & ~(kReplaceFlag | kDeletesFirstFlag)) != 0 || count < 1 || count > kMaxBatchItems ||
      names == nullptr) {
    return kRefusedArguments;
  }
  auto batch = std::make_unique<Batch>(id, static_cast<Operation>(operation),
                                       static_cast<Priority>(priority));
  batch->put_mode = (flags & kReplaceFlag) != 0 ? PutMode::kReplace : PutMode::kIfAbsent;
  batch->deletes_first = (flags & kDeletesFirstFlag) != 0;
  batch->deadline = DeadlineAfter(client->Now(), timeout_nanos);

  std::string name_bytes;
  if (!CopyBytes(env, names, &name_bytes) || !batch->SetNames(std::move(name_bytes), count)) {
    return kRefusedArguments;
  }
  const bool moves_bytes =
      batch->operation == Operation::kSet || batch->operation == Operation::kGet;
  if (!SetMarks(env, digests, canonical_keys, moves_bytes, batch.get())) {
    return kRefusedArguments;
  }
  if (moves_bytes && !SetBuffers(env, sizes, buffers, batch.get())) {
    return kRefusedArguments;
  }
  return client->Submit(std::move(batch)) ? kAccepted : kRefusedStopped;
}

jint AbiVersion(JNIEnv*, jclass) { return kAbiVersion; }

jstring LibraryVersion(JNIEnv* env, jclass) { return env->NewStringUTF(LMCACHE_VERSION); }

jstring Crc32cWayText(JNIEnv* env, jclass) {
  return env->NewStringUTF(Crc32cWayName(Crc32cWayHere()));
}

// Both forms come from glibc's tables and do not depend on the locale.
jstring ErrnoString(JNIEnv* env, const char* known, jint error) {
  char unknown[32];
  std::snprintf(unknown, sizeof(unknown), "errno %d", static_cast<int>(error));
  return env->NewStringUTF(known != nullptr ? known : unknown);
}

jstring ErrnoName(JNIEnv* env, jclass, jint error) {
  return ErrnoString(env, strerrorname_np(error), error);
}

jstring ErrnoText(JNIEnv* env, jclass, jint error) {
  return ErrnoString(env, strerrordesc_np(error), error);
}

// False if a word would be another one as an option; narrower ranges are FsClient's to check.
bool ReadOptions(const OptionWords& words, FsClient::Options* options) {
  const auto up_to = [&](OptionWord word, jlong last) {
    return words[word] >= 0 && words[word] <= last;
  };
  if (!up_to(kWorkersWord, INT32_MAX) || !up_to(kReadersWord, INT32_MAX) ||
      !up_to(kFlagsWord, kAttributesFlag | kChecksumFlag) || !up_to(kFileModeWord, INT32_MAX) ||
      !up_to(kDirModeWord, INT32_MAX) ||
      !up_to(kDirectWord, static_cast<jlong>(DirectMode::kRequire)) ||
      !up_to(kFsyncWord, static_cast<jlong>(Fsync::kFull))) {
    return false;
  }
  options->workers = static_cast<int>(words[kWorkersWord]);
  options->readers = static_cast<int>(words[kReadersWord]);
  options->read_window_bytes = words[kReadWindowWord];
  options->store.attributes = (words[kFlagsWord] & kAttributesFlag) != 0;
  options->store.checksum = (words[kFlagsWord] & kChecksumFlag) != 0;
  options->store.file_mode = static_cast<mode_t>(words[kFileModeWord]);
  options->store.dir_mode = static_cast<mode_t>(words[kDirModeWord]);
  options->direct = static_cast<DirectMode>(words[kDirectWord]);
  options->store.read_ahead = words[kReadAheadWord];
  options->store.fsync = static_cast<Fsync>(words[kFsyncWord]);
  return true;
}

jlong Open(JNIEnv* env, jclass, jbyteArray base_path, jbyteArray staging_path,
           jbyteArray staging_prefix, jlongArray option_words, jlongArray opening) {
  return Guarded(env, jlong{0}, [&]() -> jlong {
    OptionWords words;
    env->GetLongArrayRegion(option_words, 0, kOptionWords, words.data());
    FsClient::Options options;
    if (env->ExceptionCheck() || !CopyBytes(env, base_path, &options.base_path) ||
        !CopyBytes(env, staging_path, &options.staging_path) ||
        !CopyBytes(env, staging_prefix, &options.staging_prefix)) {
      return 0;
    }
    Status status{Step::kInternal, EINVAL};
    DirectFinding finding;
    std::unique_ptr<FsClient> client;
    if (ReadOptions(words, &options)) {
      client = FsClient::Open(MakeFileOps(), options, &status, &finding);
    }
    const jlong told[] = {
        status.error,       static_cast<jlong>(status.step), static_cast<jlong>(finding.reason),
        finding.error,      finding.alignment.memory,        finding.alignment.length,
        finding.block_size,
    };
    env->SetLongArrayRegion(opening, 0, static_cast<jsize>(std::size(told)), told);
    return env->ExceptionCheck() ? 0 : reinterpret_cast<jlong>(client.release());
  });
}

jint Submit(JNIEnv* env, jclass, jlong handle, jlong id, jint operation, jint flags, jint priority,
            jlong timeout_nanos, jint count, jbyteArray names, jbyteArray digests,
            jbyteArray canonical_keys, jlongArray sizes, jobjectArray buffers) {
  return Guarded(env, kRefusedMemory, [&]() -> jint {
    try {
      return SubmitChecked(env, ClientOf(handle), id, operation, flags, priority, timeout_nanos,
                           count, names, digests, canonical_keys, sizes, buffers);
    } catch (const std::bad_alloc&) {
      return kRefusedMemory;
    }
  });
}

jint Drain(JNIEnv* env, jclass, jlong handle, jlongArray results) {
  return Guarded(env, jint{0}, [&]() -> jint {
    Drained drained = ClientOf(handle)->Drain(env->GetArrayLength(results));
    if (drained.batches.empty()) {
      return static_cast<jint>(-drained.needed_words);
    }
    ReportWriter report(env, results);
    while (const std::unique_ptr<const Batch> batch{drained.batches.PopFront()}) {
      report.Write(batch->id);
      report.Write(batch->count());
      for (const Item& item : batch->items) {
        report.Write(PackResult(item.result));
        report.Write(item.result.bytes);
      }
    }
    return report.Flush();
  });
}

void Counts(JNIEnv* env, jclass, jlong handle, jlongArray out) {
  FsClient* const client = ClientOf(handle);
  const StoreCounters& found = client->counters();
  const DirectCounters& direct = client->direct_counters();
  const jlong counts[] = {
      client->queued(),
      client->running(),
      found.corrupt.load(std::memory_order_relaxed),
      found.corrupt_kept.load(std::memory_order_relaxed),
      found.unverified.load(std::memory_order_relaxed),
      found.foreign.load(std::memory_order_relaxed),
      found.empty.load(std::memory_order_relaxed),
      found.size_mismatch.load(std::memory_order_relaxed),
      direct.stores.load(std::memory_order_relaxed),
      direct.loads.load(std::memory_order_relaxed),
      direct.fallback_length.load(std::memory_order_relaxed),
      direct.fallback_fs.load(std::memory_order_relaxed),
      direct.fallback_errno.load(std::memory_order_relaxed),
      client->reading_bytes(),
      client->split_loads(),
      client->removal_tripped() ? 1 : 0,
  };
  // A shorter array gets an ArrayIndexOutOfBoundsException.
  env->SetLongArrayRegion(out, 0, static_cast<jsize>(std::size(counts)), counts);
}

jlong Direct(JNIEnv*, jclass, jlong handle) {
  const DirectFinding found = ClientOf(handle)->direct_finding();
  return static_cast<jlong>(found.reason) | static_cast<jlong>(found.error) << 32;
}

jint CancelQueued(JNIEnv* env, jclass, jlong handle) {
  return Guarded(env, jint{0}, [&] { return jint{ClientOf(handle)->CancelQueued()}; });
}

void Stop(JNIEnv* env, jclass, jlong handle) {
  Guarded(env, 0, [&] {
    ClientOf(handle)->Stop();
    return 0;
  });
}

void Destroy(JNIEnv*, jclass, jlong handle) { delete ClientOf(handle); }

// JNI declares the names without const and leaves them alone.
template <typename Function>
JNINativeMethod Method(const char* name, const char* signature, Function* function) {
  return {const_cast<char*>(name), const_cast<char*>(signature), reinterpret_cast<void*>(function)};
}

}  // namespace

jint RegisterNativeCalls(JNIEnv* env) {
  const jclass calls = env->FindClass("io/lmcache/l2/fs/jni/NativeCalls");
  if (calls == nullptr) {
    return JNI_ERR;
  }
  const JNINativeMethod methods[] = {
      Method("abiVersion", "()I", AbiVersion),
      Method("libraryVersion", "()Ljava/lang/String;", LibraryVersion),
      Method("crc32cWay", "()Ljava/lang/String;", Crc32cWayText),
      Method("errnoName", "(I)Ljava/lang/String;", ErrnoName),
      Method("errnoText", "(I)Ljava/lang/String;", ErrnoText),
      Method("open", "([B[B[B[J[J)J", Open),
      Method("submit", "(JJIIIJI[B[B[B[J[Ljava/nio/ByteBuffer;)I", Submit),
      Method("drain", "(J[J)I", Drain),
      Method("counts", "(J[J)V", Counts),
      Method("direct", "(J)J", Direct),
      Method("cancelQueued", "(J)I", CancelQueued),
      Method("stop", "(J)V", Stop),
      Method("destroy", "(J)V", Destroy),
  };
  const jint result = env->RegisterNatives(calls, methods, static_cast<jint>(std::size(methods)));
  env->DeleteLocalRef(calls);
  return result;
}

}  // namespace lmcache

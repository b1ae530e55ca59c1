// SPDX-License-Identifier: Apache-2.0

// What makes the library for tests of the JVM side out of the parts: the product's bridge over file
// operations with a seam, and the class io.lmcache.l2.fs.jni.NativeSeam to steer it. Never
// packaged.

#include <fcntl.h>
#include <jni.h>

#include <cerrno>
#include <iterator>
#include <memory>
#include <string>

#include "file_ops.h"
#include "jni_bridge.h"
#include "posix_file.h"
#include "seam_file_ops.h"

namespace lmcache {
namespace {

// One seam for the process. Set when the library is loaded, before any other call can come, and
// never freed: workers may still be inside it when the process exits.
Seam* process_seam = nullptr;

SeamOperation OperationOf(jint number) { return static_cast<SeamOperation>(number); }

// False, with an IllegalArgumentException pending, for a number that is no operation.
bool CheckOperation(JNIEnv* env, jint number) {
  if (number >= 0 && number < kSeamOperations) {
    return true;
  }
  if (const jclass error = env->FindClass("java/lang/IllegalArgumentException"); error != nullptr) {
    env->ThrowNew(error, "no such operation of the seam");
  }
  return false;
}

void Hold(JNIEnv* env, jclass, jint operation) {
  if (CheckOperation(env, operation)) {
    process_seam->Hold(OperationOf(operation));
  }
}

void HoldNth(JNIEnv* env, jclass, jint operation, jint nth_call) {
  if (CheckOperation(env, operation)) {
    process_seam->Hold(OperationOf(operation), nth_call);
  }
}

void Release(JNIEnv*, jclass) { process_seam->Release(); }

jboolean CameToBeHeld(JNIEnv*, jclass, jint calls) {
  return process_seam->AwaitHeld(calls) ? JNI_TRUE : JNI_FALSE;
}

jint Held(JNIEnv*, jclass) { return process_seam->held(); }

jint Inside(JNIEnv*, jclass) { return process_seam->inside(); }

jint PeakInside(JNIEnv*, jclass) { return process_seam->peak_inside(); }

void Fail(JNIEnv* env, jclass, jint operation, jint nth_call, jint error) {
  if (CheckOperation(env, operation)) {
    process_seam->Fail(OperationOf(operation), nth_call, error);
  }
}

void Shorten(JNIEnv* env, jclass, jint operation, jint nth_call, jint bytes) {
  if (CheckOperation(env, operation)) {
    process_seam->Shorten(OperationOf(operation), nth_call, bytes);
  }
}

void SetDioAlign(JNIEnv*, jclass, jint memory, jint offset) {
  process_seam->SetDioAlign(static_cast<uint32_t>(memory), static_cast<uint32_t>(offset));
}

void SetResidentPages(JNIEnv*, jclass, jlong pages) { process_seam->SetResidentPages(pages); }

void StartTrace(JNIEnv*, jclass) { process_seam->StartTrace(); }

// One call on each line.
jstring TakeTrace(JNIEnv* env, jclass) {
  std::string lines;
  for (const std::string& call : process_seam->TakeTrace()) {
    lines += call + "\n";
  }
  return env->NewStringUTF(lines.c_str());
}

// Of the real file, whatever SetResidentPages said; -errno if it cannot be told.
jlong ResidentPages(JNIEnv* env, jclass, jstring path, jlong size) {
  const char* const name = env->GetStringUTFChars(path, nullptr);
  PosixFileOps kernel;
  UniqueFd file;
  jlong pages = OpenFile(&kernel, AT_FDCWD, name, O_RDONLY, 0, &file);
  env->ReleaseStringUTFChars(path, name);
  if (pages == 0 && size > 0) {
    pages = kernel.MinCore(file.get(), size);
  }
  return pages;
}

// What the kernel says of the real file, whatever SetDioAlign said: the alignment of memory in the
// upper half, that of offsets in the lower one; -errno if it cannot be told, such as -ENODATA.
jlong DioAlignment(JNIEnv* env, jclass, jstring path) {
  const char* const name = env->GetStringUTFChars(path, nullptr);
  PosixFileOps kernel;
  UniqueFd file;
  DioAlign answer;
  jlong result = OpenFile(&kernel, AT_FDCWD, name, O_RDONLY, 0, &file);
  env->ReleaseStringUTFChars(path, name);
  if (result == 0) {
    result = kernel.StatDioAlign(file.get(), &answer);
  }
  if (result == 0 && !answer.answered) {
    result = -ENODATA;
  }
  return result < 0 ? result : int64_t{answer.memory} << 32 | answer.offset;
}

jint Fired(JNIEnv*, jclass) { return process_seam->fired(); }

jboolean HasFaults(JNIEnv*, jclass) { return process_seam->has_faults() ? JNI_TRUE : JNI_FALSE; }

void Reset(JNIEnv*, jclass) { process_seam->Reset(); }

template <typename Function>
JNINativeMethod Method(const char* name, const char* signature, Function* function) {
  return {const_cast<char*>(name), const_cast<char*>(signature), reinterpret_cast<void*>(function)};
}

jint RegisterNativeSeam(JNIEnv* env) {
  const jclass seam = env->FindClass("io/lmcache/l2/fs/jni/NativeSeam");
  if (seam == nullptr) {
    return JNI_ERR;
  }
  const JNINativeMethod methods[] = {
      Method("hold", "(I)V", Hold),
      Method("holdNth", "(II)V", HoldNth),
      Method("release", "()V", Release),
      Method("cameToBeHeld", "(I)Z", CameToBeHeld),
      Method("held", "()I", Held),
      Method("inside", "()I", Inside),
      Method("peakInside", "()I", PeakInside),
      Method("fail", "(III)V", Fail),
      Method("shorten", "(III)V", Shorten),
      Method("setDioAlign", "(II)V", SetDioAlign),
      Method("setResidentPages", "(J)V", SetResidentPages),
      Method("startTrace", "()V", StartTrace),
      Method("takeTrace", "()Ljava/lang/String;", TakeTrace),
      Method("fired", "()I", Fired),
      Method("hasFaults", "()Z", HasFaults),
      Method("dioAlignment", "(Ljava/lang/String;)J", DioAlignment),
      Method("residentPages", "(Ljava/lang/String;J)J", ResidentPages),
      Method("reset", "()V", Reset),
  };
  const jint result = env->RegisterNatives(seam, methods, static_cast<jint>(std::size(methods)));
  env->DeleteLocalRef(seam);
  return result;
}

}  // namespace

std::unique_ptr<FileOps> MakeFileOps() { return std::make_unique<SeamFileOps>(process_seam); }

}  // namespace lmcache

extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  JNIEnv* env = nullptr;
  if (vm->GetEnv(reinterpret_cast<void**>(&env), JNI_VERSION_10) != JNI_OK) {
    return JNI_ERR;
  }
  lmcache::process_seam = new lmcache::Seam;
  if (lmcache::RegisterNativeCalls(env) != JNI_OK || lmcache::RegisterNativeSeam(env) != JNI_OK) {
    return JNI_ERR;
  }
  return JNI_VERSION_10;
}

// SPDX-License-Identifier: Apache-2.0

// What makes the product's library out of the parts: the entry point of the JVM, and the kernel as
// the file operations. The library for tests of the JVM side has a file of its own in this place.

#include <jni.h>

#include <memory>

#include "file_ops.h"
#include "jni_bridge.h"

namespace lmcache {

std::unique_ptr<FileOps> MakeFileOps() { return std::make_unique<PosixFileOps>(); }

}  // namespace lmcache

extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  JNIEnv* env = nullptr;
  if (vm->GetEnv(reinterpret_cast<void**>(&env), JNI_VERSION_10) != JNI_OK) {
    return JNI_ERR;
  }
  return lmcache::RegisterNativeCalls(env) == JNI_OK ? JNI_VERSION_10 : JNI_ERR;
}

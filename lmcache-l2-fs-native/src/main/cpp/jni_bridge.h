// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_JNI_BRIDGE_H_
#define LMCACHE_JNI_BRIDGE_H_

#include <jni.h>

#include <memory>

#include "file_ops.h"

namespace lmcache {

// Binds the native methods of io.lmcache.l2.fs.jni.NativeCalls. JNI_OK, or an error code with a
// Java exception pending.
jint RegisterNativeCalls(JNIEnv* env);

// The file operations of each client opened through the bridge. Not defined here: each library
// that contains the bridge defines it, next to its JNI_OnLoad.
std::unique_ptr<FileOps> MakeFileOps();

}  // namespace lmcache

#endif  // LMCACHE_JNI_BRIDGE_H_

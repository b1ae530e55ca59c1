// SPDX-License-Identifier: Apache-2.0

// A library that refers to one function of glibc 2.34, strongly or weakly: check_library.cmake must
// find both. Nobody calls it.

#include <unistd.h>

#ifdef LMCACHE_WEAK
#define LMCACHE_REFERENCE __attribute__((weak))
#else
#define LMCACHE_REFERENCE
#endif

extern "C" LMCACHE_REFERENCE int dlclose(void* handle);

// getpid is old, and strong in any case: without such a one the linker leaves out libc, and with it
// the versions.
extern "C" __attribute__((visibility("default"))) int JNI_OnLoad() {
  return getpid() + dlclose(nullptr);
}

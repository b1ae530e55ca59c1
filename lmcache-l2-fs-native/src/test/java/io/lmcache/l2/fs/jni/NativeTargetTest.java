// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which build of the library a machine gets. */
final class NativeTargetTest {

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, META-INF/lmcache/native/linux-x86_64/liblmcache_fs.so",
    "Linux, x86_64, META-INF/lmcache/native/linux-x86_64/liblmcache_fs.so",
    "Linux, aarch64, META-INF/lmcache/native/linux-aarch64/liblmcache_fs.so",
    "Mac OS X, aarch64, META-INF/lmcache/native/mac_os_x-aarch64/liblmcache_fs.so",
    "Linux, riscv64, META-INF/lmcache/native/linux-riscv64/liblmcache_fs.so",
    "Linux, ../x, META-INF/lmcache/native/linux-___x/liblmcache_fs.so"
  })
  void isNamedAfterSystemAndArchitecture(String os, String arch, String resource) {
    assertThat(NativeTarget.of(os, arch).resource()).isEqualTo(resource);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JavaFactsTest {

  @TempDir Path dir;

  private Path maps(String library) throws Exception {
    return Files.writeString(dir.resolve("maps"), "7f00-7f01 r-xp 00 fd:00 1 /lib/" + library);
  }

  @Test
  void theLibcIsTheOneThatIsMapped() throws Exception {
    assertThat(JavaFacts.libc(maps("libc.so.6\n"))).contains("glibc");
    assertThat(JavaFacts.libc(maps("ld-musl-x86_64.so.1\n"))).contains("musl");
    assertThat(JavaFacts.libc(maps("libm.so.6\n"))).isEmpty();
    assertThat(JavaFacts.libc(dir.resolve("none"))).isEmpty();
    assertThat(JavaFacts.libc(dir)).isEmpty();
  }

  @Test
  void thisJavaIsKnown() {
    JavaFacts java = JavaFacts.real();

    assertThat(java.version()).isEqualTo(Runtime.version().toString());
    assertThat(Path.of(java.home(), "bin", "java")).isExecutable();
    assertThat(java.arch()).isNotEmpty();
    assertThat(java.nativeAccess().isEmpty()).isEqualTo(Runtime.version().feature() < 24);
  }
}

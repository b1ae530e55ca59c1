// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What could cost a lock that is held, or an owner file that is still needed. */
@EnabledOnOs(OS.LINUX)
final class OwnershipHazardsTest {

  @TempDir Path base;

  private Ownership take(boolean shared) throws IOException {
    return Ownership.take(OwnershipTest.options(base, shared), base);
  }

  @Test
  void anInterruptedThreadTakesNothingAndCostsNobodyTheLock() throws Exception {
    try (OwnershipChild child = new OwnershipChild(base);
        Ownership held = take(true)) {
      int interrupted = 0;
      for (int attempt = 0; attempt < 3; attempt++) {
        Thread.currentThread().interrupt();
        try {
          assertThatThrownBy(() -> take(true)).isInstanceOf(ClosedByInterruptException.class);
        } finally {
          interrupted += Thread.interrupted() ? 1 : 0;
        }
      }
      assertThat(interrupted).isEqualTo(3);
      Thread.currentThread().interrupt();
      assertThat(held.staging().sweep(base)).isZero();
      held.staging().removeDeadOwners();
      assertThat(Thread.interrupted()).isTrue();

      // By name only: to read the files here would cost this process its locks on them.
      try (Stream<Path> files = Files.list(base.resolve(".lmcache"))) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrder("lock", "owner-" + held.owner());
      }
      assertThat(child.ask("take exclusive")).startsWith("refused base_path is in use by pid ");
      assertThat(child.ask("take shared")).startsWith("taken ");
      Path staged = Files.createFile(base.resolve(held.stagingPrefix() + "1.tmp"));
      assertThat(child.ask("sweep")).isEqualTo("swept 0 owners 0");
      assertThat(staged).exists();
    }
  }

  @Test
  void whoGivesBackTwiceGivesBackNobodyElsesPart() throws Exception {
    Path file = Files.createFile(base.resolve("lock"));
    FileLocks.Held first = Objects.requireNonNull(FileLocks.tryTake(file, true, FileLocks.SYSTEM));
    try (FileLocks.Held second = FileLocks.tryTake(file, true, FileLocks.SYSTEM)) {
      assertThat(second).isNotNull();
      first.close();
      first.close();
      assertThat(FileLocks.tryTake(file, false, FileLocks.SYSTEM)).isNull();
    }
    try (FileLocks.Held alone = FileLocks.tryTake(file, false, FileLocks.SYSTEM)) {
      assertThat(alone).isNotNull();
    }
  }

  @Test
  void aSecondClassLoaderIsRefusedAndCostsNobodyTheLock() throws Exception {
    URL[] places = {
      Ownership.class.getProtectionDomain().getCodeSource().getLocation(),
    };
    try (URLClassLoader loader = new OwnClasses(places);
        OwnershipChild child = new OwnershipChild(base)) {
      Class<?> other = loader.loadClass(Ownership.class.getName());
      Class<?> options = loader.loadClass(DirectoryOptions.class.getName());
      assertThat(other).isNotSameAs(Ownership.class);
      Object exclusive =
          options.getMethod("of", Path.class, String.class).invoke(null, base, "fs_java");

      Ownership held = take(false);
      for (int attempt = 0; attempt < 3; attempt++) {
        assertThatThrownBy(
                () -> other.getMethod("take", options, Path.class).invoke(null, exclusive, base))
            .cause()
            .isInstanceOf(IOException.class)
            .hasMessage("base_path is in use by another process; set \"shared\": true in both");
      }
      assertThat(child.ask("take shared")).startsWith("refused ");
      held.close();

      AutoCloseable taken =
          (AutoCloseable)
              other.getMethod("take", options, Path.class).invoke(null, exclusive, base);
      assertThatThrownBy(() -> take(true)).hasMessageStartingWith("base_path is in use by ");
      assertThat(child.ask("take shared")).startsWith("refused ");
      taken.close();
      assertThat(child.ask("take exclusive")).startsWith("taken ");
    }
  }

  /** Loads what is in the given places itself, not through its parent. */
  private static final class OwnClasses extends URLClassLoader {
    OwnClasses(URL[] places) {
      super(places, OwnershipHazardsTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded == null && name.startsWith("io.lmcache.l2.fs.")) {
          loaded = findClass(name);
        }
        return loaded == null ? super.loadClass(name, resolve) : loaded;
      }
    }
  }

  @Test
  void whileAFileCannotBeRemovedItsOwnerFileStays() throws Exception {
    Path meta = Files.createDirectory(base.resolve(".lmcache"));
    Path tmp = Files.createDirectory(base.resolve("tmp"));
    UUID dead = UUID.randomUUID();
    Path ownerFile = Files.createFile(meta.resolve("owner-" + dead));
    Path stuck = Files.createFile(tmp.resolve(".lmc-" + dead + "-1.tmp"));
    Path free = Files.createFile(base.resolve(".lmc-" + dead + "-2.tmp"));
    try (Ownership ownership = take(false)) {
      hold(tmp, stuck, true);
      try {
        assertThat(ownership.staging().sweep(tmp)).isZero();
        assertThat(ownership.staging().sweep(base)).isEqualTo(1);
        assertThat(ownership.staging().removeDeadOwners()).isZero();
        assertThat(stuck).exists();
        assertThat(ownerFile).exists();
        assertThat(free).doesNotExist();
      } finally {
        hold(tmp, stuck, false);
      }
      assertThat(ownership.staging().sweep(tmp)).isEqualTo(1);
      assertThat(ownership.staging().removeDeadOwners()).isEqualTo(1);
      assertThat(ownerFile).doesNotExist();
    }
  }

  /** Whom modes do not bind, an immutable file does. */
  private static void hold(Path directory, Path file, boolean hold) throws Exception {
    Files.setPosixFilePermissions(
        directory, PosixFilePermissions.fromString(hold ? "r-xr-xr-x" : "rwxr-xr-x"));
    if ("root".equals(System.getProperty("user.name"))) {
      Process process =
          new ProcessBuilder(List.of("chattr", hold ? "+i" : "-i", file.toString())).start();
      try {
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.exitValue()).as("chattr on %s", file).isZero();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fields whose effect needs a process of its own: modes under a umask, and mounts. */
@Tag("native")
@Tag("seam")
final class FieldEffectProcessTest {

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "000, 0600, 0700, rw-------, rwx------",
    "022, 0600, 0700, rw-------, rwx------",
    "077, 0600, 0700, rw-------, rwx------",
    "000, 0664, 0775, rw-rw-r--, rwxrwxr-x",
    "022, 0664, 0775, rw-rw-r--, rwxrwxr-x",
    "077, 0664, 0775, rw-rw-r--, rwxrwxr-x"
  })
  void modesAreSetWhateverTheUmask(
      String umask, String fileMode, String dirMode, String file, String directory)
      throws Exception {
    List<String> lines =
        run(
            List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"),
            List.of(dir.resolve("base").toString(), "tmp/below", fileMode, dirMode));
    assertThat(lines)
        .as("the modes in status, base_path, two directories each for staging and for names")
        .containsExactlyInAnyOrder(
            "FILE_MODE " + fileMode,
            "DIR_MODE " + dirMode,
            "OBJECT " + file,
            "DIRECTORY " + directory,
            "DIRECTORY " + directory,
            "DIRECTORY " + directory,
            "DIRECTORY " + directory,
            "DIRECTORY " + directory);
  }

  @Test
  void stagingOnAnotherFileSystemIsRefused() throws Exception {
    assumeTrue(mayMount(), "needs root and unshare");
    Path base = dir.resolve("base");
    Files.createDirectories(base.resolve("tmp"));
    String mount = "mount -t tmpfs none " + base.resolve("tmp") + " && exec \"$@\"";
    List<String> lines =
        run(
            List.of("unshare", "-m", "--propagation", "private", "sh", "-c", mount, "sh"),
            List.of(base.toString(), "tmp", "0600", "0700"));
    assertThat(lines)
        .singleElement()
        .asString()
        .startsWith("REFUSED relative_tmp_dir " + base.resolve("tmp"))
        .contains("is on another file system or mount than base_path " + base);
    assertThat(FieldEffects.files(base)).isEmpty();
  }

  /** On a file system whose size is known: what is stored, and what is left up to the limit. */
  @ParameterizedTest
  @CsvSource({"0.5, 0", "0, 0.015625"})
  void limitsOfTheDiskAreTheCapacityToTheByte(double watermark, double minFreeGb) throws Exception {
    assumeTrue(mayMount(), "needs root and unshare");
    long size = 64L << 20;
    String mount = "mount -t tmpfs -o size=" + size + " none " + dir + " && exec \"$@\"";
    List<String> lines =
        ChildJvm.run(
                List.of("unshare", "-m", "--propagation", "private", "sh", "-c", mount, "sh"),
                List.of("-Xmx128m"),
                DiskLimitsMain.class,
                List.of(
                    dir.resolve("base").toString(),
                    Double.toString(watermark),
                    Double.toString(minFreeGb)))
            .lines()
            .toList();
    assertThat(lines).hasSize(2);
    for (int i = 0; i < lines.size(); i++) {
      List<Long> figures = Stream.of(lines.get(i).split(" ")).map(Long::valueOf).toList();
      long stored = figures.get(1);
      long available = figures.get(3);
      assertThat(stored).isEqualTo((3L + i) << 20);
      assertThat(figures.get(2)).as("size of the file system").isEqualTo(size);
      assertThat(available).isBetween(size / 2, size - stored);
      long left =
          watermark > 0
              ? (long) (watermark * size) - (size - available)
              : available - (long) (minFreeGb * (1L << 30));
      assertThat(figures.get(0)).as("capacity, %s", lines).isEqualTo(stored + left);
    }
  }

  private static List<String> run(List<String> before, List<String> arguments) throws Exception {
    List<String> options = List.of("-Xmx128m", ChildJvm.library());
    return ChildJvm.run(before, options, FieldEffectProcessMain.class, arguments).lines().toList();
  }

  /** In CI it must be possible. */
  private static boolean mayMount() throws Exception {
    return "true".equals(System.getenv("CI"))
        || new ProcessBuilder(
                    "sh",
                    "-c",
                    "test $(id -u) = 0 && unshare -m --propagation private mount -t tmpfs none /mnt")
                .start()
                .waitFor()
            == 0;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where the library is unpacked, and what is said if it cannot be; each in a JVM of its own. What
 * needs mounts, many processes or another jar is tested with the packaged command's.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class NativeLoaderTest {

  @TempDir Path dir;

  private static String probe(String option) throws Exception {
    return ChildJvm.run(List.of(), List.of(option), LoaderProbe.class, List.of()).strip();
  }

  private Path onlyLibrary(Path directory) throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> found = files.toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  @Test
  void unpacksOnceIntoAPrivateDirectoryNamedByContent() throws Exception {
    Path target = dir.resolve("a b/native");
    String said = probe("-Dlmcache.native.dir=" + target);
    Path library = onlyLibrary(target);
    assertThat(said).isEqualTo("loaded " + library + " ENOSPC");
    assertThat(library.getFileName().toString()).matches("liblmcache_fs-[0-9a-f]{64}\\.so");
    assertThat(Files.getPosixFilePermissions(target))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    Object inode = Files.getAttribute(library, "unix:ino");
    assertThat(probe("-Dlmcache.native.dir=" + target)).isEqualTo(said);
    assertThat(Files.getAttribute(onlyLibrary(target), "unix:ino")).isEqualTo(inode);
  }

  @Test
  void aPlantedFileIsReplacedAndNotLoaded() throws Exception {
    Path target = dir.resolve("native");
    probe("-Dlmcache.native.dir=" + target);
    Path library = onlyLibrary(target);
    byte[] genuine = Files.readAllBytes(library);
    byte[] planted = genuine.clone();
    planted[planted.length - 100] ^= 1;
    Files.write(library, planted);
    assertThat(probe("-Dlmcache.native.dir=" + target)).startsWith("loaded " + library);
    assertThat(Files.readAllBytes(library)).isEqualTo(genuine);
  }

  @Test
  void refusesADirectoryThatIsALinkOrOpenToOthersOrSomebodyElses() throws Exception {
    Path real = Files.createDirectory(dir.resolve("real"));
    Path link = Files.createSymbolicLink(dir.resolve("link"), real);
    assertThat(probe("-Dlmcache.native.dir=" + link))
        .startsWith("unavailable ")
        .contains(link.toString(), "links are not followed", "-Dlmcache.native.dir=DIR");
    assertThat(real).isEmptyDirectory();

    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(probe("-Dlmcache.native.dir=" + real)).contains("chmod 700");

    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwx------"));
    if (System.getenv("CI") == null) {
      assumeThat(Files.getAttribute(real, "unix:uid", LinkOption.NOFOLLOW_LINKS))
          .as("only root can give a directory away")
          .isEqualTo(0);
    }
    Files.setAttribute(real, "unix:uid", 12345);
    assertThat(probe("-Dlmcache.native.dir=" + real)).contains("belongs to user 12345");
    Files.setAttribute(real, "unix:uid", 0);
  }

  @Test
  void aNamedLibraryIsTheOnlyOneTried() throws Exception {
    Path missing = dir.resolve("none.so");
    assertThat(probe("-Dlmcache.native.path=" + missing))
        .startsWith("unavailable ")
        .contains("-Dlmcache.native.path names " + missing + ", which is not there")
        .doesNotContain("META-INF");
    Path garbage = Files.writeString(dir.resolve("garbage.so"), "not a library ".repeat(500));
    assertThat(probe("-Dlmcache.native.path=" + garbage))
        .contains(garbage.toString(), "ELF", "use \"type\": \"fs_java\"");
  }

  @Test
  void anEmptyNameIsNotTheCurrentDirectory() throws Exception {
    for (String empty : List.of("", " ")) {
      assertThat(probe("-Dlmcache.native.path=" + empty))
          .startsWith("unavailable ")
          .contains(": -Dlmcache.native.path is empty; name the library, or leave it out; or use")
          .doesNotContain(System.getProperty("user.dir"));
    }
  }

  /** One that is there wherever this test is, that loads, and that has none of the calls. */
  @Test
  void aLibraryOfSomebodyElseIsSaidToBeThat() throws Exception {
    Path other = Path.of(System.getProperty("java.home"), "lib", "libprefs.so");
    assertThat(other).isRegularFile();
    assertThat(probe("-Dlmcache.native.path=" + other))
        .startsWith("unavailable ")
        .contains(
            other + " is not the library of lmcache; name the library of the same build",
            "use \"type\": \"fs_java\"")
        .doesNotContain("abiVersion", "Error");
  }

  /** The texts are those of dlopen, as the JVM hands them on. */
  @Test
  void whatIsKnownOfTheCauseIsSaid() throws Exception {
    Path file = Path.of("/cache/liblmcache_fs.so");
    Path glibc = Files.writeString(dir.resolve("glibc"), "7f r-xp /usr/lib/libc.so.6\n");
    Path musl = Files.writeString(dir.resolve("musl"), "7f r-xp /lib/ld-musl-x86_64.so.1\n");
    LinkageError mapped = new UnsatisfiedLinkError(file + ": failed to map segment");
    LinkageError old = new UnsatisfiedLinkError(file + ": version `GLIBC_2.34' not found");
    LinkageError other = new UnsatisfiedLinkError("libgcc_s.so.1: cannot open shared object file");

    assertThat(NativeLoader.explain(file, mapped, musl))
        .isEqualTo(mapped.getMessage() + " (is the file system mounted noexec?)");
    assertThat(NativeLoader.explain(file, old, glibc))
        .isEqualTo(old.getMessage() + " (the library needs glibc 2.34 or newer)");
    assertThat(NativeLoader.explain(file, other, musl))
        .isEqualTo(
            file + ": " + other.getMessage() + " (this JVM runs on musl, the library needs glibc)");
    assertThat(NativeLoader.explain(file, other, glibc))
        .isEqualTo(NativeLoader.explain(file, other, dir.resolve("none")))
        .isEqualTo(file + ": " + other.getMessage());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged library is unpacked and loaded beside other versions, after a crash, and where
 * somebody has put something in its way; or it is said why not.
 */
@Tag("native")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class LoaderIT {

  @TempDir Path dir;

  private byte[] library;
  private String name;

  /** Where the library goes first, and where it goes if that does not work. */
  private Path cache;

  private Path temporary;

  @BeforeEach
  void prepare() throws Exception {
    library = LoaderRuns.library(Programs.LIB);
    name = LoaderRuns.nameOf(library);
    cache = dir.resolve("home/.cache/lmcache/native");
    Object uid = Files.getAttribute(dir, "unix:uid");
    temporary = Files.createDirectory(dir.resolve("tmp")).resolve("lmcache-native-" + uid);
  }

  private List<String> program(Path jars, String... more) {
    List<String> options = new ArrayList<>();
    options.add("-Duser.home=" + dir.resolve("home"));
    options.add("-Djava.io.tmpdir=" + dir.resolve("tmp"));
    options.addAll(List.of(more));
    return LoaderRuns.program(jars, options.toArray(String[]::new));
  }

  private String says(String... more) throws Exception {
    return LoaderRuns.says(dir, Map.of(), program(Programs.LIB, more));
  }

  private Path makeCache() throws IOException {
    Files.createDirectories(cache);
    return Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwx------"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"other content", "cut short", "a link", "open to others", "of another"})
  void aPlantedFileIsReplacedAndNotLoaded(String kind) throws Exception {
    Path file = makeCache().resolve(name);
    Path elsewhere = Files.write(dir.resolve("elsewhere.so"), library);
    switch (kind) {
      case "other content" -> {
        byte[] other = library.clone();
        other[other.length - 100] ^= 1;
        Files.write(file, other);
      }
      case "cut short" -> Files.write(file, Arrays.copyOf(library, library.length / 2));
      case "a link" -> Files.createSymbolicLink(file, elsewhere);
      default -> Files.write(file, library);
    }
    if (!kind.equals("a link")) {
      String mode = kind.equals("open to others") ? "rwxrw-rw-" : "rwx------";
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
    if (kind.equals("of another")) {
      LoaderRuns.needsRoot();
      Files.setAttribute(file, "unix:uid", 12345);
    }
    Object planted = Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);

    assertThat(says()).isEqualTo("loaded " + file);

    assertThat(file).isRegularFile().hasBinaryContent(library);
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(Files.getAttribute(file, "unix:ino")).isNotEqualTo(planted);
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(Files.getAttribute(dir, "unix:uid"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rwx------");
    assertThat(elsewhere).hasBinaryContent(library);
    assertThat(LoaderRuns.in(cache)).containsExactly(file);
  }

  @Test
  void aDirectoryInThePlaceOfTheFileIsRefused() throws Exception {
    Path inTheWay = Files.createDirectories(makeCache().resolve(name).resolve("full")).getParent();
    assertThat(says("-Dlmcache.native.dir=" + cache))
        .startsWith("unavailable ")
        .contains(inTheWay + ": Is a directory", "use \"type\": \"fs_java\"");
    assertThat(LoaderRuns.in(cache)).containsExactly(inTheWay);
    assertThat(says()).isEqualTo("loaded " + temporary.resolve(name));
  }

  @ParameterizedTest
  @CsvSource({
    "a link, links are not followed",
    "a file, is not a directory",
    "rwxrwx---, chmod 700",
    "rwxr-xr-x, chmod 700",
    "of another, belongs to user 12345"
  })
  void aDirectoryThatIsNotOursAloneIsRefused(String kind, String reason) throws Exception {
    Path real = Files.createDirectory(makeCache().resolveSibling("real"));
    Files.delete(cache);
    switch (kind) {
      case "a link" -> Files.createSymbolicLink(cache, real);
      case "a file" -> Files.createFile(cache);
      case "of another" -> {
        LoaderRuns.needsRoot();
        Files.setAttribute(makeCache(), "unix:uid", 12345);
      }
      default -> Files.setPosixFilePermissions(makeCache(), PosixFilePermissions.fromString(kind));
    }
    assertThat(says("-Dlmcache.native.dir=" + cache))
        .startsWith("unavailable ")
        .contains(cache.toString(), reason, "-Dlmcache.native.dir=DIR", "\"fs_java\"")
        .doesNotContain(temporary.toString());
    assertThat(says()).isEqualTo("loaded " + temporary.resolve(name));
    assertThat(real).isEmptyDirectory();
    if (Files.isDirectory(cache)) {
      assertThat(cache).isEmptyDirectory();
    }
  }

  @Test
  void twoVersionsStandSideBySide() throws Exception {
    byte[] other = Arrays.copyOf(library, library.length + 1);
    Path jars = LoaderRuns.jarsWithLibrary(dir.resolve("jars"), other);
    Path file = cache.resolve(name);
    Path otherFile = cache.resolve(LoaderRuns.nameOf(other));
    for (int i = 0; i < 2; i++) {
      assertThat(says()).isEqualTo("loaded " + file);
      assertThat(LoaderRuns.says(dir, Map.of(), program(jars))).isEqualTo("loaded " + otherFile);
    }
    assertThat(LoaderRuns.in(cache)).containsExactlyInAnyOrder(file, otherFile);
    assertThat(file).hasBinaryContent(library);
    assertThat(otherFile).hasBinaryContent(other);
  }

  /** Removing the file would not help: it is the jar's, byte by byte. */
  @Test
  void aJarOfTwoBuildsIsToldFromAFileOfAnother() throws Exception {
    String properties = "io/lmcache/l2/fs/jni/version.properties";
    Path jars =
        LoaderRuns.jarsWith(
            dir.resolve("jars"), properties, "version=9.8.7\n".getBytes(StandardCharsets.UTF_8));
    assertThat(LoaderRuns.says(dir, Map.of(), program(jars)))
        .startsWith("unavailable ")
        .contains(cache.resolve(name).toString(), "has version ", "this jar has 9.8.7")
        .contains("put together of two builds", "mvn clean", "\"fs_java\"")
        .doesNotContain("remove");

    Path named = Files.write(dir.resolve("named.so"), library);
    assertThat(LoaderRuns.says(dir, Map.of(), program(jars, "-Dlmcache.native.path=" + named)))
        .startsWith("unavailable ")
        .contains(named.toString(), "this jar has 9.8.7", "leave -Dlmcache.native.path out")
        .doesNotContain("mvn clean");
  }

  @ParameterizedTest
  @CsvSource({
    "cancelQueued, cancelQueuex, has another interface than this jar",
    "GLIBC_2., GLIBC_9., the library needs glibc 2.34 or newer"
  })
  void aLibraryThatDoesNotFitSaysInWhat(String from, String to, String reason) throws Exception {
    Path named = Files.write(dir.resolve("named.so"), LoaderRuns.patched(library, from, to));
    assertThat(says("-Dlmcache.native.path=" + named))
        .startsWith("unavailable ")
        .contains(named.toString(), to, reason, "\"fs_java\"");
    assertThat(cache).doesNotExist();
    assertThat(temporary).doesNotExist();
  }

  /** Killed with the file begun, written, or about to get its name. */
  @ParameterizedTest
  @CsvSource({"write, 2", "fsync, 1", "rename, 1"})
  void aProcessKilledWhileUnpackingStopsNobody(String call, int when) throws Exception {
    Needs.program("tracing", "strace", "-o", "/dev/null", "true");
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null"));
    // What the thread writes first is that it is ready.
    command.addAll(List.of("-e", "trace=" + call));
    command.addAll(List.of("-e", "inject=" + call + ":signal=KILL:when=" + when));
    command.addAll(program(Programs.LIB));
    Programs.Ended killed = Programs.run(dir, Map.of(), command);
    assertThat(killed.exit()).as(killed.err()).isEqualTo(128 + 9);
    List<Path> left = LoaderRuns.in(cache);
    assertThat(left).hasSize(1);
    assertThat(left.get(0).getFileName().toString()).matches("unpacking-[0-9a-f-]{36}\\.tmp");
    assertThat(Files.size(left.get(0))).isEqualTo(call.equals("write") ? 0 : library.length);

    Path file = cache.resolve(name);
    assertThat(says()).isEqualTo("loaded " + file);
    assertThat(LoaderRuns.in(cache)).containsExactlyInAnyOrder(file, left.get(0));
    assertThat(file).hasBinaryContent(library);
  }
}

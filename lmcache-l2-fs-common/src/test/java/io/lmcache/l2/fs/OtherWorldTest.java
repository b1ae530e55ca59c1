// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static io.lmcache.l2.fs.OtherWorld.after;
import static io.lmcache.l2.fs.OtherWorld.inMounts;
import static io.lmcache.l2.fs.OtherWorld.java;
import static io.lmcache.l2.fs.OtherWorld.needMounts;
import static io.lmcache.l2.fs.OtherWorld.run;
import static io.lmcache.l2.fs.Raw.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.l2.fs.OtherWorld.Ended;
import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What depends on the process: its locale, its umask, its mounts. */
@EnabledOnOs(OS.LINUX)
final class OtherWorldTest {

  @Test
  void inThePosixLocaleKeysAreFoundAllTheSame(@TempDir Path base) throws Exception {
    List<ObjectKey> keys =
        List.of(key("plain", 1), key("a?b", 2), key("größe", 3), key("模型/🚀", 4), key("\ufffd", 5));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      Raw.put(base, keys.get(i), i + 1);
      expected.add("visited " + keys.get(i) + " " + (i + 1));
      expected.add("listed " + keys.get(i) + " " + (i + 1));
    }
    byte[] notUtf8 = "\u00ff@0x01000100@0@0001.data".getBytes(StandardCharsets.ISO_8859_1);
    Files.createFile(Raw.path(base, notUtf8));

    Ended ended = run(Map.of("LC_ALL", "C"), java("list", base.toString()));

    assertThat(ended.output()).startsWith("charset ANSI_X3.4-1968\n");
    expected.add("charset ANSI_X3.4-1968");
    assertThat(ended.output().lines()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(ended.status()).isZero();
  }

  /** The system renames between mounts no more than between file systems. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "mount -t tmpfs lmcache-test \"$0\"",
        "mkdir \"${0%/base/tmp}/there\" && mount --bind \"${0%/base/tmp}/there\" \"$0\""
      })
  void stagingOnAnotherFileSystemOrMountIsRefused(String mount, @TempDir Path temp)
      throws Exception {
    needMounts();
    Path base = Files.createDirectories(temp.resolve("base"));
    Path staging = Files.createDirectory(base.resolve("tmp"));
    String script = mount + " && \"$@\" && ls -A \"$0\"";
    List<String> command = java("prepare", base.toString(), "tmp");

    Ended ended = run(Map.of(), inMounts(after(script, staging, command)));

    // Nothing after that line: the staged probe is gone too.
    assertThat(ended.output())
        .isEqualTo(
            "refused relative_tmp_dir "
                + staging
                + " is on another file system or mount than base_path "
                + base
                + ", so finished files could not appear atomically\n");
    assertThat(ended.status()).isZero();
    try (Stream<Path> left = Files.list(base)) {
      assertThat(left).containsExactlyInAnyOrder(staging, base.resolve(".lmcache"));
    }
    assertThat(staging).isEmptyDirectory();
  }

  @Test
  void theSamePlaceWithoutAMountIsPrepared(@TempDir Path temp) throws Exception {
    Ended ended = run(Map.of(), java("prepare", temp.resolve("base").toString(), "tmp"));

    assertThat(ended.output()).isEqualTo("prepared " + temp.resolve("base/tmp") + "\n");
    assertThat(ended.status()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "000, rwx------, rw-------",
    "022, rwx------, rw-------",
    "077, rwx------, rw-------",
    "000, rwxrwxr-x, rw-rw-r--",
    "077, rwxrwxr-x, rw-rw-r--"
  })
  void modesAreWhatIsConfiguredWhateverTheUmask(
      String umask, String directoryMode, String fileMode, @TempDir Path temp) throws Exception {
    Path base = temp.resolve("a/b");
    List<String> command = java("modes", base.toString(), "c/d", directoryMode, fileMode);

    Ended ended = run(Map.of(), after("umask " + umask + " && exec \"$@\"", temp, command));

    assertThat(ended.output()).isEqualTo("prepared " + base.resolve("c/d") + "\n");
    Map<String, String> modes = new TreeMap<>();
    try (Stream<Path> all = Files.walk(temp.resolve("a"))) {
      for (Path path : all.toList()) {
        String name = temp.relativize(path).toString();
        modes.put(name.replaceFirst("owner-.*", "owner"), ObjectFiles.mode(path));
      }
    }
    Map<String, String> expected = new TreeMap<>();
    for (String directory : List.of("a", "a/b", "a/b/.lmcache", "a/b/c", "a/b/c/d")) {
      expected.put(directory, directoryMode);
    }
    for (String file : List.of("format.json", "lock", "owner")) {
      expected.put("a/b/.lmcache/" + file, fileMode);
    }
    assertThat(modes).isEqualTo(expected);
  }

  /** Files can be created there, but no byte written; the system names neither. */
  @ParameterizedTest
  @CsvSource({"prepare, .lmcache/owner-", "examine, .lmc-"})
  void aNewDirectoryOnAFullDiskIsNamedAndNothingIsLeft(String what, String file, @TempDir Path base)
      throws Exception {
    needMounts();
    String full =
        "mount -t tmpfs -o size=64k lmcache-test \"$0\""
            + " && ! head -c 1m /dev/zero 2>&- >\"$0/filler\""
            + " && mkdir \"$0/l2\" && \"$@\" && find \"$0\" -mindepth 1";
    List<String> command = java(what, base.resolve("l2").toString(), "");

    Ended ended = run(Map.of(), inMounts(after(full, base, command)));

    List<String> lines = ended.output().lines().toList();
    assertThat(lines.get(0))
        .as(ended.output())
        .startsWith("refused cannot write " + base.resolve("l2/" + file))
        .endsWith(": No space left on device");
    assertThat(lines.subList(1, lines.size()))
        .containsExactlyInAnyOrder("" + base.resolve("l2"), "" + base.resolve("filler"));
  }

  /** As whoever could make room must be able to open it, the doctor must not say otherwise. */
  @ParameterizedTest
  @CsvSource({"prepare,prepared ", "examine,examined {base_path="})
  void aDirectoryThatWasUsedOpensOnAFullDisk(String what, String said, @TempDir Path base)
      throws Exception {
    needMounts();
    String full =
        "mount -t tmpfs -o size=64k lmcache-test \"$0\" && mkdir -p \"$0/l2/.lmcache\""
            + " && echo '{\"version\": 1, \"hash_subdir_levels\": 0}'"
            + " >\"$0/l2/.lmcache/format.json\" && : >\"$0/l2/.lmcache/lock\""
            + " && ! head -c 1m /dev/zero 2>&- >\"$0/filler\""
            + " && \"$@\" && find \"$0\" -name '.lmc-*'";
    List<String> command = java(what, base.resolve("l2").toString(), "");

    Ended ended = run(Map.of(), inMounts(after(full, base, command)));

    assertThat(ended.output().lines())
        .as(ended.output())
        .singleElement()
        .asString()
        .startsWith(said);
  }

  @Test
  void withoutAttributesNamesAreShorterAndEmptyFilesAreObjects(@TempDir Path base)
      throws Exception {
    needMounts();
    String mount = "mount -t ramfs lmcache-test \"$0\" && exec \"$@\"";

    Ended ended = run(Map.of(), inMounts(after(mount, base, java("bare", base.toString()))));

    assertThat(ended.output())
        .isEqualTo(
            """
            attributes false keys %d
            persist_enabled requested=false effective=false reason=without extended attributes nothing tells which files are ours
            fsync requested=full effective=false reason=ramfs is in memory
            found true
            listed true
            foreign 1 empty 0
            refused true
            kept true
            """
                .formatted(ObjectFileNames.MAX_PLAIN_KEY_BYTES));
    assertThat(ended.status()).isZero();
    assertThat(ObjectFileNames.MAX_PLAIN_KEY_BYTES).isLessThan(ObjectKey.MAX_CANONICAL_BYTES);
  }
}

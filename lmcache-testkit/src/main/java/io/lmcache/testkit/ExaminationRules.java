// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.Feature;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An adapter that is opened only to be looked at. */
abstract class ExaminationRules {

  private static final int OBJECTS = 7;
  private static final int SIZE = 3000;

  /** What is in a directory: of files their size and time, as they must not be written either. */
  private static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.toList()) {
        BasicFileAttributes found =
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        contents.put(
            directory.relativize(path).toString(),
            found.isRegularFile() ? found.size() + " B, " + found.lastModifiedTime() : "no file");
      }
    }
    return contents;
  }

  private static void examine(AdapterUnderTest a, Path directory, String state) {
    try {
      Instance examined = a.examine(directory);
      assertThat(examined.raw().limits())
          .as("EXAMINE-1: limits of an examination of storage that %s", state)
          .isEqualTo(a.limits());
      examined.raw().close(a.patience());
    } catch (L2ConfigException | IOException e) {
      throw new AssertionError("EXAMINE-1: storage that " + state + " cannot be examined", e);
    }
  }

  /**
   * Storage that an adapter has open, with objects in it, is examined with {@code persist_enabled}
   * off, then storage that nobody has ever opened: limits, usage and status answer, files are as
   * they were, and the objects are there for the adapter that had them and, unless PERSISTENCE is
   * declined, for the next one.
   *
   * <p>If this fails, look at what opening creates, locks and tidies up, at what {@code
   * persist_enabled} removes and when, and at whether all of it asks {@code
   * L2AdapterContext.examination()}.
   */
  @Test
  @Rule("EXAMINE-1")
  void whatIsLookedAtStaysAsItIs(AdapterUnderTest a) throws IOException {
    List<ObjectKey> keys = a.keys(OBJECTS);
    Ops.mustStore(a, keys, 1, SIZE);
    Settled.usage(a);
    Map<String, String> before = contents(a.directory());
    examine(a, a.directory(), "another adapter uses, with " + OBJECTS + " objects");
    assertThat(contents(a.directory()))
        .as("EXAMINE-1: files of storage with %d objects that was examined", OBJECTS)
        .isEqualTo(before);
    assertThere(a, keys);
    if (!a.declines(Feature.PERSISTENCE)) {
      a.reopen();
      assertThere(a, keys);
    }

    Path fresh = Files.createDirectory(a.directory().resolveSibling("examined only"));
    examine(a, fresh, "holds 0 objects");
    assertThat(contents(fresh).keySet())
        .as("EXAMINE-1: what there is where only an examination was, the directory itself is 1")
        .containsExactly("");
  }

  private static void assertThere(AdapterUnderTest a, List<ObjectKey> keys) {
    for (ObjectKey key : keys) {
      assertThat(Ops.isThere(a, key))
          .as("EXAMINE-1: whether %s is there after an examination", key)
          .isTrue();
      Ops.mustLoad(a, key, 1, SIZE);
    }
  }
}

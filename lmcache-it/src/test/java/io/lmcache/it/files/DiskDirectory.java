// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.it.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Makes temporary directories where O_DIRECT is effective, if that is so in the usual place, which
 * may live in memory, or else in the build's directory.
 */
final class DiskDirectory implements TempDirFactory {

  /** A place, and what an adapter says of it. */
  private record Place(Path parent, String odirect) {

    boolean isDirect() {
      return odirect.contains("effective=true");
    }
  }

  private static final List<Place> PLACES = places();

  private static List<Place> places() {
    List<Place> places = new ArrayList<>();
    for (String parent : List.of(System.getProperty("java.io.tmpdir"), "target")) {
      try {
        places.add(look(Path.of(parent).toAbsolutePath()));
      } catch (IOException e) {
        throw new AssertionError("no directory can be made in " + parent, e);
      }
    }
    return places;
  }

  private static Place look(Path parent) throws IOException {
    Path base = Files.createTempDirectory(parent, "odirect");
    try (FileAdapter adapter = FileAdapter.open(Engine.FS_NATIVE, base, "\"use_odirect\": true")) {
      return new Place(parent, adapter.detail("odirect"));
    } finally {
      try (Stream<Path> all = Files.walk(base)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @Override
  public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
      throws IOException {
    Path parent = PLACES.stream().filter(Place::isDirect).findFirst().orElse(PLACES.get(0)).parent;
    return Files.createTempDirectory(parent, "junit");
  }

  /** In CI there must be such a disk; elsewhere it is said why a test is left out. */
  static void needsDirect() {
    Needs.that(PLACES.stream().anyMatch(Place::isDirect), "none takes O_DIRECT: " + PLACES);
    assertThat(PLACES).as("places, of which one must take O_DIRECT").anyMatch(Place::isDirect);
  }
}

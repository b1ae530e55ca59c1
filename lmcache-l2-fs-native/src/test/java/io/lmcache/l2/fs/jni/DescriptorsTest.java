// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import static io.lmcache.l2.fs.jni.FieldEffects.EVICTING;
import static io.lmcache.l2.fs.jni.TestObjects.await;
import static io.lmcache.l2.fs.jni.TestObjects.keys;
import static io.lmcache.l2.fs.jni.TestObjects.poisoned;
import static io.lmcache.l2.fs.jni.TestObjects.storeRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.LoadItem;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.LoadRequest;
import io.lmcache.spi.StoreMode;
import io.lmcache.spi.StoreOutcome;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** No descriptor of an adapter goes to programs that the JVM starts, and none is left. */
@Tag("native")
@Tag("seam")
@ExtendWith(FreshSeam.class)
final class DescriptorsTest {

  private static final int TIMES = 200;

  @TempDir Path dir;

  private L2Adapter open() throws Exception {
    return FieldEffects.open(
        FsNativeConfigs.at(dir).workers(2).tmpDir("tmp").capacityGb(1).diskLimits(1, 0), EVICTING);
  }

  @Test
  void everyDescriptorIsClosedByExec() throws Exception {
    try (L2Adapter adapter = open()) {
      List<String> idle = assertAllCloseOnExec();
      assertThat(idle).contains("anon_inode:[eventfd]").anyMatch(dir.toString()::equals);
      NativeSeam.hold(NativeSeam.WRITE);
      var stored = adapter.store(storeRequest(keys(2), 1, 5000, StoreMode.IF_ABSENT));
      NativeSeam.awaitHeld(2);
      assertThat(assertAllCloseOnExec()).as("two files more").hasSize(idle.size() + 2);
      assertThat(inAChild()).isEmpty();
      NativeSeam.release();
      assertThat(await(stored).count(StoreOutcome.STORED)).isEqualTo(2);
      NativeSeam.hold(NativeSeam.READ);
      var loaded =
          adapter.load(
              LoadRequest.of(
                  keys(2).stream().map(key -> LoadItem.of(key, poisoned(5000))).toList()));
      NativeSeam.awaitHeld(2);
      assertThat(assertAllCloseOnExec()).as("two files more").hasSize(idle.size() + 2);
      NativeSeam.release();
      assertThat(await(loaded).count(LoadOutcome.LOADED)).isEqualTo(2);
    }
    assertThat(Descriptors.of(dir)).isEmpty();
  }

  private List<String> assertAllCloseOnExec() throws Exception {
    Map<Integer, String> open = Descriptors.open();
    List<String> targets = new ArrayList<>();
    for (int number : Descriptors.of(dir)) {
      String target = Objects.requireNonNull(open.get(number));
      assertThat(Descriptors.closesOnExec(number) || isOpenedByTheJdk(target))
          .as("of %s", target)
          .isTrue();
      targets.add(target);
    }
    return targets;
  }

  /** The directory's locks; the JDK never says close-on-exec, and closes in each child instead. */
  private boolean isOpenedByTheJdk(String target) {
    return target.startsWith(dir.resolve(".lmcache") + "/");
  }

  /** What a program sees that is started while an adapter is open. */
  private List<String> inAChild() throws Exception {
    Process child = new ProcessBuilder("ls", "-l", "/proc/self/fd").start();
    try (BufferedReader lines = child.inputReader()) {
      List<String> seen = lines.lines().toList();
      assertThat(child.waitFor()).isZero();
      assertThat(seen).anyMatch(line -> line.contains("pipe:"));
      return seen.stream()
          .filter(line -> line.contains(dir.toString()) || line.contains("[eventfd]"))
          .toList();
    }
  }

  @Test
  void opensAndClosesLeaveTheDescriptorsAsTheyWere() throws Exception {
    open().close();
    List<String> before = Descriptors.open().values().stream().sorted().toList();
    for (int i = 0; i < TIMES; i++) {
      open().close();
    }
    assertThat(Descriptors.open().values().stream().sorted()).containsExactlyElementsOf(before);
  }
}

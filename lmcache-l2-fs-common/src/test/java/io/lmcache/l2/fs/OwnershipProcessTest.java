// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Who may use a directory, and who is dead, among processes. */
@EnabledOnOs(OS.LINUX)
final class OwnershipProcessTest {

  private static final String SELF = Long.toString(ProcessHandle.current().pid());

  private static final String[] OWN_PIDS = {
    "unshare", "--pid", "--fork", "--kill-child", "--mount-proc"
  };

  @TempDir Path base;

  private Ownership take(boolean shared) throws IOException {
    return Ownership.take(OwnershipTest.options(base, shared), base);
  }

  @Test
  void aRefusalOrAClosingInThisJvmLeavesTheLockWhereItIs() throws Exception {
    try (OwnershipChild child = new OwnershipChild(base)) {
      Ownership exclusive = take(false);
      assertThat(child.ask("take shared"))
          .matches("refused " + OwnershipTest.inUse(SELF, "exclusive"));
      assertThatThrownBy(() -> take(false)).hasMessageContaining("in use by pid " + SELF);
      assertThatThrownBy(() -> take(true)).hasMessageContaining("in use by pid " + SELF);
      assertThat(child.ask("take exclusive"))
          .matches("refused " + OwnershipTest.inUse(SELF, "exclusive"));
      assertThat(child.ask("take shared"))
          .matches("refused " + OwnershipTest.inUse(SELF, "exclusive"));
      exclusive.close();

      Ownership first = take(true);
      Ownership second = take(true);
      assertThatThrownBy(() -> take(false)).hasMessageContaining("in use by pid " + SELF);
      second.staging().sweep(base);
      second.staging().removeDeadOwners();
      second.close();
      assertThat(child.ask("take exclusive"))
          .matches("refused " + OwnershipTest.inUse(SELF, "shared"));
      assertThat(child.ask("take shared")).startsWith("taken ");
      assertThatThrownBy(() -> take(false))
          .hasMessageContaining("pid " + SELF + " on")
          .hasMessageContaining("pid " + child.pid() + " on");
      first.close();

      assertThatThrownBy(() -> take(false))
          .hasMessageMatching(OwnershipTest.inUse(child.pid(), "shared"));
      assertThat(child.ask("close")).isEqualTo("closed");
      assertThat(child.ask("take exclusive")).startsWith("taken ");
      assertThatThrownBy(() -> take(true))
          .hasMessageMatching(OwnershipTest.inUse(child.pid(), "exclusive"));
    }
    // The end of a process gives back what it held.
    try (Ownership next = take(false)) {
      assertThat(next.exclusive()).isTrue();
    }
  }

  @Test
  void ofTwoThatOpenAtTheSameMomentOneIsExclusive() throws Exception {
    int rounds = 20;
    try (OwnershipChild one = new OwnershipChild(base);
        OwnershipChild two = new OwnershipChild(base)) {
      int firstWins = 0;
      for (int round = 0; round < rounds; round++) {
        boolean oneFirst = round % 2 == 0;
        (oneFirst ? one : two).send("take exclusive");
        (oneFirst ? two : one).send("take exclusive");
        String first = one.answer();
        String second = two.answer();
        boolean firstWon = first.startsWith("taken ");
        assertThat(firstWon ? second : first).startsWith("refused base_path is in use by ");
        assertThat(firstWon ? first : second).startsWith("taken ");
        assertThat((firstWon ? one : two).ask("close")).isEqualTo("closed");
        firstWins += firstWon ? 1 : 0;
      }
      System.out.println("exclusive: " + firstWins + " of " + rounds + " by the one process");
    }
    assertThat(OwnershipTest.contents(base.resolve(".lmcache"))).containsOnlyKeys("lock");
  }

  @Test
  void whoOpensOrClosesDuringASweepIsNotTakenForDead() throws Exception {
    int rounds = 150;
    try (OwnershipChild sweeper = new OwnershipChild(base)) {
      assertThat(sweeper.ask("take shared")).startsWith("taken ");
      for (int round = 0; round < rounds; round++) {
        sweeper.send("sweep");
        Ownership ownership = take(true);
        Path staged = Files.createFile(base.resolve(ownership.stagingPrefix() + round + ".tmp"));
        assertThat(sweeper.answer()).as("round %s", round).isEqualTo("swept 0 owners 0");
        Files.delete(staged);
        sweeper.send("sweep");
        ownership.close();
        assertThat(sweeper.answer()).as("round %s", round).isEqualTo("swept 0 owners 0");
      }
      assertThat(sweeper.ask("close")).isEqualTo("closed");
    }
    assertThat(OwnershipTest.contents(base)).containsOnlyKeys(".lmcache");
    assertThat(OwnershipTest.contents(base.resolve(".lmcache"))).containsOnlyKeys("lock");
  }

  @Test
  void whatAKilledOneLeftIsSweptAndNothingElse() throws Exception {
    try (OwnershipChild live = new OwnershipChild(base);
        OwnershipChild killed = new OwnershipChild(base)) {
      String liveOwner = owner(live.ask("take shared"));
      String killedOwner = owner(killed.ask("take shared"));
      Ownership own = take(true);
      Path ownStaged = Files.writeString(base.resolve(own.stagingPrefix() + "3.tmp"), "own");
      assertThat(live.ask("stage 1")).isEqualTo("staged .lmc-" + liveOwner + "-1.tmp");
      for (String counter : new String[] {"1", "2", "18446744073709551615", "probe", "probed"}) {
        assertThat(killed.ask("stage " + counter)).startsWith("staged ");
      }
      String prefix = ".lmc-" + killedOwner + "-";
      for (String foreign : foreignNames(prefix)) {
        Files.writeString(base.resolve(foreign), "foreign " + foreign);
      }
      Files.createDirectory(base.resolve(prefix + "7.tmp"));
      Files.createSymbolicLink(base.resolve(prefix + "8.tmp"), Path.of("x.tmp"));
      Map<String, String> before = OwnershipTest.contents(base);
      assertThat(before).hasSize(1 + 1 + 5 + foreignNames(prefix).size() + 2 + 1);

      assertThat(live.ask("sweep")).isEqualTo("swept 0 owners 0"); // All live.
      killed.kill();

      try (Ownership next = take(true)) {
        assertThat(next.details()).containsEntry("owners", "3");
        assertThat(next.staging().sweep(base)).isEqualTo(5);
        assertThat(next.staging().sweep(base)).isZero();
        assertThat(next.staging().removeDeadOwners()).isEqualTo(1);
        assertThat(next.staging().removeDeadOwners()).isZero();

        Map<String, String> expected = new TreeMap<>(before);
        for (String counter : new String[] {"1", "2", "18446744073709551615", "probe", "probed"}) {
          assertThat(expected.remove(prefix + counter + ".tmp")).isNotNull();
        }
        assertThat(OwnershipTest.contents(base)).isEqualTo(expected);
        try (var files = Files.list(base.resolve(".lmcache"))) {
          assertThat(files.map(file -> file.getFileName().toString()))
              .containsExactlyInAnyOrder(
                  "lock", "owner-" + own.owner(), "owner-" + next.owner(), "owner-" + liveOwner);
        }
      }
      // Neither the sweep nor the closing of a neighbour made this one look dead.
      assertThat(live.ask("sweep")).isEqualTo("swept 0 owners 0");
      assertThat(ownStaged).hasContent("own");
      own.close();
    }
  }

  private static List<String> foreignNames(String prefix) {
    return List.of(
        ".lmc-notes.tmp",
        "x.tmp",
        prefix + ".tmp",
        prefix + "1",
        prefix + "1.tmp.tmp",
        prefix + "a.tmp",
        prefix + "-1.tmp",
        prefix + "123456789012345678901.tmp",
        prefix + "probes.tmp",
        prefix.substring(1) + "1.tmp",
        "x" + prefix + "1.tmp",
        prefix.toUpperCase(java.util.Locale.ROOT) + "1.tmp");
  }

  private static String owner(String answer) {
    assertThat(answer).startsWith("taken ");
    return answer.substring("taken ".length());
  }

  @Test
  void whoSeesOtherProcessIdsSweepsNobodyAlive() throws Exception {
    needProcessIds();
    try (Ownership own = take(true);
        OwnershipChild contained = new OwnershipChild(base, OWN_PIDS)) {
      assertThat(contained.pid()).isEqualTo("1");
      Path staged = Files.writeString(base.resolve(own.stagingPrefix() + "1.tmp"), "staged");
      assertThat(contained.ask("take exclusive"))
          .matches("refused " + OwnershipTest.inUse(SELF, "shared"));

      assertThat(contained.ask("take shared")).startsWith("taken ");
      assertThat(contained.ask("sweep")).isEqualTo("swept 0 owners 0");

      assertThat(staged).hasContent("staged");
      assertThat(base.resolve(".lmcache/owner-" + own.owner())).exists();
      assertThat(contained.ask("close")).isEqualTo("closed");
    }
  }

  @Test
  void whoSeesOtherProcessIdsSweepsTheDead() throws Exception {
    needProcessIds();
    try (OwnershipChild killed = new OwnershipChild(base);
        OwnershipChild contained = new OwnershipChild(base, OWN_PIDS)) {
      assertThat(killed.ask("take shared")).startsWith("taken ");
      assertThat(killed.ask("stage 1")).startsWith("staged ");
      killed.kill();

      assertThat(contained.ask("take exclusive")).startsWith("taken ");
      assertThat(contained.ask("stage 1")).startsWith("staged ");
      assertThat(contained.ask("sweep")).isEqualTo("swept 1 owners 1");
      contained.kill(); // And the other way: from outside, the one whose id was 1.

      try (Ownership next = take(false)) {
        assertThat(next.staging().sweep(base)).isEqualTo(1);
        assertThat(next.staging().removeDeadOwners()).isEqualTo(1);
        assertThat(OwnershipTest.contents(base)).containsOnlyKeys(".lmcache");
      }
    }
    assertThat(OwnershipTest.contents(base.resolve(".lmcache"))).containsOnlyKeys("lock");
  }

  /** Process ids of one's own are not to be had everywhere; where CI is set they must be. */
  private static void needProcessIds() throws Exception {
    String reason;
    try {
      List<String> command = new ArrayList<>(List.of(OWN_PIDS));
      command.add("true");
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try {
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        reason = process.exitValue() == 0 ? "" : output;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      reason = String.valueOf(e.getMessage());
    }
    if (!reason.isEmpty()) {
      String line = "no process id namespace, a sweep across containers is not tested: " + reason;
      assertThat(System.getenv("CI")).as(line).isNull();
      System.out.println(line);
      abort(line);
    }
  }
}

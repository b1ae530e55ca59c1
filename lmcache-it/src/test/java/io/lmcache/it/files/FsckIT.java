// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lmcache.it.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The packaged {@code lmcache fsck} beside adapters that live, and after one that was killed. */
@Tag("native")
final class FsckIT {

  private static final int SIZE = 100_000;

  @TempDir Path dir;

  private Path base() {
    return dir.resolve("kv");
  }

  private Programs.Ended fsck(String... flags) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("fsck", base().toString()));
    arguments.addAll(List.of(flags));
    return Programs.lmcacheEnds(dir, arguments.toArray(String[]::new));
  }

  private JsonNode json(int exit, String... flags) throws Exception {
    List<String> all = new ArrayList<>(List.of(flags));
    all.addAll(List.of("--format", "json"));
    Programs.Ended ended = fsck(all.toArray(String[]::new));
    assertThat(ended.exit()).as(ended.out() + ended.err()).isEqualTo(exit);
    assertThat(ended.err()).isEmpty();
    return new ObjectMapper().readTree(ended.out());
  }

  private static int files(JsonNode report, String kind) {
    return report.get("kinds").get(kind).get("files").asInt();
  }

  private static void flip(Path file) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    bytes[SIZE / 2] ^= 1;
    Files.write(file, bytes);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void besideAnExclusiveAdapterItChecksAndDoesNotRepair(Engine engine) throws Exception {
    try (FileAdapter adapter = FileAdapter.open(engine, base())) {
      for (int n = 0; n < 4; n++) {
        adapter.mustStore(OwnersCommands.key(n), 0, SIZE);
      }
      Path damaged = DamageFiles.of(base(), OwnersCommands.key(1));
      flip(damaged);

      JsonNode report = json(1);
      assertThat(files(report, "verified")).isEqualTo(3);
      assertThat(files(report, "corrupt")).isEqualTo(1);
      assertThat(report.get("problems").findValuesAsText("path"))
          .containsExactly(damaged.toString());
      assertThat(report.get("users").asInt()).isEqualTo(1);
      String self = "pid " + ProcessHandle.current().pid();
      assertThat(report.get("in_use_by").get(0).asText()).startsWith(self).contains(engine.type());

      Programs.Ended refused = fsck("--repair");
      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.out()).isEmpty();
      assertThat(refused.err().lines())
          .singleElement()
          .asString()
          .startsWith("lmcache: base_path is in use by " + self)
          .endsWith("; close it before anything is removed, or only check");
      assertThat(damaged).exists();
      adapter.mustLoad(OwnersCommands.key(2), 0, SIZE);
    }
    assertThat(fsck("--repair").exit()).isZero();
    assertThat(files(json(0), "verified")).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void besideASharedAdapterItRemovesWhatTheDeadLeftAndNothingOfTheLiving(Engine engine)
      throws Exception {
    String shared = "\"shared\": true";
    try (FileAdapter living = FileAdapter.open(engine, base(), shared).recovered()) {
      living.mustStore(OwnersCommands.key(0), 0, SIZE);
      Path own = staging(OwnersFiles.owners(base()).get(0));
      Path ofTheDead;
      try (OwnersChild child = OwnersChild.start()) {
        assertThat(child.tell("open " + engine.other() + " " + base() + " " + shared))
            .startsWith("open ");
        assertThat(child.tell("recovered")).isEqualTo("recovered");
        List<Path> owners = new ArrayList<>(OwnersFiles.owners(base()));
        owners.removeIf(owner -> own.toString().contains(uuid(owner)));
        assertThat(owners).hasSize(1);
        ofTheDead = staging(owners.get(0));
        assertThat(files(json(0), "staging_living")).isEqualTo(2);
        child.kill();
      }
      JsonNode report = json(1);
      assertThat(files(report, "staging_living")).isEqualTo(1);
      assertThat(files(report, "staging_dead")).isEqualTo(1);
      assertThat(files(report, "owner_dead")).isEqualTo(1);

      JsonNode repaired = json(0, "--repair");
      assertThat(repaired.get("problem_count").asInt()).isEqualTo(2);
      assertThat(repaired.get("problems_left").asInt()).isZero();
      assertThat(ofTheDead).doesNotExist();
      assertThat(own).exists();
      assertThat(OwnersFiles.owners(base())).hasSize(1);
      assertThat(json(0, "--repair").get("problem_count").asInt()).isZero();
      living.mustLoad(OwnersCommands.key(0), 0, SIZE);
      Files.delete(own);
    }
  }

  private static String uuid(Path owner) {
    return owner.getFileName().toString().replace("owner-", "");
  }

  /** What an owner is writing just now, or seems to. */
  private Path staging(Path owner) throws Exception {
    return Files.createFile(base().resolve(".lmc-" + uuid(owner) + "-999999.tmp"));
  }

  @Test
  void aSubdirectoryOfACacheIsRefused() throws Exception {
    try (FileAdapter adapter =
        FileAdapter.open(Engine.FS_JAVA, base(), "\"hash_subdir_levels\": 1")) {
      adapter.mustStore(OwnersCommands.key(3), 0, SIZE);
    }
    assertThat(files(json(0), "verified")).isEqualTo(1);
    String hash = OwnersCommands.key(3).chunkHashHex();
    Path part = base().resolve(hash.substring(0, 2));
    assertThat(part).isDirectory();
    Programs.Ended ended = Programs.lmcacheEnds(dir, "fsck", part.toString(), "--repair");
    assertThat(ended.exit()).isEqualTo(2);
    assertThat(ended.err()).contains(part + " is a part of " + base());
    assertThat(part.resolve(".lmcache")).doesNotExist();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.util.List;
import java.util.stream.Stream;

/**
 * How two engines share a directory.
 *
 * @param writer the engine that is there first
 * @param where the other engine is
 * @param levels {@code hash_subdir_levels}, of both
 * @param fsync of both, in JSON
 * @param staging {@code relative_tmp_dir}, of both
 * @param padded whether memory goes on behind an object up to a full block
 * @param first the rest of what the first engine is told
 * @param second the rest of what the other one is told
 */
record CrossEngineCase(
    Engine writer,
    Where where,
    int levels,
    String fsync,
    String staging,
    boolean padded,
    Own first,
    Own second) {

  enum Where {
    ONE_JVM,
    TWO_JVMS
  }

  /**
   * What each of the two has for itself, in JSON.
   *
   * @param direct {@code use_odirect}
   * @param checksum what is computed and compared
   */
  record Own(String direct, String checksum) {}

  /** A multiple of what O_DIRECT needs on most disks. */
  private static final int BLOCK = 4096;

  private static final List<Engine> WRITER = List.of(Engine.values());
  private static final List<Where> WHERE = List.of(Where.values());
  private static final List<String> FSYNC = List.of("\"none\"", "\"data\"", "\"full\"");
  private static final List<String> STAGING = List.of("", "staging/deep");
  private static final List<String> DIRECT = List.of("false", "true", "\"require\"");
  private static final List<String> CHECKSUM = List.of("\"crc32c\"", "\"none\"");
  private static final int[] SIZES = {2, 2, 3, 3, 2, 2, 3, 2, 3, 2};

  /** Few of all cases, among which so many settings come together in every way. */
  static Stream<CrossEngineCase> some(int together) {
    return Covering.rows(together, SIZES).stream().map(CrossEngineCase::of);
  }

  private static CrossEngineCase of(int[] row) {
    return new CrossEngineCase(
        WRITER.get(row[0]),
        WHERE.get(row[1]),
        row[2],
        FSYNC.get(row[3]),
        STAGING.get(row[4]),
        row[5] == 1,
        new Own(DIRECT.get(row[6]), CHECKSUM.get(row[7])),
        new Own(DIRECT.get(row[8]), CHECKSUM.get(row[9])));
  }

  /** One by one. */
  List<Object> settings() {
    return List.of(
        writer,
        where,
        levels,
        fsync,
        staging,
        padded,
        first.direct(),
        first.checksum(),
        second.direct(),
        second.checksum());
  }

  Own own(Engine engine) {
    return engine == writer ? first : second;
  }

  boolean isDirect(Engine engine) {
    return !own(engine).direct().equals("false");
  }

  boolean anyIsDirect() {
    return isDirect(Engine.FS_JAVA) || isDirect(Engine.FS_NATIVE);
  }

  /**
   * What an engine's memory is a multiple of; who must go past the page cache needs full blocks.
   */
  int multiple(Engine engine) {
    return padded || own(engine).direct().equals("\"require\"") ? BLOCK : 1;
  }

  /** Whether a flipped bit can be found: for that one engine writes a checksum, the other looks. */
  boolean hasChecksums() {
    return first.checksum().equals("\"crc32c\"") && second.checksum().equals("\"crc32c\"");
  }

  /** Fields of an engine's configuration, without a space. */
  String json(Engine engine, boolean shared) {
    return String.join(
        ",",
        "\"shared\":" + shared,
        "\"hash_subdir_levels\":" + levels,
        "\"fsync\":" + fsync,
        "\"relative_tmp_dir\":\"" + staging + "\"",
        "\"use_odirect\":" + own(engine).direct(),
        "\"checksum\":" + own(engine).checksum());
  }
}

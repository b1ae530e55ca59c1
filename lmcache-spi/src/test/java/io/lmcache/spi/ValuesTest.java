// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Results, states and configurations as values. */
class ValuesTest {

  private static final L2Error ERROR = L2Error.of(L2ErrorCode.IO, Retry.LATER, "read /x");

  record Config(int workers) {}

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, -1",
    "5, 5, 0, -1",
    "5, 5, -1, -1",
    "0, 0, 100, 0",
    "25, 0, 100, 0.25",
    "25, 50, 100, 0.75",
    "150, 50, 100, 2",
    "4611686018427387904, 0, 9223372036854775807, 0.5"
  })
  void usageIsAFractionOfTheCapacity(long stored, long inFlight, long capacity, double fraction) {
    AdapterUsage usage = new AdapterUsage(stored, 1, inFlight, capacity, false, Map.of());

    assertThat(usage.fraction()).isEqualTo(fraction);
  }

  @Test
  void statesAreCopies() {
    Map<String, Long> salts = new HashMap<>(Map.of("a", 1L));
    AdapterUsage usage = new AdapterUsage(1, 1, 0, 0, false, salts);
    Map<String, String> details = new LinkedHashMap<>();
    details.put("z", "1");
    details.put("a", "2");
    List<FailureCount> failures = new ArrayList<>(List.of(new FailureCount("store", "EIO", 2)));
    AdapterStatus status =
        new AdapterStatus(Health.OK, "", 0, new ArrayList<>(), failures, details);
    Set<Feature> declined = EnumSet.of(Feature.LIST);
    AdapterLimits limits = new AdapterLimits(1, 1, 1, 1, 1, declined);
    salts.clear();
    details.clear();
    failures.clear();
    declined.clear();

    assertThat(usage.bytesBySalt()).containsEntry("a", 1L);
    assertThat(status.failures()).containsExactly(new FailureCount("store", "EIO", 2));
    assertThat(status.details().keySet()).containsExactly("z", "a");
    assertThat(limits.declined()).containsExactly(Feature.LIST);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> status.details().clear());
  }

  @Test
  void resultsAreReadKeyByKey() {
    StoreResult stored =
        new StoreResult(
            List.of(
                KeyResult.of(StoreOutcome.STORED),
                KeyResult.of(StoreOutcome.FAILED, ERROR),
                KeyResult.of(StoreOutcome.STORED)));
    LoadResult loaded = new LoadResult(List.of(KeyResult.of(LoadOutcome.CORRUPT, ERROR)));
    DeleteResult deleted = new DeleteResult(List.of(KeyResult.of(DeleteOutcome.PINNED)));

    assertThat(stored.size()).isEqualTo(3);
    assertThat(stored.outcome(1)).isEqualTo(StoreOutcome.FAILED);
    assertThat(stored.error(1)).isEqualTo(ERROR);
    assertThat(stored.error(0)).isNull();
    assertThat(stored.count(StoreOutcome.STORED)).isEqualTo(2);
    assertThat(stored.count(StoreOutcome.ALREADY_PRESENT)).isZero();
    assertThat(loaded.size()).isEqualTo(1);
    assertThat(loaded.outcome(0)).isEqualTo(LoadOutcome.CORRUPT);
    assertThat(loaded.error(0)).isEqualTo(ERROR);
    assertThat(loaded.count(LoadOutcome.CORRUPT)).isEqualTo(1);
    assertThat(deleted.size()).isEqualTo(1);
    assertThat(deleted.outcome(0)).isEqualTo(DeleteOutcome.PINNED);
    assertThat(deleted.error(0)).isNull();
    assertThat(deleted.count(DeleteOutcome.DELETED)).isZero();
  }

  @Test
  void errorsAreOneLine() {
    assertThat(ERROR).hasToString("IO: read /x");
    assertThat(new L2Error(L2ErrorCode.NO_SPACE, Retry.AFTER_ROOM, "ENOSPC", "write /x"))
        .hasToString("NO_SPACE (ENOSPC): write /x");
    assertThat(L2Error.closed("c"))
        .isEqualTo(new L2Error(L2ErrorCode.CLOSED, Retry.NEVER, "", "c"));
    assertThat(L2Error.deadline("d"))
        .isEqualTo(new L2Error(L2ErrorCode.DEADLINE, Retry.LATER, "", "d"));
  }

  @Test
  void aConfigurationsProblemsComeTogether() {
    Problems problems = new Problems("#1 (fs)");
    problems.add("num_workers", "must be > 0, got 0");
    problems.add("", "unknown field \"x\"");
    problems.addAll(List.of(new Problem("#1 (fs): inner", "a.b", "is required")));

    assertThat(problems.isEmpty()).isFalse();
    assertThatThrownBy(problems::throwIfAny)
        .isInstanceOfSatisfying(
            L2ConfigException.class,
            e -> assertThat(e.problems()).isEqualTo(problems.found()).hasSize(3))
        .hasMessage(
            """
            #1 (fs): num_workers must be > 0, got 0
            #1 (fs): unknown field "x"
            #1 (fs): inner: a.b is required\
            """);
  }

  @Test
  void noProblemIsNoException() throws L2ConfigException {
    Problems none = new Problems("#1");
    none.throwIfAny();

    assertThat(none.isEmpty()).isTrue();
    assertThat(none.found()).isEmpty();
  }

  @Test
  void whatWasFoundIsACopy() {
    Problems problems = new Problems("#1");
    List<Problem> before = problems.found();
    problems.add("x", "y");

    assertThat(before).isEmpty();
    List<Problem> given = new ArrayList<>(problems.found());
    L2ConfigException exception = new L2ConfigException(given);
    given.clear();
    assertThat(exception.problems()).hasSize(1);
    assertThat(new L2ConfigException(new Problem("w", "", "m"))).hasMessage("w: m");
  }

  @Test
  void aConfigExceptionSurvivesSerializationWithItsMessage() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new L2ConfigException(new Problem("w", "f", "m")));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      L2ConfigException back = (L2ConfigException) in.readObject();
      assertThat(back).hasMessage("w: f m");
      assertThat(back.problems()).isEmpty();
    }
  }

  @Test
  void aProgramsSpecGivesItsRecordBack() throws L2ConfigException {
    Config config = new Config(4);
    AdapterSpec spec = AdapterSpec.of("fs_native", config);
    CommonConfig common = new CommonConfig(null, true, false);

    assertThat(spec.type()).isEqualTo("fs_native").isEqualTo(spec.where());
    assertThat(spec).as("may be logged, whatever it holds").hasToString("fs_native");
    assertThat(spec.common()).isEqualTo(CommonConfig.DEFAULT);
    assertThat(spec.bind(Config.class)).isSameAs(config);
    assertThat(AdapterSpec.of("fs_native", config, common).common()).isSameAs(common);
    assertThatThrownBy(() -> spec.bind(CommonConfig.class))
        .isInstanceOf(L2ConfigException.class)
        .hasMessage(
            "fs_native: needs a configuration of "
                + CommonConfig.class.getName()
                + ", got "
                + Config.class.getName());
  }

  @Test
  void commonFieldsHaveDefaults() {
    assertThat(CommonConfig.DEFAULT).isEqualTo(new CommonConfig(null, false, true));
    assertThat(CloseReport.IDLE).isEqualTo(new CloseReport(0, 0, 0));
    assertThat(AdapterLimits.DEFAULT)
        .isEqualTo(new AdapterLimits(Integer.MAX_VALUE, 65_536, 2048, 1, 1, Set.of()));
  }
}

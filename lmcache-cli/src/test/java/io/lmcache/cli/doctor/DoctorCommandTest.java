// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lmcache.cli.Cli;
import io.lmcache.cli.ProductVersion;
import io.lmcache.spi.Health;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DoctorCommandTest {

  private static final String CACHED = "requested=true effective=false reason=cached";

  @TempDir Path dir;
  private Clinic clinic = new Clinic(Path.of(""));

  @BeforeEach
  void open() {
    clinic = new Clinic(dir);
  }

  private JsonNode examined(Patient... patients) {
    return Clinic.json(clinic.run(List.of(patients), "--format", "json"));
  }

  @Test
  void withoutAdaptersItShowsJavaAndTheProviders() {
    Cli.Result result = clinic.run(List.of());

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out().lines())
        .startsWith("lmcache " + ProductVersion.product())
        .contains("java", "providers")
        .anyMatch(line -> line.matches(" {2}version +" + quoted(Runtime.version().toString())))
        .anyMatch(line -> line.matches(" {2}home +" + quoted(System.getProperty("java.home"))))
        .anyMatch(line -> line.matches(" {2}native access +enabled.*"))
        .anyMatch(line -> line.matches(" {2}TYPE +JAR +STATUS"))
        .anyMatch(line -> line.matches(" {2}test_patient .* available"))
        .anyMatch(line -> line.matches(" {2}test_absent .* unavailable: no libabsent.so, .*"))
        .last()
        .isEqualTo("no problems");
  }

  private static String quoted(String text) {
    return Pattern.quote(text);
  }

  @Test
  void aBrokenProviderOfWhichNobodyAskedIsShown() {
    clinic.provider("no.such.Factory");
    Cli.Result text = clinic.run(List.of(new Patient()));
    Cli.Result json = clinic.run(List.of(new Patient()), "--format", "json");

    assertThat(text.code()).isZero();
    assertThat(text.out().lines())
        .anyMatch(line -> line.startsWith("  broken: ") && line.contains("no.such.Factory"));
    assertThat(json.code()).isZero();
    JsonNode broken = Clinic.json(json).get("broken");
    assertThat(broken).hasSize(1);
    assertThat(Clinic.names(broken.get(0))).containsExactly("provider", "jar", "cause");
  }

  @Test
  void aTypeThatIsUnavailableIsAProblemOnceItIsAskedFor() {
    Cli.Result result = clinic.run(List.of(), "--l2-adapter", "{\"type\": \"test_absent\"}");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out().lines())
        .last()
        .isEqualTo(
            "  --l2-adapter #1 (test_absent): open: type \"test_absent\" cannot run here:"
                + " no libabsent.so, install it");
  }

  @Test
  void theDocumentHasEveryField() {
    Patient patient =
        new Patient().aligned(512, 4096).detail("odirect", "requested=true effective=true");
    Cli.Result result =
        clinic.run(List.of(patient), "--format", "json", "--object-bytes", "300000");
    JsonNode document = Clinic.json(result);
    JsonNode adapter = document.get("adapters").get(0);

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(Clinic.names(document))
        .containsExactly(
            "version", "jdk", "providers", "broken", "l1_align_bytes", "adapters", "problems");
    assertThat(document.get("version").asText()).isEqualTo(ProductVersion.product());
    assertThat(Clinic.names(document.get("jdk")))
        .containsExactly("version", "vendor", "java_home", "os", "arch", "libc", "native_access");
    assertThat(Clinic.names(document.get("providers").get(0)))
        .containsExactly("type", "available", "unavailability", "conflict", "class", "jar");
    assertThat(Clinic.names(adapter))
        .containsExactly(
            "adapter",
            "type",
            "opened",
            "failures",
            "health",
            "health_reason",
            "limits",
            "details",
            "settings",
            "object_sizes");
    assertThat(Clinic.names(adapter.get("limits")))
        .containsExactly(
            "max_object_bytes",
            "max_keys_per_request",
            "max_key_bytes",
            "memory_alignment",
            "length_alignment",
            "declined");
    assertThat(adapter.get("limits").get("memory_alignment").asInt()).isEqualTo(512);
    assertThat(adapter.get("details").get("odirect").asText())
        .isEqualTo("requested=true effective=true");
    assertThat(adapter.get("settings"))
        .hasToString(
            "[{\"name\":\"odirect\",\"requested\":\"true\",\"effective\":true,\"reason\":null}]");
    assertThat(adapter.get("object_sizes"))
        .hasToString(
            "[{\"object_bytes\":300000,\"path\":\"direct\",\"reason\":null,"
                + "\"padded_bytes\":303104,\"length_is_multiple\":false,"
                + "\"direct_with_l1_align_bytes\":4096}]");
    assertThat(document.get("l1_align_bytes").asInt()).isEqualTo(4096);
    assertThat(document.get("problems")).isEmpty();
  }

  @Test
  void anAdapterIsOpenedForExaminationAskedAndClosed() {
    Patient patient = new Patient();

    assertThat(clinic.run(List.of(patient), "--l1-align-bytes", "8192").code()).isZero();
    assertThat(patient.calls).containsExactly("examine with buffers at 8192", "status", "close");
  }

  @Test
  void theTextShowsWhatTheAdapterSaysAndProblemsLast() {
    Patient patient =
        new Patient()
            .aligned(1, 1)
            .detail("base_path", "/data/kv cache")
            .detail("odirect", CACHED)
            .detail("note", "two\nlines");
    Cli.Result result = clinic.run(List.of(patient));

    assertThat(result.code()).isEqualTo(1);
    List<String> lines = result.out().lines().toList();
    assertThat(lines)
        .containsSubsequence(
            "--l2-adapter #1 (test_patient)",
            "  health                ok",
            "  max object bytes      1073741824",
            "  memory alignment      1",
            "  base_path             /data/kv cache",
            "  odirect               " + CACHED,
            "  note                  two; lines",
            "",
            "problems",
            "  --l2-adapter #1 (test_patient): odirect: requested true, not effective: cached");
    assertThat(lines).last().asString().contains("odirect");
  }

  @Test
  void everySettingThatIsNotEffectiveIsAProblem() {
    JsonNode document =
        examined(
            new Patient()
                .detail("odirect", CACHED)
                .detail("read_ahead_size", "requested=65536 effective=true")
                .detail("fsync", "requested=none")
                .detail("file_system", "ext4")
                .detail("checksum", "requested=crc32c effective=false reason=no attributes")
                .detail("exclusive", "requested=true effective=false"));

    assertThat(document.get("problems").findValuesAsText("subject"))
        .containsExactly("odirect", "checksum", "exclusive");
    assertThat(document.get("problems").findValuesAsText("reason"))
        .containsExactly(
            "requested true, not effective: cached",
            "requested crc32c, not effective: no attributes",
            "requested true, not effective: the adapter does not say why");
    assertThat(document.get("adapters").get(0).get("settings").findValuesAsText("name"))
        .containsExactly("odirect", "read_ahead_size", "fsync", "checksum", "exclusive");
  }

  /** It is not the adapter that evicts, so this is told of any, also of one inside another. */
  @Test
  void anEvictionBlockIsAProblemAsNothingEvicts() {
    String eviction = ", \"eviction\": {\"eviction_policy\": \"%s\"}}";
    String plain = new Patient().json().replaceFirst("}$", eviction.formatted("LRU"));
    String inside = "{\"type\": \"fault_inject\", \"inner\": " + plain + "}";
    String noop = new Patient().json().replaceFirst("}$", eviction.formatted("noop"));
    Cli.Result result =
        clinic.run(
            List.of(),
            "--l2-adapter",
            plain,
            "--l2-adapter",
            inside,
            "--l2-adapter",
            noop,
            "--format",
            "json");

    assertThat(result.code()).as(result.err()).isEqualTo(1);
    JsonNode problems = Clinic.json(result).get("problems");
    assertThat(problems.findValuesAsText("subject")).containsExactly("eviction", "inner eviction");
    assertThat(problems.findValuesAsText("reason"))
        .containsOnly("requested LRU, not effective: this version evicts nothing");
  }

  @Test
  void anAdapterThatIsNotWellIsAProblem() {
    Patient patient = new Patient();
    patient.health = Health.DEGRADED;
    patient.reason = "half of it is gone";
    Cli.Result result = clinic.run(List.of(patient));

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out())
        .contains("degraded: half of it is gone")
        .endsWith("health: DEGRADED: half of it is gone\n");
  }

  @Test
  void oneThatCannotBeOpenedDoesNotHideTheOthers() {
    Patient inUse =
        new Patient().openFails(new IOException("base_path is in use by process 7\nset shared"));
    Patient denied = new Patient().openFails(new AccessDeniedException("/data/l2"));
    Patient defect = new Patient().openFails(new Exception("oops"));
    Patient well = new Patient();
    Cli.Result result = clinic.run(List.of(inUse, denied, defect, well), "--format", "json");
    JsonNode document = Clinic.json(result);

    assertThat(result.code()).isEqualTo(1);
    assertThat(document.get("adapters").findValuesAsText("opened"))
        .containsExactly("false", "false", "false", "true");
    assertThat(document.get("adapters").get(0).get("failures").get(0).asText())
        .isEqualTo("base_path is in use by process 7; set shared");
    assertThat(document.get("adapters").get(1).get("failures").get(0).asText())
        .contains("AccessDenied", "/data/l2");
    assertThat(document.get("adapters").get(2).get("failures").get(0).asText()).contains("defect");
    assertThat(document.get("problems").findValuesAsText("adapter"))
        .containsExactly(
            "--l2-adapter #1 (test_patient)",
            "--l2-adapter #2 (test_patient)",
            "--l2-adapter #3 (test_patient)");
    assertThat(Clinic.names(document.get("adapters").get(0)))
        .isEqualTo(Clinic.names(document.get("adapters").get(3)));
    assertThat(well.calls).endsWith("status", "close");
    assertThat(result.err()).doesNotContain("\tat ");
  }

  @Test
  void oneThatFailsWhenAskedIsClosedAndDoesNotHideTheOthers() {
    Patient defect = new Patient();
    defect.statusThrows = true;
    Patient well = new Patient();
    Cli.Result result = clinic.run(List.of(defect, well));

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out().lines()).last().asString().contains("unexpected: ", "no idea");
    assertThat(defect.calls).endsWith("status", "close");
    assertThat(well.calls).endsWith("status", "close");
  }

  @Test
  void aConfigurationThatOpenRefusesIsShownAmongTheOthersAndIsWrongUsage() {
    Patient refused =
        new Patient()
            .openFails(
                new L2ConfigException(
                    List.of(
                        new Problem("--l2-adapter #1 (test_patient)", "name", "must be nicer"),
                        new Problem("--l2-adapter #1 (test_patient)", "name", "and longer"))));
    Patient well = new Patient();
    Cli.Result result = clinic.run(List.of(refused, well));

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out().lines())
        .endsWith(
            "problems",
            "  --l2-adapter #1 (test_patient): open: name must be nicer",
            "  --l2-adapter #1 (test_patient): open: name and longer");
    assertThat(well.calls).contains("close");
  }

  @Test
  void configurationsThatCannotBeReadAreReportedTogetherAndNothingIsOpened() {
    Patient well = new Patient();
    Cli.Result result =
        clinic.run(
            List.of(well), "--l2-adapter", "{\"type\": \"tape\"}", "--l2-adapter", "nonsense");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines()).hasSize(2);
    assertThat(result.errLines().get(0)).startsWith("lmcache: --l2-adapter #2").contains("tape");
    assertThat(result.errLines().get(1)).startsWith("lmcache: --l2-adapter #3");
    assertThat(well.calls).isEmpty();
  }

  @Test
  void objectsAreJudgedForEachAdapter() {
    Patient direct =
        new Patient().aligned(512, 4096).detail("odirect", "requested=true effective=true");
    Patient buffered = new Patient().detail("odirect", "requested=false");
    Cli.Result result =
        clinic.run(
            List.of(direct, buffered),
            "--object-bytes",
            "300001",
            "--object-bytes",
            "8192",
            "--l1-align-bytes",
            "512");

    assertThat(result.code()).as(result.out()).isEqualTo(1);
    assertThat(result.out().lines())
        .containsSubsequence(
            "--l2-adapter #1 (test_patient)",
            "  an object of 300001 bytes: buffered: padding to 300032 bytes does not reach a"
                + " multiple of 4096; --l1-align-bytes 4096 makes it direct",
            "    without padding: direct only as a multiple of 4096, which it is not",
            "  an object of 8192 bytes: direct, as 8192 bytes (--l1-align-bytes 512)",
            "    without padding: direct only as a multiple of 4096, which it is",
            "--l2-adapter #2 (test_patient)",
            "  an object of 300001 bytes: buffered: odirect is not requested",
            "  an object of 8192 bytes: buffered: odirect is not requested",
            "problems",
            "  --l2-adapter #1 (test_patient): object of 300001 bytes: not direct: padding to 300032"
                + " bytes does not reach a multiple of 4096; --l1-align-bytes 4096 makes it"
                + " direct");
    assertThat(result.out().lines()).last().asString().contains("#1");
  }

  @Test
  void anObjectThatCannotGoAsRequiredIsAProblem() {
    Patient patient =
        new Patient().aligned(512, 4096).detail("odirect", "requested=require effective=true");
    String[] size = {"--object-bytes", "300001", "--l1-align-bytes", "512"};
    Cli.Result result = clinic.run(List.of(patient), size);

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out())
        .endsWith(
            "  --l2-adapter #1 (test_patient): object of 300001 bytes: stores fail: padding to"
                + " 300032 bytes does not reach a multiple of 4096, and direct I/O is required;"
                + " --l1-align-bytes 4096 makes it direct\n");
    assertThat(clinic.run(List.of(patient), "--object-bytes", "300001").code()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --object-bytes   | 0          | --object-bytes must be between 1 and 2147483647, got 0
          --object-bytes   | -1         | --object-bytes must be between 1 and 2147483647, got -1
          --object-bytes   | 2147483648 | --object-bytes must be between 1 and 2147483647, got 2147483648
          --l1-align-bytes | 0          | --l1-align-bytes must be a power of two, at most 1073741824, got 0
          --l1-align-bytes | -4096      | --l1-align-bytes must be a power of two, at most 1073741824, got -4096
          --l1-align-bytes | 3000       | --l1-align-bytes must be a power of two, at most 1073741824, got 3000
          --l1-align-bytes | 2147483648 | --l1-align-bytes must be a power of two, at most 1073741824, got 2147483648
          """)
  void wrongNumbersAreRefusedBeforeAnythingIsOpened(String flag, String value, String message) {
    Patient patient = new Patient();
    Cli.Result result = clinic.run(List.of(patient), flag, value);

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines())
        .containsExactly("lmcache: " + message, "try: lmcache doctor --help");
    assertThat(patient.calls).isEmpty();
  }

  @Test
  void aSizeWithoutAnAdapterIsWrongUsage() {
    Cli.Result result = clinic.run(List.of(), "--object-bytes", "1");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.errLines().get(0)).contains("--object-bytes needs an adapter");
  }

  @Test
  void theHelpSaysThatNothingChanges() {
    Cli.Result result = clinic.run(List.of(), "--help");

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("changes", "nothing: no directory is made, no object removed");
    assertThat(result.out().lines()).allMatch(line -> line.length() <= 80);
  }
}

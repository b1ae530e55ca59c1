// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lmcache.core.fixture.Factories;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is wrong with a configuration, and what the user reads about it. A row is the JSON and one
 * text per problem; a text holds the facts of its line, separated by {@code |}.
 */
class BadConfigurationTest {

  private static final String WHERE = "--l2-adapter #2";
  private static final String DEEP = "[".repeat(10_000);

  @TempDir static Path directory;
  private static AdapterRegistry registry;

  record Row(String json, List<String> problems) {
    @Override
    public String toString() {
      return json.length() > 90 ? json.substring(0, 90) + "..." : json;
    }
  }

  @BeforeAll
  static void discover() {
    registry =
        AdapterRegistry.discover(
            Factories.loader(
                directory,
                Factories.Fs.class,
                Factories.Everything.class,
                Factories.Wrap.class,
                Factories.Secretive.class));
  }

  private static Row bad(String json, String... problems) {
    return new Row(json, List.of(problems));
  }

  private static Row fs(String fields, String... problems) {
    return bad("{\"type\": \"fs_native\", " + fields + "}", problems);
  }

  /** Like {@link #fs}, with the one field that is required. */
  private static Row fs2(String fields, String... problems) {
    return fs("\"base_path\": \"/kv\", " + fields, problems);
  }

  private static Row any(String fields, String... problems) {
    return bad("{\"type\": \"everything\", " + fields + "}", problems);
  }

  private static Row wrap(String inner, String... problems) {
    return bad("{\"type\": \"fault_inject\", \"inner\": " + inner + "}", problems);
  }

  static Stream<Row> texts() {
    return Stream.of(
        bad("", "--l2-adapter #2: is empty|\"type\""),
        bad(" \n\t", "#2: is empty"),
        bad("nonsense", "#2: is not valid JSON|line 1, column 1|double quotes"),
        bad("{type: \"fs\"}", "not valid JSON|line 1, column 2|double quotes|shell"),
        bad("{'type': 'fs'}", "not valid JSON|line 1, column 2|double quotes"),
        bad("{\"type\": \"fs\",}", "not valid JSON|line 1, column 15"),
        bad("{\"type\": \"fs\",\n \"shared\": True}", "not valid JSON|line 2, column 12|quotes"),
        bad("{\"type\": \"fs\"", "not valid JSON|ends too early"),
        bad("{\"type\": \"fs", "not valid JSON|ends too early"),
        bad("{\"type\": \"f\ns\"}", "not valid JSON|line 1"),
        bad("[]", "#2: must be a JSON object, got a list"),
        bad("4", "#2: must be a JSON object, got a number"),
        bad("\"fs\"", "#2: must be a JSON object, got a string"),
        bad("null", "#2: must be a JSON object, got null"),
        bad("{} {}", "text after the JSON value|line 1, column 4"),
        bad("{\"type\": \"fs\"} x", "text after the JSON value|line 1, column 16"),
        bad("{\"type\": \"fs\"}\n]", "text after the JSON value|line 2, column 1"),
        bad("{\"type\": \"fs\", \"type\": \"fs\"}", "the name \"type\" twice|line 1"),
        bad("{\"a\": {\"b\": 1,\n \"b\": 2}}", "the name \"b\" twice|line 2"),
        bad(DEEP, "nested too deeply|64 levels"),
        bad("{\"a\":".repeat(10_000), "nested too deeply|64 levels"),
        bad("{\"type\": NaN}", "not valid JSON|line 1, column 10"),
        bad("{\"type\": 01}", "not valid JSON|line 1"),
        bad("{\"a\": " + "9".repeat(1001) + "}", "a number in it is too long"),
        bad("{\"a\": 1e99999999999}", "a number in it is too large"));
  }

  static Stream<Row> types() {
    return Stream.of(
        bad("{}", "--l2-adapter #2: type is missing|known types: everything, fault_inject,"),
        bad("{\"base_path\": \"/kv\"}", "#2: type is missing"),
        bad("{\"type\": null}", "#2: type must be a string, got null"),
        bad("{\"type\": 4}", "#2: type must be a string, got 4"),
        bad("{\"type\": [\"fs\"]}", "#2: type must be a string, got a list"),
        bad("{\"type\": \"\"}", "#2: type must not be empty"),
        bad(
            "{\"type\": \"fs_natve\", \"num_workers\": 0}",
            "--l2-adapter #2: unknown type \"fs_natve\"; did you mean \"fs_native\"?|known types:"
                + " everything, fault_inject, fs_native (also fs), secretive|; 1 descriptor file"
                + " seen"),
        bad("{\"type\": \"FS-Native\"}", "unknown type \"FS-Native\"|did you mean \"fs_native\"?"),
        bad("{\"type\": \"fz\"}", "unknown type \"fz\"|did you mean \"fs\"?"),
        bad("{\"type\": \"redis\"}", "unknown type \"redis\"; known types|merging their META-INF"),
        bad("{\"type\": \"a\\nb\"}", "unknown type \"a\\nb\""),
        bad("{\"type\": \"\\u001b[2J\\u202e\"}", "unknown type \"\\u001b[2J\\u202e\""),
        bad(
            "{\"type\": \"" + "x".repeat(5000) + "\"}",
            "unknown type \"" + "x".repeat(80) + "\"... (5000 characters); known"));
  }

  static Stream<Row> fields() {
    return Stream.of(
        bad(
            "{\"type\": \"fs_native\"}",
            "--l2-adapter #2 (fs_native): base_path is required: directory of the files"),
        bad("{\"type\": \"fs\"}", "--l2-adapter #2 (fs_native): base_path is required"),
        fs("\"base_path\": \"\"", "(fs_native): base_path must not be empty"),
        fs("\"base_path\": null", "base_path must be a path in a string, got null"),
        fs("\"base_path\": 7", "base_path must be a path in a string, got 7"),
        fs("\"base_path\": \"~/kv\"", "base_path does not expand ~; write the path out|\"~/kv\""),
        fs("\"base_path\": \"~kv/x\"", "base_path does not expand ~"),
        fs("\"base_path\": \"/kv/\\uFFFD\"", "base_path must be valid UTF-8"),
        fs("\"base_path\": \"a\\u0000b\"", "base_path must not contain|NUL|\"a\\u0000b\""),
        fs("\"base_path\": \"\\ud800\"", "base_path must be a path that this system can have"),
        fs2("\"num_workers\": 0", "--l2-adapter #2 (fs_native): num_workers must be > 0, got 0"),
        fs2("\"num_workers\": -0", "num_workers must be > 0, got 0"),
        fs2("\"num_workers\": -3", "num_workers must be > 0, got -3"),
        fs2("\"num_workers\": 100000", "num_workers must be <= 1024, got 100000"),
        fs2("\"num_workers\": 99999999999999999999", "must be <= 1024, got 99999999999999999999"),
        fs2("\"num_workers\": 4.0", "num_workers must be an integer|fraction|, got 4.0"),
        fs2("\"num_workers\": 4.5", "num_workers must be an integer|fraction|, got 4.5"),
        fs2("\"num_workers\": 1e2", "num_workers must be an integer|exponent|, got 1E+2"),
        fs2("\"num_workers\": true", "num_workers must be an integer, got true"),
        fs2("\"num_workers\": \"4\"", "num_workers must be an integer, got \"4\""),
        fs2("\"num_workers\": null", "num_workers must be an integer, got null; omit the field"),
        fs2("\"num_workers\": {\"a\": 1}", "num_workers must be an integer, got an object"),
        fs2("\"read_ahead_size\": 0", "read_ahead_size must be > 0, got 0"),
        fs2("\"read_ahead_size\": 2147483648", "read_ahead_size must fit in 32 bits, got 21474836"),
        fs2("\"relative_tmp_dir\": 4", "relative_tmp_dir must be a string, got 4"),
        fs2("\"relative_tmp_dir\": \"/tmp\"", "relative_tmp_dir must be relative to base_path"),
        fs2("\"relative_tmp_dir\": \"throw\"", "cannot be checked|FsConfig|IllegalStateException"),
        fs2("\"max_capacity_gb\": -0.5", "max_capacity_gb must be >= 0, got -0.5"),
        fs2("\"max_capacity_gb\": 1e400", "max_capacity_gb is no number that fits, got 1E+400"),
        fs2("\"max_capacity_gb\": -1e400", "max_capacity_gb is no number that fits"),
        fs2("\"max_capacity_gb\": 1e-400", "max_capacity_gb is no number that fits"),
        fs2("\"max_capacity_gb\": false", "max_capacity_gb must be a number, got false"),
        fs2("\"max_capacity_gb\": \"1\"", "max_capacity_gb must be a number, got \"1\""),
        fs2(
            "\"use_odirect\": \"true\"",
            "use_odirect must be one of false, true, \"require\", got \"true\""),
        fs2("\"use_odirect\": 1", "use_odirect must be one of|, got 1"),
        fs2("\"use_odirect\": \"REQUIRE\"", "use_odirect must be one of|, got \"REQUIRE\""),
        fs2(
            "\"use_odirect\": null",
            "use_odirect must be one of|got null; omit the field instead"));
  }

  static Stream<Row> names() {
    return Stream.of(
        fs2(
            "\"use_direct\": true",
            "(fs_native): unknown field \"use_direct\"; did you mean \"use_odirect\"?"),
        fs2("\"base-path\": \"/x\"", "unknown field \"base-path\"; did you mean \"base_path\"?"),
        fs2("\"numWorkers\": 4", "unknown field \"numWorkers\"; did you mean \"num_workers\"?"),
        fs2("\"Type\": 4", "unknown field \"Type\"; did you mean \"type\"?"),
        fs2("\"sharde\": true", "unknown field \"sharde\"; did you mean \"shared\"?"),
        fs2(
            "\"compression\": 1",
            "unknown field \"compression\"; known fields: base_path, num_workers,"
                + "|max_capacity_gb; of every adapter: type, eviction, shared, persist_enabled"),
        fs2("\"a\\nb\": 1", "unknown field \"a\\nb\"; known fields"),
        fs2("\"" + "y".repeat(500) + "\": 1", "unknown field \"yyyy|\"... (500 characters)"),
        fs2("\"\": 1", "unknown field \"\"; known fields"));
  }

  static Stream<Row> common() {
    return Stream.of(
        fs2("\"shared\": \"yes\"", "(fs_native): shared must be true or false, got \"yes\""),
        fs2("\"shared\": 1", "shared must be true or false, got 1"),
        fs2("\"persist_enabled\": null", "persist_enabled must be|got null; omit the field"),
        fs2("\"eviction\": \"LRU\"", "eviction must be an object, got \"LRU\""),
        fs2("\"eviction\": []", "eviction must be an object, got a list"),
        fs2("\"eviction\": null", "eviction must be an object, got null; omit the field instead"),
        fs2("\"eviction\": {}", "eviction.eviction_policy is required"),
        fs2(
            "\"eviction\": {\"eviction_policy\": \"lru\"}",
            "eviction.eviction_policy must be one of \"LRU\", \"IsolatedLRU\", \"noop\", got"
                + " \"lru\""),
        fs2(
            "\"eviction\": {\"eviction_policy\": \"LRU\", \"trigger_watermark\": 1.5}",
            "eviction.trigger_watermark must be <= 1, got 1.5"),
        fs2(
            "\"eviction\": {\"eviction_policy\": \"LRU\", \"watermark\": 1}",
            "unknown field \"eviction.watermark\"; known fields: eviction_policy,"),
        fs2(
            "\"eviction\": {\"eviction_policy\": \"LRU\", \"eviction_ration\": 1}",
            "unknown field \"eviction.eviction_ration\"; did you mean"
                + " \"eviction.eviction_ratio\"?"));
  }

  static Stream<Row> everyType() {
    return Stream.of(
        any("\"text\": []", "(everything): text must be a string, got a list"),
        any("\"maybe_text\": null", "maybe_text must be a string, got null; omit the field"),
        any("\"flag\": \"true\"", "flag must be true or false, got \"true\""),
        any("\"maybe_flag\": 0", "maybe_flag must be true or false, got 0"),
        any("\"small\": 11", "small must be <= 10, got 11"),
        any("\"small\": -11", "small must be >= -10, got -11"),
        any("\"any_int\": 2147483648", "any_int must fit in 32 bits, got 2147483648"),
        any("\"any_int\": -2147483649", "any_int must fit in 32 bits, got -2147483649"),
        any("\"big\": 9223372036854775808", "big must fit in 64 bits, got 9223372036854775808"),
        any("\"big\": 1.0", "big must be an integer|got 1.0"),
        any("\"maybe_long\": -1", "maybe_long must be >= 0, got -1"),
        any("\"real\": 1.0000000000000001", "real must be <= 1, got 1.0000000000000001"),
        any("\"real\": [0]", "real must be a number, got a list"),
        any("\"path\": \"\"", "path must not be empty"),
        any("\"colour\": \"red\"", "colour must be one of \"dark_red\", \"blue\", got \"red\""),
        any("\"colour\": true", "colour must be one of|got true"),
        any("\"texts\": \"a\"", "texts must be a list, got \"a\""),
        any("\"texts\": [\"a\", 4, null]", "texts[1] must be a string, got 4", "texts[2]|null"),
        any("\"ints\": [1, 0, 2.5]", "ints[1] must be > 0, got 0", "ints[2]|integer|2.5"),
        any("\"longs\": [true]", "longs[0] must be an integer, got true"),
        any("\"reals\": [9.5, \"x\"]", "reals[0] must be <= 9, got 9.5", "reals[1]|number|\"x\""),
        any("\"box\": {\"width\": 0}", "box.width must be > 0, got 0"),
        any("\"box\": {\"width\": 13}", "(everything): box.width must not be 13"),
        any("\"box\": {\"width\": 14}", "(everything): box must not be so wide"),
        any("\"box\": {\"names\": [[]]}", "box.names[0] must be a string, got a list"),
        any("\"maybe_box\": {\"with\": 1}", "\"maybe_box.with\"|did you mean \"maybe_box.width\""),
        any("\"text\": [], \"flag\": 1, \"real\": 2, \"colour\": 3", "text", "flag", "real", "co"));
  }

  static Stream<Row> severalAtOnce() {
    return Stream.of(
        fs(
            "\"num_workers\": 0, \"use_direct\": true, \"shared\": 1",
            "base_path is required",
            "num_workers must be > 0, got 0",
            "shared must be true or false, got 1",
            "unknown field \"use_direct\""),
        fs2(
            "\"num_workers\": 0, \"relative_tmp_dir\": \"/x\"",
            "num_workers must be > 0, got 0",
            "relative_tmp_dir must be relative to base_path, got /x"),
        fs("\"relative_tmp_dir\": \"/x\"", "base_path is required", "relative_tmp_dir"),
        fs2("\"shared\": 1, \"relative_tmp_dir\": \"/x\"", "shared", "relative_tmp_dir"),
        fs2("\"x\": 1, \"relative_tmp_dir\": \"/x\"", "unknown field", "relative_tmp_dir"),
        fs2("\"x\": 1, \"relative_tmp_dir\": \"throw\"", "unknown field", "cannot be checked"),
        fs2("\"shared\": true, \"relative_tmp_dir\": \"alone\"", "relative_tmp_dir|shared"),
        fs("\"shared\": true, \"relative_tmp_dir\": \"alone\"", "base_path", "relative_tmp_dir"),
        fs2("\"num_workers\": 0, \"relative_tmp_dir\": \"throw\"", "num_workers"),
        any("\"box\": {\"width\": 13, \"height\": -1}", "box.height must be", "box.width must not"),
        any("\"box\": {\"width\": 14, \"height\": -1}", "box.height must be >= 0"),
        any("\"box\": {\"width\": \"13\", \"height\": -1}", "box.width must be an", "box.height"),
        fs2(
            "\"eviction\": {\"eviction_ratio\": -1, \"x\": 1}",
            "eviction.eviction_policy is required",
            "eviction.eviction_ratio must be >= 0, got -1",
            "unknown field \"eviction.x\""));
  }

  static Stream<Row> nested() {
    return Stream.of(
        bad(
            "{\"type\": \"fault_inject\"}",
            "--l2-adapter #2 (fault_inject): inner is required: what is wrapped"),
        wrap("4", "(fault_inject): inner must be an object with a \"type\", got 4"),
        wrap("null", "(fault_inject): inner must be an object with a \"type\", got null"),
        wrap("{}", "--l2-adapter #2 (fault_inject): inner: type is missing"),
        wrap("{\"type\": \"fss\"}", "(fault_inject): inner: unknown type \"fss\"; did you mean"),
        wrap(
            "{\"type\": \"fs_native\", \"base_path\": \"/kv\", \"num_workers\": 0}",
            "--l2-adapter #2 (fault_inject): inner (fs_native): num_workers must be > 0, got 0"),
        wrap(
            "{\"type\": \"fs\", \"bas_path\": \"/kv\"}, \"rate\": 2",
            "(fault_inject): inner (fs_native): base_path is required",
            "(fault_inject): inner (fs_native): unknown field \"bas_path\"; did you mean",
            "--l2-adapter #2 (fault_inject): rate must be <= 1, got 2"),
        wrap(
            "{\"type\": \"fault_inject\", \"inner\": {\"type\": \"fs\"}}",
            "(fault_inject): inner (fault_inject): inner (fs_native): base_path is required"),
        wrap(
            "{\"type\": \"fs\", \"base_path\": \"/kv\", \"eviction\": 1}",
            "inner (fs_native): eviction must be an object, got 1"));
  }

  @ParameterizedTest
  @MethodSource({
    "texts",
    "types",
    "fields",
    "names",
    "common",
    "everyType",
    "severalAtOnce",
    "nested"
  })
  void everyProblemIsNamed(Row row) {
    L2ConfigException thrown =
        catchThrowableOfType(L2ConfigException.class, () -> registry.parse(WHERE, row.json()));

    assertThat(thrown).as("refused").isNotNull();
    List<String> lines = thrown.problems().stream().map(Problem::toString).toList();
    assertThat(lines).as("one line per problem").hasSameSizeAs(row.problems());
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i))
          .startsWith(WHERE)
          .contains(row.problems().get(i).split("\\|"))
          .doesNotContain("fasterxml", "Source:", "JsonParse")
          .hasSizeLessThan(700)
          .matches(line -> line.chars().noneMatch(Character::isISOControl), "is one line");
    }
    assertThat(thrown).hasMessage(String.join("\n", lines));
  }

  static Stream<String> secrets() {
    return Stream.of(
        "\"password\": {\"hunter2\": \"hunter2\"}",
        "\"password\": 112233",
        "\"password\": \"hunter2\", \"pin\": 112233",
        "\"password\": \"hunter2\", \"pin\": \"112233\"",
        "\"password\": \"hunter2\", \"pin\": 112233.5",
        "\"password\": \"hunter2\", \"key_file\": \"~hunter2\"",
        "\"password\": \"hunter2\", \"key_file\": \"hunter2\\u0000\"",
        "\"password\": \"hunter2\", \"login\": {\"tries\": -112233, \"mode\": \"hunter2\"}",
        "\"password\": \"hunter2\", \"login\": \"hunter2\"",
        "\"password\": \"hunter2\", \"bucket\": \"refused\"",
        "\"password\": hunter2",
        "\"password\": 'hunter2'",
        "\"password\": \"hunter2\" hunter2",
        "\"password\": \"hunter2\", \"password\": \"hunter2\"",
        "\"password\": \"hunter2\", \"hunter3\": \"hunter2\"");
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void noSecretIsShown(String fields) {
    String bucket = fields.contains("bucket") ? "" : "\"bucket\": \"b\", ";
    String json = "{\"type\": \"secretive\", \"ports\": [1], " + bucket + fields + "}";

    L2ConfigException thrown =
        catchThrowableOfType(L2ConfigException.class, () -> registry.parse(WHERE, json));

    assertThat(thrown).hasMessageNotContaining("hunter2").hasMessageNotContaining("112233");
    assertThat(thrown.problems()).isNotEmpty();
    for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
      assertThat(cause).hasMessageNotContaining("hunter2").hasMessageNotContaining("112233");
    }
  }

  @ParameterizedTest
  @MethodSource("emptyButRequired")
  void whatIsRequiredMustNotBeEmpty(Row row) {
    everyProblemIsNamed(row);
  }

  static Stream<Row> emptyButRequired() {
    String begin = "{\"type\": \"secretive\", ";
    return Stream.of(
        bad(
            begin + "\"bucket\": \"\", \"ports\": [], \"password\": \"\"}",
            "(secretive): bucket must not be empty",
            "(secretive): ports must not be empty",
            "(secretive): password must not be empty"),
        bad(
            begin + "\"bucket\": \"b\", \"ports\": null, \"password\": 1}",
            "ports must be a list, got null",
            "password must be a string, got a number"));
  }
}

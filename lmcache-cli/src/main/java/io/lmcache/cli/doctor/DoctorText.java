// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.cli.TextTable;
import io.lmcache.core.BrokenProvider;
import io.lmcache.spi.AdapterLimits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The report for people: the version, one block for Java, the types and each adapter, and problems
 * last.
 */
final class DoctorText {

  private static final String INDENT = "  ";

  private final List<String> lines = new ArrayList<>();

  private DoctorText() {}

  static String text(DoctorReport report) {
    DoctorText text = new DoctorText();
    text.lines.add("lmcache " + report.version());
    text.lines.add("");
    text.java(report.java());
    text.providers(report);
    report.adapters().forEach(adapter -> text.adapter(adapter, report.alignment()));
    text.problems(report.findings());
    return String.join("\n", text.lines) + "\n";
  }

  private void java(JavaFacts java) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("version", java.version());
    facts.put("vendor", java.vendor());
    facts.put("home", java.home());
    facts.put("system", java.os() + " " + java.arch());
    facts.put("libc", java.libc().orElse("unknown"));
    facts.put(
        "native access",
        java.nativeAccess()
            .map(
                permitted ->
                    permitted ? "enabled" : "not enabled: add --enable-native-access=ALL-UNNAMED")
            .orElse("enabled; this Java asks nobody"));
    block("java", facts);
  }

  private void providers(DoctorReport report) {
    TextTable table = new TextTable(List.of("TYPE", "JAR", "STATUS"));
    for (DoctorReport.Provider provider : report.providers()) {
      String status =
          provider.unavailability().map(why -> "unavailable: " + why).orElse("available");
      String conflict =
          provider.description().conflict().map(why -> "; conflict: " + why).orElse("");
      table.add(
          List.of(provider.description().type(), provider.description().jar(), status + conflict));
    }
    lines.add("");
    lines.add("providers");
    table.lines().forEach(line -> lines.add(INDENT + line));
    for (BrokenProvider broken : report.broken()) {
      lines.add(INDENT + "broken: " + broken);
    }
  }

  private void adapter(AdapterReport adapter, int alignment) {
    Map<String, String> facts = new LinkedHashMap<>();
    adapter
        .opened()
        .ifPresent(
            opened -> {
              String reason = opened.status().reason();
              String health = opened.status().health().name().toLowerCase(Locale.ROOT);
              facts.put("health", health + (reason.isEmpty() ? "" : ": " + reason));
              limits(opened.limits(), facts);
              opened.status().details().forEach(facts::putIfAbsent);
            });
    lines.add("");
    block(adapter.where(), facts);
    adapter.failures().forEach(failure -> lines.add(INDENT + "cannot be opened: " + failure));
    adapter
        .opened()
        .ifPresent(opened -> opened.sizes().forEach(size -> objectSize(size, alignment)));
  }

  private static void limits(AdapterLimits limits, Map<String, String> facts) {
    facts.put("max object bytes", Long.toString(limits.maxObjectBytes()));
    facts.put("max keys per request", Integer.toString(limits.maxKeysPerRequest()));
    facts.put("memory alignment", Integer.toString(limits.memoryAlignment()));
    facts.put("length alignment", Integer.toString(limits.lengthAlignment()));
  }

  private void objectSize(ObjectSize size, int alignment) {
    String object = INDENT + "an object of " + size.bytes() + " bytes: ";
    String arena = " (--l1-align-bytes " + alignment + ")";
    switch (size.path()) {
      case DIRECT -> lines.add(object + "direct, as " + size.paddedBytes() + " bytes" + arena);
      case BUFFERED -> lines.add(object + "buffered: " + size.reason() + size.advice());
      case REFUSED -> lines.add(object + "stores fail: " + size.reason() + size.advice());
    }
    if (size.path() == ObjectSize.Path.DIRECT || size.enough().isPresent()) {
      lines.add(
          INDENT
              + INDENT
              + "without padding: direct only as a multiple of "
              + size.lengthAlignment()
              + (size.isMultiple() ? ", which it is" : ", which it is not"));
    }
  }

  private void problems(List<Finding> findings) {
    lines.add("");
    if (findings.isEmpty()) {
      lines.add("no problems");
      return;
    }
    lines.add("problems");
    findings.forEach(finding -> lines.add(INDENT + OneLine.of(finding.line())));
  }

  private void block(String title, Map<String, String> facts) {
    int width = facts.keySet().stream().mapToInt(String::length).max().orElse(0);
    lines.add(title);
    facts.forEach(
        (name, value) ->
            lines.add(
                (INDENT + name + " ".repeat(width - name.length()) + INDENT + OneLine.of(value))
                    .stripTrailing()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.adapters;

import io.lmcache.cli.TextTable;
import io.lmcache.core.AdapterDescription;
import io.lmcache.core.FieldDescription;
import java.util.ArrayList;
import java.util.List;

/**
 * The listing for people: one block per type, then the fields that every type has. Each field is
 * one line of facts and, below it, what it does.
 */
final class AdaptersText {

  private static final int WIDTH = 100;
  private static final String INDENT = "  ";
  private static final String DOC_INDENT = INDENT + "    ";
  private static final String NONE = "-";

  private AdaptersText() {}

  static String text(AdapterListing listing) {
    List<String> lines = new ArrayList<>();
    for (AdapterDescription adapter : listing.adapters()) {
      adapter(adapter, lines);
      lines.add("");
    }
    lines.add("Every type also has:");
    fields(AdapterDescription.commonFields(), lines);
    lines.add("");
    lines.add(
        count(listing.adapters().size(), "type")
            + " from "
            + count(listing.descriptorFiles(), "descriptor file")
            + (listing.broken().isEmpty()
                ? ""
                : ", " + count(listing.broken().size(), "broken provider")));
    return String.join("\n", lines) + "\n";
  }

  private static void adapter(AdapterDescription adapter, List<String> lines) {
    lines.add(adapter.type());
    fact(
        "status",
        adapter.unavailability().map(why -> "unavailable: " + why).orElse("available"),
        lines);
    adapter.conflict().ifPresent(conflict -> fact("conflict", conflict, lines));
    fact(
        "aliases",
        adapter.aliases().isEmpty() ? NONE : String.join(", ", adapter.aliases()),
        lines);
    fact("class", adapter.className(), lines);
    fact("jar", adapter.jar(), lines);
    lines.add("");
    if (adapter.fields().isEmpty()) {
      lines.add(INDENT + "It has no fields of its own.");
    } else {
      fields(adapter.fields(), lines);
    }
  }

  private static void fact(String name, String value, List<String> lines) {
    lines.add(String.format("%s%-10s%s", INDENT, name, value));
  }

  private static void fields(List<FieldDescription> fields, List<String> lines) {
    TextTable table = new TextTable(List.of("FIELD", "TYPE", "DEFAULT", "RANGE", "UNIT"));
    for (FieldDescription field : fields) {
      table.add(
          List.of(
              field.name(),
              field.type() + (field.secret() ? " (secret)" : ""),
              field.required() ? "required" : AdapterListing.shownDefault(field).orElse(NONE),
              field.range().orElse(NONE),
              field.unit().isEmpty() ? NONE : field.unit()));
    }
    List<String> rows = table.lines();
    lines.add(INDENT + rows.get(0));
    for (int i = 0; i < fields.size(); i++) {
      lines.add(INDENT + rows.get(i + 1));
      wrap(fields.get(i).doc(), lines);
    }
  }

  private static void wrap(String text, List<String> lines) {
    StringBuilder line = new StringBuilder(DOC_INDENT);
    for (String word : text.split(" ", -1)) {
      if (line.length() + 1 + word.length() > WIDTH && line.length() > DOC_INDENT.length()) {
        lines.add(line.toString().stripTrailing());
        line = new StringBuilder(DOC_INDENT);
      }
      line.append(word).append(' ');
    }
    lines.add(line.toString().stripTrailing());
  }

  private static String count(int n, String noun) {
    return n + " " + noun + (n == 1 ? "" : "s");
  }
}

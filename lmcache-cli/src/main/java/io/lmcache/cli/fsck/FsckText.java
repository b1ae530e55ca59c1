// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.fsck;

import io.lmcache.cli.TextTable;
import io.lmcache.l2.fs.CheckFinding;
import io.lmcache.l2.fs.CheckKind;
import io.lmcache.l2.fs.CheckReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report for people: the directory, one line for each kind of file, and problems last. */
final class FsckText {

  /** How many problems are listed at most. */
  static final int MOST_FINDINGS = 100_000;

  /** The same for who did not ask for all of them. */
  static final int FEW_FINDINGS = 20;

  private static final String INDENT = "  ";

  private FsckText() {}

  static String text(CheckReport report) {
    List<String> lines = new ArrayList<>();
    place(report.place(), lines);
    lines.add("");
    table(report).lines().forEach(lines::add);
    lines.add("");
    problems(report, lines);
    return String.join("\n", lines) + "\n";
  }

  private static void place(CheckReport.Place place, List<String> lines) {
    lines.add(
        place.directory()
            + ": "
            + place.fileSystem()
            + (place.attributes() ? "" : " without attributes, so there are no checksums")
            + (place.formatFile()
                ? ", hash_subdir_levels " + place.hashSubdirLevels()
                : ", no format.json: as upstream writes it"));
    place.users().forEach(user -> lines.add("in use by " + user));
    int silent = place.living() - place.users().size();
    if (silent > 0) {
      lines.add("in use by " + silent + " that cannot be asked who they are");
    }
  }

  private static TextTable table(CheckReport report) {
    TextTable table = new TextTable(List.of("", ">FILES", ">BYTES"));
    CheckReport.Tally objects = report.objects();
    table.add(row("objects", objects.files(), objects.bytes()));
    for (CheckKind kind : CheckKind.values()) {
      CheckReport.Tally tally = report.of(kind);
      if (kind.isObject() || tally.files() > 0) {
        String name = (kind.isObject() ? INDENT : "") + words(kind);
        table.add(
            kind == CheckKind.FOREIGN || kind == CheckKind.OWNER_DEAD
                ? List.of(name, number(tally.files()), "")
                : row(name, tally.files(), tally.bytes()));
      }
    }
    return table;
  }

  private static List<String> row(String name, long files, long bytes) {
    return List.of(name, number(files), number(bytes));
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String words(CheckKind kind) {
    return switch (kind) {
      case VERIFIED -> "verified";
      case NO_CHECKSUM -> "without a checksum";
      case UNVERIFIED -> "unverified, without attribute";
      case CORRUPT -> "corrupt";
      case EMPTY -> "empty, left by a crash";
      case NEWER -> "of a newer version";
      case FOREIGN -> "foreign";
      case STAGING_LIVING -> "staging, of the living";
      case STAGING_DEAD -> "staging, of the dead";
      case STAGING_UNOWNED -> "staging, of nobody known";
      case OWNER_DEAD -> "owner files of the dead";
      case UNREADABLE -> "unreadable";
    };
  }

  private static void problems(CheckReport report, List<String> lines) {
    if (report.problems() == 0) {
      lines.add("no problems");
      return;
    }
    lines.add("problems");
    int listed = Math.min(report.findings().size(), MOST_FINDINGS);
    TextTable table = new TextTable(List.of("KIND", "STATE", "FILE"));
    for (CheckFinding finding : report.findings().subList(0, listed)) {
      String path = report.place().directory().relativize(finding.path()).toString();
      String name = path.isEmpty() ? "." : path;
      table.add(
          List.of(
              finding.kind().toString(),
              finding.removed() ? "removed" : "there",
              finding.reason().isEmpty() ? name : name + ": " + finding.reason()));
    }
    table.lines().forEach(line -> lines.add(INDENT + line));
    if (report.problems() > listed) {
      lines.add(
          INDENT
              + "and "
              + number(report.problems() - listed)
              + " more"
              + (listed < MOST_FINDINGS ? "; -v lists them" : ""));
    }
    lines.add("");
    lines.add(summary(report));
  }

  private static String summary(CheckReport report) {
    long removed = report.problems() - report.left();
    if (report.repaired()) {
      return number(removed) + " removed, " + number(report.left()) + " left";
    }
    long unreadable = report.of(CheckKind.UNREADABLE).files();
    long removable = report.left() - unreadable;
    return number(report.left())
        + " found"
        + (removable > 0 ? "; --repair would remove " + number(removable) : "");
  }
}

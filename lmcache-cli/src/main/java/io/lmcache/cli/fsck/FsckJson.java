// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.fsck;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.cli.Json;
import io.lmcache.l2.fs.CheckFinding;
import io.lmcache.l2.fs.CheckKind;
import io.lmcache.l2.fs.CheckReport;

/** The report for programs. Every kind is there, also if there is none of it. */
final class FsckJson {

  private FsckJson() {}

  static String text(CheckReport report) {
    CheckReport.Place place = report.place();
    ObjectNode document = Json.object();
    document.put("directory", place.directory().toString());
    document.put("file_system", place.fileSystem());
    document.put("format_file", place.formatFile());
    document.put("hash_subdir_levels", place.hashSubdirLevels());
    document.put("attributes", place.attributes());
    document.put("users", place.living());
    ArrayNode known = document.putArray("in_use_by");
    place.users().forEach(known::add);
    document.put("repair", report.repaired());
    document.put("clean", report.isClean());
    CheckReport.Tally objects = report.objects();
    document.putObject("objects").put("files", objects.files()).put("bytes", objects.bytes());
    ObjectNode kinds = document.putObject("kinds");
    for (CheckKind kind : CheckKind.values()) {
      tally(kinds.putObject(kind.toString()), report.of(kind));
    }
    document.put("gone_meanwhile", report.gone());
    document.put("bytes_read", report.bytesRead());
    document.put("problem_count", report.problems());
    document.put("problems_left", report.left());
    ArrayNode problems = document.putArray("problems");
    for (CheckFinding finding : report.findings()) {
      problems
          .addObject()
          .put("kind", finding.kind().toString())
          .put("path", finding.path().toString())
          .put("bytes", finding.bytes())
          .put("reason", finding.reason().isEmpty() ? null : finding.reason())
          .put("removed", finding.removed());
    }
    return Json.text(document);
  }

  private static void tally(ObjectNode node, CheckReport.Tally tally) {
    node.put("files", tally.files());
    node.put("bytes", tally.bytes());
    node.put("removed", tally.removed());
  }
}

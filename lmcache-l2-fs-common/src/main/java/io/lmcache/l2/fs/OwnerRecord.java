// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an owner file says of its owner.
 *
 * <p>For people only, but for {@code locks}: whether the owner is alive is told by the lock on its
 * file, never by the process id, which means nothing in another container.
 *
 * @param since when it opened the directory, ISO 8601
 * @param staging {@code relative_tmp_dir}: where it stages, so that whoever sweeps looks there too
 * @param locks whether the owner holds a lock on its file for as long as it lives
 */
record OwnerRecord(
    long pid,
    String host,
    String type,
    boolean exclusive,
    String since,
    String staging,
    boolean locks) {

  private static final Logger LOG = LoggerFactory.getLogger(OwnerRecord.class);

  static OwnerRecord ofThisProcess(DirectoryOptions options, Clock clock, boolean locks) {
    return new OwnerRecord(
        ProcessHandle.current().pid(),
        hostName(),
        options.adapterType(),
        !options.shared(),
        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString(),
        options.relativeStaging(),
        locks);
  }

  /** Not through the name service, which may take its time. */
  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      LOG.debug("no host name from the kernel", e);
      String host = System.getenv("HOSTNAME");
      return host == null ? "" : host;
    }
  }

  byte[] toBytes() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("pid", pid);
    fields.put("host", host);
    fields.put("type", type);
    fields.put("mode", exclusive ? "exclusive" : "shared");
    fields.put("since", since);
    fields.put("relative_tmp_dir", staging);
    fields.put("locks", locks);
    return FlatJson.write(fields).getBytes(StandardCharsets.UTF_8);
  }

  /** Reads what can be read; what is missing is empty, and an owner has locks unless it says no. */
  static OwnerRecord of(byte[] content) throws FlatJson.MalformedException {
    Map<String, Object> fields = FlatJson.read(content);
    return new OwnerRecord(
        fields.get("pid") instanceof Long pid ? pid : 0,
        text(fields, "host"),
        text(fields, "type"),
        text(fields, "mode").equals("exclusive"),
        text(fields, "since"),
        text(fields, "relative_tmp_dir"),
        !Boolean.FALSE.equals(fields.get("locks")));
  }

  private static String text(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof String value ? value : "";
  }

  /** What is no path, or none in this JVM's encoding, tells nobody where to look. */
  boolean isStagingAPath() {
    try {
      return !Path.of(staging).isAbsolute();
    } catch (InvalidPathException e) {
      return false;
    }
  }

  String describe() {
    return "pid %d on %s (%s, %s, since %s)"
        .formatted(pid, host, type, exclusive ? "exclusive" : "shared", since);
  }
}

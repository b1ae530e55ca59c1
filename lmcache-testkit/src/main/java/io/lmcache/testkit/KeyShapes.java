// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import io.lmcache.spi.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Keys of every legal shape: what a name of a file, of a row or of a remote object may get wrong,
 * and pairs that a careless name confuses.
 */
final class KeyShapes {

  private static final long RANK = 0x02000200L;

  private KeyShapes() {}

  /** Keys that every adapter must take, each different from another one in one field only. */
  static List<ObjectKey> plain(String model) {
    byte[] hash = hash(32, 1);
    return List.of(
        ObjectKey.of(hash, model, RANK, 0, ""),
        ObjectKey.of(hash(32, 2), model, RANK, 0, ""),
        ObjectKey.of(hash, model + "/b", RANK, 0, ""),
        ObjectKey.of(hash, model, 0, 0, ""),
        ObjectKey.of(hash, model, Long.MAX_VALUE, 0, ""),
        ObjectKey.of(hash, model, RANK | 1L << 32, 0, ""),
        ObjectKey.of(hash, model, RANK, 1, ""),
        ObjectKey.of(hash, model, RANK, Integer.MAX_VALUE, ""),
        ObjectKey.of(hash, model, RANK, 0, "tenant-a"),
        ObjectKey.of(hash, model, RANK, 0, "tenant-b"));
  }

  /** Keys of other shapes, within so many bytes; an adapter may not support some. */
  static List<ObjectKey> other(String model, int maxKeyBytes) {
    byte[] hash = hash(32, 1);
    Set<ObjectKey> keys = new LinkedHashSet<>();
    for (String tail : tails()) {
      keys.add(ObjectKey.of(hash, model + tail, RANK, 0, ""));
    }
    for (String salt : salts()) {
      keys.add(ObjectKey.of(hash, model, RANK, 0, salt));
    }
    for (int length : List.of(0, 1, 8, 16, 31, 33, 64)) {
      keys.add(ObjectKey.of(hash(length, 1), model, RANK, 0, ""));
    }
    keys.add(ObjectKey.of(new byte[] {0}, model, RANK, 0, ""));
    keys.add(ObjectKey.of(new byte[] {0, 0}, model, RANK, 0, ""));
    keys.add(ObjectKey.of(hash, "/" + model, RANK, 0, ""));
    keys.add(ObjectKey.of(hash, "../" + model, RANK, 0, ""));
    keys.add(ObjectKey.of(hash, " " + model, RANK, 0, ""));
    keys.add(ObjectKey.of(hash, "." + model, RANK, 0, ""));
    // Fields that run into each other if nothing stands between them.
    keys.add(ObjectKey.of(new byte[] {0x11}, model, 0x12, 0x1, ""));
    keys.add(ObjectKey.of(new byte[] {0x11, 0x11}, model, 0x12, 0x1, ""));
    keys.add(ObjectKey.of(new byte[] {0x11}, model, 0x1, 0x21, ""));
    keys.add(ObjectKey.of(new byte[] {0x11}, model, 0x121, 0x1, ""));
    keys.add(ObjectKey.of(new byte[] {0x11}, model + "1", 0x2, 0x1, ""));
    keys.add(ObjectKey.of(hash, model + "-x", RANK, 0, "y"));
    keys.add(ObjectKey.of(hash, model, RANK, 0, "x-y"));
    keys.add(ObjectKey.of(hash, model, RANK, 0, "x_y"));
    keys.removeIf(key -> key.toString().getBytes(StandardCharsets.UTF_8).length > maxKeyBytes);
    return List.copyOf(keys);
  }

  /** Twins: each differs from a neighbour by what a file system, a shell or a URL may fold. */
  private static List<String> tails() {
    return List.of(
        "/a",
        "_a",
        "-a",
        "--a",
        "__a",
        "//a",
        "/a/",
        "-SEP-a",
        "-SEP--SEP-a",
        "%2Fa",
        "%2fa",
        "%a",
        ":a",
        ".a",
        "\\a",
        "+a",
        " a",
        "  a",
        "a ",
        "#a",
        "?a",
        "*a",
        "'a'",
        "\"a\"",
        "$a",
        "~a",
        "A",
        "a",
        "x/../a",
        "x/./a",
        "\u00e4",
        "a\u0308",
        "\u00c4",
        "\u6a21\u578b",
        "\ud83e\udd99",
        "\u0131",
        ".data",
        ".tmp",
        "/data.tmp",
        "{a}",
        "a|b",
        "a,b",
        "a=b",
        "a&b",
        "a;b",
        "<a>");
  }

  private static List<String> salts() {
    return List.of(
        "a",
        "A",
        "-",
        "--",
        "_",
        ".",
        "..",
        " ",
        "%2F",
        "%",
        ":",
        "a b",
        "0",
        "\u00e4",
        "a\u0308",
        "\ud83e\udd99",
        "tenant_a",
        "Tenant-a",
        "tenant-a.data",
        "x".repeat(100));
  }

  /** A hash of so many bytes. */
  static byte[] hash(int length, int number) {
    byte[] hash = new byte[length];
    Arrays.fill(hash, (byte) 0xAB);
    if (length > 0) {
      hash[length - 1] = (byte) number;
    }
    return hash;
  }
}

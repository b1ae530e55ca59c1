// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

/**
 * Makes foreign text fit for a message: one line, nothing in it that a terminal would obey or hide,
 * and not longer than a reader wants.
 */
public final class Text {

  private static final int LONGEST_QUOTE = 80;

  private Text() {}

  /** The text in double quotes, escaped as in JSON and shortened if it is long. */
  public static String quoted(String text) {
    StringBuilder out = new StringBuilder().append('"');
    int shown = appendEscaped(out, text, LONGEST_QUOTE, true);
    out.append('"');
    return shown == text.length()
        ? out.toString()
        : out.append("... (").append(text.length()).append(" characters)").toString();
  }

  /** The text without quotes: escaped, and cut after {@code longest} characters. */
  public static String oneLine(String text, int longest) {
    StringBuilder out = new StringBuilder();
    return appendEscaped(out, text, longest, false) == text.length()
        ? out.toString()
        : out.append("...").toString();
  }

  private static int appendEscaped(StringBuilder out, String text, int longest, boolean quote) {
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (i + Character.charCount(c) > longest) {
        break;
      }
      i += Character.charCount(c);
      if (quote && (c == '"' || c == '\\')) {
        out.append('\\').appendCodePoint(c);
      } else if (c == '\n' || c == '\r' || c == '\t') {
        out.append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
      } else if (isVisible(c)) {
        out.appendCodePoint(c);
      } else {
        out.append(String.format("\\u%04x", c));
      }
    }
    return i;
  }

  private static boolean isVisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One JSON object whose values are integers, strings, {@code true} or {@code false}: all that the
 * files of {@code .lmcache/} need.
 */
final class FlatJson {

  private static final Pattern INTEGER = Pattern.compile("-?(?:0|[1-9][0-9]*)");

  private final String text;
  private int at;

  private FlatJson(String text) {
    this.text = text;
  }

  /** What is wrong with a text, in words that go after the name of its file. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  /** Fields in their order; a value is a {@link Long}, a {@link String} or a {@link Boolean}. */
  static Map<String, Object> read(byte[] bytes) throws MalformedException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("is not UTF-8");
    }
    return new FlatJson(text).object();
  }

  static String write(Map<String, Object> fields) {
    StringBuilder out = new StringBuilder("{");
    String separator = "";
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      out.append(separator);
      quote(field.getKey(), out);
      out.append(": ");
      if (field.getValue() instanceof String value) {
        quote(value, out);
      } else {
        out.append(field.getValue());
      }
      separator = ", ";
    }
    return out.append("}\n").toString();
  }

  private static void quote(String value, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append("\\u").append(String.format("%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private Map<String, Object> object() throws MalformedException {
    Map<String, Object> fields = new LinkedHashMap<>();
    expect('{');
    if (peek() != '}') {
      do {
        String name = string();
        expect(':');
        if (fields.put(name, value()) != null) {
          throw new MalformedException("has \"" + name + "\" twice");
        }
      } while (accept(','));
    }
    expect('}');
    if (peek() != 0) {
      throw unexpected("the end");
    }
    return fields;
  }

  private Object value() throws MalformedException {
    char c = peek();
    if (c == '"') {
      return string();
    }
    for (String word : new String[] {"true", "false"}) {
      if (text.startsWith(word, at)) {
        at += word.length();
        return Boolean.valueOf(word);
      }
    }
    Matcher integer = INTEGER.matcher(text).region(at, text.length());
    if (!integer.lookingAt()) {
      throw unexpected("an integer or a string");
    }
    int from = at;
    at = integer.end();
    try {
      return Long.valueOf(text.substring(from, at));
    } catch (NumberFormatException e) {
      throw new MalformedException("has a number that is too large: " + integer.group());
    }
  }

  private String string() throws MalformedException {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return out.toString();
      } else if (c == '\\') {
        out.append(escaped());
      } else if (c < ' ') {
        break;
      } else {
        out.append(c);
      }
    }
    throw new MalformedException("has a string without an end");
  }

  private char escaped() throws MalformedException {
    char c = at < text.length() ? text.charAt(at++) : 0;
    int index = "\"\\/bfnrt".indexOf(c);
    if (c != 0 && index >= 0) {
      return "\"\\/\b\f\n\r\t".charAt(index);
    }
    if (c == 'u' && at + 4 <= text.length()) {
      String digits = text.substring(at, at + 4);
      if (digits.matches("[0-9a-fA-F]{4}")) {
        at += 4;
        return (char) Integer.parseInt(digits, 16);
      }
    }
    at--;
    throw unexpected("an escape");
  }

  /** The next character that is no white space, or 0 at the end. */
  private char peek() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private boolean accept(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char c) throws MalformedException {
    if (!accept(c)) {
      throw unexpected("'" + c + "'");
    }
  }

  private MalformedException unexpected(String wanted) {
    String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
    return new MalformedException(
        "has " + found + " where " + wanted + " should be, at character " + (at + 1));
  }
}

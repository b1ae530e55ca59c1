// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.io.IOException;

/**
 * Reads JSON strictly: one value and nothing after it, no name twice, numbers as they are written.
 *
 * <p>What is wrong is said in our own words. The parser's words quote the text around the spot, and
 * that may be a password.
 */
public final class ConfigJson {

  private static final int DEEPEST = 64;
  private static final int LONGEST = 4 << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxDocumentLength(LONGEST)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private ConfigJson() {}

  /**
   * Reads an object.
   *
   * @param where what messages call the text
   * @throws L2ConfigException if the text is anything else, with one problem
   */
  public static ObjectNode readObject(String where, String json) throws L2ConfigException {
    JsonNode node;
    try {
      node = read(json);
    } catch (NotJson e) {
      throw new L2ConfigException(new Problem(where, "", e.reason));
    }
    if (!(node instanceof ObjectNode object)) {
      throw new L2ConfigException(
          new Problem(where, "", "must be a JSON object, got " + Place.kind(node)));
    }
    return object;
  }

  /** Reads any value. */
  static JsonNode read(String json) throws NotJson {
    try (JsonParser parser = MAPPER.createParser(json)) {
      if (parser.nextToken() == null) {
        throw new NotJson("is empty; a JSON object with a \"type\" is needed");
      }
      JsonNode node = MAPPER.readTree(parser);
      expectEnd(json, parser);
      return node;
    } catch (JsonProcessingException e) {
      throw new NotJson(reason(json, e));
    } catch (IOException | ArithmeticException | NumberFormatException e) {
      throw new NotJson("is not valid JSON: a number in it is too large");
    }
  }

  private static void expectEnd(String json, JsonParser parser) throws IOException, NotJson {
    long offset;
    try {
      if (parser.nextToken() == null) {
        return;
      }
      offset = parser.currentTokenLocation().getCharOffset();
    } catch (JsonProcessingException e) {
      offset = offset(json, e);
    }
    throw new NotJson("has text after the JSON value, at " + position(json, offset));
  }

  private static String reason(String json, JsonProcessingException e) {
    String message = String.valueOf(e.getOriginalMessage());
    if (e instanceof StreamConstraintsException) {
      if (message.contains("nesting depth")) {
        return "is nested too deeply; at most " + DEEPEST + " levels are read";
      }
      return message.contains("Number")
          ? "is not valid JSON: a number in it is too long"
          : "is too long";
    }
    long offset = offset(json, e);
    if (message.startsWith("Duplicate field")) {
      int open = message.indexOf('\'');
      String name = message.substring(open + 1, Math.max(open + 1, message.lastIndexOf('\'')));
      return "has the name " + Text.quoted(name) + " twice, at " + position(json, offset);
    }
    if (e instanceof JsonEOFException) {
      return "is not valid JSON: it ends too early; is a quote or a bracket missing?";
    }
    return "is not valid JSON, at " + position(json, offset) + hint(json, (int) offset);
  }

  /** Where the trouble begins: the parser points behind the word that it could not read. */
  private static long offset(String json, JsonProcessingException e) {
    long offset = e.getLocation() == null ? 0 : e.getLocation().getCharOffset();
    int begin = (int) Math.max(0, Math.min(offset, json.length()));
    if (begin > 0 && !isWord(json, begin) && isWord(json, begin - 1)) {
      begin--;
    }
    while (begin > 0 && isWord(json, begin) && isWord(json, begin - 1)) {
      begin--;
    }
    return begin;
  }

  private static boolean isWord(String json, int index) {
    return index < json.length() && Character.isJavaIdentifierPart(json.charAt(index));
  }

  private static String hint(String json, int offset) {
    char c = offset < json.length() ? json.charAt(offset) : ' ';
    return Character.isJavaIdentifierStart(c) || c == '\''
        ? ": names and texts need double quotes (in a shell, single quotes around the whole)"
        : "";
  }

  private static String position(String json, long offset) {
    int end = (int) Math.max(0, Math.min(offset, json.length()));
    String before = json.substring(0, end);
    long line = before.chars().filter(c -> c == '\n').count() + 1;
    return "line " + line + ", column " + (end - before.lastIndexOf('\n'));
  }

  /** The text is not one JSON value. */
  static final class NotJson extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    NotJson(String reason) {
      super(reason);
      this.reason = reason;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lmcache.spi.JsonLiteral;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An enum. Each constant is one JSON literal: {@code true} and {@code false} are the booleans, all
 * else is a string.
 */
record EnumType(Map<String, Object> constants) implements ValueType {

  static EnumType of(Class<?> type) {
    Map<String, Object> constants = new LinkedHashMap<>();
    for (Object constant : type.getEnumConstants()) {
      String literal = literal(type, ((Enum<?>) constant).name());
      if (constants.put(literal, constant) != null) {
        throw new IllegalArgumentException(
            "two constants of " + type.getName() + " are written " + Text.quoted(literal));
      }
    }
    if (constants.isEmpty()) {
      throw new IllegalArgumentException(type.getName() + " has no constants");
    }
    return new EnumType(constants);
  }

  private static String literal(Class<?> type, String name) {
    try {
      JsonLiteral literal = type.getField(name).getAnnotation(JsonLiteral.class);
      return literal == null ? name.toLowerCase(Locale.ROOT) : literal.value();
    } catch (NoSuchFieldException e) {
      throw new IllegalArgumentException(type.getName() + " has no constant " + name, e);
    }
  }

  private static boolean isBoolean(String literal) {
    return literal.equals("true") || literal.equals("false");
  }

  @Override
  public String label() {
    return "one of " + String.join(", ", constants.keySet());
  }

  @Override
  public @Nullable Object read(JsonNode node, Place place) {
    if (node.isBoolean() || (node.isTextual() && !isBoolean(node.textValue()))) {
      Object constant = constants.get(node.asText());
      if (constant != null) {
        return constant;
      }
    }
    String expected =
        constants.keySet().stream()
            .map(literal -> isBoolean(literal) ? literal : Text.quoted(literal))
            .collect(Collectors.joining(", ", "one of ", ""));
    place.unfit(expected, node);
    return null;
  }

  @Override
  public JsonNode defaultNode(String text) {
    return isBoolean(text) ? BooleanNode.valueOf(text.equals("true")) : TextNode.valueOf(text);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Values that are written as strings, and booleans. */
final class TextTypes {

  private TextTypes() {}

  /** {@code String}. */
  record Plain() implements ValueType {

    @Override
    public String label() {
      return "string";
    }

    @Override
    public @Nullable Object read(JsonNode node, Place place) {
      if (!node.isTextual()) {
        place.unfit("a string", node);
        return null;
      }
      check(node.textValue(), place);
      return node.textValue();
    }

    @Override
    public void check(Object value, Place place) {
      if (place.isRequired() && value.equals("")) {
        place.problem("must not be empty");
      }
    }

    @Override
    public JsonNode defaultNode(String text) {
      return TextNode.valueOf(text);
    }
  }

  /** {@code boolean}. */
  record Flag() implements ValueType {

    @Override
    public String label() {
      return "boolean";
    }

    @Override
    public @Nullable Object read(JsonNode node, Place place) {
      if (!node.isBoolean()) {
        place.unfit("true or false", node);
        return null;
      }
      return node.booleanValue();
    }
  }

  /** {@code Path}. */
  record FilePath() implements ValueType {

    @Override
    public String label() {
      return "path";
    }

    @Override
    public @Nullable Object read(JsonNode node, Place place) {
      if (!node.isTextual()) {
        place.unfit("a path in a string", node);
        return null;
      }
      String text = node.textValue();
      if (text.isEmpty()) {
        place.problem("must not be empty");
        return null;
      }
      if (text.startsWith("~")) {
        place.refused("does not expand ~; write the path out", Place.shown(node));
        return null;
      }
      if (text.indexOf('\uFFFD') >= 0) {
        // What stood there was no UTF-8, and all such paths would become one.
        place.refused("must be valid UTF-8", Place.shown(node));
        return null;
      }
      try {
        return Path.of(text);
      } catch (InvalidPathException e) {
        place.refused(
            text.indexOf('\0') >= 0
                ? "must not contain the character NUL"
                : "must be a path that this system can have",
            Place.shown(node));
        return null;
      }
    }

    @Override
    public JsonNode defaultNode(String text) {
      return TextNode.valueOf(text);
    }
  }
}

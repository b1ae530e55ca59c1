// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One kind of value that a configuration record's component can have. Immutable. */
interface ValueType {

  /** What help calls it. */
  String label();

  /** The component's value, or null if the JSON is none, which is then reported at the place. */
  @Nullable Object read(JsonNode node, Place place);

  /** Reports if a value that is of this type is not allowed. */
  default void check(Object value, Place place) {}

  /** The JSON that an annotation's default text stands for. */
  default JsonNode defaultNode(String text) throws ConfigJson.NotJson {
    return ConfigJson.read(text);
  }

  /** Which numbers are allowed, in words. */
  default Optional<String> range() {
    return Optional.empty();
  }

  /** Whether least and largest number mean anything here. */
  default boolean isNumeric() {
    return false;
  }

  /** The fields inside, for an object. */
  default List<Field> fields() {
    return List.of();
  }
}

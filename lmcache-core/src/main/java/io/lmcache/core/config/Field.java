// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.spi.ConfigField;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One field of a configuration record, as its annotation and its type describe it. Immutable. */
public final class Field {

  private final ConfigField about;
  private final ValueType type;
  private final @Nullable JsonNode defaultNode;
  private final @Nullable Object defaultValue;

  Field(
      ConfigField about,
      ValueType type,
      @Nullable JsonNode defaultNode,
      @Nullable Object defaultValue) {
    this.about = about;
    this.type = type;
    this.defaultNode = defaultNode;
    this.defaultValue = defaultValue;
  }

  /** The name in JSON. */
  public String name() {
    return about.name();
  }

  /** What kind of value it takes, in a word or two. */
  public String type() {
    return type.label();
  }

  /** Whether it must be given. */
  public boolean isRequired() {
    return about.required();
  }

  /** What holds if it is not given, as JSON. */
  public Optional<String> defaultValue() {
    return Optional.ofNullable(defaultNode).map(JsonNode::toString);
  }

  /** Which numbers are allowed. */
  public Optional<String> range() {
    return type.range();
  }

  /** The unit of a number; empty for none. */
  public String unit() {
    return about.unit();
  }

  /** Whether its value must not be shown. */
  public boolean isSecret() {
    return about.secret();
  }

  /** What it does, in one line. */
  public String doc() {
    return about.doc();
  }

  /** The fields inside it, if it is an object. */
  public List<Field> fields() {
    return type.fields();
  }

  /** Its value in a JSON object; null is also what an absent one without a default has. */
  @Nullable Object read(ObjectNode object, Place owner) {
    Place place = at(owner);
    JsonNode node = object.get(name());
    if (node != null) {
      return type.read(node, place);
    }
    if (isRequired()) {
      place.problem("is required: " + doc());
    }
    return defaultValue;
  }

  /** What stands for a value that is not allowed, until it is mended; null for nothing. */
  @Nullable Object fallback() {
    return defaultValue;
  }

  /** Reports if a value that a program made is not allowed. */
  void check(@Nullable Object value, Place owner) {
    if (value != null) {
      type.check(value, at(owner));
    } else if (isRequired() || defaultValue != null) {
      at(owner).problem("must not be null");
    }
  }

  private Place at(Place owner) {
    return owner.field(name(), isSecret(), isRequired());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values that hold other values. */
final class ContainerTypes {

  private ContainerTypes() {}

  /** {@code List}; limits are those of each element. */
  record Many(ValueType element) implements ValueType {

    @Override
    public String label() {
      return "list of " + element.label();
    }

    @Override
    public @Nullable Object read(JsonNode node, Place place) {
      if (!node.isArray()) {
        place.unfit("a list", node);
        return null;
      }
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < node.size(); i++) {
        Object value = element.read(node.get(i), place.element(i));
        if (value != null) {
          values.add(value);
        }
      }
      checkEmpty(node.size(), place);
      return List.copyOf(values);
    }

    @Override
    public void check(Object value, Place place) {
      List<?> values = (List<?>) value;
      checkEmpty(values.size(), place);
      for (int i = 0; i < values.size(); i++) {
        element.check(values.get(i), place.element(i));
      }
    }

    private static void checkEmpty(int size, Place place) {
      if (size == 0 && place.isRequired()) {
        place.problem("must not be empty");
      }
    }

    @Override
    public Optional<String> range() {
      return element.range();
    }

    @Override
    public boolean isNumeric() {
      return element.isNumeric();
    }
  }

  /** A record of its own. */
  record Nested(ConfigRecord<?> model) implements ValueType {

    @Override
    public String label() {
      return "object";
    }

    @Override
    public @Nullable Object read(JsonNode node, Place place) {
      if (!(node instanceof ObjectNode object)) {
        place.unfit("an object", node);
        return null;
      }
      Object value = model.read(object, place);
      UnknownFields.report(object, model.names(), List.of(), place);
      return value;
    }

    @Override
    public void check(Object value, Place place) {
      model.check((Record) value, null, place);
    }

    @Override
    public List<Field> fields() {
      return model.fields();
    }
  }

  /** An adapter inside this one. */
  record Adapter() implements ValueType {

    @Override
    public String label() {
      return "adapter";
    }

    @Override
    public @Nullable Object read(JsonNode node, Place place) {
      if (!(node instanceof ObjectNode object)) {
        place.unfit("an object with a \"type\"", node);
        return null;
      }
      return place.adapter(object);
    }
  }
}

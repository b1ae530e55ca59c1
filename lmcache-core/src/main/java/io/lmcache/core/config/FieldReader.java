// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.ConfigField;
import io.lmcache.spi.Problem;
import java.lang.annotation.Annotation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the description of one field from a record component, and refuses what could only go wrong
 * later, in front of a user: a default that is out of range, a type that JSON has nothing for.
 */
final class FieldReader {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,63}");

  /** The records that the one being read is inside of, to find one that contains itself. */
  private final Set<Class<?>> outer;

  FieldReader(Set<Class<?>> outer) {
    this.outer = outer;
  }

  /** The field, or an IllegalArgumentException that says what is wrong with the component. */
  Field read(RecordComponent component) {
    ConfigField about = component.getAnnotation(ConfigField.class);
    if (about == null) {
      throw new IllegalArgumentException("has no @ConfigField");
    }
    require(
        NAME.matcher(about.name()).matches(),
        "has the illegal name "
            + Text.quoted(about.name())
            + "; lower-case letters, digits and _ are allowed");
    require(!(about.min() > about.max()), "allows no number: min is above max");
    require(!Double.isNaN(about.min()) && !Double.isNaN(about.max()), "has a limit that is NaN");
    Limits limits = new Limits(about.min(), about.max());
    ValueType type = type(component.getType(), component.getGenericType(), limits);
    require(type.isNumeric() || !limits.isSet(), "is no number, but has min or max");
    boolean adapter = type instanceof ContainerTypes.Adapter;
    require(!adapter || !about.secret(), "is an adapter, whose fields are secret one by one");
    boolean given = hasDefault(component, about);
    require(!given || !about.required(), "is required, but has a default");
    require(!given || !adapter, "is an adapter, which cannot have a default");
    require(
        given || about.required() || !component.getType().isPrimitive(),
        "is neither required nor has a default, so that it must be able to be null: "
            + component.getType().getName()
            + " is not");
    return given ? withDefault(about, type) : new Field(about, type, null, null);
  }

  /**
   * An empty text is a string's default like any other. Only a component that says that it may be
   * null means null by it.
   */
  private static boolean hasDefault(RecordComponent component, ConfigField about) {
    if (!about.defaultValue().isEmpty()) {
      return true;
    }
    return component.getType() == String.class && !about.required() && !isNullable(component);
  }

  private static boolean isNullable(RecordComponent component) {
    return Arrays.stream(component.getAnnotatedType().getAnnotations())
        .map(Annotation::annotationType)
        .anyMatch(type -> type.getSimpleName().equals("Nullable"));
  }

  private static Field withDefault(ConfigField about, ValueType type) {
    JsonNode node;
    try {
      node = type.defaultNode(about.defaultValue());
    } catch (ConfigJson.NotJson e) {
      throw unfitDefault(about, String.valueOf(e.getMessage()), e);
    }
    Place place = Place.of("", (where, object, problems) -> null);
    Object value = type.read(node, place);
    if (value == null || !place.found().isEmpty()) {
      String why = place.found().stream().map(Problem::message).collect(Collectors.joining("; "));
      throw unfitDefault(about, why, null);
    }
    return new Field(about, type, node, value);
  }

  private static IllegalArgumentException unfitDefault(
      ConfigField about, String why, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "has the unfit default " + Text.quoted(about.defaultValue()) + ": " + why, cause);
  }

  private ValueType type(Class<?> type, Type generic, Limits limits) {
    ValueType scalar = scalar(type, limits);
    if (scalar != null) {
      return scalar;
    }
    if (type == AdapterSpec.class) {
      return new ContainerTypes.Adapter();
    }
    if (type.isRecord()) {
      return new ContainerTypes.Nested(
          ConfigRecord.of(type.asSubclass(Record.class), Set.of(), outer));
    }
    if (type == List.class && generic instanceof ParameterizedType list) {
      Type element = list.getActualTypeArguments()[0];
      if (element == String.class
          || element == Integer.class
          || element == Long.class
          || element == Double.class) {
        return new ContainerTypes.Many(type((Class<?>) element, element, limits));
      }
    }
    throw new IllegalArgumentException("has the unsupported type " + generic.getTypeName());
  }

  private static @Nullable ValueType scalar(Class<?> type, Limits limits) {
    if (type == String.class) {
      return new TextTypes.Plain();
    }
    if (type == Path.class) {
      return new TextTypes.FilePath();
    }
    if (type == boolean.class || type == Boolean.class) {
      return new TextTypes.Flag();
    }
    if (type == int.class || type == Integer.class) {
      return new NumberTypes.Whole(false, limits);
    }
    if (type == long.class || type == Long.class) {
      return new NumberTypes.Whole(true, limits);
    }
    if (type == double.class || type == Double.class) {
      return new NumberTypes.Real(limits);
    }
    return type.isEnum() ? EnumType.of(type) : null;
  }

  private static void require(boolean ok, String otherwise) {
    if (!ok) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}

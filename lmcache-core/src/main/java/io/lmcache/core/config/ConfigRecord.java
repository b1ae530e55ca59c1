// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.ConfigChecks;
import io.lmcache.spi.Problems;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The model of one configuration record: its fields, and how to make it. Immutable; safe for use by
 * many threads.
 *
 * @param <C> the record
 */
public final class ConfigRecord<C extends Record> {

  private final Class<C> type;
  private final Constructor<C> constructor;
  private final List<Method> accessors;
  private final List<Field> fields;

  private ConfigRecord(
      Class<C> type, Constructor<C> constructor, List<Method> accessors, List<Field> fields) {
    this.type = type;
    this.constructor = constructor;
    this.accessors = accessors;
    this.fields = fields;
  }

  /**
   * The model of a record class.
   *
   * @param reserved names that its fields must not have
   * @throws IllegalArgumentException if the record is not fit to describe a configuration; the
   *     message says why
   */
  public static <C extends Record> ConfigRecord<C> of(Class<C> type, Set<String> reserved) {
    return of(type, reserved, Set.of());
  }

  static <C extends Record> ConfigRecord<C> of(
      Class<C> type, Set<String> reserved, Set<Class<?>> outer) {
    if (!type.isRecord()) {
      throw new IllegalArgumentException(type.getName() + " is not a record");
    }
    Set<Class<?>> inside = new LinkedHashSet<>(outer);
    if (!inside.add(type)) {
      throw new IllegalArgumentException(type.getName() + " contains itself");
    }
    FieldReader reader = new FieldReader(inside);
    List<Field> fields = new ArrayList<>();
    List<Method> accessors = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      try {
        Field field = reader.read(component);
        fields.add(field);
        if (reserved.contains(field.name())) {
          throw new IllegalArgumentException(
              "has the name \"" + field.name() + "\", which every adapter has already");
        }
        if (!names.add(field.name())) {
          throw new IllegalArgumentException(
              "has the name \"" + field.name() + "\", as another one has");
        }
        accessors.add(accessible(component.getAccessor()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            type.getName() + ": component " + component.getName() + " " + e.getMessage(), e);
      }
    }
    return new ConfigRecord<>(type, constructor(type), accessors, List.copyOf(fields));
  }

  private static <C extends Record> Constructor<C> constructor(Class<C> type) {
    Class<?>[] parameters =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return accessible(type.getDeclaredConstructor(parameters));
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(type.getName() + " has no canonical constructor", e);
    }
  }

  /** Configuration records need not be public; in a named module their package must be open. */
  private static <T extends java.lang.reflect.AccessibleObject> T accessible(T member) {
    try {
      member.setAccessible(true);
      return member;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "cannot be reached by reflection; its module must open the package", e);
    }
  }

  /** The record class. */
  public Class<C> type() {
    return type;
  }

  /** The fields, in the record's order. */
  public List<Field> fields() {
    return fields;
  }

  /** Their names, in the same order. */
  public List<String> names() {
    return fields.stream().map(Field::name).toList();
  }

  /** Whether a field's value must not be shown, also inside nested objects. */
  public boolean hasSecrets() {
    return hasSecrets(fields);
  }

  private static boolean hasSecrets(List<Field> fields) {
    return fields.stream().anyMatch(field -> field.isSecret() || hasSecrets(field.fields()));
  }

  /**
   * The record that an object describes, with defaults for what is absent, and without common
   * fields. Fields that the record does not know are not looked at.
   *
   * @return null if anything is wrong, which is then reported at the place
   */
  public @Nullable C read(ObjectNode object, Place place) {
    int before = place.found().size();
    C config = draft(object, place);
    if (config != null) {
      runChecks(config, null, place, place.found().size() == before);
    }
    return place.found().size() > before ? null : config;
  }

  /**
   * The same without the record's own checks, but with a record also where fields are wrong, for
   * the checks to say what else is: those fields have their defaults, or null.
   *
   * @return null if there can be no such record
   */
  public @Nullable C draft(ObjectNode object, Place place) {
    int before = place.found().size();
    Object[] values = new Object[fields.size()];
    boolean possible = true;
    for (int i = 0; i < values.length; i++) {
      int soFar = place.found().size();
      values[i] = fields.get(i).read(object, place);
      if (place.found().size() > soFar) {
        values[i] = fields.get(i).fallback();
        possible &= values[i] != null || !constructor.getParameterTypes()[i].isPrimitive();
      }
    }
    if (!possible) {
      return null;
    }
    try {
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      if (place.found().size() == before) {
        place.problem("is refused by " + type.getName() + ": " + failure(e));
      }
      return null;
    }
  }

  /**
   * Reports what is wrong with a record that a program made.
   *
   * @param common the fields beside it; null if it is inside another one
   */
  public void check(Record config, @Nullable CommonConfig common, Place place) {
    int before = place.found().size();
    for (int i = 0; i < fields.size(); i++) {
      try {
        fields.get(i).check(accessors.get(i).invoke(config), place);
      } catch (ReflectiveOperationException e) {
        place.objectProblem("cannot read " + fields.get(i).name() + ": " + failure(e));
      }
    }
    runChecks(config, common, place, place.found().size() == before);
  }

  /**
   * Reports what the record's own checks find.
   *
   * @param common the fields beside it; null if it is inside another one
   * @param sound whether nothing was found wrong with its fields
   */
  public void runChecks(Record config, @Nullable CommonConfig common, Place place, boolean sound) {
    if (!(config instanceof ConfigChecks checks)) {
      return;
    }
    Problems problems = new Problems(place.where());
    try {
      if (common == null) {
        checks.validate(problems);
      } else {
        checks.validate(common, problems);
      }
    } catch (RuntimeException | LinkageError e) {
      if (sound) {
        place.problem("cannot be checked, a defect of " + type.getName() + ": " + failure(e));
      }
    }
    place.adopt(problems.found(), sound);
  }

  /** What adapter code threw; its text only where it cannot quote a secret. */
  private String failure(Throwable thrown) {
    Throwable cause =
        thrown instanceof InvocationTargetException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    String name = cause.getClass().getSimpleName();
    return hasSecrets() || cause.getMessage() == null
        ? name
        : Text.oneLine(name + ": " + cause.getMessage(), 300);
  }
}

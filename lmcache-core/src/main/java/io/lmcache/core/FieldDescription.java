// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.core.config.ConfigRecord;
import io.lmcache.core.config.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One field of an adapter's configuration, for help and documentation.
 *
 * @param name the name in JSON; with a dot for a field inside an object, such as {@code
 *     eviction.eviction_policy}
 * @param type what it takes: {@code int}, {@code string}, {@code boolean}, {@code number}, {@code
 *     path}, {@code one of a, b}, {@code adapter}, {@code object}, {@code list of int}
 * @param required whether it must be given; for a field inside an object, if that is
 * @param defaultValue what holds if it is not given, as JSON
 * @param range which numbers are allowed, in words
 * @param unit the unit of a number; empty for none
 * @param secret whether its value must not be shown
 * @param doc what it does, in one line
 */
public record FieldDescription(
    String name,
    String type,
    boolean required,
    Optional<String> defaultValue,
    Optional<String> range,
    String unit,
    boolean secret,
    String doc) {

  static List<FieldDescription> all(ConfigRecord<?> config) {
    List<FieldDescription> all = new ArrayList<>();
    add("", false, config.fields(), all);
    return List.copyOf(all);
  }

  private static void add(
      String prefix, boolean secret, List<Field> fields, List<FieldDescription> all) {
    for (Field field : fields) {
      String name = prefix + field.name();
      boolean hidden = secret || field.isSecret();
      all.add(
          new FieldDescription(
              name,
              field.type(),
              field.isRequired(),
              field.defaultValue(),
              field.range(),
              field.unit(),
              hidden,
              field.doc()));
      add(name + ".", hidden, field.fields(), all);
    }
  }
}

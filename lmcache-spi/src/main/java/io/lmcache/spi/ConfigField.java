// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one field of an adapter's configuration, on a component of its configuration record. It
 * is the one source for parsing, validation, help and documentation.
 *
 * <p>Types a component may have: {@code String}, {@code boolean}, {@code int}, {@code long}, {@code
 * double}, {@code java.nio.file.Path}, an enum, {@link AdapterSpec} for an adapter inside this one,
 * a record of annotated components for a nested object, and {@code List} of {@code String}, {@code
 * Integer}, {@code Long} or {@code Double}. A component that is neither required nor has a default
 * is {@code @Nullable} and of a reference type ({@code Integer}, not {@code int}). JSON types are
 * strict: {@code true} is not a number, {@code 4.0} is not an integer, {@code "4"} is not one
 * either.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface ConfigField {

  /** The name in JSON: lower-case letters, digits and underscores. */
  String name();

  /** One line for help: what it does and, if it is not obvious, when to change it. */
  String doc();

  /**
   * The default as JSON text, such as {@code 4} or {@code false}; a string's or an enum's default
   * is written without quotes. The empty text means none, except on a string that is not
   * {@code @Nullable}: there it is the default.
   */
  String defaultValue() default "";

  /** Whether the field must be given. A required string or list must not be empty either. */
  boolean required() default false;

  /** The least number allowed. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The largest number allowed. */
  double max() default Double.POSITIVE_INFINITY;

  /** The unit of a number, such as {@code bytes} or {@code GiB}. */
  String unit() default "";

  /** Whether the value must not be shown: it is masked wherever configuration is printed. */
  boolean secret() default false;
}

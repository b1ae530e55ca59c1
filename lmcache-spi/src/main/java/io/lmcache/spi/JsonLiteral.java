// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How an enum constant of a configuration is written in JSON; without it, its name in lower case.
 * {@code true} and {@code false} stand for the JSON literals, all else for a string.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface JsonLiteral {

  /** The literal, without quotes. */
  String value();
}

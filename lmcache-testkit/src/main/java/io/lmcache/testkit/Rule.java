// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which rules of {@code docs/contract.md} a test holds an adapter to. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Rule {

  /** The rules' ids, such as {@code STORE-1}. */
  String[] value();
}

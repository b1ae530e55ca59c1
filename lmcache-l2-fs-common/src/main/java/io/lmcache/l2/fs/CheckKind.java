// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.util.Locale;

/** What a check takes a file for. */
public enum CheckKind {

  /** An object: length, key and checksum agree with the attribute. */
  VERIFIED(false),

  /** An object whose attribute has no checksum; length and key agree with it. */
  NO_CHECKSUM(false),

  /** An object without an attribute, as upstream writes them. Nothing tells whether it is whole. */
  UNVERIFIED(false),

  /** What a load would call corrupt. */
  CORRUPT(true),

  /** Under an object's name, but without a byte and without an attribute: what a crash leaves. */
  EMPTY(true),

  /** Under an object's name, but of a newer version of the format. */
  NEWER(false),

  /** Not of this format. */
  FOREIGN(false),

  /** Being written, by an instance that lives. */
  STAGING_LIVING(false),

  /** Was being written by an instance that is dead. */
  STAGING_DEAD(true),

  /** Has no owner file, and is too young to be given up. */
  STAGING_UNOWNED(false),

  /** The owner file of an instance that is dead. */
  OWNER_DEAD(true),

  /** Cannot be read, so that nobody knows what it is. */
  UNREADABLE(false);

  private final boolean removable;

  CheckKind(boolean removable) {
    this.removable = removable;
  }

  /** Whether repairing removes it. */
  public boolean isRemovable() {
    return removable;
  }

  /** Whether the directory would be better without it. */
  public boolean isProblem() {
    return removable || this == UNREADABLE;
  }

  /** Whether a load may serve it. */
  public boolean isObject() {
    return this == VERIFIED || this == NO_CHECKSUM || this == UNVERIFIED;
  }

  /** As it is called in reports. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import java.util.List;
import java.util.Optional;

/** One adapter type, for help and documentation. Immutable; safe for use by many threads. */
public final class AdapterDescription {

  private static final List<FieldDescription> COMMON = FieldDescription.all(SpecParser.COMMON);

  private final Provider provider;
  private final List<FieldDescription> fields;
  private final Optional<String> conflict;

  AdapterDescription(Provider provider, Optional<String> conflict) {
    this.provider = provider;
    this.fields = FieldDescription.all(provider.config());
    this.conflict = conflict;
  }

  /** The fields that the configuration of every adapter may have beside its own. */
  public static List<FieldDescription> commonFields() {
    return COMMON;
  }

  /** The type's name. */
  public String type() {
    return provider.type();
  }

  /** Other names of the type. */
  public List<String> aliases() {
    return provider.aliases();
  }

  /** The factory's class. */
  public String className() {
    return provider.className();
  }

  /** The jar that the factory comes from, or a directory. */
  public String jar() {
    return provider.origin().label();
  }

  /**
   * Why adapters of this type cannot run here, if they cannot. The factory is asked anew each time,
   * and may load what it needs; if asking fails, that is the reason.
   */
  public Optional<String> unavailability() {
    return provider.unavailability();
  }

  /** The type's own fields; those inside an object follow it. */
  public List<FieldDescription> fields() {
    return fields;
  }

  /** Which other provider claims one of the names, if one does; that name cannot be used then. */
  public Optional<String> conflict() {
    return conflict;
  }

  @Override
  public String toString() {
    return type() + " (" + className() + " in " + jar() + ")";
  }
}

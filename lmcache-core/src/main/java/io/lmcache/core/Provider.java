// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.core.config.ConfigRecord;
import io.lmcache.core.config.Text;
import io.lmcache.spi.L2AdapterFactory;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A factory that passed inspection. What it says of itself is asked once, so that it cannot change
 * its name under the registry.
 */
record Provider(
    L2AdapterFactory factory,
    String type,
    List<String> aliases,
    ConfigRecord<?> config,
    Origin origin) {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
  private static final int LONGEST_REASON = 1000;

  /**
   * Inspects a factory.
   *
   * @throws Unfit if it breaks a rule of the SPI
   */
  static Provider of(L2AdapterFactory factory) throws Unfit {
    String type = checkedName("type", factory.type());
    Set<String> aliases = new LinkedHashSet<>();
    List<String> claimed = factory.aliases();
    if (claimed == null) {
      throw new Unfit("type \"" + type + "\": aliases() is null");
    }
    for (String alias : claimed) {
      aliases.add(checkedName("alias", alias));
    }
    aliases.remove(type);
    Class<? extends Record> config = factory.configType();
    if (config == null) {
      throw new Unfit("type \"" + type + "\": configType() is null");
    }
    try {
      return new Provider(
          factory,
          type,
          List.copyOf(aliases),
          ConfigRecord.of(config, SpecParser.RESERVED),
          Origin.of(factory.getClass()));
    } catch (IllegalArgumentException e) {
      throw new Unfit("type \"" + type + "\": " + e.getMessage());
    }
  }

  private static String checkedName(String what, String name) throws Unfit {
    if (name == null) {
      throw new Unfit("its " + what + " is null");
    }
    if (!NAME.matcher(name).matches()) {
      throw new Unfit(
          "its "
              + what
              + " "
              + Text.quoted(name)
              + " is no legal name: a lower-case letter, then lower-case letters, digits, _ and -,"
              + " at most 64");
    }
    return name;
  }

  String className() {
    return factory.getClass().getName();
  }

  /** All names that it goes by. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    names.add(type);
    names.addAll(aliases);
    return names;
  }

  /** Class and place, for messages where the file name alone would not tell two apart. */
  String inFull() {
    return className() + " in " + origin.shown();
  }

  Optional<String> unavailability() {
    try {
      return Objects.requireNonNull(factory.unavailability(), "unavailability() is null")
          .map(reason -> Text.oneLine(reason, LONGEST_REASON));
    } catch (Throwable thrown) {
      Guarded.contain(thrown);
      return Optional.of(Guarded.cause(thrown));
    }
  }

  /** The factory breaks a rule of the SPI; the message says which. */
  static final class Unfit extends Exception {
    private static final long serialVersionUID = 1L;

    Unfit(String message) {
      super(message);
    }
  }
}

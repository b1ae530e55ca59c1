// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.core.config.ConfigJson;
import io.lmcache.core.config.ConfigRecord;
import io.lmcache.core.config.NestedAdapters;
import io.lmcache.core.config.Place;
import io.lmcache.core.config.UnknownFields;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration of one adapter and of those inside it. All that is wrong with it is found
 * in one go, except below a type that is not known: its fields cannot be judged.
 */
final class SpecParser implements NestedAdapters {

  static final ConfigRecord<CommonConfig> COMMON = ConfigRecord.of(CommonConfig.class, Set.of());

  /** The common names as they are listed to users. */
  private static final List<String> SHARED_NAMES = sharedNames();

  /** Names that no adapter's own field can have. */
  static final Set<String> RESERVED = Set.copyOf(SHARED_NAMES);

  private final Catalog catalog;

  SpecParser(Catalog catalog) {
    this.catalog = catalog;
  }

  private static List<String> sharedNames() {
    List<String> names = new ArrayList<>(List.of("type"));
    names.addAll(COMMON.names());
    return List.copyOf(names);
  }

  AdapterSpec parse(String where, String json) throws L2ConfigException {
    ObjectNode object = ConfigJson.readObject(where, json);
    Problems problems = new Problems(where);
    AdapterSpec spec = read(where, object, problems);
    problems.throwIfAny();
    return Objects.requireNonNull(spec);
  }

  @Override
  public @Nullable AdapterSpec read(String where, ObjectNode object, Problems problems) {
    Provider provider;
    try {
      provider = catalog.find(object.get("type"));
    } catch (Catalog.NotFound e) {
      Problems here = new Problems(where);
      here.add(e.field(), e.text());
      problems.addAll(here.found());
      return null;
    }
    String here = where + " (" + provider.type() + ")";
    Place place = Place.of(here, this);
    Record own = provider.config().draft(object, place);
    CommonConfig common = COMMON.draft(object, place);
    check(provider.config(), object, own, common, place);
    problems.addAll(place.found());
    return own == null || common == null || !place.found().isEmpty()
        ? null
        : new ParsedSpec(provider, here, common, own, object, this);
  }

  private static void check(
      ConfigRecord<?> config,
      ObjectNode object,
      @Nullable Record own,
      @Nullable CommonConfig common,
      Place place) {
    // A field that nobody knows makes no other one doubtful.
    boolean sound = place.found().isEmpty();
    UnknownFields.report(object, config.names(), SHARED_NAMES, place);
    if (own != null && common != null) {
      config.runChecks(own, common, place, sound);
    }
  }

  /** The same object as another record than the provider's own. */
  <C extends Record> C read(ObjectNode object, String where, CommonConfig common, Class<C> type)
      throws L2ConfigException {
    ConfigRecord<C> config = ConfigRecord.of(type, RESERVED);
    Place place = Place.of(where, this);
    C record = config.draft(object, place);
    check(config, object, record, common, place);
    if (record == null || !place.found().isEmpty()) {
      throw new L2ConfigException(place.found());
    }
    return record;
  }

  /** Checks a record that a program made as if it had been read. */
  void check(Provider provider, AdapterSpec spec) throws L2ConfigException {
    Place place = Place.of(spec.where(), this);
    provider.config().check(spec.bind(provider.config().type()), spec.common(), place);
    if (!place.found().isEmpty()) {
      throw new L2ConfigException(place.found());
    }
  }
}

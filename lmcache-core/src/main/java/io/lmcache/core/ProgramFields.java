// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.EvictionConfig;
import io.lmcache.spi.EvictionPolicy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fields of an adapter and of those inside it that the program around them is to put into
 * effect: nobody can ask the adapters what became of them. Safe for use by many threads.
 */
final class ProgramFields {

  private static final Logger LOG = LoggerFactory.getLogger(ProgramFields.class);

  private final List<AdapterSpec> specs = new CopyOnWriteArrayList<>();

  /** An adapter is opened; the outermost one first. */
  void add(AdapterSpec spec) {
    specs.add(spec);
    EvictionConfig eviction = spec.common().eviction();
    if (eviction != null && !isEffective(eviction)) {
      LOG.warn("{}: the eviction block has no effect yet; nothing is evicted", spec.where());
    }
  }

  private static boolean isEffective(EvictionConfig eviction) {
    return eviction.evictionPolicy() == EvictionPolicy.NOOP;
  }

  /** Tells of them, in the form of {@link io.lmcache.spi.AdapterStatus}. */
  void addTo(Map<String, String> details) {
    String name = "eviction";
    for (AdapterSpec spec : specs) {
      EvictionConfig eviction = spec.common().eviction();
      if (eviction != null) {
        details.put(name, line(eviction));
      }
      name = "inner " + name;
    }
  }

  private static String line(EvictionConfig eviction) {
    String requested =
        switch (eviction.evictionPolicy()) {
          case LRU -> "LRU";
          case ISOLATED_LRU -> "IsolatedLRU";
          case NOOP -> "noop";
        };
    return "requested="
        + requested
        + (isEffective(eviction)
            ? " effective=true"
            : " effective=false reason=this version evicts nothing");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.Problems;
import org.jspecify.annotations.Nullable;

/** Reads the adapter inside an adapter's configuration: only who knows all types can. */
@FunctionalInterface
public interface NestedAdapters {

  /**
   * Reads one object.
   *
   * @param where what messages call it, without its type
   * @param object the object, {@code type} included
   * @param problems gets whatever is wrong with it
   * @return null if anything was
   */
  @Nullable AdapterSpec read(String where, ObjectNode object, Problems problems);
}

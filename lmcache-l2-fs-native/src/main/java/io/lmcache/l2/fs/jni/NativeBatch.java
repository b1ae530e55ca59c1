// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.jni;

import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.Priority;
import java.util.List;

/**
 * Work for a connector: one operation on several objects.
 *
 * @param id comes back with the results
 * @param operation what to do
 * @param replace for SET: whether to write although an object of the same size is there
 * @param deletesFirst whether there is so much in the store that deletes go before stores
 * @param priority the place among waiting work
 * @param timeoutNanos how long items may wait for a worker; negative for as long as it takes
 * @param names what {@link NativeConnector#name} said, one for each item
 * @param objects the items' memory for SET and GET; empty otherwise
 */
record NativeBatch(
    long id,
    NativeOperation operation,
    boolean replace,
    boolean deletesFirst,
    Priority priority,
    long timeoutNanos,
    List<NativeName> names,
    List<MemoryObject> objects) {}

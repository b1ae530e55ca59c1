// SPDX-License-Identifier: Apache-2.0
package io.lmcache.it.files;

import java.io.IOException;

/** An instance of an adapter, in this JVM or in another. */
interface OwnersInstance extends AutoCloseable {

  /**
   * Does what a line says.
   *
   * @return one line; what it says is up to the command
   */
  String tell(String line) throws IOException;

  @Override
  void close();
}

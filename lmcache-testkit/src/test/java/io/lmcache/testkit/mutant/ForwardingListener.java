// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.spi.Health;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.RemovalReason;
import java.time.Instant;
import java.util.List;

/** Passes everything on. */
class ForwardingListener implements L2AdapterListener {

  protected final L2AdapterListener sound;

  ForwardingListener(L2AdapterListener sound) {
    this.sound = sound;
  }

  @Override
  public void stored(List<ObjectKey> keys, List<Long> sizes) {
    sound.stored(keys, sizes);
  }

  @Override
  public void recovered(List<ObjectKey> keys, List<Long> sizes, List<Instant> lastModified) {
    sound.recovered(keys, sizes, lastModified);
  }

  @Override
  public void accessed(List<ObjectKey> keys) {
    sound.accessed(keys);
  }

  @Override
  public void removed(List<ObjectKey> keys, List<Long> sizes, RemovalReason reason) {
    sound.removed(keys, sizes, reason);
  }

  @Override
  public void healthChanged(Health health, String reason) {
    sound.healthChanged(health, reason);
  }
}

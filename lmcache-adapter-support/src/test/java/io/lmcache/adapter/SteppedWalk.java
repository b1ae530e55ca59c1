// SPDX-License-Identifier: Apache-2.0
package io.lmcache.adapter;

import io.lmcache.spi.ObjectKey;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A walk that stands before each object, knowing it already, until a test lets it on. */
final class SteppedWalk implements MemoryStorage.Step {

  /** More than any walk has objects. */
  private static final int ALL = Integer.MAX_VALUE / 2;

  private final Semaphore arrived = new Semaphore(0);
  private final Semaphore steps = new Semaphore(0);

  /** Known to the test's thread alone. */
  private boolean stands;

  private volatile ObjectKey at = Requests.key(-1);

  @Override
  public void met(StoredObject object) {
    at = object.key();
    arrived.release();
    steps.acquireUninterruptibly();
  }

  /** Waits until it stands before the key; lets it pass those before. */
  void awaitAt(ObjectKey key) {
    while (!stands || !at.equals(key)) {
      if (stands) {
        steps.release();
      }
      awaitNext();
      stands = true;
    }
  }

  /** The time limit only detects a hang. */
  private void awaitNext() {
    try {
      if (!arrived.tryAcquire(60, TimeUnit.SECONDS)) {
        throw new AssertionError("the walk stands before " + at + " and meets nothing more");
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Lets it go to the end. */
  void goOn() {
    steps.drainPermits();
    steps.release(ALL);
  }
}

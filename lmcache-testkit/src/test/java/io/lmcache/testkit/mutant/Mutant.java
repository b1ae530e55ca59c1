// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.Feature;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterFactory;
import java.util.Set;

/**
 * A way to be broken: the sound reference adapter, but for one thing. It overrides one of three
 * places, whichever says the fault in the fewest words: the storage below the adapter, the context
 * that the adapter is given (its listener, threads, clock, executor), or the adapter itself. {@link
 * ForwardingStorage}, {@link ForwardingContext} and {@link ForwardingAdapter} pass everything on
 * that a mutant does not change.
 *
 * <p>{@link MatrixTest} runs the whole contract against each and requires a test of the named rule
 * to fail. One object serves every test of its run: what a fault has to remember lives in the
 * object that {@link #storage}, {@link #context} or {@link #adapter} returns, which is made for
 * each adapter that is opened. Faults are narrow, so that few other rules break with it, and one
 * that hangs does so only in the situation that its rule is about.
 */
abstract class Mutant {

  /** No fault. */
  static final Mutant NONE = new Mutant("", "none") {};

  private final String rule;
  private final String fault;

  /**
   * A mutant.
   *
   * @param rule the rule that it breaks and that must find it
   * @param fault what is wrong with it, such as {@code IF_ABSENT that replaces}
   */
  Mutant(String rule, String fault) {
    this.rule = rule;
    this.fault = fault;
  }

  final String rule() {
    return rule;
  }

  final String fault() {
    return fault;
  }

  BlockingStorage storage(BlockingStorage sound) {
    return sound;
  }

  L2AdapterContext context(L2AdapterContext sound) {
    return sound;
  }

  L2Adapter adapter(L2Adapter sound, L2AdapterContext context) {
    return sound;
  }

  /** What its storage declines, and its test class says. */
  Set<Feature> declines() {
    return Set.of();
  }

  /** What its test class says that it declines. */
  Set<Feature> saysItDeclines() {
    return declines();
  }

  /** Whether its test class says that it insists on padding. */
  boolean saysItInsistsOnPadding() {
    return false;
  }

  /** Its factory, for faults of factories. */
  L2AdapterFactory factory() {
    return new ReferenceFactory(this);
  }

  @Override
  public String toString() {
    return rule + ": " + fault;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.bench;

import io.lmcache.spi.ObjectKey;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * An operation with something to be done between the preparation of a round and its first submit.
 *
 * @param operation the operation
 * @param then what is to be done
 * @param <R> what it is answered with
 */
record AfterPreparing<R>(Operation<R> operation, Consumer<RoundId> then) implements Operation<R> {

  @Override
  public OperationKind kind() {
    return operation.kind();
  }

  @Override
  public void prepare(RoundId round) {
    operation.prepare(round);
    then.accept(round);
  }

  @Override
  public CompletionStage<R> submit(int number) {
    return operation.submit(number);
  }

  @Override
  public ObjectKey key(int number, int i) {
    return operation.key(number, i);
  }

  @Override
  public void judge(int number, R answer, RoundTally tally) {
    operation.judge(number, answer, tally);
  }
}

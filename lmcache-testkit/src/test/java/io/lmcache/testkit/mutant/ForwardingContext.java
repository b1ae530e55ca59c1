// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.adapter.StorageSeam;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.CommonConfig;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.L2AdapterListener;
import io.lmcache.spi.L2ConfigException;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/** Passes everything on. */
class ForwardingContext implements L2AdapterContext, StorageSeam {

  protected final L2AdapterContext sound;

  ForwardingContext(L2AdapterContext sound) {
    this.sound = sound;
  }

  @Override
  public BlockingStorage around(BlockingStorage storage) {
    return sound instanceof StorageSeam seam ? seam.around(storage) : storage;
  }

  @Override
  public String name() {
    return sound.name();
  }

  @Override
  public int index() {
    return sound.index();
  }

  @Override
  public CommonConfig common() {
    return sound.common();
  }

  @Override
  public boolean examination() {
    return sound.examination();
  }

  @Override
  public int bufferAlignment() {
    return sound.bufferAlignment();
  }

  @Override
  public Clock clock() {
    return sound.clock();
  }

  @Override
  public ThreadFactory threads() {
    return sound.threads();
  }

  @Override
  public Executor completionExecutor() {
    return sound.completionExecutor();
  }

  @Override
  public L2AdapterListener listener() {
    return sound.listener();
  }

  @Override
  public CompletionStage<Long> needRoom(long bytes) {
    return sound.needRoom(bytes);
  }

  @Override
  public L2Adapter open(AdapterSpec inner) throws L2ConfigException, IOException {
    return sound.open(inner);
  }
}

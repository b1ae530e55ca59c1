// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A channel whose use is written down; what the adapter does not use is not there. */
final class WatchedChannel extends FileChannel {

  private final WatchedCalls calls;
  private final FileChannel channel;
  private final String file;

  WatchedChannel(WatchedCalls calls, FileChannel channel, String file) {
    this.calls = calls;
    this.channel = channel;
    this.file = file;
  }

  @Override
  public int read(ByteBuffer to, long position) throws IOException {
    calls.happens("read " + file + " " + to.remaining() + " at " + position);
    return channel.read(to, position);
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    calls.happens("write " + file + " " + from.remaining() + " at " + position);
    return channel.write(from, position);
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    calls.happens("truncate " + file + " " + size);
    channel.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    calls.happens("sync " + file + (metaData ? "" : " data"));
    channel.force(metaData);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    channel.close();
    calls.happens("close " + file);
  }

  @Override
  public int read(ByteBuffer to) {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public int write(ByteBuffer from) {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public long position() {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public FileChannel position(long position) {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long position, long count) {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException("not used here");
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException("not used here");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import io.lmcache.spi.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the directory itself reads of files' attributes: by path, which is enough to look around.
 */
final class FileAttributes {

  private FileAttributes() {}

  private static @Nullable UserDefinedFileAttributeView view(Path file) {
    return Files.getFileAttributeView(
        file, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Whether files here can have the attribute; tried on a file.
   *
   * @throws IOException if they can, but this one could not be given it: a full disk is no reason
   *     to do without checksums
   */
  static boolean works(Path file) throws IOException {
    UserDefinedFileAttributeView view = view(file);
    if (view == null) {
      return false;
    }
    byte[] sample = ObjectAttribute.withoutChecksum(0, new byte[KeyDigest.BYTES]).encode();
    try {
      view.write(ObjectAttribute.NAME, ByteBuffer.wrap(sample));
      return Arrays.equals(sample, read(file, ObjectAttribute.NAME, ObjectAttribute.MAX_BYTES));
    } catch (UnsupportedOperationException e) {
      return false;
    } catch (IOException e) {
      if (Files.getFileStore(file).supportsFileAttributeView(UserDefinedFileAttributeView.class)) {
        throw e;
      }
      return false;
    }
  }

  /** The attribute of a file. */
  static ObjectAttribute.State state(Path file) throws IOException {
    return ObjectAttribute.read(read(file, ObjectAttribute.NAME, ObjectAttribute.MAX_BYTES));
  }

  /** The key that a file with a digest name says it is of; null if it says none. */
  static @Nullable String canonicalKey(Path file) throws IOException {
    byte[] raw = read(file, ObjectAttribute.KEY_NAME, ObjectKey.MAX_CANONICAL_BYTES);
    try {
      return raw == null
          ? null
          : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /**
   * An attribute's value; null if there is none, or no file, or it may not be read. Of one that is
   * longer than {@code max}, so many bytes and one more, whatever they are.
   */
  private static byte @Nullable [] read(Path file, String name, int max) throws IOException {
    UserDefinedFileAttributeView view = view(file);
    if (view == null) {
      return null;
    }
    ByteBuffer raw = ByteBuffer.allocate(max + 1);
    try {
      view.read(name, raw);
      return Arrays.copyOf(raw.array(), raw.position());
    } catch (NoSuchFileException | AccessDeniedException e) {
      // What this process may not open is nothing that it could serve, and no reason to give up.
      return null;
    } catch (FileSystemException e) {
      return readAgain(file, view, name, max, e);
    }
  }

  /** That there is none is told in the words of the locale only, so the system is asked again. */
  private static byte @Nullable [] readAgain(
      Path file, UserDefinedFileAttributeView view, String name, int max, FileSystemException first)
      throws IOException {
    try {
      if (!view.list().contains(name)) {
        return null;
      }
      if (view.size(name) > max) {
        return new byte[max + 1];
      }
    } catch (IOException e) {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        return null;
      }
      first.addSuppressed(e);
    }
    throw first;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code .lmcache/format.json}: by which rules the directory was written, so that nobody reads or
 * writes it by others.
 *
 * <p>Without the file a directory is one of upstream's: version 1, no subdirectories.
 */
final class FormatFile {

  static final String NAME = "format.json";

  /** The newest version that is understood. */
  static final int VERSION = 1;

  private static final int MAX_LEVELS = 2;

  /** More than any version will need; what is larger is something else. */
  private static final int MAX_BYTES = 65_536;

  private static final String VERSION_FIELD = "version";
  private static final String LEVELS_FIELD = "hash_subdir_levels";

  /** Whether there are object files at the top of {@code base_path}. */
  @FunctionalInterface
  interface ObjectSearch {
    boolean any() throws IOException;
  }

  /** Gives a file a second name, and fails if the name is taken. */
  @FunctionalInterface
  interface Linker {
    void link(Path link, Path existing) throws IOException;
  }

  private record Format(long version, int levels) {}

  private FormatFile() {}

  /** Whether there is one, whatever it says. */
  static boolean isIn(Path base) {
    return Files.exists(MetaDirectory.of(base).resolve(NAME));
  }

  /**
   * By how many levels the directory was written; 0 if there is no file.
   *
   * @throws IOException if it cannot be told; the message says why and what to do
   */
  static int levels(Path base) throws IOException {
    Format format = read(base);
    return format == null ? 0 : format.levels;
  }

  /**
   * Whether the directory may be used with so many levels. Reads, and writes nothing.
   *
   * @param levels {@code hash_subdir_levels} of the configuration
   * @param objectsAtTop asked only if there is no file and {@code levels} is not 0
   * @throws IOException if not; the message says what differs and what to do
   */
  static void check(Path base, int levels, ObjectSearch objectsAtTop) throws IOException {
    Format format = read(base);
    if (format == null) {
      if (levels > 0 && objectsAtTop.any()) {
        throw new IOException(
            differs(base + " holds objects without subdirectories", 0, levels)
                + " (there is no "
                + MetaDirectory.of(Path.of("")).resolve(NAME)
                + ")");
      }
    } else if (format.levels != levels) {
      throw new IOException(differs(base + " was written", format.levels, levels));
    }
  }

  /**
   * Creates the file if there is none, then checks: of two that create it with different levels one
   * is refused.
   *
   * @throws IOException as {@link #check}, or if the file cannot be written
   */
  static void write(Path base, DirectoryOptions options, ObjectSearch objectsAtTop)
      throws IOException {
    write(base, options, objectsAtTop, Files::createLink);
  }

  static void write(Path base, DirectoryOptions options, ObjectSearch objectsAtTop, Linker linker)
      throws IOException {
    int levels = options.hashSubdirLevels();
    if (read(base) == null) {
      check(base, levels, objectsAtTop);
      try {
        Path directory = MetaDirectory.create(base, options.directoryMode());
        create(directory, content(levels), options.fileMode(), linker);
      } catch (AccessDeniedException e) {
        throw new IOException("cannot write " + e.getFile() + ": permission denied", e);
      }
    }
    // Last of all, since another's file may appear at any moment before, and only then stays.
    check(base, levels, objectsAtTop);
  }

  private static String differs(String what, int found, int configured) {
    return "%s with \"%s\": %d, the configuration says %d; set %s to %d, or use another base_path"
        .formatted(what, LEVELS_FIELD, found, configured, LEVELS_FIELD, found);
  }

  private static byte[] content(int levels) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(VERSION_FIELD, (long) VERSION);
    fields.put(LEVELS_FIELD, (long) levels);
    return FlatJson.write(fields).getBytes(StandardCharsets.UTF_8);
  }

  /** The name appears with the content or not at all, and never replaces another's. */
  private static void create(
      Path directory, byte[] content, Set<PosixFilePermission> mode, Linker linker)
      throws IOException {
    Path file = directory.resolve(NAME);
    Path begun = directory.resolve("format-" + UUID.randomUUID() + ".new");
    try {
      writeNew(begun, content, mode);
      linker.link(file, begun);
    } catch (FileAlreadyExistsException e) {
      if (Files.notExists(file)) {
        throw e; // Not the name that somebody else may have taken meanwhile.
      }
    } catch (UnsupportedOperationException | FileSystemException e) {
      if (!Files.exists(begun)) {
        throw e;
      }
      createWithoutLink(file, content, mode, e);
    } finally {
      Files.deleteIfExists(begun);
    }
  }

  /** Where there are no hard links: still one creator, but the content comes after the name. */
  private static void createWithoutLink(
      Path file, byte[] content, Set<PosixFilePermission> mode, Exception noLink)
      throws IOException {
    try {
      writeNew(file, content, mode);
    } catch (FileAlreadyExistsException e) {
      e.addSuppressed(noLink);
      if (Files.notExists(file)) {
        throw e;
      }
    } catch (IOException e) {
      e.addSuppressed(noLink);
      throw e;
    }
  }

  private static void writeNew(Path file, byte[] content, Set<PosixFilePermission> mode)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            MetaDirectory.attributes(mode));
    try (channel) {
      MetaDirectory.setMode(file, mode);
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      // A name without content after a power loss would have the directory refused.
      channel.force(true);
    } catch (IOException e) {
      // On a full disk: what was made would have it refused, too, and the channel names no file.
      Files.deleteIfExists(file);
      throw e instanceof ClosedChannelException
          ? e
          : new IOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Format read(Path base) throws IOException {
    Path file = MetaDirectory.of(base).resolve(NAME);
    try {
      return parse(file, content(file));
    } catch (NoSuchFileException e) {
      return null;
    } catch (AccessDeniedException e) {
      throw new IOException("cannot read " + file + ": permission denied", e);
    } catch (FileSystemException e) {
      throw new IOException("cannot read " + e.getMessage(), e); // Which begins with the path.
    } catch (FlatJson.MalformedException e) {
      throw new IOException(
          file
              + " "
              + e.getMessage()
              + "; restore it as {\"version\": 1, \"hash_subdir_levels\": N}, or use another"
              + " base_path",
          e);
    }
  }

  /** Looks before it opens: to open a pipe is to wait for whoever would write into it. */
  private static byte[] content(Path file) throws IOException, FlatJson.MalformedException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new FlatJson.MalformedException("is not a regular file");
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return in.readNBytes(MAX_BYTES + 1);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new FileSystemException(file.toString(), null, e.getMessage());
    }
  }

  private static Format parse(Path file, byte[] content)
      throws IOException, FlatJson.MalformedException {
    if (content.length == 0) {
      throw new FlatJson.MalformedException("is empty");
    }
    if (content.length > MAX_BYTES) {
      throw new FlatJson.MalformedException("is too large");
    }
    Map<String, Object> fields = FlatJson.read(content);
    long version = number(fields, VERSION_FIELD, 1, Long.MAX_VALUE);
    if (version > VERSION) {
      throw new IOException(
          file
              + " has format version "
              + version
              + ", this version reads up to "
              + VERSION
              + "; use a newer version, or another base_path");
    }
    return new Format(version, (int) number(fields, LEVELS_FIELD, 0, MAX_LEVELS));
  }

  private static long number(Map<String, Object> fields, String name, long least, long most)
      throws FlatJson.MalformedException {
    Object value = fields.get(name);
    if (value == null) {
      throw new FlatJson.MalformedException("has no \"" + name + "\"");
    }
    if (!(value instanceof Long number) || number < least || number > most) {
      throw new FlatJson.MalformedException("has a wrong \"" + name + "\": " + value);
    }
    return number;
  }
}

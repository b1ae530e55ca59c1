// SPDX-License-Identifier: Apache-2.0
package io.lmcache.l2.fs;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whose staging files are, and so which may go: the one rule for those who sweep and those who only
 * count. Immutable; safe for use by many threads.
 *
 * @param meta {@code .lmcache/}
 * @param dead who was found dead. Who died since is left to the next look, so that one look treats
 *     all directories alike and an owner file is removed only if all its staging files were
 * @param locks whether the file system has locks; without them nobody is known to live
 * @param clock the time
 */
record StagingOwners(Path meta, Set<UUID> dead, boolean locks, Clock clock) {

  /** After this time nobody is still writing a file that nobody can be asked about. */
  static final Duration ABANDONED = Duration.ofHours(24);

  private static final Pattern NAME =
      Pattern.compile(
          "\\.lmc-(" + MetaDirectory.UUID_PATTERN + ")-(?:[0-9]{1,20}|probe|probed)\\.tmp");

  /** Who names a file so; null if nobody does. */
  static @Nullable UUID ownerOf(String name) {
    if (!name.startsWith(".lmc-")) {
      return null;
    }
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() ? UUID.fromString(matcher.group(1)) : null;
  }

  /** What a file that an owner has named so is to others. */
  CheckKind kind(UUID owner, BasicFileAttributes file) {
    if (!file.isRegularFile()) {
      return CheckKind.FOREIGN;
    }
    if (dead.contains(owner)) {
      return CheckKind.STAGING_DEAD;
    }
    boolean owned = Files.exists(OwnerFiles.path(meta, owner), LinkOption.NOFOLLOW_LINKS);
    if (!(locks && owned) && isAbandoned(file)) {
      return CheckKind.STAGING_DEAD;
    }
    return owned ? CheckKind.STAGING_LIVING : CheckKind.STAGING_UNOWNED;
  }

  /** Whether nobody has written it for long. */
  boolean isAbandoned(BasicFileAttributes file) {
    return file.lastModifiedTime().toInstant().isBefore(clock.instant().minus(ABANDONED));
  }
}

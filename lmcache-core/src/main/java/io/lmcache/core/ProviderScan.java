// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.spi.L2AdapterFactory;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds providers, one step at a time: each step may throw, and what throws is remembered and
 * passed over. For one thread.
 */
final class ProviderScan {

  /**
   * After so many failures in a row a class loader is given up: one whose enumeration always throws
   * would keep the loop busy for ever.
   */
  static final int MOST_FAILURES_IN_A_ROW = 100;

  private final List<Provider> providers = new ArrayList<>();
  private final Set<BrokenProvider> broken = new LinkedHashSet<>();
  private final Map<String, Descriptor> descriptors = new LinkedHashMap<>();
  private final Set<Identity> seen = new HashSet<>();

  /** One class may be seen through several loaders; if they share its jar, it is one provider. */
  private record Identity(String className, Object origin) {

    static Identity of(Class<?> type) {
      Origin origin = Origin.of(type);
      return new Identity(type.getName(), origin.equals(Origin.UNKNOWN) ? type : origin);
    }
  }

  /** Adds what a loader sees. */
  void scan(ClassLoader loader) {
    List<Descriptor> visible = readDescriptors(loader);
    Iterator<ServiceLoader.Provider<L2AdapterFactory>> found =
        ServiceLoader.load(L2AdapterFactory.class, loader).stream().iterator();
    Set<String> settled = new HashSet<>();
    Set<String> unsettled = new LinkedHashSet<>();
    int failures = 0;
    while (failures < MOST_FAILURES_IN_A_ROW) {
      try {
        if (!found.hasNext()) {
          break;
        }
        ServiceLoader.Provider<L2AdapterFactory> next = found.next();
        failures = 0;
        settled.add(next.type().getName());
        accept(next.type(), next);
      } catch (Throwable thrown) {
        Guarded.contain(thrown);
        failures++;
        if (!remember(thrown, visible, settled)) {
          unsettled.add(Guarded.cause(thrown));
        }
      }
    }
    if (failures == MOST_FAILURES_IN_A_ROW) {
      broken.add(
          new BrokenProvider(
              loader.getClass().getName(),
              "",
              "given up after " + MOST_FAILURES_IN_A_ROW + " failures in a row"));
    }
    visible.forEach(file -> rescue(file, loader, settled, unsettled));
    for (String cause : unsettled) {
      broken.add(new BrokenProvider(loader.getClass().getName(), "", cause));
    }
  }

  private List<Descriptor> readDescriptors(ClassLoader loader) {
    List<Descriptor> visible = new ArrayList<>();
    try {
      for (URL url : Collections.list(loader.getResources(Descriptor.RESOURCE))) {
        Descriptor file = descriptors.get(url.toString());
        if (file == null) {
          file = readDescriptor(url);
          descriptors.put(url.toString(), file);
        }
        visible.add(file);
      }
    } catch (IOException | RuntimeException e) {
      broken.add(new BrokenProvider(loader.getClass().getName(), "", Guarded.cause(e)));
    }
    return visible;
  }

  /** An unreadable file still counts as seen; it must not hide the others. */
  private Descriptor readDescriptor(URL url) {
    try {
      return Descriptor.read(url);
    } catch (IOException | RuntimeException e) {
      Descriptor unread = new Descriptor(url, List.of());
      broken.add(
          new BrokenProvider(Descriptor.RESOURCE, unread.origin().label(), Guarded.cause(e)));
      return unread;
    }
  }

  private void accept(Class<?> type, Supplier<L2AdapterFactory> maker) {
    if (!seen.add(Identity.of(type))) {
      return;
    }
    try {
      providers.add(Provider.of(maker.get()));
    } catch (Throwable thrown) {
      Guarded.contain(thrown);
      String cause =
          thrown instanceof Provider.Unfit
              ? String.valueOf(thrown.getMessage())
              : Guarded.cause(thrown);
      broken.add(new BrokenProvider(type.getName(), Origin.of(type).label(), cause));
    }
  }

  /**
   * Loads what the service loader left out without a word: the rest of a file with a bad line, and
   * a class whose loading failed with an error that does not name it.
   */
  private void rescue(
      Descriptor file, ClassLoader loader, Set<String> settled, Set<String> unsettled) {
    for (String name : file.names()) {
      if (!settled.add(name)) {
        continue;
      }
      try {
        Class<?> type = Class.forName(name, false, loader);
        if (L2AdapterFactory.class.isAssignableFrom(type)) {
          accept(type, () -> create(type.asSubclass(L2AdapterFactory.class)));
        } else {
          broken.add(new BrokenProvider(name, file.origin().label(), "not a subtype"));
        }
      } catch (ReflectiveOperationException | LinkageError e) {
        String cause = Guarded.cause(e);
        unsettled.remove(cause);
        broken.add(new BrokenProvider(name, file.origin().label(), cause));
      }
    }
  }

  private static L2AdapterFactory create(Class<? extends L2AdapterFactory> type) {
    try {
      return type.getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new ServiceConfigurationError(
          e instanceof NoSuchMethodException
              ? "no public constructor without parameters"
              : "could not be instantiated",
          e.getCause() == null ? e : e.getCause());
    }
  }

  /** Remembers a failure, if it says which provider or file it is about. */
  private boolean remember(Throwable thrown, List<Descriptor> visible, Set<String> settled) {
    String message = String.valueOf(thrown.getMessage());
    for (Descriptor file : visible) {
      String name = namedIn(message, file);
      if (name != null) {
        settled.add(name);
        broken.add(new BrokenProvider(name, file.origin().label(), Guarded.cause(thrown)));
        return true;
      }
    }
    return false;
  }

  /** Which of a descriptor's classes a message is about; its own name if about the file. */
  private static @Nullable String namedIn(String message, Descriptor file) {
    if (message.contains(file.url().toString())) {
      return Descriptor.RESOURCE;
    }
    List<String> words =
        List.of(message.replace('/', '.').split("[^\\p{javaJavaIdentifierPart}.]+"));
    return file.names().stream().filter(words::contains).findFirst().orElse(null);
  }

  List<Provider> providers() {
    return List.copyOf(providers);
  }

  List<BrokenProvider> broken() {
    return List.copyOf(broken);
  }

  int descriptorFiles() {
    return descriptors.size();
  }
}

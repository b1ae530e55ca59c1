// SPDX-License-Identifier: Apache-2.0
package io.lmcache.core;

import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterFactory;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The adapter types that the class path offers. It is discovered once, at the program's start and
 * never in a pool's thread, whose class path may be another one.
 *
 * <p>A provider that is broken harms no other: it is remembered in {@link #broken()}, logged, and
 * named when a type is asked for that nobody offers. Nothing is opened before it is asked for.
 *
 * <p>Immutable; safe for use by many threads.
 */
public final class AdapterRegistry {

  private static final Logger LOG = LoggerFactory.getLogger(AdapterRegistry.class);

  private final Catalog catalog;
  private final SpecParser parser;
  private final List<AdapterDescription> adapters;

  private AdapterRegistry(Catalog catalog) {
    this.catalog = catalog;
    this.parser = new SpecParser(catalog);
    this.adapters =
        catalog.providers().stream()
            .map(provider -> new AdapterDescription(provider, catalog.conflict(provider)))
            .toList();
  }

  /**
   * Finds the providers that are visible to the given class loaders, to the loader of the SPI and
   * to the calling thread's context class loader. A provider that several of them see counts once.
   */
  public static AdapterRegistry discover(ClassLoader... explicit) {
    Set<ClassLoader> loaders = new LinkedHashSet<>(Arrays.asList(explicit));
    Optional.ofNullable(L2AdapterFactory.class.getClassLoader()).ifPresent(loaders::add);
    Optional.ofNullable(Thread.currentThread().getContextClassLoader()).ifPresent(loaders::add);
    ProviderScan scan = new ProviderScan();
    loaders.forEach(scan::scan);
    AdapterRegistry registry = new AdapterRegistry(new Catalog(scan));
    LOG.info(
        "adapters: {}; {} descriptor files seen", registry.adapters(), registry.descriptorFiles());
    registry.broken().forEach(broken -> LOG.warn("adapter left out: {}", broken));
    return registry;
  }

  /** The types, sorted by name; providers that claim the same name are both in it. */
  public List<AdapterDescription> adapters() {
    return adapters;
  }

  /** The providers that could not be used. */
  public List<BrokenProvider> broken() {
    return catalog.broken();
  }

  /** How many {@code META-INF/services} files of adapters were seen. */
  public int descriptorFiles() {
    return catalog.descriptorFiles();
  }

  /**
   * Reads the configuration of one adapter.
   *
   * @param where what messages call it, such as {@code --l2-adapter #1}
   * @param json a JSON object with the {@code type}, the type's own fields and the common ones
   * @throws L2ConfigException if anything is wrong with it, with all problems at once
   */
  public AdapterSpec parse(String where, String json) throws L2ConfigException {
    return parser.parse(where, json);
  }

  /**
   * Opens an adapter.
   *
   * @param spec what {@link #parse} made, or {@link AdapterSpec#of}
   * @param environment what the program gives the adapter
   * @throws L2ConfigException if the configuration is wrong
   * @throws IOException if the adapter's storage cannot be used, the type cannot run here, or the
   *     factory failed
   */
  public OpenAdapter open(AdapterSpec spec, AdapterEnvironment environment)
      throws L2ConfigException, IOException {
    Provider provider = provider(spec);
    AdapterThreads threads = threads(provider, environment);
    EventThread events = new EventThread(threads::newEventThread);
    ProgramFields fields = new ProgramFields();
    L2Adapter adapter;
    try {
      adapter = open(provider, spec, environment, threads, events, fields);
    } catch (L2ConfigException | IOException e) {
      events.close(Duration.ZERO);
      throw e;
    }
    LOG.info("opened {}: {} in {}", environment.name(), provider.type(), provider.origin().label());
    return new OpenAdapter(environment.name(), spec, adapter, events, fields);
  }

  /** Opens an adapter inside another one, on whose event thread it runs. */
  L2Adapter openInside(
      AdapterSpec spec, AdapterEnvironment environment, EventThread events, ProgramFields fields)
      throws L2ConfigException, IOException {
    Provider provider = provider(spec);
    return open(provider, spec, environment, threads(provider, environment), events, fields);
  }

  private Provider provider(AdapterSpec spec) throws L2ConfigException {
    if (spec instanceof ParsedSpec parsed && catalog.providers().contains(parsed.provider())) {
      return parsed.provider();
    }
    try {
      return catalog.find(spec.type());
    } catch (Catalog.NotFound e) {
      throw new L2ConfigException(new Problem(spec.where(), e.field(), e.text()));
    }
  }

  private static AdapterThreads threads(Provider provider, AdapterEnvironment environment) {
    return new AdapterThreads(environment.name(), provider.factory().getClass().getClassLoader());
  }

  private L2Adapter open(
      Provider provider,
      AdapterSpec spec,
      AdapterEnvironment environment,
      AdapterThreads threads,
      EventThread events,
      ProgramFields fields)
      throws L2ConfigException, IOException {
    if (!(spec instanceof ParsedSpec)) {
      parser.check(provider, spec);
    }
    Optional<String> unavailable = provider.unavailability();
    if (unavailable.isPresent()) {
      throw new IOException(
          spec.where()
              + ": type \""
              + provider.type()
              + "\" cannot run here: "
              + unavailable.get());
    }
    fields.add(spec);
    RunContext context = new RunContext(this, environment, spec, threads, events, fields);
    try {
      L2Adapter adapter = provider.factory().open(spec, context);
      if (adapter == null) {
        throw new IllegalStateException("it returned null");
      }
      context.opened();
      return adapter;
    } catch (ClosedByInterruptException e) {
      context.abandoned(e);
      throw new IOException(spec.where() + ": the thread that opens it is interrupted", e);
    } catch (L2ConfigException | IOException e) {
      context.abandoned(e);
      throw e;
    } catch (Throwable thrown) {
      context.abandoned(thrown);
      Guarded.contain(thrown);
      throw failedOpen(provider, spec, thrown);
    }
  }

  private static IOException failedOpen(Provider provider, AdapterSpec spec, Throwable thrown) {
    // Adapter code that failed may quote what it was working on, and that may be a password.
    String cause =
        provider.config().hasSecrets() ? thrown.getClass().getSimpleName() : Guarded.cause(thrown);
    return new IOException(
        spec.where() + ": cannot be opened, a defect of " + provider.inFull() + ": " + cause,
        thrown);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.lmcache.cli.doctor;

import io.lmcache.core.AdapterEnvironment;
import io.lmcache.core.AdapterRegistry;
import io.lmcache.core.OpenAdapter;
import io.lmcache.spi.AdapterLimits;
import io.lmcache.spi.AdapterSpec;
import io.lmcache.spi.AdapterStatus;
import io.lmcache.spi.L2ConfigException;
import io.lmcache.spi.Problem;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens an adapter so that it changes nothing, asks it what it can and does, and closes it. One
 * that fails is a report too, so that the others are seen.
 */
final class Examination {

  private static final Logger log = LoggerFactory.getLogger(Examination.class);

  private final AdapterRegistry registry;
  private final int alignment;
  private final List<Long> objectBytes;

  /**
   * An examination.
   *
   * @param registry opens them
   * @param alignment of the memory that a server would have
   * @param objectBytes the sizes of objects to judge
   */
  Examination(AdapterRegistry registry, int alignment, List<Long> objectBytes) {
    this.registry = registry;
    this.alignment = alignment;
    this.objectBytes = objectBytes;
  }

  AdapterReport of(AdapterSpec spec, int index) {
    String where = spec.where();
    try (OpenAdapter open = registry.open(spec, environment(index))) {
      AdapterLimits limits = open.adapter().limits();
      AdapterStatus status = open.status();
      List<Setting> settings = Setting.all(status);
      List<ObjectSize> sizes =
          objectBytes.stream()
              .map(bytes -> ObjectSize.of(bytes, alignment, limits, settings))
              .toList();
      return new AdapterReport(
          where,
          spec.type(),
          Optional.of(new AdapterReport.Opened(limits, status, settings, sizes)),
          List.of(),
          false);
    } catch (L2ConfigException e) {
      log.debug("{} cannot be opened", where, e);
      return failed(spec, e.problems().stream().map(Problem::toString).toList(), true);
    } catch (IOException | RuntimeException e) {
      log.debug("{} cannot be opened", where, e);
      return failed(spec, List.of(OneLine.of(e)), false);
    }
  }

  private static AdapterReport failed(AdapterSpec spec, List<String> lines, boolean misconfigured) {
    String prefix = spec.where() + ": ";
    List<String> failures =
        lines.stream()
            .map(OneLine::of)
            .map(line -> line.startsWith(prefix) ? line.substring(prefix.length()) : line)
            .toList();
    return new AdapterReport(spec.where(), spec.type(), Optional.empty(), failures, misconfigured);
  }

  private AdapterEnvironment environment(int index) {
    AdapterEnvironment simple = AdapterEnvironment.of("doctor");
    return new AdapterEnvironment(
            simple.name(), index, alignment, simple.clock(), simple.listener(), simple.roomMaker())
        .forExamination();
  }
}

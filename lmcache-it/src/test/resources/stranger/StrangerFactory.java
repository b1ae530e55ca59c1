package stranger;

import io.lmcache.spi.*;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.*;
import java.util.concurrent.*;

/**
 * A third party's adapter, the least that does something: objects in a map. It knows nothing but the
 * SPI. It is no model: it replaces whatever the mode says, pins nothing and tells no listener.
 */
public final class StrangerFactory implements L2AdapterFactory {

  public record Config(
      @ConfigField(name = "greeting", doc = "what it says in its status", defaultValue = "hello")
          String greeting) {}

  @Override
  public String type() {
    return "stranger";
  }

  @Override
  public List<String> aliases() {
    return List.of("outsider");
  }

  @Override
  public Class<? extends Record> configType() {
    return Config.class;
  }

  @Override
  public L2Adapter open(AdapterSpec spec, L2AdapterContext context) throws L2ConfigException {
    return new MapAdapter(spec.bind(Config.class));
  }

  private static final class MapAdapter implements L2Adapter {
    private final Map<ObjectKey, byte[]> objects = new ConcurrentHashMap<>();
    private final Config config;

    MapAdapter(Config config) {
      this.config = config;
    }

    @Override
    public AdapterLimits limits() {
      return new AdapterLimits(
          AdapterLimits.MAX_OBJECT_BYTES,
          AdapterLimits.MAX_KEYS_PER_REQUEST,
          ObjectKey.MAX_CANONICAL_BYTES,
          1,
          1,
          Set.of(Feature.LIST, Feature.PERSISTENCE));
    }

    @Override
    public CompletionStage<StoreResult> store(StoreRequest request) {
      List<KeyResult<StoreOutcome>> results = new ArrayList<>();
      for (StoreItem item : request.items()) {
        byte[] bytes = new byte[item.object().sizeBytes()];
        item.object().buffer().get(bytes);
        objects.put(item.key(), bytes);
        results.add(KeyResult.of(StoreOutcome.STORED));
      }
      return CompletableFuture.completedStage(new StoreResult(results));
    }

    @Override
    public CompletionStage<LookupLease> lookup(LookupRequest request) {
      List<Optional<Long>> sizes =
          request.keys().stream()
              .map(key -> Optional.ofNullable(objects.get(key)).map(bytes -> (long) bytes.length))
              .toList();
      return CompletableFuture.completedStage(new MapLease(sizes));
    }

    @Override
    public CompletionStage<LoadResult> load(LoadRequest request) {
      List<KeyResult<LoadOutcome>> results = new ArrayList<>();
      for (LoadItem item : request.items()) {
        byte[] bytes = objects.get(item.key());
        ByteBuffer into = item.object().buffer();
        if (bytes == null) {
          results.add(KeyResult.of(LoadOutcome.NOT_FOUND));
        } else if (bytes.length != into.remaining()) {
          results.add(KeyResult.of(LoadOutcome.SIZE_MISMATCH));
        } else {
          into.put(bytes);
          results.add(KeyResult.of(LoadOutcome.LOADED));
        }
      }
      return CompletableFuture.completedStage(new LoadResult(results));
    }

    @Override
    public CompletionStage<DeleteResult> delete(DeleteRequest request) {
      return CompletableFuture.completedStage(
          new DeleteResult(
              request.keys().stream()
                  .map(
                      key ->
                          KeyResult.of(
                              objects.remove(key) == null
                                  ? DeleteOutcome.ABSENT
                                  : DeleteOutcome.DELETED))
                  .toList()));
    }

    @Override
    public CompletionStage<KeyPage> list(ListRequest request) {
      return CompletableFuture.completedStage(
          KeyPage.failed(L2Error.of(L2ErrorCode.DECLINED, Retry.NEVER, "no listings here")));
    }

    @Override
    public AdapterUsage usage() {
      return new AdapterUsage(0, objects.size(), 0, 0, false, Map.of());
    }

    @Override
    public AdapterStatus status() {
      return new AdapterStatus(
          Health.OK, "", 0, List.of(), List.of(), Map.of("greeting", config.greeting()));
    }

    @Override
    public int loans() {
      return 0;
    }

    @Override
    public CloseReport close(Duration bound) {
      return CloseReport.IDLE;
    }
  }

  private record MapLease(List<Optional<Long>> sizes, Instant since) implements LookupLease {
    MapLease(List<Optional<Long>> sizes) {
      this(sizes, Instant.now());
    }

    private record Found(long sizeBytes, boolean sizeExact) implements Hit {}

    @Override
    public int size() {
      return sizes.size();
    }

    @Override
    public boolean hit(int i) {
      return sizes.get(i).isPresent();
    }

    @Override
    public Hit get(int i) {
      return new Found(sizes.get(i).orElseThrow(IllegalArgumentException::new), true);
    }

    @Override
    public L2Error error(int i) {
      return null;
    }

    @Override
    public void release(int i) {}

    @Override
    public void close() {}
  }
}

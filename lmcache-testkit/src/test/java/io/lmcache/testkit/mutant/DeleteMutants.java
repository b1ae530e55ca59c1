// SPDX-License-Identifier: Apache-2.0
package io.lmcache.testkit.mutant;

import io.lmcache.adapter.BlockingStorage;
import io.lmcache.spi.DeleteOutcome;
import io.lmcache.spi.DeleteRequest;
import io.lmcache.spi.DeleteResult;
import io.lmcache.spi.KeyEntry;
import io.lmcache.spi.KeyPage;
import io.lmcache.spi.KeyResult;
import io.lmcache.spi.L2Adapter;
import io.lmcache.spi.L2AdapterContext;
import io.lmcache.spi.ListRequest;
import io.lmcache.spi.LoadOutcome;
import io.lmcache.spi.MemoryObject;
import io.lmcache.spi.ObjectKey;
import io.lmcache.spi.StoreRequest;
import io.lmcache.spi.StoreResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Deletes that go wrong. */
final class DeleteMutants {

  private DeleteMutants() {}

  static List<Mutant> all() {
    return List.of(
        movesPositions(),
        absentIsDeleted(),
        lastKeyLost(),
        deletesANeighbour(),
        remembering(
            "is still found",
            (storage, gone) ->
                new ForwardingStorage(storage) {
                  @Override
                  public OptionalLong stat(ObjectKey key) throws IOException {
                    ByteBuffer bytes = gone.get(key);
                    return bytes == null ? super.stat(key) : OptionalLong.of(bytes.capacity());
                  }
                }),
        remembering("is still loaded", DeleteMutants::loading),
        remembering("is still listed", DeleteMutants::listing),
        remembering(
            "can be deleted once more",
            (storage, gone) ->
                new ForwardingStorage(storage) {
                  @Override
                  public boolean remove(ObjectKey key) throws IOException {
                    return super.remove(key) || gone.remove(key) != null;
                  }
                }),
        remembering(
            "cannot be stored again",
            (storage, gone) ->
                new ForwardingStorage(storage) {
                  @Override
                  public void put(ObjectKey key, MemoryObject object) throws IOException {
                    if (!gone.containsKey(key)) {
                      super.put(key, object);
                    }
                  }
                }));
  }

  private static Mutant movesPositions() {
    return Changing.deletes(
        "DELETE-1",
        "outcomes of a request of 17 are in the order in which keys ended",
        (request, r) ->
            request.keys().size() == 17 ? new DeleteResult(Changing.sorted(r.keys())) : r);
  }

  private static Mutant absentIsDeleted() {
    return Changing.deletes(
        "DELETE-1",
        "a key that was not there is DELETED",
        (request, r) ->
            new DeleteResult(
                Changing.saying(r.keys(), DeleteOutcome.DELETED, DeleteOutcome.ABSENT)));
  }

  private static Mutant lastKeyLost() {
    return new Mutant("DELETE-2", "the last key of a large request is DELETED and left") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            int last = request.keys().size() - 1;
            if (last < 299) {
              return super.delete(request);
            }
            List<ObjectKey> less = request.keys().subList(0, last);
            KeyResult<DeleteOutcome> lie = KeyResult.of(DeleteOutcome.DELETED);
            return super.delete(new DeleteRequest(less, request.options()))
                .thenApply(r -> new DeleteResult(Changing.with(r.keys(), lie)));
          }
        };
      }
    };
  }

  private static Mutant deletesANeighbour() {
    return new Mutant("DELETE-1", "a delete of 17 keys takes one more with it") {
      @Override
      L2Adapter adapter(L2Adapter adapter, L2AdapterContext context) {
        return new ForwardingAdapter(adapter) {
          private volatile ObjectKey last = ObjectKey.of(new byte[4], "none", 0);

          @Override
          public CompletionStage<StoreResult> store(StoreRequest request) {
            last = request.items().size() == 3 ? request.items().get(0).key() : last;
            return super.store(request);
          }

          @Override
          public CompletionStage<DeleteResult> delete(DeleteRequest request) {
            ObjectKey other = last;
            return request.keys().size() != 17 || request.keys().contains(other)
                ? super.delete(request)
                : super.delete(DeleteRequest.of(List.of(other)))
                    .thenCompose(ignored -> super.delete(request));
          }
        };
      }
    };
  }

  /** What a storage becomes that keeps the bytes of what was removed, until it is stored again. */
  private interface Keeping {
    BlockingStorage around(BlockingStorage storage, Map<ObjectKey, ByteBuffer> gone);
  }

  private static Mutant remembering(String what, Keeping keeping) {
    return new Mutant("DELETE-2", "what was deleted " + what) {
      @Override
      BlockingStorage storage(BlockingStorage storage) {
        Map<ObjectKey, ByteBuffer> gone = new ConcurrentHashMap<>();
        BlockingStorage inner =
            new ForwardingStorage(storage) {
              @Override
              public boolean remove(ObjectKey key) throws IOException {
                OptionalLong size = sound.stat(key);
                ByteBuffer bytes = ByteBuffer.allocateDirect((int) size.orElse(0));
                if (size.isPresent()) {
                  sound.get(key, MemoryObject.of(bytes));
                }
                boolean removed = super.remove(key);
                if (removed) {
                  gone.put(key, bytes);
                }
                return removed;
              }
            };
        return keeping.around(inner, gone);
      }
    };
  }

  private static BlockingStorage loading(BlockingStorage storage, Map<ObjectKey, ByteBuffer> gone) {
    return new ForwardingStorage(storage) {
      @Override
      public LoadOutcome get(ObjectKey key, MemoryObject object) throws IOException {
        LoadOutcome outcome = super.get(key, object);
        ByteBuffer bytes = gone.get(key);
        if (outcome != LoadOutcome.NOT_FOUND || bytes == null) {
          return outcome;
        }
        if (bytes.capacity() != object.sizeBytes()) {
          return LoadOutcome.SIZE_MISMATCH;
        }
        object.buffer().put(bytes.duplicate());
        return LoadOutcome.LOADED;
      }
    };
  }

  private static BlockingStorage listing(BlockingStorage storage, Map<ObjectKey, ByteBuffer> gone) {
    return new ForwardingStorage(storage) {
      @Override
      public KeyPage page(ListRequest request) throws IOException {
        KeyPage page = super.page(request);
        for (Map.Entry<ObjectKey, ByteBuffer> one : gone.entrySet()) {
          if (page.nextCursor() == null
              && page.entries().size() < request.pageSize()
              && one.getKey().modelName().equals(request.modelName())) {
            KeyEntry entry = new KeyEntry(one.getKey(), one.getValue().capacity());
            return new KeyPage(Changing.with(page.entries(), entry), null, null);
          }
        }
        return page;
      }
    };
  }
}

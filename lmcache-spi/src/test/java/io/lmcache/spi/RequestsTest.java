// SPDX-License-Identifier: Apache-2.0
package io.lmcache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every request refuses, and that nobody can change one that was made. */
class RequestsTest {

  private static final MemoryObject MEMORY = MemoryObject.of(ByteBuffer.allocateDirect(4));

  /** The four kinds; each makes a request, and gives the keys that it then has. */
  enum Kind {
    STORE {
      @Override
      List<ObjectKey> make(List<ObjectKey> keys) {
        List<StoreItem> items = map(keys, key -> new StoreItem(key, MEMORY));
        StoreRequest request = StoreRequest.of(items);
        items.clear();
        return request.items().stream().map(StoreItem::key).toList();
      }
    },
    LOOKUP {
      @Override
      List<ObjectKey> make(List<ObjectKey> keys) {
        LookupRequest request = LookupRequest.of(keys);
        keys.clear();
        return request.keys();
      }
    },
    LOAD {
      @Override
      List<ObjectKey> make(List<ObjectKey> keys) {
        List<LoadItem> items = map(keys, key -> LoadItem.of(key, MEMORY));
        LoadRequest request = LoadRequest.of(items);
        items.clear();
        return request.items().stream().map(LoadItem::key).toList();
      }
    },
    DELETE {
      @Override
      List<ObjectKey> make(List<ObjectKey> keys) {
        DeleteRequest request = DeleteRequest.of(keys);
        keys.clear();
        return request.keys();
      }
    };

    /** Clears the list afterwards, as a careless caller does. */
    abstract List<ObjectKey> make(List<ObjectKey> keys);

    private static <T> List<T> map(List<ObjectKey> keys, Function<ObjectKey, T> item) {
      List<T> items = new ArrayList<>();
      keys.forEach(key -> items.add(item.apply(key)));
      return items;
    }
  }

  private static ObjectKey key(int number) {
    return ObjectKey.of(new byte[] {(byte) number}, "m", 0);
  }

  private static List<ObjectKey> keys(int... numbers) {
    List<ObjectKey> keys = new ArrayList<>();
    for (int number : numbers) {
      keys.add(key(number));
    }
    return keys;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aRequestHasKeys(Kind kind) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kind.make(keys()))
        .withMessage("a request needs at least one key");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void noKeyIsThereTwice(Kind kind) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kind.make(keys(1, 2, 3, 2)))
        .withMessage("the key occurs twice in one request: m@00000000@0@02");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void keysStayInOrderWhateverTheCallerDoes(Kind kind) {
    assertThat(kind.make(keys(3, 1, 2))).containsExactly(key(3), key(1), key(2));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  @SuppressWarnings("NullAway") // Callers that are not checked for null.
  void nullIsNoKey(Kind kind) {
    assertThatExceptionOfType(NullPointerException.class)
        .isThrownBy(() -> kind.make(new ArrayList<>(Arrays.asList(key(1), null))));
  }

  @Test
  void aRequestsListCannotBeChanged() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> DeleteRequest.of(keys(1)).keys().clear());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> LookupRequest.of(keys(1)).keys().clear());
  }

  @Test
  void theUsualRequestsMeanTheUsual() {
    assertThat(StoreRequest.of(List.of(new StoreItem(key(1), MEMORY))))
        .extracting(StoreRequest::mode, StoreRequest::options)
        .containsExactly(StoreMode.IF_ABSENT, Options.DEFAULT);
    assertThat(LookupRequest.of(keys(1)))
        .extracting(LookupRequest::extent, LookupRequest::pin, LookupRequest::options)
        .containsExactly(Extent.ALL, true, Options.DEFAULT);
    assertThat(LoadRequest.of(List.of(LoadItem.of(key(1), MEMORY))).options())
        .isEqualTo(Options.DEFAULT);
    assertThat(LoadItem.of(key(1), MEMORY).hit()).isNull();
    assertThat(DeleteRequest.of(keys(1)).options()).isEqualTo(Options.DEFAULT);
  }

  @Test
  void optionsChangeOneThingAtATime() {
    Instant deadline = Instant.EPOCH;

    assertThat(Options.DEFAULT).isEqualTo(new Options(null, Priority.NORMAL));
    assertThat(Options.DEFAULT.withDeadline(deadline).withPriority(Priority.HIGH))
        .isEqualTo(new Options(deadline, Priority.HIGH))
        .isEqualTo(Options.DEFAULT.withPriority(Priority.HIGH).withDeadline(deadline));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 100_001})
  void aPageHasASize(int size) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ListRequest.first(size))
        .withMessage("page_size must be between 1 and 100000, got " + size);
  }

  @Test
  void aWalkGoesOnUntilThereIsNoCursor() {
    ListRequest first = new ListRequest("m", ListRequest.MAX_PAGE_SIZE, null);
    @Nullable ListRequest second = first.after(new KeyPage(List.of(), "c", null));

    assertThat(second).isEqualTo(new ListRequest("m", ListRequest.MAX_PAGE_SIZE, "c"));
    assertThat(first.after(new KeyPage(List.of(), null, null))).isNull();
    assertThat(first.after(KeyPage.failed(L2Error.closed("closed")))).isNull();
    assertThat(ListRequest.first(1)).isEqualTo(new ListRequest(null, 1, null));
  }
}

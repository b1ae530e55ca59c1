// SPDX-License-Identifier: Apache-2.0
#include "crc32c.h"

#include <array>
#include <cstring>

#include "crc32c_polynomial.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#define LMCACHE_CRC32C_TARGET __attribute__((target("sse4.2")))
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#define LMCACHE_CRC32C_TARGET __attribute__((target("+crc")))
#endif

namespace lmcache {
namespace internal {
namespace {

// table[k][b] is the remainder of byte b followed by k zero bytes.
using ByteTables = std::array<std::array<uint32_t, 256>, 8>;

constexpr ByteTables MakeByteTables() {
  ByteTables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = TimesX(crc);
    }
    tables[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    for (size_t zeros = 1; zeros < 8; ++zeros) {
      const uint32_t before = tables[zeros - 1][byte];
      tables[zeros][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr ByteTables kBytes = MakeByteTables();

uint64_t Load64(const unsigned char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

}  // namespace

uint32_t Crc32cSoftware(uint32_t crc, const void* data, size_t size) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are taken apart low byte first");
  const auto* next = static_cast<const unsigned char*>(data);
  crc = ~crc;
  for (; size >= 8; size -= 8, next += 8) {
    const uint64_t word = Load64(next) ^ crc;
    uint32_t sum = 0;
    for (size_t i = 0; i < 8; ++i) {
      sum ^= kBytes[7 - i][(word >> (8 * i)) & 0xFF];
    }
    crc = sum;
  }
  for (; size > 0; --size, ++next) {
    crc = (crc >> 8) ^ kBytes[0][(crc ^ *next) & 0xFF];
  }
  return ~crc;
}

#if defined(LMCACHE_CRC32C_TARGET)
namespace {

// The instruction has a latency of three and starts every cycle, so three streams over neighbouring
// stretches keep it busy; their remainders are then combined as if the first were followed by the
// zeros that the second stands in place of. Long stretches for bulk, short ones for what is left.
constexpr size_t kLongStretch = 8192;
constexpr size_t kShortStretch = 256;

// table[k][b] is what byte k of a remainder, being b, becomes after a stretch of zeros.
using ShiftTables = std::array<std::array<uint32_t, 256>, 4>;

// A linear map of remainders: what each bit becomes.
using BitMap = std::array<uint32_t, 32>;

constexpr uint32_t Apply(const BitMap& map, uint32_t crc) {
  uint32_t sum = 0;
  for (size_t bit = 0; bit < 32; ++bit) {
    sum ^= (crc >> bit & 1) != 0 ? map[bit] : 0;
  }
  return sum;
}

// `stretch` is a power of two.
constexpr ShiftTables MakeShiftTables(size_t stretch) {
  BitMap map{};
  for (size_t bit = 0; bit < 32; ++bit) {
    const uint32_t crc = uint32_t{1} << bit;
    map[bit] = (crc >> 8) ^ kBytes[0][crc & 0xFF];
  }
  for (size_t bytes = 1; bytes < stretch; bytes *= 2) {
    BitMap twice{};
    for (size_t bit = 0; bit < 32; ++bit) {
      twice[bit] = Apply(map, map[bit]);
    }
    map = twice;
  }
  ShiftTables tables{};
  for (size_t place = 0; place < 4; ++place) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      tables[place][byte] = Apply(map, byte << (8 * place));
    }
  }
  return tables;
}

constexpr ShiftTables kLongShift = MakeShiftTables(kLongStretch);
constexpr ShiftTables kShortShift = MakeShiftTables(kShortStretch);

uint32_t Shift(const ShiftTables& tables, uint32_t crc) {
  return tables[0][crc & 0xFF] ^ tables[1][crc >> 8 & 0xFF] ^ tables[2][crc >> 16 & 0xFF] ^
         tables[3][crc >> 24];
}

#if defined(__x86_64__)
LMCACHE_CRC32C_TARGET inline uint32_t Step(uint32_t crc, uint64_t word) {
  return static_cast<uint32_t>(_mm_crc32_u64(crc, word));
}
LMCACHE_CRC32C_TARGET inline uint32_t StepByte(uint32_t crc, unsigned char byte) {
  return _mm_crc32_u8(crc, byte);
}
#else
LMCACHE_CRC32C_TARGET inline uint32_t Step(uint32_t crc, uint64_t word) {
  return __crc32cd(crc, word);
}
LMCACHE_CRC32C_TARGET inline uint32_t StepByte(uint32_t crc, unsigned char byte) {
  return __crc32cb(crc, byte);
}
#endif

// Takes as many triples of stretches as there are, and moves on behind them.
template <size_t kStretch>
LMCACHE_CRC32C_TARGET uint32_t ThreeStreams(const ShiftTables& shift, uint32_t crc,
                                            const unsigned char** data, size_t* size) {
  const unsigned char* next = *data;
  size_t left = *size;
  for (; left >= 3 * kStretch; left -= 3 * kStretch, next += 3 * kStretch) {
    uint32_t second = 0;
    uint32_t third = 0;
    for (size_t i = 0; i < kStretch; i += 8) {
      crc = Step(crc, Load64(next + i));
      second = Step(second, Load64(next + kStretch + i));
      third = Step(third, Load64(next + 2 * kStretch + i));
    }
    crc = Shift(shift, crc) ^ second;
    crc = Shift(shift, crc) ^ third;
  }
  *data = next;
  *size = left;
  return crc;
}

}  // namespace

LMCACHE_CRC32C_TARGET uint32_t Crc32cHardware(uint32_t crc, const void* data, size_t size) {
  const auto* next = static_cast<const unsigned char*>(data);
  crc = ~crc;
  crc = ThreeStreams<kLongStretch>(kLongShift, crc, &next, &size);
  crc = ThreeStreams<kShortStretch>(kShortShift, crc, &next, &size);
  for (; size >= 8; size -= 8, next += 8) {
    crc = Step(crc, Load64(next));
  }
  for (; size > 0; --size, ++next) {
    crc = StepByte(crc, *next);
  }
  return ~crc;
}

bool HasCrc32cInstruction() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("sse4.2") != 0;
#else
  return (::getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#endif
}
#else
uint32_t Crc32cHardware(uint32_t crc, const void* data, size_t size) {
  return Crc32cSoftware(crc, data, size);
}

bool HasCrc32cInstruction() { return false; }
#endif

}  // namespace internal

uint32_t Crc32c(uint32_t crc, const void* data, size_t size) {
  switch (Crc32cWayHere()) {
    case Crc32cWay::kFolded:
      return internal::Crc32cFolded(crc, data, size);
    case Crc32cWay::kInstruction:
      return internal::Crc32cHardware(crc, data, size);
    case Crc32cWay::kSoftware:
      break;
  }
  return internal::Crc32cSoftware(crc, data, size);
}

Crc32cWay Crc32cWayHere() {
  if (internal::CanFoldCrc32c()) {
    return Crc32cWay::kFolded;
  }
  return internal::HasCrc32cInstruction() ? Crc32cWay::kInstruction : Crc32cWay::kSoftware;
}

const char* Crc32cWayName(Crc32cWay way) {
  switch (way) {
    case Crc32cWay::kFolded:
      return "folded";
    case Crc32cWay::kInstruction:
      return "instruction";
    case Crc32cWay::kSoftware:
      break;
  }
  return "software";
}

uint32_t Crc32cCombine(uint32_t first, uint32_t second, int64_t second_size) {
  // A byte of zeros behind a remainder multiplies it by x^8; `zeros` is that for 2^k of them. The
  // bits which a CRC is inverted by, before and after, cancel each other out.
  uint32_t zeros = uint32_t{1} << (31 - 8);
  for (; second_size > 0; second_size >>= 1) {
    if ((second_size & 1) != 0) {
      first = internal::Multiply(first, zeros);
    }
    zeros = internal::Multiply(zeros, zeros);
  }
  return first ^ second;
}

}  // namespace lmcache

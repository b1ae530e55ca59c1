// SPDX-License-Identifier: Apache-2.0
#include "crc32c.h"
#include "crc32c_polynomial.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace lmcache {
namespace internal {
namespace {

// 256 bytes at a time, in 16 lanes of 16 bytes. Each lane is multiplied by what lies between it and
// the same lane of the next 256 bytes, and added to those: the remainder of the whole stays the
// same, and only the last 256 bytes are left to be computed in the usual way.
constexpr size_t kStride = 256;
constexpr uint32_t kStrideBits = 8 * kStride;

// A carry-less product of two bit-reversed halves is one bit short of its place, which the shift
// makes up for; the halves of a lane lie 64 bits apart.
constexpr long long Factor(uint32_t power) {
  return static_cast<long long>(uint64_t{PowerOfX(power)} << 1);
}
constexpr long long kLowHalf = Factor(kStrideBits + 32);
constexpr long long kHighHalf = Factor(kStrideBits - 32);

#define LMCACHE_CRC32C_FOLD_TARGET __attribute__((target("avx512f,vpclmulqdq")))

LMCACHE_CRC32C_FOLD_TARGET inline __m512i Folded(__m512i lanes, __m512i factors, __m512i next) {
  constexpr int kLowByLow = 0x00;
  constexpr int kHighByHigh = 0x11;
  constexpr int kSumOfThree = 0x96;
  return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(lanes, factors, kLowByLow),
                                   _mm512_clmulepi64_epi128(lanes, factors, kHighByHigh), next,
                                   kSumOfThree);
}

}  // namespace

LMCACHE_CRC32C_FOLD_TARGET uint32_t Crc32cFolded(uint32_t crc, const void* data, size_t size) {
  if (size < 2 * kStride) {
    return Crc32cHardware(crc, data, size);
  }
  const auto* next = static_cast<const unsigned char*>(data);
  const __m512i factors = _mm512_set_epi64(kHighHalf, kLowHalf, kHighHalf, kLowHalf, kHighHalf,
                                           kLowHalf, kHighHalf, kLowHalf);
  // What came before is added to the first four bytes.
  const __m512i before = _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(~crc)));
  __m512i first = _mm512_xor_si512(_mm512_loadu_si512(next), before);
  __m512i second = _mm512_loadu_si512(next + 64);
  __m512i third = _mm512_loadu_si512(next + 128);
  __m512i fourth = _mm512_loadu_si512(next + 192);
  next += kStride;
  size -= kStride;
  for (; size >= kStride; size -= kStride, next += kStride) {
    first = Folded(first, factors, _mm512_loadu_si512(next));
    second = Folded(second, factors, _mm512_loadu_si512(next + 64));
    third = Folded(third, factors, _mm512_loadu_si512(next + 128));
    fourth = Folded(fourth, factors, _mm512_loadu_si512(next + 192));
  }
  unsigned char rest[kStride];
  _mm512_storeu_si512(rest, first);
  _mm512_storeu_si512(rest + 64, second);
  _mm512_storeu_si512(rest + 128, third);
  _mm512_storeu_si512(rest + 192, fourth);
  // All ones stand for a remainder of zero: what came before is in there already.
  return Crc32cHardware(Crc32cHardware(~uint32_t{0}, rest, kStride), next, size);
}

bool CanFoldCrc32c() {
  return HasCrc32cInstruction() && __builtin_cpu_supports("avx512f") != 0 &&
         __builtin_cpu_supports("vpclmulqdq") != 0;
}

}  // namespace internal
}  // namespace lmcache
#else
namespace lmcache {
namespace internal {

uint32_t Crc32cFolded(uint32_t crc, const void* data, size_t size) {
  return Crc32cHardware(crc, data, size);
}

bool CanFoldCrc32c() { return false; }

}  // namespace internal
}  // namespace lmcache
#endif

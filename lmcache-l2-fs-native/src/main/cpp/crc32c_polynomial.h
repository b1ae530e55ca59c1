// SPDX-License-Identifier: Apache-2.0
#ifndef LMCACHE_CRC32C_POLYNOMIAL_H_
#define LMCACHE_CRC32C_POLYNOMIAL_H_

#include <cstdint>

namespace lmcache {
namespace internal {

// Arithmetic of remainders. Bit-reversed, as a CRC-32C is: bit 0 of a remainder is the coefficient
// of the highest power.
constexpr uint32_t kPolynomial = 0x82F63B78;

// The remainder times x.
constexpr uint32_t TimesX(uint32_t crc) { return (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0); }

// The remainder of the product of two remainders.
constexpr uint32_t Multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (; a != 0; a <<= 1, b = TimesX(b)) {
    product ^= (a >> 31) != 0 ? b : 0;
  }
  return product;
}

// The remainder of x to that power.
constexpr uint32_t PowerOfX(uint32_t power) {
  uint32_t crc = uint32_t{1} << 31;
  for (; power > 0; --power) {
    crc = TimesX(crc);
  }
  return crc;
}

}  // namespace internal
}  // namespace lmcache

#endif  // LMCACHE_CRC32C_POLYNOMIAL_H_

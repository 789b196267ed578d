// Big-endian writes without a cast: no alignment or aliasing questions.
#ifndef CSYN_BYTES_H
#define CSYN_BYTES_H

#include <stdint.h>

static inline void put16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value) {
  put16(at, (uint16_t)(value >> 16));
  put16(at + 2, (uint16_t)value);
}

#endif

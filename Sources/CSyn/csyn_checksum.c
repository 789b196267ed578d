#include <netinet/in.h>

#include "csyn.h"

/// Adds `length` bytes as big-endian 16-bit words; an odd last byte counts as the high half of a word (RFC 1071).
static uint64_t add_words(uint64_t sum, const uint8_t *bytes, size_t length) {
  size_t i = 0;
  for (; i + 1 < length; i += 2) sum += (uint64_t)((uint32_t)bytes[i] << 8 | bytes[i + 1]);
  if (i < length) sum += (uint64_t)((uint32_t)bytes[i] << 8);
  return sum;
}

/// Folds the carries in until none is left: one fold is wrong for 1 input in 18 000.
static uint16_t fold(uint64_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)sum;
}

uint16_t csyn_tcp_checksum(const struct csyn_address *source, const struct csyn_address *destination,
                           const uint8_t *segment, size_t length) {
  size_t width = source->family == 6 ? 16 : 4;
  uint64_t sum = add_words(0, source->bytes, width);
  sum = add_words(sum, destination->bytes, width);
  sum += (uint64_t)length + IPPROTO_TCP;
  return (uint16_t)~fold(add_words(sum, segment, length));
}

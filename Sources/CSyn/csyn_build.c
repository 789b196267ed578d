#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "csyn.h"
#include "csyn_bytes.h"

enum { HEADER = 20, FLAG_SYN = 0x02 };
enum { OPTION_NOP = 1, OPTION_MSS = 2, OPTION_WINDOW_SCALE = 3, OPTION_SACK_PERMITTED = 4, OPTION_TIMESTAMPS = 8 };
enum { WINDOW_SHIFT = 7, DEFAULT_HOPS = 64, DONT_FRAGMENT = 0x4000 };

/// MSS alone: the smallest SYN that every stack answers as it answers a client.
static size_t write_mss(uint8_t *at, const struct csyn_segment *segment) {
  at[0] = OPTION_MSS;
  at[1] = 4;
  put16(at + 2, segment->maximum_segment);
  return 4;
}

/// The options of a Linux client, in its order: MSS, SACK permitted, timestamps, no-operation, window scale.
static size_t write_options(uint8_t *at, const struct csyn_segment *segment) {
  if (segment->options == CSYN_OPTIONS_NONE) return 0;
  size_t n = write_mss(at, segment);
  if (segment->options == CSYN_OPTIONS_MSS) return n;
  at[n++] = OPTION_SACK_PERMITTED;
  at[n++] = 2;
  at[n++] = OPTION_TIMESTAMPS;
  at[n++] = 10;
  put32(at + n, segment->timestamp);
  put32(at + n + 4, 0);
  n += 8;
  at[n++] = OPTION_NOP;
  at[n++] = OPTION_WINDOW_SCALE;
  at[n++] = 3;
  at[n++] = WINDOW_SHIFT;
  return n;
}

/// A checksum over zeros too: they count in the pseudo header's length alone (RFC 1624's equation 3).
static uint16_t lengthened(uint16_t checksum, uint16_t padding) {
  uint32_t sum = (uint32_t)(uint16_t)~checksum + padding;
  return (uint16_t)~(uint16_t)((sum & 0xffff) + (sum >> 16));
}

int csyn_build_syn(const struct csyn_segment *segment, uint8_t *buffer, size_t capacity) {
  if (segment->source.family != segment->destination.family) return -EINVAL;
  if (segment->padding > CSYN_MAX_PADDING) return -EINVAL;
  if (capacity < CSYN_MAX_SEGMENT) return -ENOSPC;
  size_t length = HEADER + write_options(buffer + HEADER, segment);
  put16(buffer, segment->source_port);
  put16(buffer + 2, segment->destination_port);
  put32(buffer + 4, segment->sequence);
  put32(buffer + 8, 0);
  buffer[12] = (uint8_t)(length / 4 << 4);
  buffer[13] = FLAG_SYN;
  put16(buffer + 14, segment->window);
  put16(buffer + 16, 0);
  put16(buffer + 18, 0);
  uint16_t sum = csyn_tcp_checksum(&segment->source, &segment->destination, buffer, length);
  put16(buffer + 16, lengthened(sum, segment->padding));
  return (int)length;
}

size_t csyn_build_ip(const struct csyn_address *source, const struct csyn_address *destination, size_t payload, uint8_t hops,
                     uint8_t traffic_class, uint8_t *out) {
  memset(out, 0, 40);
  if (destination->family == 6) {
    put32(out, (uint32_t)6 << 28 | (uint32_t)traffic_class << 20);
    put16(out + 4, (uint16_t)payload);
    out[6] = IPPROTO_TCP;
    out[7] = hops ? hops : DEFAULT_HOPS;
    memcpy(out + 8, source->bytes, 16);
    memcpy(out + 24, destination->bytes, 16);
    return 40;
  }
  out[0] = 0x45;
  out[1] = traffic_class;
  put16(out + 2, (uint16_t)(20 + payload));
  put16(out + 6, DONT_FRAGMENT);
  out[8] = hops ? hops : DEFAULT_HOPS;
  out[9] = IPPROTO_TCP;  // The kernel fills in the checksum.
  memcpy(out + 12, source->bytes, 4);
  memcpy(out + 16, destination->bytes, 4);
  return 20;
}

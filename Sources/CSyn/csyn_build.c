#include <errno.h>
#include <string.h>

#include "csyn.h"
#include "csyn_bytes.h"

enum { HEADER = 20, FLAG_SYN = 0x02 };
enum { OPTION_NOP = 1, OPTION_MSS = 2, OPTION_WINDOW_SCALE = 3, OPTION_SACK_PERMITTED = 4, OPTION_TIMESTAMPS = 8 };
enum { WINDOW_SHIFT = 7 };

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

int csyn_build_syn(const struct csyn_segment *segment, uint8_t *buffer, size_t capacity) {
  if (segment->source.family != segment->destination.family) return -EINVAL;
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
  put16(buffer + 16, csyn_tcp_checksum(&segment->source, &segment->destination, buffer, length));
  return (int)length;
}

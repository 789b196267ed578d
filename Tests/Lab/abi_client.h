/* What every case of abi_client.c needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synprobe.h"

#define MUST(condition)                                                                  \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      fprintf(stderr, "%s:%d: not so: %s; message: %s\n", __FILE__, __LINE__, #condition, message); \
      exit(1);                                                                           \
    }                                                                                    \
  } while (0)

enum { LARGEST = 1 << 20, MILLISECOND = 1000000 };
static _Thread_local char message[512];

static synprobe_t *create(int32_t mode) {
  synprobe_options_t options = SYNPROBE_OPTIONS_INIT;
  options.mode = mode;
  synprobe_t *probe = NULL;
  MUST(synprobe_create(&options, &probe, message, sizeof message) == 0);
  MUST(probe != NULL);
  return probe;
}

static int64_t submit(synprobe_t *probe, const char *target, uint32_t count) {
  synprobe_ping_t ping = SYNPROBE_PING_INIT;
  ping.target = target;
  ping.count = count;
  ping.interval = 2 * MILLISECOND;
  ping.timeout = 500 * MILLISECOND;
  return synprobe_submit_ping(probe, &ping, message, sizeof message);
}

/* The result of a series, to be freed. */
static char *ping(synprobe_t *probe, const char *target, uint32_t count) {
  int64_t ticket = submit(probe, target, count);
  MUST(ticket >= 0);
  char *text = malloc(LARGEST);
  size_t length = 0;
  MUST(text && synprobe_poll(probe, ticket, -1, text, LARGEST, &length) == 0);
  MUST(length == strlen(text) && strstr(text, "{\"schema\":\"synprobe.ping/1\"") == text);
  return text;
}

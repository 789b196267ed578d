/* A program that uses libsynprobe.so: abi_client CASE TARGET; says what it sees, and leaves with 0 when all is as it should be.
 *
 * Each case is one promise of synprobe.h.
 */
#define _GNU_SOURCE
#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi_client.h"
#include "abi_client_forks.h"

static int threads(void) {
  char line[256];
  int count = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "Threads: %d", &count);
  if (file) fclose(file);
  return count;
}

static void case_ping(const char *target) {
  MUST(synprobe_abi_version() == SYNPROBE_ABI_VERSION);
  MUST(threads() == 1);
  synprobe_t *probe = create(SYNPROBE_MODE_AUTO);
  MUST(synprobe_mode(probe) == SYNPROBE_MODE_SYN);
  MUST(threads() == 2);
  char *text = ping(probe, target, 3);
  puts(text);
  free(text);
  synprobe_destroy(probe);
  MUST(threads() == 1);
}

static void case_verify(const char *target) {
  synprobe_t *probe = create(SYNPROBE_MODE_AUTO);
  char *baseline = ping(probe, target, 20);
  synprobe_claim_t claims[] = {{"added", "..5ms"}, {"loss", "..30%"}};
  synprobe_verify_t verify = SYNPROBE_VERIFY_INIT;
  verify.target = target;
  verify.input = "the web";
  verify.claims = claims;
  verify.claim_count = 2;
  verify.baseline = baseline;
  verify.interval = 5 * MILLISECOND;
  int64_t ticket = synprobe_submit_verify(probe, &verify, message, sizeof message);
  MUST(ticket >= 0);
  char *text = malloc(LARGEST);
  MUST(text && synprobe_poll(probe, ticket, -1, text, LARGEST, NULL) == 0);
  puts(text);
  claims[0].value = "fast";
  MUST(synprobe_submit_verify(probe, &verify, message, sizeof message) == SYNPROBE_ERROR_INVALID);
  MUST(strstr(message, "added: 'fast' is not a range") == message);
  free(text);
  free(baseline);
  synprobe_destroy(probe);
}

static void case_identify(const char *target) {
  synprobe_t *probe = create(SYNPROBE_MODE_AUTO);
  char *baseline = ping(probe, target, 40);
  synprobe_identify_t identify = SYNPROBE_IDENTIFY_INIT;
  identify.target = target;
  MUST(synprobe_submit_identify(probe, &identify, message, sizeof message) == SYNPROBE_ERROR_INVALID);
  MUST(strstr(message, "baseline is NULL") == message);
  identify.baseline = baseline;
  identify.max_probes = 260;
  identify.interval = 2 * MILLISECOND;
  identify.timeout = 300 * MILLISECOND;
  identify.max_time = 9000LL * MILLISECOND;
  int64_t ticket = synprobe_submit_identify(probe, &identify, message, sizeof message);
  char *text = malloc(LARGEST);
  MUST(text && synprobe_poll(probe, ticket, -1, text, LARGEST, NULL) == 0);
  puts(text);
  free(text);
  free(baseline);
  synprobe_destroy(probe);
}

static void case_trace(const char *target) {
  synprobe_t *probe = create(SYNPROBE_MODE_SYN);
  synprobe_trace_t trace = SYNPROBE_TRACE_INIT;
  trace.target = target;
  trace.input = "the web";
  trace.paths = 17;
  MUST(synprobe_submit_trace(probe, &trace, message, sizeof message) == SYNPROBE_ERROR_INVALID);
  MUST(strstr(message, "paths 17 is out of range: 1 to 16") == message);
  trace.paths = 2;
  int64_t ticket = synprobe_submit_trace(probe, &trace, message, sizeof message);
  char *text = malloc(LARGEST);
  MUST(text && ticket >= 0 && synprobe_poll(probe, ticket, -1, text, LARGEST, NULL) == 0);
  puts(text);
  free(text);
  synprobe_destroy(probe);
  probe = create(SYNPROBE_MODE_CONNECT);
  MUST(synprobe_submit_trace(probe, &trace, message, sizeof message) == SYNPROBE_ERROR_PERMISSION);
  MUST(strstr(message, "a trace needs raw SYN segments") == message);
  synprobe_destroy(probe);
}

static void case_errors(const char *target) {
  synprobe_t *probe = NULL;
  synprobe_options_t options = SYNPROBE_OPTIONS_INIT;
  options.mode = 7;
  MUST(synprobe_create(&options, &probe, message, sizeof message) == SYNPROBE_ERROR_INVALID && !probe);
  MUST(strstr(message, "mode 7 is none of"));
  options.mode = 0;
  options.size = 0;
  MUST(synprobe_create(&options, &probe, NULL, 0) == SYNPROBE_ERROR_INVALID && !probe);
  options.size = 8; /* A caller from before all members but the mode. */
  MUST(synprobe_create(&options, &probe, message, sizeof message) == 0 && probe);
  synprobe_ping_t ping = SYNPROBE_PING_INIT;
  const char *wrong[] = {NULL, "", "web:80", "192.0.2.2", "192.0.2.2:0", "\xff\xfe:80", "224.0.0.1:80"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    ping.target = wrong[i];
    MUST(synprobe_submit_ping(probe, &ping, message, sizeof message) == SYNPROBE_ERROR_INVALID && *message);
  }
  ping.target = target;
  ping.interval = -1;
  MUST(synprobe_submit_ping(probe, &ping, message, 9) == SYNPROBE_ERROR_INVALID && strlen(message) == 8);
  ping.interval = 0;
  ping.count = 1000001;
  MUST(synprobe_submit_ping(probe, &ping, message, sizeof message) == SYNPROBE_ERROR_INVALID);
  MUST(synprobe_submit_ping(NULL, &ping, message, sizeof message) == SYNPROBE_ERROR_INVALID);
  MUST(synprobe_submit_ping(probe, NULL, message, sizeof message) == SYNPROBE_ERROR_INVALID);
  int64_t ticket = submit(probe, target, 1);
  char small[16];
  size_t length = 0;
  MUST(synprobe_poll(probe, ticket, -1, small, sizeof small, &length) == SYNPROBE_ERROR_SPACE && length > sizeof small);
  char *text = malloc(length + 1);
  MUST(synprobe_poll(probe, ticket, 0, text, length, NULL) == SYNPROBE_ERROR_SPACE);
  MUST(synprobe_poll(probe, ticket, 0, text, length + 1, NULL) == 0 && strlen(text) == length);
  MUST(synprobe_poll(probe, ticket, 0, text, length + 1, NULL) == SYNPROBE_ERROR_TICKET);
  free(text);
  MUST(synprobe_cancel(probe, 12345) == SYNPROBE_ERROR_TICKET && synprobe_forget(probe, -1) == SYNPROBE_ERROR_TICKET);
  for (int32_t error = 1; error > -9; error--) MUST(synprobe_strerror(error) && *synprobe_strerror(error));
  synprobe_destroy(probe);
  synprobe_destroy(NULL);
}

static void case_cancel(const char *target) {
  synprobe_t *probe = create(SYNPROBE_MODE_AUTO);
  int64_t ticket = submit(probe, target, 100000);
  char *text = malloc(LARGEST);
  MUST(synprobe_poll(probe, ticket, 20 * MILLISECOND, text, LARGEST, NULL) == SYNPROBE_ERROR_AGAIN);
  MUST(synprobe_cancel(probe, ticket) == 0);
  MUST(synprobe_poll(probe, ticket, 30000LL * MILLISECOND, text, LARGEST, NULL) == 0);
  puts(text);
  ticket = submit(probe, target, 100000);
  MUST(synprobe_forget(probe, ticket) == 0);
  MUST(synprobe_poll(probe, ticket, 0, text, LARGEST, NULL) == SYNPROBE_ERROR_TICKET);
  submit(probe, target, 100000);
  free(text);
  synprobe_destroy(probe); /* With a series that runs. */
}

struct work {
  synprobe_t *probe;
  const char *target;
  char port[16];
};

static void *worker(void *argument) {
  struct work *work = argument;
  for (int i = 0; i < 20; i++) {
    char *text = ping(work->probe, work->target, 2);
    MUST(strstr(text, work->port)); /* Its own target's answer, and no other's. */
    free(text);
  }
  return NULL;
}

static void case_threads(const char *target) {
  synprobe_t *probe = create(SYNPROBE_MODE_AUTO);
  enum { COUNT = 16 };
  pthread_t all[COUNT];
  struct work works[COUNT];
  char targets[COUNT][64];
  for (int i = 0; i < COUNT; i++) {
    snprintf(targets[i], sizeof targets[i], "%.*s:%d", (int)(strrchr(target, ':') - target), target, 9000 + i);
    works[i] = (struct work){probe, targets[i], ""};
    snprintf(works[i].port, sizeof works[i].port, "\"port\":%d", 9000 + i);
    MUST(pthread_create(&all[i], NULL, worker, &works[i]) == 0);
  }
  for (int i = 0; i < COUNT; i++) pthread_join(all[i], NULL);
  synprobe_destroy(probe);
}

/* Every thread of the library blocks every signal, and no handler is changed. */
static void case_signals(const char *target) {
  struct sigaction before[65], after;
  for (int i = 1; i < 65; i++) sigaction(i, NULL, &before[i]);
  synprobe_t *probe = create(SYNPROBE_MODE_AUTO);
  free(ping(probe, target, 2));
  for (int i = 1; i < 65; i++) {
    if (sigaction(i, NULL, &after)) continue;
    MUST(before[i].sa_handler == after.sa_handler && before[i].sa_flags == after.sa_flags);
  }
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  for (int i = 1; i < 65; i++) MUST(sigismember(&mask, i) <= 0);
  glob_t threads;
  MUST(glob("/proc/self/task/*/status", 0, NULL, &threads) == 0);
  for (size_t i = 0; i < threads.gl_pathc; i++) {
    char line[256];
    FILE *status = fopen(threads.gl_pathv[i], "r");
    MUST(status);
    while (fgets(line, sizeof line, status))
      if (strncmp(line, "SigBlk:", 7) == 0) fputs(line, stdout);
    fclose(status);
  }
  globfree(&threads);
  synprobe_destroy(probe);
}

static volatile sig_atomic_t alarms;
static void count(int number) { (void)number, alarms++; }

/* A signal to the thread that polls ends its wait, whatever it does just then; the series goes on. */
static void case_interrupt(const char *target) {
  signal(SIGALRM, count);
  synprobe_t *probe = create(SYNPROBE_MODE_AUTO);
  char *text = malloc(LARGEST);
  MUST(text);
  int64_t ticket = submit(probe, target, 3000); /* 6 s */
  for (int sent = 1; sent <= 20; sent++) {
    ualarm(100000 + sent * 777, 0);
    MUST(synprobe_poll(probe, ticket, -1, text, LARGEST, NULL) == SYNPROBE_ERROR_AGAIN && alarms == sent);
  }
  MUST(synprobe_poll(probe, ticket, -1, text, LARGEST, NULL) == 0);
  free(text);
  synprobe_destroy(probe);
}

/* The process may leave with a handle and a series at work. */
static void case_exit(const char *target) {
  submit(create(SYNPROBE_MODE_AUTO), target, 100000);
  usleep(50000);
}

int main(int count, char **arguments) {
  static const struct {
    const char *name;
    void (*run)(const char *target);
  } cases[] = {{"ping", case_ping}, {"verify", case_verify}, {"identify", case_identify}, {"trace", case_trace}, {"errors", case_errors}, {"cancel", case_cancel},
               {"threads", case_threads}, {"signals", case_signals}, {"interrupt", case_interrupt}, {"fork", case_fork}, {"forks", case_forks},
               {"exit", case_exit}};
  for (size_t i = 0; count == 3 && i < sizeof cases / sizeof *cases; i++) {
    if (strcmp(cases[i].name, arguments[1])) continue;
    cases[i].run(arguments[2]);
    return 0;
  }
  fprintf(stderr, "usage: abi_client CASE TARGET\n");
  return 64;
}

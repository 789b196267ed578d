/* synprobe.h: TCP handshake latency by raw SYN segments, in your own process.
 *
 * A handle owns one probing thread, started by synprobe_create and ended by synprobe_destroy. All signals are blocked in
 * it; the library installs no signal handler, registers nothing with atexit, and starts no other thread. Work is
 * submitted and gives a ticket; polling the ticket waits for its result, which is JSON as the command prints it:
 * "synprobe.ping/1", "synprobe.verify/1", "synprobe.identify/1" or "synprobe.trace/1".
 *
 *     synprobe_t *probe;
 *     char text[65536];
 *     size_t length;
 *     int32_t error = synprobe_create(NULL, &probe, text, sizeof text);
 *     if (error) { fprintf(stderr, "%s: %s\n", synprobe_strerror(error), text); return 1; }
 *     synprobe_ping_t ping = SYNPROBE_PING_INIT;
 *     ping.target = "192.0.2.2:8080";
 *     int64_t ticket = synprobe_submit_ping(probe, &ping, text, sizeof text);
 *     if (ticket >= 0) error = synprobe_poll(probe, ticket, -1, text, sizeof text, &length);
 *     synprobe_destroy(probe);
 *
 * Threads. Every function but synprobe_destroy may be called from any thread at any time, on one handle too; a ticket
 * is polled by one thread at a time.
 *
 * fork. A handle may be used in the child: its first call there makes a fresh engine, with tickets of its own; those of
 * the parent are unknown in it. fork(2) waits until no thread works in here (pthread_atfork), some microseconds: no lock
 * that one held is left to the child, which may call every function of it, whatever the parent's other threads were at.
 *
 * Compatibility. Structures begin with their size, so that older programs run with newer libraries: initialise them
 * with the macros below. Durations are nanoseconds; 0 takes the default. Text is UTF-8 and ends with a zero byte.
 * The library stays in memory once it is loaded: dlclose(3) does not unmap it.
 */
#ifndef SYNPROBE_H
#define SYNPROBE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface; synprobe_abi_version() must be equal to it. */
#define SYNPROBE_ABI_VERSION 1

/* What functions return that fail; all are negative. */
#define SYNPROBE_ERROR_INVALID (-1)    /* An argument is wrong; the message names it. */
#define SYNPROBE_ERROR_PERMISSION (-2) /* CAP_NET_RAW is missing for SYNPROBE_MODE_SYN. */
#define SYNPROBE_ERROR_SYSTEM (-3)     /* The operating system refused a socket, a thread or the capture. */
#define SYNPROBE_ERROR_AGAIN (-4)      /* There is no result yet: the time was up, or a signal came. */
#define SYNPROBE_ERROR_SPACE (-5)      /* The buffer is too small; *length is what is needed, and the result is kept. */
#define SYNPROBE_ERROR_TICKET (-6)     /* There is no such ticket: its result was taken, or it is of another process. */
#define SYNPROBE_ERROR_INTERNAL (-7)   /* A fault of the library. */

/* How to probe. */
#define SYNPROBE_MODE_AUTO 0    /* SYN where it is permitted, else connect. */
#define SYNPROBE_MODE_SYN 1     /* SYN segments on a raw socket; needs CAP_NET_RAW. */
#define SYNPROBE_MODE_CONNECT 2 /* connect(2) and TCP_INFO; needs nothing, and cannot tell where. */

/* A prober. */
typedef struct synprobe synprobe_t;

/* How a handle sends; a member that is 0 or NULL is the kernel's choice. */
typedef struct synprobe_options {
  uint32_t size;         /* sizeof(synprobe_options_t). */
  int32_t mode;          /* SYNPROBE_MODE_... */
  const char *interface; /* Device that packets must leave by. */
  const char *source;    /* Source address, one of this host's. */
  uint32_t mark;         /* Firewall mark, for policy routing. */
  uint16_t source_port;  /* The one source port to use; 0 rotates over a reserved pool. */
  uint8_t ttl;           /* Time to live, or hop limit. */
  uint8_t dscp;          /* Differentiated services code point, up to 63. */
  uint32_t why;          /* 1 asks this host's kernel why it drops what is lost (CAP_BPF, CAP_PERFMON, libbpf); 0 does not. */
} synprobe_options_t;

#define SYNPROBE_OPTIONS_INIT {sizeof(synprobe_options_t), SYNPROBE_MODE_AUTO, NULL, NULL, 0, 0, 0, 0, 0}

/* A series of probes to one target. */
typedef struct synprobe_ping {
  uint32_t size;      /* sizeof(synprobe_ping_t). */
  uint32_t count;     /* Probes, up to 1 000 000; 0 is 5. */
  const char *target; /* "ADDRESS:PORT" or "[V6]:PORT"; names are the caller's to resolve. */
  const char *input;  /* What the result calls the target; NULL for the target itself. */
  int64_t interval;   /* Between the starts of two probes, nanoseconds; 0 is 200 ms. */
  int64_t timeout;    /* How long an answer counts, nanoseconds; 0 is 2 s. */
  uint32_t direction; /* 1 tells which way probes are lost, and listens some 3 s for that; 0 does not. */
  uint32_t explain;   /* 1 asks closed ports of the host when the target falls silent; 0 does not. */
  uint32_t sibling;   /* The port that is asked then; 0 takes some that hardly anybody uses. */
} synprobe_ping_t;

#define SYNPROBE_PING_INIT {sizeof(synprobe_ping_t), 0, NULL, NULL, 0, 0, 0, 0, 0}

/* One claim, in the words of the command: {"added", "90ms..110ms"}, {"where", "network"}, {"clear", "true"}. */
typedef struct synprobe_claim {
  const char *name;
  const char *value;
} synprobe_claim_t;

/* Claims about one target, to be confirmed or refuted. */
typedef struct synprobe_verify {
  uint32_t size;                  /* sizeof(synprobe_verify_t). */
  uint32_t claim_count;           /* How many claims there are. */
  const char *target;             /* As of a ping. */
  const char *input;              /* As of a ping. */
  const synprobe_claim_t *claims; /* What must hold. */
  const char *netem;              /* What tc's netem was told: further claims follow from it; or NULL. */
  const char *path;               /* Where that sits, only with netem: "egress", "peer" or "both". */
  const char *control;            /* "ADDRESS:PORT" of a target without the fault; or NULL. */
  const char *baseline;           /* JSON of a ping result from before; or NULL. */
  double confidence;              /* From 0.5 to 0.999999; 0 is 0.95. */
  int64_t max_time;               /* Nanoseconds; 0 is 60 s. */
  int64_t interval;               /* Between the starts of two probes, nanoseconds; 0 is 20 ms. */
  int64_t timeout;                /* How long an answer counts, nanoseconds; 0 is 2 s, or a third of max_time. */
  uint32_t max_probes;            /* To each target, up to 100 000; 0 is 2000. */
  uint32_t sibling;               /* The port that is asked when the target falls silent; 0 takes some. */
} synprobe_verify_t;

#define SYNPROBE_VERIFY_INIT {sizeof(synprobe_verify_t), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0}

/* Which line of tc's netem explains what differs from a baseline. */
typedef struct synprobe_identify {
  uint32_t size;        /* sizeof(synprobe_identify_t). */
  uint32_t max_probes;  /* From 20 to 100 000; 0 is 1000. */
  const char *target;   /* As of a ping. */
  const char *input;    /* As of a ping. */
  const char *baseline; /* JSON of a ping result from before the fault. */
  int64_t max_time;     /* Nanoseconds, some 10 s or more; 0 is 60 s. */
  int64_t interval;     /* Between the starts of two probes, nanoseconds; 0 is 10 ms. */
  int64_t timeout;      /* How long an answer counts, nanoseconds; 0 is 2 s, or a third of max_time. */
} synprobe_identify_t;

#define SYNPROBE_IDENTIFY_INIT {sizeof(synprobe_identify_t), 0, NULL, NULL, NULL, 0, 0, 0}

/* Which way SYNs go to a target, and what each hop of it adds. */
typedef struct synprobe_trace {
  uint32_t size;      /* sizeof(synprobe_trace_t). */
  uint32_t queries;   /* SYNs for each hop and path, up to 100; 0 is 3. */
  const char *target; /* As of a ping. */
  const char *input;  /* As of a ping. */
  int64_t timeout;    /* How long an answer counts, nanoseconds; 0 is 1 s. */
  uint32_t max_hops;  /* The greatest hop limit, up to 255; 0 is 30. */
  uint32_t paths;     /* Source ports, each of which routers may send another way, up to 16; 0 is 1. */
} synprobe_trace_t;

#define SYNPROBE_TRACE_INIT {sizeof(synprobe_trace_t), 0, NULL, NULL, 0, 0, 0}

/* The version of the interface that the library has. */
uint32_t synprobe_abi_version(void);

/* What an error means, in a few words; never NULL. */
const char *synprobe_strerror(int32_t error);

/* Opens the sockets and starts the thread.
 *
 * options: NULL for the defaults.
 * handle:  receives the handle, NULL after an error.
 * message: receives what happened, to what, and what to do, cut to `capacity` bytes; may be NULL. Where the kernel cannot be
 *          asked why, it says that, and the handle is good all the same.
 * Returns 0, or SYNPROBE_ERROR_INVALID, _PERMISSION or _SYSTEM. */
int32_t synprobe_create(const synprobe_options_t *options, synprobe_t **handle, char *message, size_t capacity);

/* Ends the series that run, and the thread. No other thread may be using the handle, and none may use it again. */
void synprobe_destroy(synprobe_t *handle);

/* How it probes: SYNPROBE_MODE_SYN or SYNPROBE_MODE_CONNECT; negative after an error (in a child process). */
int32_t synprobe_mode(synprobe_t *handle);

/* Starts a series. Returns its ticket, 0 or more; or SYNPROBE_ERROR_INVALID or _SYSTEM with a message. */
int64_t synprobe_submit_ping(synprobe_t *handle, const synprobe_ping_t *ping, char *message, size_t capacity);

/* Starts a verification. Returns its ticket, 0 or more; or SYNPROBE_ERROR_INVALID or _SYSTEM with a message. */
int64_t synprobe_submit_verify(synprobe_t *handle, const synprobe_verify_t *verify, char *message, size_t capacity);

/* Starts an identification. Returns its ticket, 0 or more; or SYNPROBE_ERROR_INVALID or _SYSTEM with a message. */
int64_t synprobe_submit_identify(synprobe_t *handle, const synprobe_identify_t *identify, char *message, size_t capacity);

/* Starts a trace. Returns its ticket, 0 or more; or SYNPROBE_ERROR_INVALID, _PERMISSION (the handle probes by connect(2), whose
 * kernel tells of no router) or _SYSTEM with a message. */
int64_t synprobe_submit_trace(synprobe_t *handle, const synprobe_trace_t *trace, char *message, size_t capacity);

/* Waits for a result, and takes it: its ticket is then gone.
 *
 * A verification is judged inside of this call, so it ends early only while it is polled.
 *
 * timeout: nanoseconds; 0 does not wait, -1 waits without a limit. A signal to the calling thread ends the wait.
 * buffer:  receives the JSON and a zero byte; after SYNPROBE_ERROR_PERMISSION or _SYSTEM the message.
 * length:  receives the length without the zero byte; may be NULL.
 * Returns 0 when there is a result, SYNPROBE_ERROR_AGAIN when there is none yet; SYNPROBE_ERROR_SPACE, _TICKET,
 * _PERMISSION or _SYSTEM (nothing could be sent; the ticket is gone). */
int32_t synprobe_poll(synprobe_t *handle, int64_t ticket, int64_t timeout, char *buffer, size_t capacity, size_t *length);

/* Ends a series early: its waiting probes end as "cancelled", and the result is still to be polled.
 * Returns 0 or SYNPROBE_ERROR_TICKET. */
int32_t synprobe_cancel(synprobe_t *handle, int64_t ticket);

/* Gives a ticket back without its result, and ends its series. Returns 0 or SYNPROBE_ERROR_TICKET. */
int32_t synprobe_forget(synprobe_t *handle, int64_t ticket);

#ifdef __cplusplus
}
#endif

#endif

#define _GNU_SOURCE
#include "csyn_trace.h"

#if __has_include(<bpf/bpf.h>) && __has_include(<bpf/btf.h>) && __has_include(<bpf/libbpf.h>)

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csyn_trace_program.h"

#define REASON_PREFIX "SKB_DROP_REASON_"
#define RING_BYTES (1u << 20)

/// The functions of libbpf, which is loaded only when it is asked for: most hosts do not have it.
#define FUNCTIONS(X)                                                                                         \
  X(libbpf_set_print) X(libbpf_find_vmlinux_btf_id) X(btf__load_vmlinux_btf) X(btf__free) X(btf__type_by_id) \
  X(btf__name_by_offset) X(btf__find_by_name_kind) X(bpf_map_create) X(bpf_prog_load)                        \
  X(bpf_raw_tracepoint_open) X(ring_buffer__new) X(ring_buffer__consume) X(ring_buffer__free)

struct library {
#define POINTER(name) __typeof__(&name) name;
  FUNCTIONS(POINTER)
#undef POINTER
  void *handle;
};

struct csyn_trace {
  struct library library;
  struct btf *types;
  const struct btf_type *reasons;
  struct ring_buffer *ring;
  int ring_fd;
  int program_fd;
  int link_fd;
  struct csyn_drop *out;
  size_t capacity;
  size_t count;
};

static int load_library(struct library *library) {
  library->handle = dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library->handle) return -ENOENT;
  int missing = 0;
#define FIND(name)                                        \
  {                                                       \
    void *found = dlsym(library->handle, #name);          \
    memcpy(&library->name, &found, sizeof library->name); \
    missing |= !found;                                    \
  }
  FUNCTIONS(FIND)
#undef FIND
  return missing ? -ENOENT : 0;
}

/// The offset of a member, bytes, also of one within nameless structures; -ENOENT for none.
static int offset_of(const struct csyn_trace *trace, const struct btf_type *type, const char *name, int depth) {
  if (!type || depth > 8) return -ENOENT;
  const struct btf_member *members = btf_members(type);
  for (uint32_t i = 0; i < btf_vlen(type); i++) {
    const char *known = trace->library.btf__name_by_offset(trace->types, members[i].name_off);
    int at = (int)(btf_member_bit_offset(type, i) / 8);
    if (known && *known) {
      if (strcmp(known, name) == 0) return at;
      continue;
    }
    const struct btf_type *within = trace->library.btf__type_by_id(trace->types, members[i].type);
    int deeper = within && btf_is_composite(within) ? offset_of(trace, within, name, depth + 1) : -ENOENT;
    if (deeper >= 0) return at + deeper;
  }
  return -ENOENT;
}

static const struct btf_type *type_of(const struct csyn_trace *trace, const char *name, uint32_t kind) {
  int id = trace->library.btf__find_by_name_kind(trace->types, name, kind);
  return id > 0 ? trace->library.btf__type_by_id(trace->types, (uint32_t)id) : NULL;
}

/// The kernel's name of a reason, without its prefix.
static const char *name_of(const struct csyn_trace *trace, const struct btf_enum *reason) {
  const char *name = trace->library.btf__name_by_offset(trace->types, reason->name_off);
  if (!name) return NULL;
  return strncmp(name, REASON_PREFIX, strlen(REASON_PREFIX)) == 0 ? name + strlen(REASON_PREFIX) : name;
}

/// The number of the reason of this name; -1 for none.
static int32_t value_of(const struct csyn_trace *trace, const char *reason) {
  const struct btf_enum *values = btf_enum(trace->reasons);
  for (uint32_t i = 0; i < btf_vlen(trace->reasons); i++) {
    const char *name = name_of(trace, &values[i]);
    if (name && strcmp(name, reason) == 0) return values[i].val;
  }
  return -1;
}

static int find_facts(struct csyn_trace *trace, struct csyn_trace_facts *facts) {
  trace->types = trace->library.btf__load_vmlinux_btf();
  if (!trace->types) return -ENOENT;
  const struct btf_type *buffer = type_of(trace, "sk_buff", BTF_KIND_STRUCT);
  int head = offset_of(trace, buffer, "head", 0);
  int header = offset_of(trace, buffer, "network_header", 0);
  trace->reasons = type_of(trace, "skb_drop_reason", BTF_KIND_ENUM);
  if (head < 0 || header < 0 || head > INT16_MAX || header > INT16_MAX || !trace->reasons) return -ENOENT;
  facts->ignored[0] = value_of(trace, "SOCKET_FILTER");
  facts->ignored[1] = value_of(trace, "NO_SOCKET");
  facts->ignored[2] = value_of(trace, "PACKET_SOCK_ERROR");
  facts->ignored[3] = value_of(trace, "SOCKET_RCVBUFF");
  facts->head = (int16_t)head;
  facts->network_header = (int16_t)header;
  return 0;
}

static int take(void *context, void *data, size_t size) {
  struct csyn_trace *trace = context;
  struct csyn_trace_record record;
  if (size < sizeof record) return 0;
  memcpy(&record, data, sizeof record);
  struct csyn_drop *drop = &trace->out[trace->count++];
  *drop = (struct csyn_drop){
      .location = record.location,
      .reason = (uint32_t)record.reason,
      .source_port = (uint16_t)(record.tcp[0] << 8 | record.tcp[1]),
      .destination_port = (uint16_t)(record.tcp[2] << 8 | record.tcp[3]),
      .flags = record.tcp[13],
      .is_v6 = record.ip[0] >> 4 == 6,
  };
  memcpy(&drop->sequence, record.tcp + 4, 4);
  memcpy(&drop->acknowledgement, record.tcp + 8, 4);
  drop->sequence = ntohl(drop->sequence);
  drop->acknowledgement = ntohl(drop->acknowledgement);
  return trace->count < trace->capacity ? 0 : -ENOSPC;  // A negative value ends the round.
}

static int start(struct csyn_trace *trace, struct csyn_trace_facts *facts) {
  trace->ring_fd = trace->library.bpf_map_create(BPF_MAP_TYPE_RINGBUF, "synprobe_drops", 0, 0, RING_BYTES, NULL);
  if (trace->ring_fd < 0) return -errno;
  facts->ring = trace->ring_fd;
  struct bpf_insn program[CSYN_TRACE_MOST];
  size_t length = csyn_trace_program(facts, program);
  int tracepoint = trace->library.libbpf_find_vmlinux_btf_id("kfree_skb", BPF_TRACE_RAW_TP);
  if (tracepoint < 0) return -ENOENT;
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP,
              .attach_btf_id = (uint32_t)tracepoint);
  // Reading the kernel's memory is for programs under the GPL.
  trace->program_fd =
      trace->library.bpf_prog_load(BPF_PROG_TYPE_TRACING, "synprobe_drops", "Dual MIT/GPL", program, length, &options);
  if (trace->program_fd < 0) return -errno;
  trace->ring = trace->library.ring_buffer__new(trace->ring_fd, take, trace, NULL);
  if (!trace->ring) return -errno;
  trace->link_fd = trace->library.bpf_raw_tracepoint_open(NULL, trace->program_fd);
  return trace->link_fd < 0 ? -errno : 0;
}

static enum csyn_trace_absence open_all(struct csyn_trace *trace, struct csyn_trace_facts *facts, int *error) {
  if (load_library(&trace->library) < 0) return CSYN_TRACE_NO_LIBRARY;
  trace->library.libbpf_set_print(NULL);
  if (find_facts(trace, facts) < 0) return CSYN_TRACE_NO_TYPES;
  int result = start(trace, facts);
  if (result == 0) return CSYN_TRACE_OPENED;
  *error = -result;
  return result == -EPERM || result == -EACCES ? CSYN_TRACE_NOT_PERMITTED : CSYN_TRACE_REFUSED;
}

enum csyn_trace_absence csyn_trace_open(uint16_t lowest_port, uint16_t highest_port, struct csyn_trace **out, int *error) {
  *out = NULL;
  *error = 0;
  struct csyn_trace *trace = calloc(1, sizeof *trace);
  if (!trace) {
    *error = ENOMEM;
    return CSYN_TRACE_REFUSED;
  }
  trace->ring_fd = trace->program_fd = trace->link_fd = -1;
  struct csyn_trace_facts facts = {.lowest_port = lowest_port, .highest_port = highest_port};
  enum csyn_trace_absence absence = open_all(trace, &facts, error);
  if (absence == CSYN_TRACE_OPENED) *out = trace;
  else csyn_trace_close(trace);
  return absence;
}

size_t csyn_trace_take(struct csyn_trace *trace, struct csyn_drop *out, size_t capacity) {
  if (capacity == 0) return 0;
  trace->out = out;
  trace->capacity = capacity;
  trace->count = 0;
  trace->library.ring_buffer__consume(trace->ring);
  return trace->count;
}

const char *csyn_trace_reason(const struct csyn_trace *trace, uint32_t reason) {
  const struct btf_enum *values = btf_enum(trace->reasons);
  for (uint32_t i = 0; i < btf_vlen(trace->reasons); i++) {
    if ((uint32_t)values[i].val == reason) return name_of(trace, &values[i]);
  }
  return NULL;
}

void csyn_trace_close(struct csyn_trace *trace) {
  if (!trace) return;
  if (trace->link_fd >= 0) close(trace->link_fd);
  if (trace->ring) trace->library.ring_buffer__free(trace->ring);
  if (trace->program_fd >= 0) close(trace->program_fd);
  if (trace->ring_fd >= 0) close(trace->ring_fd);
  if (trace->types) trace->library.btf__free(trace->types);
  if (trace->library.handle) dlclose(trace->library.handle);
  free(trace);
}

#else

enum csyn_trace_absence csyn_trace_open(uint16_t lowest_port, uint16_t highest_port, struct csyn_trace **out, int *error) {
  (void)lowest_port;
  (void)highest_port;
  *out = NULL;
  *error = 0;
  return CSYN_TRACE_NOT_BUILT;
}

size_t csyn_trace_take(struct csyn_trace *trace, struct csyn_drop *out, size_t capacity) {
  (void)trace;
  (void)out;
  (void)capacity;
  return 0;
}

const char *csyn_trace_reason(const struct csyn_trace *trace, uint32_t reason) {
  (void)trace;
  (void)reason;
  return NULL;
}

void csyn_trace_close(struct csyn_trace *trace) { (void)trace; }

#endif

#include "csyn_trace_program.h"

#include <netinet/in.h>

// The program is written here, instruction by instruction, and not compiled: no compiler for BPF is needed to build this
// library, and the two offsets that differ between kernels are simply put in. In C it would read:
//
//   record.location = ctx[1]; record.reason = ctx[2];
//   if (record.reason is ignored) return 0;
//   at = skb->head + skb->network_header;
//   if (bpf_probe_read_kernel(record.ip, 40, at)) return 0;
//   switch (record.ip[0] >> 4) {
//     case 4: if (record.ip[9] != IPPROTO_TCP) return 0; at += (record.ip[0] & 15) * 4; break;
//     case 6: if (record.ip[6] != IPPROTO_TCP) return 0; at += 40; break;
//     default: return 0;
//   }
//   if (bpf_probe_read_kernel(record.tcp, 16, at)) return 0;
//   if (is_ours(source port) || is_ours(destination port)) bpf_ringbuf_output(&ring, &record, sizeof record, 0);
//   return 0;

enum { R0, R1, R2, R3, R4, R5, SKB, LOCATION, REASON, AT, FRAME };

/// Where the record lies on the stack.
#define RECORD (-(int)sizeof(struct csyn_trace_record))
#define IN_RECORD(member) ((int16_t)(RECORD + (int)offsetof(struct csyn_trace_record, member)))

/// A program that is being written; jumps to its end are set when that is known.
struct writer {
  struct bpf_insn *out;
  size_t count;
  size_t exits[16];
  size_t exit_count;
};

static size_t put(struct writer *w, uint8_t code, uint8_t to, uint8_t from, int16_t offset, int32_t value) {
  w->out[w->count] = (struct bpf_insn){
      .code = code, .dst_reg = to & 15, .src_reg = from & 15, .off = offset, .imm = value};
  return w->count++;
}

static void load(struct writer *w, uint8_t size, uint8_t to, uint8_t from, int16_t offset) {
  put(w, BPF_LDX | BPF_MEM | size, to, from, offset, 0);
}

static void store(struct writer *w, uint8_t size, int16_t offset, uint8_t from) {
  put(w, BPF_STX | BPF_MEM | size, FRAME, from, offset, 0);
}

static void move(struct writer *w, uint8_t to, uint8_t from) { put(w, BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0); }

static void set(struct writer *w, uint8_t to, int32_t value) { put(w, BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value); }

static void compute(struct writer *w, uint8_t operation, uint8_t to, int32_t value) {
  put(w, BPF_ALU64 | operation | BPF_K, to, 0, 0, value);
}

/// Jumps by a comparison with a constant, to where `land` is called.
static size_t jump_if(struct writer *w, uint8_t comparison, uint8_t with, int32_t value) {
  return put(w, BPF_JMP | comparison | BPF_K, with, 0, 0, value);
}

static void land(struct writer *w, size_t jump) { w->out[jump].off = (int16_t)(w->count - jump - 1); }

static void leave_if(struct writer *w, uint8_t comparison, uint8_t with, int32_t value) {
  w->exits[w->exit_count++] = jump_if(w, comparison, with, value);
}

static size_t jump(struct writer *w) { return put(w, BPF_JMP | BPF_JA, 0, 0, 0, 0); }

static void call(struct writer *w, int32_t function) { put(w, BPF_JMP | BPF_CALL, 0, 0, 0, function); }

/// Copies what `AT` points to into the record; leaves where that is no memory.
static void read_kernel(struct writer *w, int16_t to, int32_t length) {
  move(w, R1, FRAME);
  compute(w, BPF_ADD, R1, to);
  set(w, R2, length);
  move(w, R3, AT);
  call(w, BPF_FUNC_probe_read_kernel);
  leave_if(w, BPF_JNE, R0, 0);
}

/// Leaves unless byte `offset` of the IP header names TCP.
static void require_tcp(struct writer *w, int16_t offset) {
  load(w, BPF_B, R3, FRAME, (int16_t)(IN_RECORD(ip) + offset));
  leave_if(w, BPF_JNE, R3, IPPROTO_TCP);
}

/// Jumps where the port at this place of the TCP header is in the range.
static size_t jump_if_ours(struct writer *w, const struct csyn_trace_facts *facts, int16_t offset) {
  load(w, BPF_H, R1, FRAME, (int16_t)(IN_RECORD(tcp) + offset));
  put(w, BPF_ALU | BPF_END | BPF_TO_BE, R1, 0, 0, 16);
  size_t below = jump_if(w, BPF_JLT, R1, facts->lowest_port);
  size_t within = jump_if(w, BPF_JLE, R1, facts->highest_port);
  land(w, below);
  return within;
}

static void find_tcp(struct writer *w) {
  load(w, BPF_B, R1, FRAME, IN_RECORD(ip));
  move(w, R2, R1);
  compute(w, BPF_RSH, R2, 4);
  size_t is_v6 = jump_if(w, BPF_JEQ, R2, 6);
  leave_if(w, BPF_JNE, R2, 4);
  require_tcp(w, 9);
  compute(w, BPF_AND, R1, 15);
  compute(w, BPF_LSH, R1, 2);
  put(w, BPF_ALU64 | BPF_ADD | BPF_X, AT, R1, 0, 0);
  size_t found = jump(w);
  land(w, is_v6);
  require_tcp(w, 6);
  compute(w, BPF_ADD, AT, 40);
  land(w, found);
}

size_t csyn_trace_program(const struct csyn_trace_facts *facts, struct bpf_insn out[CSYN_TRACE_MOST]) {
  struct writer writer = {.out = out};
  struct writer *w = &writer;
  load(w, BPF_DW, SKB, R1, 0);
  load(w, BPF_DW, LOCATION, R1, 8);
  load(w, BPF_DW, REASON, R1, 16);
  for (size_t i = 0; i < sizeof facts->ignored / sizeof *facts->ignored; i++) leave_if(w, BPF_JEQ, REASON, facts->ignored[i]);
  load(w, BPF_DW, AT, SKB, facts->head);
  load(w, BPF_H, R2, SKB, facts->network_header);
  put(w, BPF_ALU64 | BPF_ADD | BPF_X, AT, R2, 0, 0);
  read_kernel(w, IN_RECORD(ip), sizeof(((struct csyn_trace_record *)0)->ip));
  find_tcp(w);
  read_kernel(w, IN_RECORD(tcp), sizeof(((struct csyn_trace_record *)0)->tcp));
  size_t from_ours = jump_if_ours(w, facts, 0);
  size_t to_ours = jump_if_ours(w, facts, 2);
  w->exits[w->exit_count++] = jump(w);
  land(w, from_ours);
  land(w, to_ours);
  store(w, BPF_DW, IN_RECORD(location), LOCATION);
  store(w, BPF_DW, IN_RECORD(reason), REASON);
  put(w, BPF_LD | BPF_DW | BPF_IMM, R1, BPF_PSEUDO_MAP_FD, 0, facts->ring);
  put(w, 0, 0, 0, 0, 0);  // The upper half of a constant of 64 bits.
  move(w, R2, FRAME);
  compute(w, BPF_ADD, R2, RECORD);
  set(w, R3, sizeof(struct csyn_trace_record));
  set(w, R4, 0);
  call(w, BPF_FUNC_ringbuf_output);
  for (size_t i = 0; i < w->exit_count; i++) land(w, w->exits[i]);
  set(w, R0, 0);
  put(w, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  return w->count;
}

#ifndef CSYN_TRACE_PROGRAM_H
#define CSYN_TRACE_PROGRAM_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

/// What the kernel's program hands over: it copies, and judges nothing but the ports.
struct csyn_trace_record {
  uint8_t ip[40];   ///< From the network header on.
  uint8_t tcp[16];  ///< From the TCP header on.
  uint64_t location;
  uint64_t reason;
};

/// What the program must know of this kernel and of the prober.
struct csyn_trace_facts {
  int16_t head;            ///< Offset of sk_buff.head.
  int16_t network_header;  ///< Offset of sk_buff.network_header.
  uint16_t lowest_port;
  uint16_t highest_port;
  int ring;                ///< Descriptor of the ring buffer.
  /// Reasons that are no loss of a probe: a socket's own filter that lets nothing in, the port that no socket holds, where
  /// this host's RST comes from, and what other listeners have no room for; -1 for none.
  int32_t ignored[4];
};

#define CSYN_TRACE_MOST 96

/// Writes the program; returns its length in instructions (csyn_trace_program.c).
size_t csyn_trace_program(const struct csyn_trace_facts *facts, struct bpf_insn out[CSYN_TRACE_MOST]);

#endif

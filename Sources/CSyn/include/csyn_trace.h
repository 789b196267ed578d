#ifndef CSYN_TRACE_H
#define CSYN_TRACE_H

#include <stddef.h>
#include <stdint.h>

/// A packet that this kernel dropped, in whatever network namespace (csyn_trace.c).
struct csyn_drop {
  uint64_t location;      ///< Where in the kernel: an address of its text.
  uint32_t reason;        ///< enum skb_drop_reason of this very kernel: `csyn_trace_reason` names it.
  uint32_t sequence;      ///< Of the TCP header, in host order, as the next ones.
  uint32_t acknowledgement;
  uint16_t source_port;
  uint16_t destination_port;
  uint8_t flags;          ///< TCP flags.
  uint8_t is_v6;
};

struct csyn_trace;

/// Why nothing can be traced.
enum csyn_trace_absence {
  CSYN_TRACE_OPENED = 0,
  CSYN_TRACE_NOT_BUILT,      ///< Built without the headers of libbpf.
  CSYN_TRACE_NO_LIBRARY,     ///< libbpf.so.1 is not installed.
  CSYN_TRACE_NO_TYPES,       ///< The kernel does not tell its types (CONFIG_DEBUG_INFO_BTF), or knows no reasons (5.17).
  CSYN_TRACE_NOT_PERMITTED,  ///< CAP_BPF or CAP_PERFMON is missing.
  CSYN_TRACE_REFUSED,        ///< The kernel refused the program; `error` says how.
};

/// Traces dropped TCP packets that come from or go to a port of a range, as the kernel's own tracepoint kfree_skb sees them.
/// `error` gets an errno where the kernel has told one.
enum csyn_trace_absence csyn_trace_open(uint16_t lowest_port, uint16_t highest_port,
                                        struct csyn_trace *_Nullable *_Nonnull out, int *_Nonnull error);

/// Takes what was dropped since the last call, at most `capacity`; returns how many.
size_t csyn_trace_take(struct csyn_trace *_Nonnull trace, struct csyn_drop *_Nonnull out, size_t capacity);

/// The kernel's name of a reason, without its prefix, as "NETFILTER_DROP"; NULL for one that it does not know.
const char *_Nullable csyn_trace_reason(const struct csyn_trace *_Nonnull trace, uint32_t reason);

/// Ends it; NULL is let pass.
void csyn_trace_close(struct csyn_trace *_Nullable trace);

#endif

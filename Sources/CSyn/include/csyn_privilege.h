#ifndef CSYN_PRIVILEGE_H
#define CSYN_PRIVILEGE_H

#include <stdint.h>

// Privileges of this thread (csyn_privilege.c).

/// Three of a thread's sets of capabilities (capabilities(7)), a bit a capability.
struct csyn_capabilities {
  uint64_t effective;
  uint64_t permitted;
  uint64_t inheritable;
};

/// The numbers of the capabilities that probing may need, from linux/capability.h.
enum {
  CSYN_NET_BIND_SERVICE = 10,
  CSYN_NET_ADMIN = 12,
  CSYN_NET_RAW = 13,
  CSYN_SYS_NICE = 23,
  CSYN_SYSLOG = 34,
  CSYN_PERFMON = 38,
  CSYN_BPF = 39,
};

/// Reads and changes the sets of the calling thread, and of no other; a thread hands its own on to those it starts.
/// Return 0 or -errno: -EPERM for a capability that is not permitted.
int csyn_capabilities_read(struct csyn_capabilities *_Nonnull out);
int csyn_capabilities_write(const struct csyn_capabilities *_Nonnull sets);

/// Lets no execve of this thread or its descendants gain privileges (PR_SET_NO_NEW_PRIVS).
int csyn_no_new_privileges(void);

/// Has the calling thread run as soon as it is due, ahead of all that is not real-time (SCHED_FIFO, priority 1); what it
/// starts does not. Returns 0; -EPERM without CAP_SYS_NICE or RLIMIT_RTPRIO, and -EBUSY where its scheduling was chosen by
/// who started it.
int csyn_run_promptly(void);

/// Undoes that.
int csyn_run_as_others(void);

#endif

#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "csyn_privilege.h"

// capget(2) and capset(2) by their numbers: libcap would be one more library for two calls. Version 3 has two words.

int csyn_capabilities_read(struct csyn_capabilities *out) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3] = {{0}};  // valgrind knows of the first word only.
  if (syscall(SYS_capget, &header, words) < 0) return -errno;
  out->effective = words[0].effective | (uint64_t)words[1].effective << 32;
  out->permitted = words[0].permitted | (uint64_t)words[1].permitted << 32;
  out->inheritable = words[0].inheritable | (uint64_t)words[1].inheritable << 32;
  return 0;
}

int csyn_capabilities_write(const struct csyn_capabilities *sets) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3] = {
      {.effective = (uint32_t)sets->effective,
       .permitted = (uint32_t)sets->permitted,
       .inheritable = (uint32_t)sets->inheritable},
      {.effective = (uint32_t)(sets->effective >> 32),
       .permitted = (uint32_t)(sets->permitted >> 32),
       .inheritable = (uint32_t)(sets->inheritable >> 32)}};
  return syscall(SYS_capset, &header, words) < 0 ? -errno : 0;
}

int csyn_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0; }

int csyn_run_promptly(void) {
  if (sched_getscheduler(0) != SCHED_OTHER || getpriority(PRIO_PROCESS, 0) != 0) return -EBUSY;
  struct sched_param parameters = {.sched_priority = 1};
  return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) < 0 ? -errno : 0;
}

int csyn_run_as_others(void) {
  // Who has reset on fork keeps it: to take it off is a privilege.
  struct sched_param parameters = {.sched_priority = 0};
  return sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &parameters) < 0 ? -errno : 0;
}

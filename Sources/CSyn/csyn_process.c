#define _GNU_SOURCE
#include <sys/resource.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "csyn.h"

long csyn_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 1 << 20) return 1 << 20;
  return (long)limit.rlim_cur;
}

void csyn_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void csyn_trim_memory(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

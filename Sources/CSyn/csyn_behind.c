#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "csyn.h"

#if defined(__NR_io_uring_setup) && __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>

int csyn_close_behind(const int *descriptors, size_t count) {
  struct io_uring_params parameters = {0};
  long ring = syscall(__NR_io_uring_setup, 1, &parameters);
  if (ring < 0) return -errno;
  // The ring holds the files from now on, and is taken down by a thread of the kernel's.
  if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_FILES, descriptors, (unsigned)count) == 0) return 0;
  int result = -errno;
  close((int)ring);
  return result;
}
#else
int csyn_close_behind(const int *descriptors, size_t count) {
  (void)descriptors, (void)count;
  return -ENOSYS;
}
#endif

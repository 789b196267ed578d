// Lets User-Mode Linux 6.1 run where a processor's extended state is larger than the room that it has for it (AMX: 11 KB, and it
// takes 2.7): the kernel takes a state only whole. What lies beyond that room is of registers that no guest uses.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

enum { NT_X86_XSTATE = 0x202, WHOLE = 65536 };

typedef long (*ptrace_function)(int request, int pid, void *address, void *data);

static ptrace_function next(void) {
  static ptrace_function found;
  if (!found) found = (ptrace_function)dlsym(RTLD_NEXT, "ptrace");
  return found;
}

static long get(int pid, void *address, struct iovec *part) {
  static char whole[WHOLE] __attribute__((aligned(64)));
  struct iovec all = {whole, sizeof whole};
  long result = next()(PTRACE_GETREGSET, pid, address, &all);
  if (result) return result;
  if (part->iov_len > all.iov_len) part->iov_len = all.iov_len;
  memcpy(part->iov_base, whole, part->iov_len);
  return 0;
}

static long set(int pid, void *address, const struct iovec *part) {
  static char whole[WHOLE] __attribute__((aligned(64)));
  struct iovec all = {whole, sizeof whole};
  long result = next()(PTRACE_GETREGSET, pid, address, &all);
  if (result) return result;
  size_t known = part->iov_len < all.iov_len ? part->iov_len : all.iov_len;
  memset(whole, 0, all.iov_len);
  memcpy(whole, part->iov_base, known);
  return next()(PTRACE_SETREGSET, pid, address, &all);
}

long ptrace(enum __ptrace_request request, ...) {
  va_list rest;
  va_start(rest, request);
  int pid = va_arg(rest, int);
  void *address = va_arg(rest, void *);
  void *data = va_arg(rest, void *);
  va_end(rest);
  if ((long)address == NT_X86_XSTATE && request == PTRACE_GETREGSET) return get(pid, address, data);
  if ((long)address == NT_X86_XSTATE && request == PTRACE_SETREGSET) return set(pid, address, data);
  return next()(request, pid, address, data);
}

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "csyn.h"
#include "csyn_fork.h"

static int64_t nanoseconds_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t csyn_realtime(void) { return nanoseconds_of(CLOCK_REALTIME); }

int64_t csyn_thread_time(void) { return nanoseconds_of(CLOCK_THREAD_CPUTIME_ID); }

int64_t csyn_monotonic(void) { return nanoseconds_of(CLOCK_MONOTONIC); }

int csyn_wake_open(void) {
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

// The only failure of either is EAGAIN, which says that it is in the wanted state already.
void csyn_wake_signal(int fd) { (void)!write(fd, &(uint64_t){1}, sizeof(uint64_t)); }

void csyn_wake_clear(int fd) { (void)!read(fd, &(uint64_t){0}, sizeof(uint64_t)); }

int csyn_wait(struct pollfd *polled, size_t count, int64_t nanoseconds, const uint8_t *mask) {
  sigset_t meanwhile;
  if (mask) memcpy(&meanwhile, mask, sizeof meanwhile);
  struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  csyn_work_pause();
  int ready = ppoll(polled, count, nanoseconds < 0 ? NULL : &limit, mask ? &meanwhile : NULL);
  int error = errno;
  csyn_work_resume();
  if (ready > 0) return ready;
  for (size_t i = 0; i < count; i++) polled[i].revents = 0;
  return ready < 0 && error != EINTR ? -error : 0;
}

int csyn_signals_block_all(uint8_t *saved, size_t capacity) {
  sigset_t all, former;
  sigfillset(&all);
  if (capacity < sizeof former) return -ENOSPC;
  int error = pthread_sigmask(SIG_BLOCK, &all, &former);
  if (error) return -error;
  memcpy(saved, &former, sizeof former);
  return 0;
}

int csyn_signals_restore(const uint8_t *saved, size_t capacity) {
  sigset_t former;
  if (capacity < sizeof former) return -EINVAL;
  memcpy(&former, saved, sizeof former);
  return -pthread_sigmask(SIG_SETMASK, &former, NULL);
}

/// A signal that is ignored (SIGHUP under nohup) stays so: a blocked one would reach the descriptor all the same.
static int is_ignored(int signal) {
  struct sigaction action;
  return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int csyn_signals_open(const int *signals, size_t count) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (size_t i = 0; i < count; i++)
    if (!is_ignored(signals[i])) sigaddset(&wanted, signals[i]);
  int error = pthread_sigmask(SIG_BLOCK, &wanted, NULL);
  if (error) return -error;
  int fd = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int csyn_signals_next(int fd) {
  struct signalfd_siginfo info;
  ssize_t got = read(fd, &info, sizeof info);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
  return got == sizeof info ? (int)info.ssi_signo : 0;
}

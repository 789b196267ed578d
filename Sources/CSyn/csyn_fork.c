#define _GNU_SOURCE
#include <pthread.h>

#include "csyn_fork.h"

/// Held for reading by each loop at work, and for writing by a thread that forks: its child is a copy of this process with
/// that thread alone, and a lock that another one held, of the allocator or of a run-time library, is never released there.
static pthread_rwlock_t work;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_lock(void) {
  pthread_rwlockattr_t attributes;
  pthread_rwlockattr_init(&attributes);
  // Loops that work without a pause would keep a fork waiting for ever.
  pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  pthread_rwlock_init(&work, &attributes);
  pthread_rwlockattr_destroy(&attributes);
}

static void before_fork(void) { pthread_rwlock_wrlock(&work); }
static void after_fork(void) { pthread_rwlock_unlock(&work); }

static void begin(void) {
  make_lock();
  pthread_atfork(before_fork, after_fork, make_lock);
}

void csyn_work_begin(void) {
  pthread_once(&once, begin);
  pthread_rwlock_rdlock(&work);
}

void csyn_work_end(void) { pthread_rwlock_unlock(&work); }

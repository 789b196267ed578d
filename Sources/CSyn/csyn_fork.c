#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>

#include "csyn_fork.h"

/// Held for reading by each thread at work, and for writing by a thread that forks: its child is a copy of this process with
/// that thread alone, and a lock that another one held, of the allocator or of a run-time library, is never released there.
/// Forks go first: threads that work without a pause would keep one waiting for ever.
static pthread_rwlock_t work = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

/// How many works of this thread are open, one inside the other.
static _Thread_local unsigned depth;

/// Whether this thread is the copy of one that forked. Swift's locks know their holder by the number of the thread, and each
/// thread keeps its own: that of the parent's, in this one (swift/Threading/Impl/Linux/ulock.h). Whoever waits for such a lock
/// waits for a thread that is none of this process. So nobody waits: it works alone.
static _Thread_local bool is_copy;

static void enter(void) {
  if (is_copy) pthread_rwlock_wrlock(&work);
  else pthread_rwlock_rdlock(&work);
}

void csyn_work_begin(void) {
  if (depth++ == 0) enter();
}

void csyn_work_end(void) {
  if (--depth == 0) pthread_rwlock_unlock(&work);
}

void csyn_work_pause(void) {
  if (depth > 0) pthread_rwlock_unlock(&work);
}

void csyn_work_resume(void) {
  if (depth > 0) enter();
}

// A signal's handler may fork in the midst of its thread's work.
static void before_fork(void) {
  csyn_work_pause();
  pthread_rwlock_wrlock(&work);
}

static void after_fork(void) {
  pthread_rwlock_unlock(&work);
  csyn_work_resume();
}

static void in_child(void) {
  work = (pthread_rwlock_t)PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
  is_copy = true;
  csyn_work_resume();
}

// When the library is loaded, before any thread can be at work.
__attribute__((constructor)) static void heed_forks(void) { pthread_atfork(before_fork, after_fork, in_child); }

int csyn_work_join(unsigned long thread) {
  csyn_work_pause();
  int error = pthread_join(thread, NULL);
  csyn_work_resume();
  return -error;
}

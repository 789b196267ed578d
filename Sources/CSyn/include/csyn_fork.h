// CSyn's word to whoever forks: part of csyn.h.
#ifndef CSYN_FORK_H
#define CSYN_FORK_H

// MARK: - Forks (csyn_fork.c)

/// A fork of this process waits until the calling thread's work has ended or pauses: a lock that it held would be held for
/// ever in the child, which has the forking thread alone. Works may be nested. A thread at work waits by csyn_wait and
/// csyn_work_join alone, which pause it.
void csyn_work_begin(void);
void csyn_work_end(void);

/// Around a wait of a thread that may be at work: nothing of a run-time library may run between the two.
void csyn_work_pause(void);
void csyn_work_resume(void);

/// Waits for the end of a thread (a pthread_t of glibc). Returns 0, or -errno.
int csyn_work_join(unsigned long thread);

#endif

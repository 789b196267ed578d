// CSyn's word to whoever forks: part of csyn.h.
#ifndef CSYN_FORK_H
#define CSYN_FORK_H

// MARK: - Forks (csyn_fork.c)

/// A fork of this process waits until the calling thread's work has ended: a lock that it held would be held for ever in the
/// child, which has the forking thread alone. Not to be nested, and not by a thread that forks meanwhile.
void csyn_work_begin(void);
void csyn_work_end(void);

#endif

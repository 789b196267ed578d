/// What `scripts/release` links in place of two functions of libdispatch (`--wrap`), which runs Swift's tasks.
///
/// Those enter a worker in a list. Once a second, while work waits, a timer opens /proc/TID/stat of each that is in it, to
/// see whether another is wanted, and ends the process where that fails (workqueue.c): without /proc, or with no
/// descriptor left. With nobody in the list there is no timer; the workers are then as many as there are CPUs, which is
/// enough where no task blocks.
void __wrap__dispatch_workq_worker_register(void *queue);
void __wrap__dispatch_workq_worker_unregister(void *queue);

void __wrap__dispatch_workq_worker_register(void *queue) { (void)queue; }

void __wrap__dispatch_workq_worker_unregister(void *queue) { (void)queue; }

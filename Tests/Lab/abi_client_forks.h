/* The cases of abi_client.c that fork. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child has a fresh engine; the parent's goes on. */
static void case_fork(const char *target) {
  synprobe_t *probe = create(SYNPROBE_MODE_AUTO);
  int64_t ticket = submit(probe, target, 100);
  for (int i = 0; i < 8; i++) {
    pid_t child = fork();
    if (child == 0) {
      alarm(20);
      char *text = malloc(LARGEST);
      MUST(synprobe_poll(probe, ticket, 0, text, LARGEST, NULL) == SYNPROBE_ERROR_TICKET);
      free(text);
      text = ping(probe, target, 3);
      MUST(strstr(text, "\"open\":3"));
      free(text);
      synprobe_destroy(probe);
      _exit(0);
    }
    int status = -1;
    MUST(child > 0 && waitpid(child, &status, 0) == child && status == 0);
  }
  pid_t child = fork();
  if (child == 0) {
    synprobe_destroy(probe); /* Without a call before it. */
    _exit(0);
  }
  int status = -1;
  MUST(waitpid(child, &status, 0) == child && status == 0);
  char *text = malloc(LARGEST);
  MUST(synprobe_poll(probe, ticket, -1, text, LARGEST, NULL) == 0 && strstr(text, "\"open\":100"));
  free(text);
  synprobe_destroy(probe);
}

static void *ping_once(void *target) {
  synprobe_t *probe = create(SYNPROBE_MODE_AUTO);
  free(ping(probe, target, 1));
  synprobe_destroy(probe);
  return NULL;
}

/* What another thread does in the library for the first time leaves no lock to a child. */
static void case_forks(const char *target) {
  for (int i = 0; i < 60; i++) {
    pid_t first = fork();
    if (first == 0) {
      alarm(20);
      pthread_t thread;
      MUST(pthread_create(&thread, NULL, ping_once, (void *)target) == 0);
      usleep((useconds_t)(i * 100));
      pid_t child = fork();
      if (child == 0) {
        alarm(10);
        pthread_t others[3];
        for (int j = 0; j < 3; j++) MUST(pthread_create(&others[j], NULL, ping_once, (void *)target) == 0);
        ping_once((void *)target); /* By the thread that is a copy. */
        for (int j = 0; j < 3; j++) MUST(pthread_join(others[j], NULL) == 0);
        _exit(0);
      }
      int status = -1;
      MUST(child > 0 && waitpid(child, &status, 0) == child && status == 0);
      MUST(pthread_join(thread, NULL) == 0);
      _exit(0);
    }
    int status = -1;
    MUST(first > 0 && waitpid(first, &status, 0) == first && status == 0);
  }
}

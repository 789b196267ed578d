// connect_latency ADDRESS PORT COUNT INTERVAL_US: what a program sees that times connect(2) by itself.
// Prints for each connection its wall-clock time and the kernel's TCP_INFO round trip, both in nanoseconds.
#include <arpa/inet.h>
#include <linux/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(int count, char **arguments) {
  if (count != 5) return 64;
  struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
  if (inet_pton(AF_INET, arguments[1], &target.sin_addr) != 1) return 64;
  for (int left = atoi(arguments[3]); left > 0; left--) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int64_t begin = now();
    if (connect(descriptor, (struct sockaddr *)&target, sizeof target)) return perror("connect"), 1;
    int64_t end = now();
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length)) return perror("TCP_INFO"), 1;
    printf("%lld %lld\n", (long long)(end - begin), (long long)info.tcpi_rtt * 1000);
    struct linger abortive = {.l_onoff = 1};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abortive, sizeof abortive);
    close(descriptor);
    usleep((useconds_t)atoi(arguments[4]));
  }
  return 0;
}

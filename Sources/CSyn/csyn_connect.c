#define _GNU_SOURCE
#include <errno.h>
#include <time.h>  // Before errqueue.h, which uses struct timespec.
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csyn.h"
#include "csyn_sockaddr.h"

/// Applies one integer option; keeps the first error.
static void apply(int fd, int level, int name, int value, int *result) {
  if (!*result && setsockopt(fd, level, name, &value, sizeof value) < 0) *result = -errno;
}

static void apply_options(int fd, int family, const struct csyn_connect_options *options, int *result) {
  int level = family == 6 ? IPPROTO_IPV6 : IPPROTO_IP;
  // The RST of a lingering close frees the target's connection, and this host's port, at once.
  struct linger at_once = {.l_onoff = 1};
  if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) < 0) *result = -errno;
  apply(fd, level, family == 6 ? IPV6_RECVERR : IP_RECVERR, 1, result);
  if (options->hops) apply(fd, level, family == 6 ? IPV6_UNICAST_HOPS : IP_TTL, options->hops, result);
  if (options->traffic_class) apply(fd, level, family == 6 ? IPV6_TCLASS : IP_TOS, options->traffic_class, result);
  if (!*result && options->mark)
    *result = setsockopt(fd, SOL_SOCKET, SO_MARK, &options->mark, sizeof options->mark) < 0 ? -errno : 0;
  if (!*result && options->device[0]) *result = csyn_raw_set_device(fd, options->device);
}

static int bind_source(int fd, int family, const struct csyn_connect_options *options) {
  if (options->source.family != family && !options->source_port) return 0;
  struct csyn_address source = options->source;
  if (source.family != family) source = (struct csyn_address){.family = (uint8_t)family};
  struct sockaddr_storage name;
  socklen_t length = csyn_to_sockaddr(&source, &name);
  csyn_set_port(&name, options->source_port);
  // Without a fixed port the kernel chooses it with the destination in mind, so that ports do not run out.
  int late = !options->source_port, reuse = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, sizeof late);
  if (!late) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  return bind(fd, (struct sockaddr *)&name, length) < 0 ? -errno : 0;
}

int csyn_connect_open(int family, const struct csyn_connect_options *options) {
  int fd = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int result = 0;
  apply_options(fd, family, options, &result);
  if (!result) result = bind_source(fd, family, options);
  if (!result) return fd;
  close(fd);
  return result;
}

int csyn_connect_start(int fd, const struct csyn_address *destination, uint16_t port) {
  struct sockaddr_storage name;
  socklen_t length = csyn_to_sockaddr(destination, &name);
  csyn_set_port(&name, port);
  if (connect(fd, (struct sockaddr *)&name, length) == 0 || errno == EINPROGRESS) return 0;
  return -errno;
}

int csyn_connect_local(int fd, struct csyn_address *out) {
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  if (getsockname(fd, (struct sockaddr *)&name, &length) < 0) return -errno;
  *out = csyn_from_sockaddr(&name, length);
  return csyn_get_port(&name);
}

static void take_icmp(int fd, struct csyn_attempt *out) {
  struct csyn_event event;
  for (int i = 0; i < 16 && csyn_raw_next_events(fd, &event, 1) == 1; i++) {
    if (event.kind != CSYN_ICMP) continue;
    out->state = CSYN_UNREACHABLE;
    out->icmp_type = event.icmp_type;
    out->icmp_code = event.icmp_code;
    out->offender = event.offender;
  }
}

static void take_info(int fd, struct csyn_attempt *out) {
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0) return;
  out->retransmissions = info.tcpi_total_retrans;
  // In every state behind the handshake, to the last: the peer may have closed, or reset, before we look.
  if (info.tcpi_state != TCP_SYN_SENT && info.tcpi_rtt) out->round_trip = (int64_t)info.tcpi_rtt * 1000;
}

void csyn_connect_read(int fd, int error, struct csyn_attempt *out) {
  *out = (struct csyn_attempt){.round_trip = -1};
  socklen_t length = sizeof error;
  struct csyn_address local;
  int port = csyn_connect_local(fd, &local);
  if (port > 0) out->local_port = (uint16_t)port;
  take_info(fd, out);
  if (!error && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) error = errno;
  out->error = error;
  take_icmp(fd, out);
  if (out->state) return;
  // A RST is ECONNREFUSED before the handshake is complete, and these after it (tcp_reset).
  if (error == ECONNRESET || error == EPIPE) out->error = error = 0;
  out->state = !error ? CSYN_ESTABLISHED : error == ECONNREFUSED ? CSYN_REFUSED : error == ETIMEDOUT ? CSYN_SILENT : CSYN_FAILED;
}

int csyn_poller_open(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int csyn_poller_add(int poller, int fd, uint64_t token) {
  struct epoll_event event = {.events = EPOLLOUT | EPOLLONESHOT, .data.u64 = token};
  return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int csyn_poller_take(int poller, uint64_t *tokens, size_t capacity) {
  struct epoll_event events[64];
  if (capacity > 64) capacity = 64;
  int ready = epoll_wait(poller, events, (int)capacity, 0);
  for (int i = 0; i < ready; i++) tokens[i] = events[i].data.u64;
  return ready < 0 ? (errno == EINTR ? 0 : -errno) : ready;
}

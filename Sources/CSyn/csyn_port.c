#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csyn.h"
#include "csyn_sockaddr.h"

/// Closes `fd` and returns the errno that was set before.
static int fail(int fd) {
  int error = errno;
  close(fd);
  return -error;
}

static int reserve_v4(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
  return bind(fd, (struct sockaddr *)&any, sizeof any) < 0 ? fail(fd) : fd;
}

/// No SO_REUSEADDR and no IP_BIND_ADDRESS_NO_PORT here: either would share the port.
int csyn_port_reserve(uint16_t port) {
  int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return reserve_v4(port);
  int off = 0;
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0) return fail(fd);
  if (bind(fd, (struct sockaddr *)&any, sizeof any) == 0) return fd;
  int error = fail(fd);
  return error == -EADDRINUSE || error == -EACCES ? error : reserve_v4(port);  // IPv6 compiled in, but switched off.
}

/// What comes with a lower hop limit is dropped, and not answered (the security mechanism of RFC 5082).
static int set_least_hop_limit(int fd, int least) {
  int v4 = setsockopt(fd, IPPROTO_IP, IP_MINTTL, &least, sizeof least);
  int v6 = setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &least, sizeof least);
  return v4 < 0 && v6 < 0 ? -errno : 0;
}

int csyn_port_hold(int fd) {
  int error = set_least_hop_limit(fd, 255);
  if (error) return error;
  return listen(fd, 1) < 0 ? -errno : 0;
}

int csyn_port_let_go(int fd) {
  if (shutdown(fd, SHUT_RDWR) < 0) return -errno;
  return set_least_hop_limit(fd, 0);
}

int csyn_loopback_listen(int family, uint16_t *port) {
  struct csyn_address loopback = {.family = (uint8_t)family};
  loopback.bytes[family == 6 ? 15 : 0] = family == 6 ? 1 : 127;
  if (family != 6) loopback.bytes[3] = 1;
  struct sockaddr_storage address;
  socklen_t length = csyn_to_sockaddr(&loopback, &address);
  int fd = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 128) < 0) return fail(fd);
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return fail(fd);
  *port = csyn_get_port(&address);
  return fd;
}

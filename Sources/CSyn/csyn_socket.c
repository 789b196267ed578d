#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csyn.h"

static int set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

/// What every raw socket needs before its first packet.
static int prepare(int fd, int family) {
  int result = family == 6 ? set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1) : set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
  if (!result && family == 6) result = set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  if (!result && family == 6) result = set_option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
  return result;
}

int csyn_raw_open(int family) {
  int domain = family == 6 ? AF_INET6 : AF_INET;
  int fd = socket(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return -errno;
  int result = prepare(fd, family);
  if (result < 0) {
    close(fd);
    return result;
  }
  return fd;
}

/// An IPv4 raw socket's filter sees the IP header first, an IPv6 one's the TCP header.
int csyn_raw_accept_ports(int fd, int family, uint16_t low, uint16_t high) {
  struct sock_filter v4[] = {
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, low, 0, 2), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, high, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffff), BPF_STMT(BPF_RET | BPF_K, 0)};
  struct sock_filter v6[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 2), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, low, 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, high, 1, 0), BPF_STMT(BPF_RET | BPF_K, 0xffff),
      BPF_STMT(BPF_RET | BPF_K, 0)};
  struct sock_fprog program = {.len = sizeof v4 / sizeof *v4, .filter = v4};
  if (family == 6) program = (struct sock_fprog){.len = sizeof v6 / sizeof *v6, .filter = v6};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno : 0;
}

int csyn_raw_enable_stamps(int fd, int packets) {
  return set_option(fd, SOL_SOCKET, SO_TIMESTAMPING,
                    SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
                        SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                        (packets ? 0 : SOF_TIMESTAMPING_OPT_TSONLY));
}

int csyn_raw_set_hops(int fd, int family, int hops) {
  return family == 6 ? set_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops) : set_option(fd, IPPROTO_IP, IP_TTL, hops);
}

int csyn_raw_set_traffic_class(int fd, int family, int tc) {
  return family == 6 ? set_option(fd, IPPROTO_IPV6, IPV6_TCLASS, tc) : set_option(fd, IPPROTO_IP, IP_TOS, tc);
}

int csyn_raw_set_mark(int fd, uint32_t mark) {
  return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0 ? -errno : 0;
}

int csyn_raw_set_device(int fd, const char *name) {
  return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)) < 0 ? -errno : 0;
}

int csyn_raw_set_atomic(int fd) { return set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO); }

int csyn_raw_set_receive_buffer(int fd, int bytes) {
  int forced = set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes);
  return forced < 0 ? set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes) : 0;
}

int csyn_raw_memory(int fd, struct csyn_memory *out) {
  uint32_t values[SK_MEMINFO_VARS] = {0};
  socklen_t length = sizeof values;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &length) < 0) return -errno;
  *out = (struct csyn_memory){.used = values[SK_MEMINFO_RMEM_ALLOC], .limit = values[SK_MEMINFO_RCVBUF],
                              .sending = values[SK_MEMINFO_WMEM_ALLOC],
                              .sending_limit = values[SK_MEMINFO_SNDBUF], .drops = values[SK_MEMINFO_DROPS]};
  return 0;
}

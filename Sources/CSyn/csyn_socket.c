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
#include "csyn_sockaddr.h"

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36  // Linux 4.5; not in every libc's headers.
#endif
#ifndef SCM_TS_OPT_ID
#define SCM_TS_OPT_ID 81  // Linux 6.13; newer than most distributions' headers.
#endif

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

int csyn_raw_enable_stamps(int fd) {
  return set_option(fd, SOL_SOCKET, SO_TIMESTAMPING,
                    SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
                        SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY);
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

int csyn_raw_set_receive_buffer(int fd, int bytes) {
  int forced = set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes);
  return forced < 0 ? set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes) : 0;
}

int csyn_raw_memory(int fd, struct csyn_memory *out) {
  uint32_t values[SK_MEMINFO_VARS] = {0};
  socklen_t length = sizeof values;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &length) < 0) return -errno;
  *out = (struct csyn_memory){.used = values[SK_MEMINFO_RMEM_ALLOC], .limit = values[SK_MEMINFO_RCVBUF],
                              .drops = values[SK_MEMINFO_DROPS]};
  return 0;
}

/// Room for one packet-information message, one stamp key and one hop limit.
union control {
  struct cmsghdr align;
  uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(int))];
};

static size_t put_message(union control *control, size_t used, int level, int type, const void *data, size_t length) {
  struct cmsghdr header = {.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(length)};
  memcpy(control->bytes + used, &header, sizeof header);
  memcpy(control->bytes + used + CMSG_LEN(0), data, length);
  return used + CMSG_SPACE(length);
}

static size_t put_source(union control *control, const struct csyn_address *source, uint32_t interface_index) {
  if (source->family == 6) {
    struct in6_pktinfo info = {.ipi6_ifindex = interface_index};
    memcpy(&info.ipi6_addr, source->bytes, 16);
    return put_message(control, 0, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  }
  struct in_pktinfo info = {.ipi_ifindex = (int)interface_index};
  memcpy(&info.ipi_spec_dst, source->bytes, 4);
  return put_message(control, 0, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
}

static size_t put_hops(union control *control, size_t used, const struct csyn_address *to, int hops) {
  return to->family == 6 ? put_message(control, used, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, sizeof hops)
                         : put_message(control, used, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
}

static int transmit(int fd, const struct csyn_address *to, struct iovec *parts, size_t count, union control *control,
                    size_t used) {
  struct sockaddr_storage name;
  socklen_t length = csyn_to_sockaddr(to, &name);
  struct msghdr message = {.msg_name = &name, .msg_namelen = length, .msg_iov = parts, .msg_iovlen = count,
                           .msg_control = control->bytes, .msg_controllen = used};
  ssize_t sent;
  do sent = sendmsg(fd, &message, 0);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 0;
}

/// A packet with a header of our own goes to the neighbour that sendmsg(2) names, whatever its header names: the kernel
/// looks the way up for the former (FLOWI_FLAG_KNOWN_NH).
static int transmit_steered(int fd, const struct csyn_address *source, const struct csyn_address *destination,
                            struct iovec *segment, union control *control, size_t used,
                            const struct csyn_sending *sending) {
  int level = destination->family == 6 ? IPPROTO_IPV6 : IPPROTO_IP;
  int name = destination->family == 6 ? IPV6_HDRINCL : IP_HDRINCL;
  uint8_t header[40];
  size_t length = csyn_build_ip(source, destination, segment->iov_len, sending->hops, sending->traffic_class, header);
  struct iovec parts[] = {{.iov_base = header, .iov_len = length}, *segment};
  int result = set_option(fd, level, name, 1);
  if (!result) result = transmit(fd, &sending->next_hop, parts, 2, control, used);
  set_option(fd, level, name, 0);
  return result;
}

int csyn_raw_send(int fd, const struct csyn_address *source, const struct csyn_address *destination,
                  const uint8_t *segment, size_t length, const struct csyn_sending *sending) {
  union control control = {0};
  int is_steered = sending->next_hop.family != 0;
  size_t used = put_source(&control, source, is_steered ? sending->interface_index : destination->scope);
  if (sending->tagged) {
    used = put_message(&control, used, SOL_SOCKET, SCM_TS_OPT_ID, &sending->key, sizeof sending->key);
  }
  // sendmsg does not write through its iovec.
  struct iovec part = {.iov_base = (void *)(uintptr_t)segment, .iov_len = length};
  if (is_steered) return transmit_steered(fd, source, destination, &part, &control, used, sending);
  if (sending->hops) used = put_hops(&control, used, destination, sending->hops);
  return transmit(fd, destination, &part, 1, &control, used);
}

#define _GNU_SOURCE
#include <errno.h>
#include <time.h>  // Before errqueue.h, which uses struct timespec.
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "csyn.h"
#include "csyn_sockaddr.h"

enum { CONTROL = 512 };

/// One received message and the storage that it points to.
struct reading {
  struct msghdr message;
  struct iovec part;
  struct sockaddr_storage name;
  union {
    struct cmsghdr align;
    uint8_t bytes[CONTROL];
  } control;
};

/// Returns the bytes received, -EAGAIN when there is nothing, or another -errno.
static ssize_t read_message(struct reading *reading, int fd, uint8_t *buffer, size_t capacity, int flags) {
  reading->part = (struct iovec){.iov_base = buffer, .iov_len = capacity};
  reading->message = (struct msghdr){.msg_name = &reading->name, .msg_namelen = sizeof reading->name,
                                     .msg_iov = &reading->part, .msg_iovlen = 1,
                                     .msg_control = reading->control.bytes, .msg_controllen = CONTROL};
  ssize_t got;
  do got = recvmsg(fd, &reading->message, flags | MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

static int is_message(const struct cmsghdr *header, int level, int type, size_t length) {
  return header->cmsg_level == level && header->cmsg_type == type && header->cmsg_len >= CMSG_LEN(length);
}

/// The software stamp is the first of the three (timestamping.rst 2.1).
static int64_t stamp_of(const struct cmsghdr *header) {
  struct timespec stamp;
  memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
  if (stamp.tv_sec == 0 && stamp.tv_nsec == 0) return -1;
  return (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
}

static int is_error(const struct cmsghdr *header) {
  return is_message(header, IPPROTO_IP, IP_RECVERR, sizeof(struct sock_extended_err)) ||
         is_message(header, IPPROTO_IPV6, IPV6_RECVERR, sizeof(struct sock_extended_err));
}

static void take_error(const struct cmsghdr *header, struct csyn_event *out) {
  struct sock_extended_err error;
  memcpy(&error, CMSG_DATA(header), sizeof error);
  out->error = (int32_t)error.ee_errno;
  out->icmp_type = error.ee_type;
  out->icmp_code = error.ee_code;
  out->key = error.ee_data;
  if (error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
    out->kind = error.ee_info == SCM_TSTAMP_SCHED ? CSYN_QUEUED : error.ee_info == SCM_TSTAMP_SND ? CSYN_SENT : CSYN_OTHER;
  } else if (error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6) {
    out->kind = CSYN_ICMP;
    // SO_EE_OFFENDER: the address follows the error.
    size_t room = header->cmsg_len - CMSG_LEN(sizeof error);
    out->offender = csyn_from_sockaddr(CMSG_DATA(header) + sizeof error, room);
  } else if (error.ee_origin == SO_EE_ORIGIN_LOCAL) {
    out->kind = CSYN_LOCAL;
  }
}

int csyn_raw_next_event(int fd, int family, struct csyn_event *out) {
  (void)family;
  struct reading reading;
  *out = (struct csyn_event){.kind = CSYN_OTHER, .time = -1};
  ssize_t got = read_message(&reading, fd, out->quote, sizeof out->quote, MSG_ERRQUEUE);
  if (got < 0) return got == -EAGAIN ? 0 : (int)got;
  out->quoted = (uint32_t)got;
  out->destination = csyn_from_sockaddr(&reading.name, reading.message.msg_namelen);
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&reading.message); h; h = CMSG_NXTHDR(&reading.message, h)) {
    if (is_message(h, SOL_SOCKET, SCM_TIMESTAMPING, sizeof(struct scm_timestamping))) out->time = stamp_of(h);
    if (is_error(h)) take_error(h, out);
  }
  return 1;
}

/// What an IPv6 raw socket tells beside the payload: the header itself is not delivered.
static void take_v6(const struct cmsghdr *header, struct csyn_delivery *out) {
  if (is_message(header, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(struct in6_pktinfo))) {
    struct in6_pktinfo info;
    memcpy(&info, CMSG_DATA(header), sizeof info);
    out->destination.family = 6;
    memcpy(out->destination.bytes, &info.ipi6_addr, 16);
  } else if (is_message(header, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof(int))) {
    int hops;
    memcpy(&hops, CMSG_DATA(header), sizeof hops);
    out->hops = (uint8_t)hops;
  }
}

int csyn_raw_next_delivery(int fd, int family, uint8_t *buffer, size_t capacity, struct csyn_delivery *out) {
  struct reading reading;
  *out = (struct csyn_delivery){.time = -1};
  ssize_t got = read_message(&reading, fd, buffer, capacity, 0);
  // An ICMP error about any connection is the socket's pending error, which hides what was delivered until it is read.
  for (int tries = 0; got < 0 && got != -EAGAIN && tries < 64; tries++)
    got = read_message(&reading, fd, buffer, capacity, 0);
  if (got < 0) return got == -EAGAIN ? 0 : (int)got;
  out->length = (uint32_t)got;
  out->truncated = (reading.message.msg_flags & MSG_TRUNC) != 0;
  out->source = csyn_from_sockaddr(&reading.name, reading.message.msg_namelen);
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&reading.message); h; h = CMSG_NXTHDR(&reading.message, h)) {
    if (is_message(h, SOL_SOCKET, SCM_TIMESTAMPING, sizeof(struct scm_timestamping))) out->time = stamp_of(h);
    if (family == 6) take_v6(h, out);
  }
  return 1;
}

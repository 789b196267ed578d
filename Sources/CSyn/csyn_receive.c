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

union control {
  struct cmsghdr align;
  uint8_t bytes[CONTROL];
};

/// What one call reads, and the storage that it points to.
struct readings {
  struct mmsghdr messages[CSYN_READ_MOST];
  struct iovec parts[CSYN_READ_MOST];
  struct sockaddr_storage names[CSYN_READ_MOST];
  union control controls[CSYN_READ_MOST];
};

/// Reads at most so many messages into their `parts`. Returns how many, or -errno: -EAGAIN when there is nothing.
static int read_messages(struct readings *readings, int fd, int count, int flags) {
  for (int i = 0; i < count; i++)
    readings->messages[i].msg_hdr = (struct msghdr){
        .msg_name = &readings->names[i], .msg_namelen = sizeof readings->names[i], .msg_iov = &readings->parts[i],
        .msg_iovlen = 1, .msg_control = readings->controls[i].bytes, .msg_controllen = CONTROL};
  int got;
  do got = recvmmsg(fd, readings->messages, (unsigned)count, flags | MSG_DONTWAIT, NULL);
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

static void take_event(struct mmsghdr *message, struct csyn_event *out) {
  struct msghdr *header = &message->msg_hdr;
  out->kind = CSYN_OTHER;
  out->key = 0;
  out->time = -1;
  out->error = 0;
  out->icmp_type = out->icmp_code = 0;
  out->offender = (struct csyn_address){.family = 0};
  out->destination = csyn_from_sockaddr(header->msg_name, header->msg_namelen);
  out->quoted = message->msg_len;
  for (struct cmsghdr *h = CMSG_FIRSTHDR(header); h; h = CMSG_NXTHDR(header, h)) {
    if (is_message(h, SOL_SOCKET, SCM_TIMESTAMPING, sizeof(struct scm_timestamping))) out->time = stamp_of(h);
    if (is_error(h)) take_error(h, out);
  }
}

int csyn_raw_next_events(int fd, struct csyn_event *out, int room) {
  struct readings readings;
  if (room > CSYN_READ_MOST) room = CSYN_READ_MOST;
  for (int i = 0; i < room; i++) readings.parts[i] = (struct iovec){.iov_base = out[i].quote, .iov_len = CSYN_QUOTE};
  int got = read_messages(&readings, fd, room, MSG_ERRQUEUE);
  if (got < 0) return got == -EAGAIN ? 0 : got;
  for (int i = 0; i < got; i++) take_event(&readings.messages[i], &out[i]);
  return got;
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

static void take_delivery(struct mmsghdr *message, int family, struct csyn_delivery *out) {
  struct msghdr *header = &message->msg_hdr;
  *out = (struct csyn_delivery){.time = -1, .length = message->msg_len,
                                .truncated = (header->msg_flags & MSG_TRUNC) != 0,
                                .source = csyn_from_sockaddr(header->msg_name, header->msg_namelen)};
  for (struct cmsghdr *h = CMSG_FIRSTHDR(header); h; h = CMSG_NXTHDR(header, h)) {
    if (is_message(h, SOL_SOCKET, SCM_TIMESTAMPING, sizeof(struct scm_timestamping))) out->time = stamp_of(h);
    if (family == 6) take_v6(h, out);
  }
}

int csyn_raw_next_deliveries(int fd, int family, uint8_t *buffer, size_t each, struct csyn_delivery *out, int room) {
  struct readings readings;
  if (room > CSYN_READ_MOST) room = CSYN_READ_MOST;
  for (int i = 0; i < room; i++) readings.parts[i] = (struct iovec){.iov_base = buffer + (size_t)i * each, .iov_len = each};
  int got = read_messages(&readings, fd, room, 0);
  // An ICMP error about any connection is the socket's pending error, which hides what was delivered until it is read.
  for (int tries = 0; got < 0 && got != -EAGAIN && tries < 64; tries++) got = read_messages(&readings, fd, room, 0);
  if (got < 0) return got == -EAGAIN ? 0 : got;
  for (int i = 0; i < got; i++) take_delivery(&readings.messages[i], family, &out[i]);
  return got;
}

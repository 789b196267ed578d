#define _GNU_SOURCE
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csyn.h"

static int ask(int fd) {
  struct {
    struct nlmsghdr header;
    struct tcmsg message;
  } request = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct tcmsg)), .nlmsg_type = RTM_GETQDISC,
                          .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = 1}};
  return send(fd, &request, request.header.nlmsg_len, 0) < 0 ? -errno : 0;
}

/// Reads one RTM_NEWQDISC message of `length` bytes; 0 for one that is cut short.
static int take(const uint8_t *message, size_t length, struct csyn_qdisc *out) {
  struct tcmsg qdisc;
  if (length < NLMSG_LENGTH(sizeof qdisc)) return 0;
  memcpy(&qdisc, message + NLMSG_LENGTH(0), sizeof qdisc);
  *out = (struct csyn_qdisc){.interface_index = (uint32_t)qdisc.tcm_ifindex, .is_ingress = qdisc.tcm_parent == TC_H_INGRESS};
  for (size_t at = NLMSG_LENGTH(sizeof qdisc); at + sizeof(struct rtattr) <= length;) {
    struct rtattr attribute;
    memcpy(&attribute, message + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > length - at) return 0;
    size_t size = RTA_PAYLOAD(&attribute);
    if (attribute.rta_type == TCA_KIND && size < sizeof out->kind) memcpy(out->kind, message + at + RTA_LENGTH(0), size);
    at += RTA_ALIGN(attribute.rta_len);
  }
  return 1;
}

/// Goes through one answer; 1 when it holds the end of the dump, 0 when more follows, or -errno.
static int take_all(const uint8_t *answer, size_t length, struct csyn_qdisc *out, size_t capacity, size_t *count) {
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= length;) {
    struct nlmsghdr header;
    memcpy(&header, answer + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > length - at) return -EBADMSG;
    if (header.nlmsg_type == NLMSG_DONE) return 1;
    if (header.nlmsg_type == NLMSG_ERROR) return -EIO;
    if (header.nlmsg_type == RTM_NEWQDISC && *count < capacity)
      *count += (size_t)take(answer + at, header.nlmsg_len, &out[*count]);
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  return 0;
}

int csyn_qdisc_list(struct csyn_qdisc *out, size_t capacity) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return -errno;
  size_t count = 0;
  int result = ask(fd);
  while (result == 0) {
    uint8_t answer[32768];
    ssize_t got = recv(fd, answer, sizeof answer, 0);
    result = got < 0 ? -errno : take_all(answer, (size_t)got, out, capacity, &count);
  }
  close(fd);
  return result < 0 ? result : (int)count;
}

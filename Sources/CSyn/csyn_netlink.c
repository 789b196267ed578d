#define _GNU_SOURCE
#include "csyn_netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csyn.h"
#include "csyn_route.h"

int csyn_netlink_open(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  return fd < 0 ? -errno : fd;
}

void csyn_request_begin(struct csyn_request *request, uint16_t type, uint16_t flags, const void *message, size_t size) {
  memset(request, 0, sizeof *request);
  request->header = (struct nlmsghdr){.nlmsg_len = (uint32_t)NLMSG_LENGTH(size), .nlmsg_type = type,
                                      .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags), .nlmsg_seq = 1};
  memcpy(request->body, message, size);
}

void csyn_request_add(struct csyn_request *request, uint16_t type, const void *data, uint16_t length) {
  struct rtattr attribute = {.rta_type = type, .rta_len = (uint16_t)RTA_LENGTH(length)};
  uint8_t *at = (uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len);
  memcpy(at, &attribute, sizeof attribute);
  memcpy(at + RTA_LENGTH(0), data, length);
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (uint32_t)RTA_ALIGN(attribute.rta_len);
}

int csyn_request_exchange(int fd, struct csyn_request *request, uint16_t type, size_t size, uint8_t *answer, size_t capacity) {
  ssize_t got = send(fd, request, request->header.nlmsg_len, 0);
  if (got >= 0) got = recv(fd, answer, capacity, 0);  // The kernel has answered before send returns.
  if (got < 0) return -errno;
  struct nlmsghdr header;
  if (got < (ssize_t)NLMSG_LENGTH(size)) return -EBADMSG;
  memcpy(&header, answer, sizeof header);
  if (header.nlmsg_type == NLMSG_ERROR) {
    struct nlmsgerr error;
    if (got < (ssize_t)NLMSG_LENGTH(sizeof error)) return -EBADMSG;
    memcpy(&error, answer + NLMSG_LENGTH(0), sizeof error);
    return error.error < 0 ? error.error : -EBADMSG;
  }
  if (header.nlmsg_type != type || header.nlmsg_len < NLMSG_LENGTH(size) || header.nlmsg_len > (size_t)got) return -EBADMSG;
  return (int)header.nlmsg_len;
}

/// Goes through one part of a dump; 1 when it holds the end, 0 when more follows, or -errno.
static int take_part(const uint8_t *part, size_t length, uint16_t type, csyn_message_taker take, void *context) {
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= length;) {
    struct nlmsghdr header;
    memcpy(&header, part + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > length - at) return -EBADMSG;
    if (header.nlmsg_type == NLMSG_DONE) return 1;
    if (header.nlmsg_type == NLMSG_ERROR) return -EIO;
    int result = header.nlmsg_type == type ? take(part + at, header.nlmsg_len, context) : 0;
    if (result < 0) return result;
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  return 0;
}

int csyn_request_dump(int fd, struct csyn_request *request, uint16_t type, csyn_message_taker take, void *context) {
  request->header.nlmsg_flags |= NLM_F_DUMP;
  if (send(fd, request, request->header.nlmsg_len, 0) < 0) return -errno;
  for (;;) {
    uint8_t part[32768];
    ssize_t got = recv(fd, part, sizeof part, 0);
    int result = got < 0 ? -errno : take_part(part, (size_t)got, type, take, context);
    if (result) return result < 0 ? result : 0;
  }
}

int csyn_attributes(const uint8_t *message, size_t at, size_t length, csyn_attribute_taker take, void *context) {
  while (at + sizeof(struct rtattr) <= length) {
    struct rtattr attribute;
    memcpy(&attribute, message + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > length - at) return -EBADMSG;
    take(attribute.rta_type, message + at + RTA_LENGTH(0), RTA_PAYLOAD(&attribute), context);
    at += RTA_ALIGN(attribute.rta_len);
  }
  return 0;
}

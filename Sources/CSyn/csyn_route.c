#define _GNU_SOURCE
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csyn.h"

/// A route request with room for its attributes.
struct request {
  struct nlmsghdr header;
  struct rtmsg route;
  uint8_t attributes[128];
};

static void add_attribute(struct request *request, uint16_t type, const void *data, uint16_t length) {
  struct rtattr attribute = {.rta_type = type, .rta_len = (uint16_t)RTA_LENGTH(length)};
  uint8_t *at = (uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len);
  memcpy(at, &attribute, sizeof attribute);
  memcpy(at + RTA_LENGTH(0), data, length);
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (uint32_t)RTA_ALIGN(attribute.rta_len);
}

static void fill_request(struct request *request, const struct csyn_address *destination,
                         const struct csyn_address *source, uint32_t interface_index, uint32_t mark) {
  uint16_t width = destination->family == 6 ? 16 : 4;
  memset(request, 0, sizeof *request);
  request->header = (struct nlmsghdr){.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)), .nlmsg_type = RTM_GETROUTE,
                                      .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = 1};
  request->route.rtm_family = destination->family == 6 ? AF_INET6 : AF_INET;
  request->route.rtm_dst_len = (uint8_t)(width * 8);
  add_attribute(request, RTA_DST, destination->bytes, width);
  if (source) {
    request->route.rtm_src_len = (uint8_t)(width * 8);
    add_attribute(request, RTA_SRC, source->bytes, width);
  }
  if (interface_index) add_attribute(request, RTA_OIF, &interface_index, sizeof interface_index);
  if (mark) add_attribute(request, RTA_MARK, &mark, sizeof mark);
}

static void take_attribute(const struct rtattr *attribute, const uint8_t *data, struct csyn_route *out) {
  size_t length = RTA_PAYLOAD(attribute);
  size_t width = out->source.family == 6 ? 16 : 4;
  if (attribute->rta_type == RTA_OIF && length >= sizeof out->interface_index)
    memcpy(&out->interface_index, data, sizeof out->interface_index);
  if (attribute->rta_type == RTA_PREFSRC && length >= width) memcpy(out->source.bytes, data, width);
}

/// Reads the answer of `length` bytes; every length in it is checked against what is left.
static int read_answer(const uint8_t *answer, size_t length, int family, struct csyn_route *out) {
  struct nlmsghdr header;
  if (length < NLMSG_LENGTH(sizeof(struct rtmsg))) return -EBADMSG;
  memcpy(&header, answer, sizeof header);
  if (header.nlmsg_type == NLMSG_ERROR) {
    struct nlmsgerr error;
    memcpy(&error, answer + NLMSG_LENGTH(0), sizeof error);
    return error.error < 0 ? error.error : -EBADMSG;
  }
  if (header.nlmsg_type != RTM_NEWROUTE || header.nlmsg_len > length) return -EBADMSG;
  struct rtmsg route;
  memcpy(&route, answer + NLMSG_LENGTH(0), sizeof route);
  out->is_local = route.rtm_type == RTN_LOCAL;
  out->source.family = (uint8_t)family;
  size_t at = NLMSG_LENGTH(sizeof route);
  while (at + sizeof(struct rtattr) <= header.nlmsg_len) {
    struct rtattr attribute;
    memcpy(&attribute, answer + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > header.nlmsg_len - at) return -EBADMSG;
    take_attribute(&attribute, answer + at + RTA_LENGTH(0), out);
    at += RTA_ALIGN(attribute.rta_len);
  }
  return 0;
}

static int exchange(struct request *request, uint8_t *answer, size_t capacity) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return -errno;
  ssize_t got = send(fd, request, request->header.nlmsg_len, 0);
  if (got >= 0) got = recv(fd, answer, capacity, 0);  // The kernel has answered before send returns.
  int result = got < 0 ? -errno : (int)got;
  close(fd);
  return result;
}

int csyn_route_lookup(const struct csyn_address *destination, const struct csyn_address *source,
                      uint32_t interface_index, uint32_t mark, struct csyn_route *out) {
  struct request request;
  uint8_t answer[4096];
  *out = (struct csyn_route){0};
  fill_request(&request, destination, source, interface_index, mark);
  int got = exchange(&request, answer, sizeof answer);
  if (got < 0) return got;
  int result = read_answer(answer, (size_t)got, destination->family, out);
  if (result < 0) return result;
  if (source) out->source = *source;
  if (!if_indextoname(out->interface_index, out->interface_name)) return -ENODEV;
  return 0;
}

/// Asks the device `name` by ioctl(2). Returns 0 or -errno.
static int ask_device(const char *name, unsigned long question, struct ifreq *request) {
  if (strlen(name) >= sizeof request->ifr_name) return -ENODEV;
  memcpy(request->ifr_name, name, strlen(name));
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int result = ioctl(fd, question, request) < 0 ? -errno : 0;
  close(fd);
  return result;
}

int csyn_device_stamps_sent(const char *name) {
  struct ethtool_ts_info info = {.cmd = ETHTOOL_GET_TS_INFO};
  struct ifreq request = {.ifr_data = (void *)&info};
  int result = ask_device(name, SIOCETHTOOL, &request);
  return result < 0 ? result : (info.so_timestamping & SOF_TIMESTAMPING_TX_SOFTWARE) != 0;
}

int csyn_device_index(const char *name) {
  unsigned index = if_nametoindex(name);
  return index ? (int)index : -ENODEV;
}

int csyn_device_mtu(const char *name) {
  struct ifreq request = {0};
  int result = ask_device(name, SIOCGIFMTU, &request);
  return result < 0 ? result : request.ifr_mtu;
}

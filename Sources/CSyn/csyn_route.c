#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/fib_rules.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csyn.h"
#include "csyn_route.h"
#include "csyn_netlink.h"
#include "csyn_sockaddr.h"

enum { DISCARD_PORT = 9 };  // Nothing is sent to it: connect(2) on a UDP socket only asks for the way.

static uint16_t width_of(int family) { return family == 6 ? 16 : 4; }

static void fill_request(struct csyn_request *request, const struct csyn_route_question *question) {
  int family = question->destination.family;
  uint16_t width = width_of(family);
  int has_source = question->source.family == family;
  struct rtmsg route = {.rtm_family = family == 6 ? AF_INET6 : AF_INET, .rtm_dst_len = (uint8_t)(width * 8),
                        .rtm_src_len = has_source ? (uint8_t)(width * 8) : 0, .rtm_tos = question->traffic_class & 0xfc};
  csyn_request_begin(request, RTM_GETROUTE, 0, &route, sizeof route);
  csyn_request_add(request, RTA_DST, question->destination.bytes, width);
  if (has_source) csyn_request_add(request, RTA_SRC, question->source.bytes, width);
  uint32_t user = geteuid();
  uint8_t protocol = IPPROTO_TCP;
  csyn_request_add(request, RTA_UID, &user, sizeof user);
  csyn_request_add(request, RTA_IP_PROTO, &protocol, sizeof protocol);
  if (question->interface_index) csyn_request_add(request, RTA_OIF, &question->interface_index, sizeof(uint32_t));
  if (question->mark) csyn_request_add(request, RTA_MARK, &question->mark, sizeof question->mark);
  uint16_t source_port = htons(question->source_port), port = htons(question->destination_port);
  if (source_port) csyn_request_add(request, RTA_SPORT, &source_port, sizeof source_port);
  if (port) csyn_request_add(request, RTA_DPORT, &port, sizeof port);
}

static void take_attribute(uint16_t type, const uint8_t *data, size_t length, void *context) {
  struct csyn_route *out = context;
  size_t width = width_of(out->source.family);
  struct rtvia via;
  switch (type) {
    case RTA_OIF:
      if (length >= sizeof out->interface_index) memcpy(&out->interface_index, data, sizeof out->interface_index);
      break;
    case RTA_PREFSRC:
      if (length >= width) memcpy(out->source.bytes, data, width);
      break;
    case RTA_GATEWAY:
      if (length < width) break;
      out->gateway.family = out->source.family;
      memcpy(out->gateway.bytes, data, width);
      break;
    case RTA_VIA:  // An IPv6 gateway of an IPv4 route.
      if (length < sizeof via + 16) break;
      memcpy(&via, data, sizeof via);
      if (via.rtvia_family != AF_INET6) break;
      out->gateway.family = 6;
      memcpy(out->gateway.bytes, data + sizeof via, 16);
      break;
    default: break;
  }
}

int csyn_route_lookup(int netlink, const struct csyn_route_question *question, struct csyn_route *out) {
  struct csyn_request request;
  struct rtmsg route;
  uint8_t answer[4096];
  *out = (struct csyn_route){0};
  fill_request(&request, question);
  int got = csyn_request_exchange(netlink, &request, RTM_NEWROUTE, sizeof route, answer, sizeof answer);
  if (got < 0) return got;
  memcpy(&route, answer + NLMSG_LENGTH(0), sizeof route);
  out->is_local = route.rtm_type == RTN_LOCAL;
  out->source.family = question->destination.family;
  int result = csyn_attributes(answer, NLMSG_LENGTH(sizeof route), (size_t)got, take_attribute, out);
  if (result < 0) return result;
  if (question->source.family == question->destination.family) out->source = question->source;
  return 0;
}

/// The device that has the address, of the list that getifaddrs(3) makes.
static void find_device(const struct csyn_address *address, struct csyn_route *out) {
  struct ifaddrs *list = NULL;
  if (getifaddrs(&list) < 0) return;
  for (struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr) continue;
    struct csyn_address found = csyn_from_sockaddr(entry->ifa_addr, sizeof(struct sockaddr_in6));
    if (found.family != address->family || memcmp(found.bytes, address->bytes, width_of(found.family))) continue;
    strncpy(out->interface_name, entry->ifa_name, sizeof out->interface_name - 1);
    out->interface_index = if_nametoindex(entry->ifa_name);
    break;
  }
  freeifaddrs(list);
}

int csyn_route_guess(const struct csyn_route_question *question, struct csyn_route *out) {
  int family = question->destination.family;
  *out = (struct csyn_route){0};
  int fd = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int port = csyn_connect_start(fd, &question->destination, question->destination_port ? question->destination_port : DISCARD_PORT);
  if (!port) port = csyn_connect_local(fd, &out->source);
  close(fd);
  if (port < 0) return port;
  if (question->source.family == family) out->source = question->source;
  find_device(&out->source, out);
  out->is_local = !memcmp(out->source.bytes, question->destination.bytes, width_of(family));
  return 0;
}

static void take_rule(uint16_t type, const uint8_t *data, size_t length, void *context) {
  (void)data, (void)length;
  if (type == FRA_SPORT_RANGE || type == FRA_DPORT_RANGE || type == FRA_IP_PROTO) *(int *)context = 1;
}

static int take_rules(const uint8_t *message, size_t length, void *context) {
  return csyn_attributes(message, NLMSG_LENGTH(sizeof(struct fib_rule_hdr)), length, take_rule, context);
}

int csyn_route_asks_ports(int netlink, int family) {
  struct csyn_request request;
  struct fib_rule_hdr rule = {.family = family == 6 ? AF_INET6 : AF_INET};
  int found = 0;
  csyn_request_begin(&request, RTM_GETRULE, 0, &rule, sizeof rule);
  int result = csyn_request_dump(netlink, &request, RTM_NEWRULE, take_rules, &found);
  return result < 0 ? result : found;
}

int csyn_route_default_device(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  char name[CSYN_NAME] = {0};
  socklen_t length = sizeof name;
  int result = getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &length) < 0 ? -errno : 0;
  close(fd);
  return result < 0 || !name[0] ? result : (int)if_nametoindex(name);
}

#include <linux/fib_rules.h>
#include <string.h>
#include <sys/socket.h>

#include "csyn.h"
#include "csyn_netlink.h"
#include "csyn_route.h"

/// Where the prefixes go that a dump names.
struct list {
  struct csyn_prefix *out;
  size_t capacity;
  size_t found;
  struct csyn_prefix current;
};

static uint16_t width_of(int family) { return family == 6 ? 16 : 4; }

/// RTA_DST and FRA_DST are both 1.
_Static_assert((int)RTA_DST == (int)FRA_DST, "routes and rules name their destinations alike");

static void take_destination(uint16_t type, const uint8_t *data, size_t length, void *context) {
  struct csyn_prefix *prefix = context;
  size_t width = width_of(prefix->address.family);
  if (type == RTA_DST && length >= width) memcpy(prefix->address.bytes, data, width);
  if (type == RTA_MULTIPATH || type == RTA_NH_ID) prefix->has_choice = 1;
}

static void take_rules_destination(uint16_t type, const uint8_t *data, size_t length, void *context) {
  if (type == FRA_DST) take_destination(type, data, length, context);
}

static int take(struct list *list, uint8_t bits, const uint8_t *message, size_t at, size_t length, csyn_attribute_taker taker) {
  memset(list->current.address.bytes, 0, sizeof list->current.address.bytes);
  list->current.length = bits;
  list->current.has_choice = 0;
  if (bits > width_of(list->current.address.family) * 8) return 0;
  int result = csyn_attributes(message, at, length, taker, &list->current);
  if (result < 0) return result;
  if (list->found < list->capacity) list->out[list->found] = list->current;
  list->found++;
  return 0;
}

static int take_route(const uint8_t *message, size_t length, void *context) {
  struct rtmsg route;
  if (length < NLMSG_LENGTH(sizeof route)) return 0;
  memcpy(&route, message + NLMSG_LENGTH(0), sizeof route);
  return take(context, route.rtm_dst_len, message, NLMSG_LENGTH(sizeof route), length, take_destination);
}

static int take_rule(const uint8_t *message, size_t length, void *context) {
  struct fib_rule_hdr rule;
  if (length < NLMSG_LENGTH(sizeof rule)) return 0;
  memcpy(&rule, message + NLMSG_LENGTH(0), sizeof rule);
  return take(context, rule.dst_len, message, NLMSG_LENGTH(sizeof rule), length, take_rules_destination);
}

long csyn_route_prefixes(int netlink, int family, struct csyn_prefix *out, size_t capacity) {
  struct list list = {.out = out, .capacity = capacity, .current.address.family = (uint8_t)family};
  uint8_t number = family == 6 ? AF_INET6 : AF_INET;
  struct csyn_request request;
  struct rtmsg route = {.rtm_family = number};
  csyn_request_begin(&request, RTM_GETROUTE, 0, &route, sizeof route);
  int result = csyn_request_dump(netlink, &request, RTM_NEWROUTE, take_route, &list);
  if (result < 0) return result;
  struct fib_rule_hdr rule = {.family = number};
  csyn_request_begin(&request, RTM_GETRULE, 0, &rule, sizeof rule);
  result = csyn_request_dump(netlink, &request, RTM_NEWRULE, take_rule, &list);
  return result < 0 ? result : (long)list.found;
}

#define _GNU_SOURCE
#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <string.h>
#include <unistd.h>

#include "csyn.h"
#include "csyn_route.h"
#include "csyn_netlink.h"

/// Where the disciplines of a dump go.
struct list {
  struct csyn_qdisc *out;
  size_t capacity;
  size_t count;
};

static void take_statistics(uint16_t type, const uint8_t *data, size_t length, void *context) {
  struct gnet_stats_queue queue;
  if (type != TCA_STATS_QUEUE || length < sizeof queue) return;
  memcpy(&queue, data, sizeof queue);
  struct csyn_qdisc *out = context;
  out->queued = queue.qlen;
  out->drops = queue.drops;
}

static void take_attribute(uint16_t type, const uint8_t *data, size_t length, void *context) {
  struct csyn_qdisc *out = context;
  if (type == TCA_KIND && length < sizeof out->kind) memcpy(out->kind, data, length);
  if (type == TCA_STATS2) csyn_attributes(data, 0, length, take_statistics, out);
}

/// Takes one RTM_NEWQDISC message; one that is cut short is left out.
static int take(const uint8_t *message, size_t length, void *context) {
  struct list *list = context;
  struct tcmsg qdisc;
  if (length < NLMSG_LENGTH(sizeof qdisc) || list->count == list->capacity) return 0;
  memcpy(&qdisc, message + NLMSG_LENGTH(0), sizeof qdisc);
  struct csyn_qdisc *out = &list->out[list->count];
  *out = (struct csyn_qdisc){.interface_index = (uint32_t)qdisc.tcm_ifindex, .handle = qdisc.tcm_handle,
                             .parent = qdisc.tcm_parent, .is_ingress = qdisc.tcm_parent == TC_H_INGRESS};
  list->count += csyn_attributes(message, NLMSG_LENGTH(sizeof qdisc), length, take_attribute, out) == 0;
  return 0;
}

int csyn_qdisc_list(struct csyn_qdisc *out, size_t capacity) {
  int fd = csyn_netlink_open();
  if (fd < 0) return fd;
  struct list list = {.out = out, .capacity = capacity};
  struct csyn_request request;
  csyn_request_begin(&request, RTM_GETQDISC, 0, &(struct tcmsg){0}, sizeof(struct tcmsg));
  int result = csyn_request_dump(fd, &request, RTM_NEWQDISC, take, &list);
  close(fd);
  return result < 0 ? result : (int)list.count;
}

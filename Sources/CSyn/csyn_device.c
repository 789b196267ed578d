#define _GNU_SOURCE
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/net_tstamp.h>
#include <linux/neighbour.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csyn.h"
#include "csyn_route.h"
#include "csyn_netlink.h"

/// Asks the device `name` by ioctl(2) on a socket of any kind. Returns 0 or -errno.
static int ask_device_on(int fd, const char *name, unsigned long question, struct ifreq *request) {
  if (strlen(name) >= sizeof request->ifr_name) return -ENODEV;
  memcpy(request->ifr_name, name, strlen(name));
  return ioctl(fd, question, request) < 0 ? -errno : 0;
}

/// The same on a socket of its own.
static int ask_device(const char *name, unsigned long question, struct ifreq *request) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int result = ask_device_on(fd, name, question, request);
  close(fd);
  return result;
}

static int says_it_stamps(const struct ethtool_ts_info *info) {
  return (info->so_timestamping & SOF_TIMESTAMPING_TX_SOFTWARE) != 0;
}

int csyn_device_stamps_sent(const char *name) {
  struct ethtool_ts_info info = {.cmd = ETHTOOL_GET_TS_INFO};
  struct ifreq request = {.ifr_data = (void *)&info};
  int result = ask_device(name, SIOCETHTOOL, &request);
  return result < 0 ? result : says_it_stamps(&info);
}

int csyn_device_index(const char *name) {
  unsigned index = if_nametoindex(name);
  return index ? (int)index : -ENODEV;
}

int csyn_device_is_up(const char *name) {
  struct ifreq request = {0};
  int result = ask_device(name, SIOCGIFFLAGS, &request);
  return result < 0 ? result : (request.ifr_flags & IFF_UP) != 0;
}

int csyn_device_mtu(const char *name) {
  struct ifreq request = {0};
  int result = ask_device(name, SIOCGIFMTU, &request);
  return result < 0 ? result : request.ifr_mtu;
}

static void take_kind(uint16_t type, const uint8_t *data, size_t length, void *context) {
  static const char *stacked[] = {"macvlan", "macvtap", "ipvlan", "ipvtap", "macsec"};
  struct csyn_device *out = context;
  if (type != IFLA_INFO_KIND) return;
  for (size_t i = 0; i < sizeof stacked / sizeof *stacked; i++)
    if (length > strlen(stacked[i]) && !memcmp(data, stacked[i], strlen(stacked[i]) + 1)) out->is_stacked = 1;
}

static void take_link(uint16_t type, const uint8_t *data, size_t length, void *context) {
  struct csyn_device *out = context;
  if (type == IFLA_LINKINFO) csyn_attributes(data, 0, length, take_kind, out);
  if (type == IFLA_IFNAME && length <= sizeof out->name) memcpy(out->name, data, length);
}

int csyn_device_describe(int netlink, uint32_t index, struct csyn_device *out) {
  struct csyn_request request;
  uint8_t answer[16384];
  struct ifinfomsg link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index};
  *out = (struct csyn_device){0};
  csyn_request_begin(&request, RTM_GETLINK, 0, &link, sizeof link);
  int got = csyn_request_exchange(netlink, &request, RTM_NEWLINK, sizeof link, answer, sizeof answer);
  if (got < 0) return got;
  int result = csyn_attributes(answer, NLMSG_LENGTH(sizeof link), (size_t)got, take_link, out);
  out->name[sizeof out->name - 1] = 0;
  if (result < 0) return result;
  struct ethtool_ts_info info = {.cmd = ETHTOOL_GET_TS_INFO};
  struct ifreq question = {.ifr_data = (void *)&info};
  out->stamps_sent = ask_device_on(netlink, out->name, SIOCETHTOOL, &question) == 0 && says_it_stamps(&info);
  return 0;
}

/// Asks for the entry of a neighbour. Returns the length of the answer or -errno: -ENOENT when there is none.
static int ask_neighbour(int netlink, uint32_t index, const struct csyn_address *address, uint8_t *answer, size_t capacity) {
  struct csyn_request request;
  struct ndmsg neighbour = {.ndm_family = address->family == 6 ? AF_INET6 : AF_INET, .ndm_ifindex = (int)index};
  csyn_request_begin(&request, RTM_GETNEIGH, 0, &neighbour, sizeof neighbour);
  csyn_request_add(&request, NDA_DST, address->bytes, address->family == 6 ? 16 : 4);
  return csyn_request_exchange(netlink, &request, RTM_NEWNEIGH, sizeof neighbour, answer, capacity);
}

int csyn_neighbour_is_silent(int netlink, uint32_t index, const struct csyn_address *address) {
  uint8_t answer[4096];
  struct ndmsg neighbour;
  int got = ask_neighbour(netlink, index, address, answer, sizeof answer);
  if (got < 0) return got == -ENOENT ? 0 : got;
  memcpy(&neighbour, answer + NLMSG_LENGTH(0), sizeof neighbour);
  return (neighbour.ndm_state & (NUD_INCOMPLETE | NUD_FAILED)) != 0;
}

static void take_age(uint16_t type, const uint8_t *data, size_t length, void *context) {
  struct nda_cacheinfo info;
  if (type != NDA_CACHEINFO || length < sizeof info) return;
  memcpy(&info, data, sizeof info);
  *(long *)context = (long)info.ndm_updated;
}

long csyn_neighbour_age(int netlink, uint32_t index, const struct csyn_address *address) {
  uint8_t answer[4096];
  int got = ask_neighbour(netlink, index, address, answer, sizeof answer);
  if (got < 0) return got;
  long ticks = -ENOENT;
  int result = csyn_attributes(answer, NLMSG_LENGTH(sizeof(struct ndmsg)), (size_t)got, take_age, &ticks);
  return result < 0 ? result : ticks < 0 ? ticks : ticks * 1000 / sysconf(_SC_CLK_TCK);
}

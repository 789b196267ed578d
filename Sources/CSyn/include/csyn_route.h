// CSyn's questions about routes, devices and neighbours: part of csyn.h.
#ifndef CSYN_ROUTE_H
#define CSYN_ROUTE_H

#include "csyn.h"

// MARK: - Routes (csyn_route.c, csyn_netlink.c)

enum { CSYN_NAME = 16 };

/// Opens a socket for questions about routes and devices (rtnetlink). Returns the descriptor or -errno.
int csyn_netlink_open(void);

/// A TCP connection of this user, as the kernel chooses its way; what is zero is not known, or the kernel's choice.
struct csyn_route_question {
  struct csyn_address destination;
  struct csyn_address source;  ///< Family 0: the kernel's choice.
  uint32_t interface_index;
  uint32_t mark;
  uint16_t source_port;
  uint16_t destination_port;
  uint8_t traffic_class;
};

/// The way to a destination.
struct csyn_route {
  struct csyn_address source;
  struct csyn_address gateway;  ///< Family 0: the destination itself is the next hop.
  uint32_t interface_index;
  char interface_name[CSYN_NAME];  ///< Of csyn_route_guess alone.
  uint8_t is_local;  ///< 1: the destination is an address of this host (RTN_LOCAL).
};

/// Asks the kernel (rtnetlink RTM_GETROUTE) for the way of a connection.
/// Returns 0 or -errno: -ENETUNREACH no route, -EINVAL a source that is not this host's.
int csyn_route_lookup(int netlink, const struct csyn_route_question *_Nonnull question, struct csyn_route *_Nonnull out);

/// The same without rtnetlink, by connect(2) on a UDP socket and getifaddrs(3): no gateway, and the device is the one that
/// has the source address. Sends nothing. Returns 0 or -errno.
int csyn_route_guess(const struct csyn_route_question *_Nonnull question, struct csyn_route *_Nonnull out);

/// The device that new sockets of this process are bound to from the start, as under `ip vrf exec`: its index, 0 for none, or
/// -errno.
int csyn_route_default_device(void);

/// Whether a routing rule of the family looks at ports or protocols: 1, 0, or -errno.
int csyn_route_asks_ports(int netlink, int family);

/// A destination that a route or a rule names (csyn_fib.c).
struct csyn_prefix {
  struct csyn_address address;
  uint8_t length;  ///< Bits of the address that count.
  uint8_t has_choice;  ///< 1: a route with several next hops, or a next hop that is described elsewhere.
};

/// Lists the destinations of all routes, in every table, and of all rules of a family: between the ends of these all
/// addresses go one way, but for those that have a choice. Returns how many there are, of which at most `capacity` were written, or -errno.
long csyn_route_prefixes(int netlink, int family, struct csyn_prefix *_Nonnull out, size_t capacity);

// MARK: - Devices and neighbours (csyn_device.c)

/// What a device is.
struct csyn_device {
  char name[CSYN_NAME];
  /// 1: it hands packets to another device, or to a sibling, which is no sending (macvlan, ipvlan).
  uint8_t is_stacked;
  /// 1: its driver says that it stamps packets as it sends them (ETHTOOL_GET_TS_INFO).
  uint8_t stamps_sent;
};

/// Asks what the device of this index is. Returns 0 or -errno.
int csyn_device_describe(int netlink, uint32_t index, struct csyn_device *_Nonnull out);

/// Whether the driver of `name` says that it stamps packets as it sends them: 1, 0, or -errno.
int csyn_device_stamps_sent(const char *_Nonnull name);

/// How long ago the kernel learned or lost the link address of a neighbour, milliseconds; -ENOENT where it has no entry, or
/// another -errno.
long csyn_neighbour_age(int netlink, uint32_t index, const struct csyn_address *_Nonnull address);

/// Whether the kernel has asked for the link address of a neighbour in vain so far (ARP, ND): 1, 0, or -errno.
int csyn_neighbour_is_silent(int netlink, uint32_t index, const struct csyn_address *_Nonnull address);

/// The interface index of `name`, or -ENODEV.
int csyn_device_index(const char *_Nonnull name);

/// The largest IP packet that `name` sends whole (MTU), bytes, or -errno.
int csyn_device_mtu(const char *_Nonnull name);

/// Whether a device is set up: 1 or 0, or -errno.
int csyn_device_is_up(const char *_Nonnull name);

/// A queueing discipline of a device (csyn_qdisc.c).
struct csyn_qdisc {
  uint32_t queued;  ///< Packets that it holds now.
  uint32_t drops;   ///< Packets that it has dropped; it wraps.
  uint32_t interface_index;
  uint32_t handle;  ///< As tc(8) writes it: the upper 16 bits, a colon; 0 for one that the kernel made.
  uint32_t parent;  ///< The class that it sits in, likewise, and the lower 16 bits.
  uint8_t is_ingress;     ///< 1: what it does is done to packets that arrive.
  char kind[CSYN_NAME];   ///< As "netem"; ends with a zero byte.
};

/// Lists every queueing discipline of this network namespace, which needs no privilege (rtnetlink RTM_GETQDISC).
/// Returns how many were written, at most `capacity`, or -errno.
int csyn_qdisc_list(struct csyn_qdisc *_Nonnull out, size_t capacity);

#endif

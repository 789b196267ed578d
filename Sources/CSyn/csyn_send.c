#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "csyn.h"
#include "csyn_sockaddr.h"

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36  // Linux 4.5; not in every libc's headers.
#endif
#ifndef SCM_TS_OPT_ID
#define SCM_TS_OPT_ID 81  // Linux 6.13; newer than most distributions' headers.
#endif

/// Room for one packet-information message, one stamp key and one hop limit.
union control {
  size_t align;  // As CMSG_ALIGN has it.
  uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(int))];
};

static size_t put_message(union control *control, size_t used, int level, int type, const void *data, size_t length) {
  struct cmsghdr header = {.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(length)};
  memcpy(control->bytes + used, &header, sizeof header);
  memcpy(control->bytes + used + CMSG_LEN(0), data, length);
  return used + CMSG_SPACE(length);
}

static size_t put_source(union control *control, const struct csyn_address *source, uint32_t interface_index) {
  if (source->family == 6) {
    struct in6_pktinfo info = {.ipi6_ifindex = interface_index};
    memcpy(&info.ipi6_addr, source->bytes, 16);
    return put_message(control, 0, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  }
  struct in_pktinfo info = {.ipi_ifindex = (int)interface_index};
  memcpy(&info.ipi_spec_dst, source->bytes, 4);
  return put_message(control, 0, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
}

static size_t put_hops(union control *control, size_t used, const struct csyn_address *to, int hops) {
  return to->family == 6 ? put_message(control, used, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, sizeof hops)
                         : put_message(control, used, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
}

/// One message of a batch, and all that it points to.
struct envelope {
  struct sockaddr_storage name;
  union control control;
  uint8_t header[40];
  uint8_t segment[CSYN_MAX_SEGMENT];
  struct iovec parts[3];
};

/// What pads a SYN.
static const uint8_t zeros[CSYN_MAX_PADDING];

static int is_steered(const struct csyn_departure *departure) { return departure->next_hop.family != 0; }

/// Builds the segment and what goes beside it. Returns 0 or -errno.
static int fill(struct envelope *envelope, struct msghdr *message, const struct csyn_departure *departure) {
  const struct csyn_segment *segment = &departure->segment;
  memset(&envelope->control, 0, sizeof envelope->control);
  int length = csyn_build_syn(segment, envelope->segment, sizeof envelope->segment);
  if (length < 0) return length;
  size_t used = put_source(&envelope->control, &segment->source,
                           is_steered(departure) ? departure->interface_index : segment->destination.scope);
  if (departure->tagged) {
    used = put_message(&envelope->control, used, SOL_SOCKET, SCM_TS_OPT_ID, &departure->key, sizeof departure->key);
  }
  envelope->parts[1] = (struct iovec){.iov_base = envelope->segment, .iov_len = (size_t)length};
  envelope->parts[2] = (struct iovec){.iov_base = (void *)(uintptr_t)zeros, .iov_len = segment->padding};
  *message = (struct msghdr){.msg_name = &envelope->name, .msg_iov = &envelope->parts[1],
                             .msg_iovlen = segment->padding ? 2 : 1, .msg_control = envelope->control.bytes};
  if (is_steered(departure)) {
    size_t header = csyn_build_ip(&segment->source, &segment->destination, (size_t)length + segment->padding,
                                  departure->hops, departure->traffic_class, envelope->header);
    envelope->parts[0] = (struct iovec){.iov_base = envelope->header, .iov_len = header};
    message->msg_iov = envelope->parts;
    message->msg_iovlen++;
  } else if (departure->hops) {
    used = put_hops(&envelope->control, used, &segment->destination, departure->hops);
  }
  message->msg_namelen =
      csyn_to_sockaddr(is_steered(departure) ? &departure->next_hop : &segment->destination, &envelope->name);
  message->msg_controllen = used;
  return 0;
}

/// A packet with a header of our own goes to the neighbour that sendmsg(2) names, whatever its header names: the kernel
/// looks the way up for the former (FLOWI_FLAG_KNOWN_NH).
static int include_header(int fd, const struct csyn_departure *departure, int included) {
  int is_v6 = departure->segment.destination.family == 6;
  return setsockopt(fd, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, is_v6 ? IPV6_HDRINCL : IP_HDRINCL, &included, sizeof included);
}

/// Notes what became of the first departures, all of which left, or were refused, by one call.
static void note(struct csyn_departure *departures, size_t count, int result, int64_t began) {
  int64_t ended = csyn_realtime();
  for (size_t i = 0; i < count; i++) {
    departures[i].result = result;
    departures[i].began = began;
    departures[i].ended = ended;
  }
}

/// Whether the packets that the socket still has in this host fill its send buffer.
static int is_crowded(int fd) {
  struct csyn_memory memory;
  return csyn_raw_memory(fd, &memory) == 0 && memory.sending > memory.sending_limit;
}

static void send_one(int fd, struct msghdr *message, struct csyn_departure *departure) {
  int64_t began = csyn_realtime();
  ssize_t sent;
  do sent = sendmsg(fd, message, 0);
  while (sent < 0 && errno == EINTR);
  int result = sent < 0 ? -errno : 0;
  note(departure, 1, result, began);
  departure->crowded = result == -ENOBUFS && is_crowded(fd);
}

static size_t send_many(int fd, struct mmsghdr *messages, struct csyn_departure *departures, size_t count) {
  int64_t began = csyn_realtime();
  int sent = sendmmsg(fd, messages, (unsigned)count, 0);
  if (sent <= 0) return 0;
  note(departures, (size_t)sent, 0, began);
  return (size_t)sent;
}

size_t csyn_raw_send(int fd, struct csyn_departure *departures, size_t count) {
  struct envelope envelopes[CSYN_BATCH];
  struct mmsghdr messages[CSYN_BATCH];
  size_t filled = 0;
  int unfit = 0;
  while (filled < count && filled < CSYN_BATCH && !unfit &&
         is_steered(departures) == is_steered(departures + filled)) {
    unfit = fill(&envelopes[filled], &messages[filled].msg_hdr, &departures[filled]);
    if (!unfit) filled++;
  }
  if (filled == 0) {
    note(departures, 1, unfit, csyn_realtime());
    return 1;
  }
  int steered = is_steered(departures);
  if (steered && include_header(fd, departures, 1) < 0) {
    note(departures, 1, -errno, csyn_realtime());
    return 1;
  }
  size_t done = 1;
  if (filled == 1) send_one(fd, &messages->msg_hdr, departures);
  else done = send_many(fd, messages, departures, filled);
  if (steered) include_header(fd, departures, 0);
  return done;
}

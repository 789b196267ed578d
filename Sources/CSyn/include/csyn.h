// CSyn: builds one TCP SYN segment, sends it on a raw socket, and reads what the kernel says about it.
//
// What Swift cannot reach, and no more: no state but the program's arguments, no logging, no signal handler, never exits. Every function that can
// fail returns a negative errno and leaves `errno` to its callers' callers. Numbers are in host byte order, times are
// nanoseconds of CLOCK_REALTIME (-1: none).
#ifndef CSYN_H
#define CSYN_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(__clang__) && !defined(_Nonnull)
#define _Nonnull
#define _Nullable
#endif

/// An IPv4 or IPv6 address in network byte order.
struct csyn_address {
  uint8_t family;     ///< 4 or 6.
  uint8_t bytes[16];  ///< The first 4 for IPv4.
  uint32_t scope;     ///< IPv6 zone as an interface index, or 0.
};

// MARK: - Building (csyn_build.c, csyn_checksum.c)

enum { CSYN_MAX_SEGMENT = 60 };

/// The TCP options of a SYN: those of a Linux client (MSS, SACK permitted, timestamps, window scale), MSS alone, or none.
enum csyn_options { CSYN_OPTIONS_CLIENT = 0, CSYN_OPTIONS_MSS = 1, CSYN_OPTIONS_NONE = 2 };

/// One TCP SYN segment.
struct csyn_segment {
  struct csyn_address source;
  struct csyn_address destination;
  uint16_t source_port;
  uint16_t destination_port;
  uint32_t sequence;
  uint32_t timestamp;        ///< TSval of the timestamps option.
  uint16_t window;
  uint16_t maximum_segment;  ///< MSS option, bytes.
  uint8_t options;           ///< One of csyn_options.
  uint16_t padding;          ///< Bytes of zeros that follow the header, 0...CSYN_MAX_PADDING; the header's checksum has them.
};

enum { CSYN_MAX_PADDING = 1440 };

/// Writes the TCP header with its options and checksum.
/// Returns its length in bytes, -EINVAL when the two addresses are not of one family or the padding is too long, -ENOSPC
/// when `capacity` is small.
int csyn_build_syn(const struct csyn_segment *_Nonnull segment, uint8_t *_Nonnull buffer, size_t capacity);

/// Writes an IP header for `payload` bytes of TCP into 40 bytes of `out`: hop limit 64 where `hops` is 0, no fragmentation,
/// no identification, and for IPv4 no checksum, which the kernel fills in. Returns its length.
size_t csyn_build_ip(const struct csyn_address *_Nonnull source, const struct csyn_address *_Nonnull destination,
                     size_t payload, uint8_t hops, uint8_t traffic_class, uint8_t *_Nonnull out);

/// The Internet checksum (RFC 1071) of a TCP segment and its IPv4 or IPv6 pseudo header; 0 over a correct segment.
uint16_t csyn_tcp_checksum(const struct csyn_address *_Nonnull source, const struct csyn_address *_Nonnull destination,
                           const uint8_t *_Nonnull segment, size_t length);

// MARK: - The raw socket (csyn_socket.c)

/// Opens a non-blocking raw TCP socket for `family` 4 or 6, which needs CAP_NET_RAW. Errors of the network and of this
/// host's own queues reach its error queue (IP_RECVERR): without it the kernel hides ENOBUFS from a raw socket.
int csyn_raw_open(int family);

/// Lets only TCP segments with a destination port in `[low, high]` into the receive queue.
int csyn_raw_accept_ports(int fd, int family, uint16_t low, uint16_t high);

/// Turns on the queued, sent and receive stamps (SO_TIMESTAMPING); with `packets` the first two come with the packet itself.
int csyn_raw_enable_stamps(int fd, int packets);

int csyn_raw_set_hops(int fd, int family, int hops);        ///< TTL or hop limit, 1...255.
int csyn_raw_set_traffic_class(int fd, int family, int tc);  ///< The TOS or traffic-class octet: DSCP << 2.
int csyn_raw_set_mark(int fd, uint32_t mark);                ///< SO_MARK: needs CAP_NET_ADMIN, or CAP_NET_RAW since Linux 5.17.
int csyn_raw_set_device(int fd, const char *_Nonnull name);  ///< SO_BINDTODEVICE.
int csyn_raw_set_atomic(int fd);                             ///< IPv4: never in fragments, and no number for them (RFC 6864).
int csyn_raw_set_receive_buffer(int fd, int bytes);          ///< Best effort beyond net.core.rmem_max.

/// The buffers of a socket; the error queue shares the one for receiving.
struct csyn_memory {
  uint32_t used;   ///< Bytes that are taken.
  uint32_t limit;  ///< Bytes beyond which packets, stamps and errors are dropped.
  uint32_t sending;        ///< Bytes of what it sent that are still in this host.
  uint32_t sending_limit;  ///< More is refused at twice this.
  uint32_t drops;  ///< Packets dropped since it was opened. Stamps that were dropped are counted nowhere.
};

/// Reads SO_MEMINFO (Linux 4.12). Returns 0 or -errno.
int csyn_raw_memory(int fd, struct csyn_memory *_Nonnull out);

/// One SYN on its way out, and what became of it.
struct csyn_departure {
  struct csyn_segment segment;
  uint8_t tagged;  ///< 1: its stamps carry `key` (SCM_TS_OPT_ID, Linux 6.13); an older kernel answers -EINVAL.
  uint8_t hops;    ///< TTL or hop limit; 0: the socket's.
  uint32_t key;
  /// Family 0: the kernel finds the way, without the ports. Else the packet goes to this neighbour by this device, with an
  /// IP header of our own (IP_HDRINCL), whose hop limit is 64 and traffic class 0 where none is given.
  struct csyn_address next_hop;
  uint32_t interface_index;
  uint8_t traffic_class;
  /// Set by sending: 0 or -errno; -EPERM is the local firewall, -ENOBUFS a full local queue, -ENETUNREACH no route.
  int32_t result;
  /// Set by sending: the system call that sent it ran between these two readings of CLOCK_REALTIME.
  int64_t began;
  int64_t ended;
  uint8_t crowded;  ///< Set by sending, with -ENOBUFS: it was the socket's own send buffer that was full.
};

enum { CSYN_BATCH = 64 };  // So many SYNs leave by one system call.

/// Builds the first of these SYNs, at most CSYN_BATCH and those alone that go by the same kind of way, and sends them by one
/// system call. Returns of how many it has noted what became of them: of one alone always, of several those that left before
/// one was refused, which may be none. Why is told by sending that one alone.
size_t csyn_raw_send(int fd, struct csyn_departure *_Nonnull departures, size_t count);

// MARK: - Reading (csyn_receive.c)

enum csyn_event_kind {
  CSYN_QUEUED = 1,  ///< TX_SCHED: the packet enters the queueing discipline.
  CSYN_SENT = 2,    ///< TX_SOFTWARE: the packet is handed to the device.
  CSYN_ICMP = 3,    ///< An ICMP or ICMPv6 error that quotes one of our packets.
  CSYN_LOCAL = 4,   ///< This host's own error.
  CSYN_OTHER = 5    ///< Anything else; to be ignored.
};

enum { CSYN_QUOTE = 128 };

/// One entry of the error queue.
struct csyn_event {
  int32_t kind;
  uint32_t key;                      ///< Of a stamp.
  int64_t time;                      ///< Of a stamp, or the receive stamp of an ICMP error; -1: none.
  int32_t error;                     ///< errno of CSYN_ICMP and CSYN_LOCAL.
  uint8_t icmp_type;
  uint8_t icmp_code;
  struct csyn_address offender;      ///< Who sent the ICMP error; family 0: unknown.
  struct csyn_address destination;   ///< Where our packet went.
  uint32_t quoted;                   ///< Bytes of `quote` that are there.
  uint8_t quote[CSYN_QUOTE];         ///< The quoted packet from its TCP header on; of a stamp the packet from its link header on.
};

/// More than so many are not read by one call.
enum { CSYN_READ_MOST = 32 };

/// Takes at most `room` entries off the error queue. Returns how many, 0 when it is empty, or -errno.
int csyn_raw_next_events(int fd, struct csyn_event *_Nonnull out, int room);

/// One packet of the receive queue.
struct csyn_delivery {
  int64_t time;                  ///< Receive stamp; -1: none.
  uint32_t length;               ///< Bytes of its place in the buffer that were written.
  uint8_t truncated;             ///< 1: the packet was longer than its place.
  struct csyn_address source;
  struct csyn_address destination;  ///< Filled for IPv6, whose header is not delivered; family 0 for IPv4.
  uint8_t hops;                     ///< Hop limit, for IPv6.
};

/// Takes at most `room` packets off the receive queue, each to the next place of `each` bytes in the buffer: for IPv4 from
/// its IP header on, for IPv6 from its TCP header on. Returns how many, 0 when the queue is empty, or -errno.
int csyn_raw_next_deliveries(int fd, int family, uint8_t *_Nonnull buffer, size_t each,
                             struct csyn_delivery *_Nonnull out, int room);

// MARK: - Connecting (csyn_connect.c)

/// How a connection is attempted; what is zero is the kernel's choice.
struct csyn_connect_options {
  struct csyn_address source;  ///< Used for destinations of its family.
  uint16_t source_port;
  int32_t hops;
  int32_t traffic_class;
  uint32_t mark;               ///< Needs CAP_NET_ADMIN or CAP_NET_RAW.
  char device[16];             ///< Ends with a zero byte.
};

enum csyn_attempt_state {
  CSYN_ESTABLISHED = 1,
  CSYN_REFUSED = 2,      ///< RST.
  CSYN_UNREACHABLE = 3,  ///< ICMP error.
  CSYN_SILENT = 4,       ///< The kernel has given up repeating the SYN (ETIMEDOUT).
  CSYN_FAILED = 5        ///< This host's own error.
};

/// How an attempt ended.
struct csyn_attempt {
  int32_t state;
  int32_t error;             ///< errno.
  int64_t round_trip;        ///< tcpi_rtt in nanoseconds; -1: none.
  uint32_t retransmissions;  ///< tcpi_total_retrans.
  uint16_t local_port;
  uint8_t icmp_type;
  uint8_t icmp_code;
  struct csyn_address offender;  ///< Who sent the ICMP error; family 0: unknown.
};

/// Opens a TCP socket that will attempt a connection. Returns the descriptor or -errno.
int csyn_connect_open(int family, const struct csyn_connect_options *_Nonnull options);

/// Starts to connect, without a wait. Returns 0 or -errno: -ECONNREFUSED is an answer that was there at once.
int csyn_connect_start(int fd, const struct csyn_address *_Nonnull destination, uint16_t port);

/// The address and port that the attempt goes from. Returns the port, or -errno.
int csyn_connect_local(int fd, struct csyn_address *_Nonnull out);

/// How the attempt on `fd` ended; `error` is what csyn_connect_start returned, negated.
void csyn_connect_read(int fd, int error, struct csyn_attempt *_Nonnull out);

int csyn_poller_open(void);                                   ///< An epoll descriptor, or -errno.
int csyn_poller_add(int poller, int fd, uint64_t token);      ///< Watches `fd` until it is writable, once.
int csyn_poller_take(int poller, uint64_t *_Nonnull tokens, size_t capacity);  ///< Up to 64 ready ones; their number.

// MARK: - Packet sockets (csyn_packet.c)

/// Opens a packet socket that receives nothing yet. Returns the descriptor or -errno: -EPERM without CAP_NET_RAW,
/// -EAFNOSUPPORT where systemd or a seccomp filter refuses AF_PACKET.
int csyn_packet_open(void);

/// Whether such a socket is permitted, as far as that shows without one. Returns 0, or -errno as above.
int csyn_packet_permitted(void);

/// Gives it the smallest ring there is, as libpcap's captures need one. Returns 0 or -errno: -ENOPROTOOPT in gVisor.
int csyn_packet_try_ring(int fd);

/// Keeps a packet socket off the path of outgoing packets (PACKET_IGNORE_OUTGOING, Linux 4.20); an older kernel answers
/// -ENOPROTOOPT and changes nothing.
int csyn_packet_ignore_outgoing(int fd);

/// Has the kernel close these descriptors behind the end of this process (csyn_behind.c), by io_uring: closing a packet socket
/// waits for grace periods of RCU, some 25 ms, and so would who waits for the process. They stay open until it ends.
/// Returns 0 or -errno, as where a filter of system calls refuses it.
int csyn_close_behind(const int *_Nonnull descriptors, size_t count);

// MARK: - Ports (csyn_port.c)

/// Reserves TCP port `port` on every address by a bound socket that never listens: no other program gets it, and the
/// kernel still answers a SYN-ACK to it with RST. Returns the descriptor to close, or -errno (-EADDRINUSE).
int csyn_port_reserve(uint16_t port);

/// Keeps the kernel from answering what comes to a reserved port, by a listening socket that drops whatever has a hop limit
/// below 255: a SYN-ACK to it is neither taken nor refused. A socket filter would do the same, but some kernels permit it
/// only to the privileged. Returns 0, or -errno.
int csyn_port_hold(int fd);

/// Ends that: the kernel refuses again, and the port stays reserved. Returns 0, or -errno.
int csyn_port_let_go(int fd);

/// Listens on an unused TCP port of the loopback address of `family`. Returns the descriptor and the port.
int csyn_loopback_listen(int family, uint16_t *_Nonnull port);

// MARK: - Clocks, waiting and signals (csyn_wait.c)

int64_t csyn_realtime(void);   ///< CLOCK_REALTIME, nanoseconds: the clock of every stamp.
int64_t csyn_thread_time(void);  ///< CLOCK_THREAD_CPUTIME_ID, nanoseconds.
int64_t csyn_monotonic(void);  ///< CLOCK_MONOTONIC, nanoseconds.

int csyn_wake_open(void);     ///< A non-blocking eventfd.
void csyn_wake_signal(int fd);  ///< Makes it readable.
void csyn_wake_clear(int fd);   ///< Makes it unreadable.

/// Waits until what is asked of one of `count` descriptors holds, or for `nanoseconds` (negative: for ever), and notes in
/// each what does. Returns the number of ready ones, 0 when the time is up or a signal came, or -errno. Of a thread at work
/// (csyn_work_begin), this process is forked meanwhile alone. While it waits, the thread has the signal mask `mask`, of
/// CSYN_SIGNAL_MASK bytes, where one is given.
int csyn_wait(struct pollfd *_Nonnull polled, size_t count, int64_t nanoseconds, const uint8_t *_Nullable mask);

enum { CSYN_SIGNAL_MASK = 128 };

/// Blocks every signal in the calling thread and keeps the former mask in `saved`, CSYN_SIGNAL_MASK bytes.
int csyn_signals_block_all(uint8_t *_Nonnull saved, size_t capacity);
int csyn_signals_restore(const uint8_t *_Nonnull saved, size_t capacity);

/// Blocks `signals` in the calling thread and opens a signalfd for those of them that are not ignored.
int csyn_signals_open(const int *_Nonnull signals, size_t count);

/// Takes one signal number off a signalfd. Returns it, 0 when there is none, or -errno.
int csyn_signals_next(int fd);

// MARK: - This process (csyn_process.c, csyn_arguments.c)

/// The argument of the program with this index, from 0 for its name; NULL after the last.
const char *_Nullable csyn_argument(int index);

/// RLIMIT_NOFILE's soft limit, at most 2^20.
long csyn_descriptor_limit(void);

/// Gives free memory back to the system (malloc_trim(3)); does nothing where the C library has no such call.
void csyn_trim_memory(void);

/// Raises it to the hard limit.
void csyn_raise_descriptor_limit(void);

#endif

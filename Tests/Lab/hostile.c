// A hostile peer behind a tun device: answers each SYN as a target would, or not at all, and floods the prober.
//
//   hostile DEVICE ATTACK COUNT RATE [ANSWER_MS]
//
// ATTACK: ack (SYN-ACKs with wrong acknowledgements), port (right ones at wrong ports), rst, icmp (errors that quote wrong
// sequence numbers), replay (earlier answers again), odd (malformed options, lengths and fragments, random octets), or
// mixed. The flood begins with the first SYN: COUNT packets at RATE a second. Without ANSWER_MS no SYN is answered.
// Prints "ready", and at the end of the flood "sent N in M ms". Ends after 60 s at the latest.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { SYN = 2, RST = 4, ACK = 16, REMEMBERED = 64, LIMIT_S = 60 };

struct syn {
  uint8_t source[4], target[4];
  uint16_t source_port, target_port;
  uint32_t sequence;
  int64_t answer_at;
};

static struct syn seen[REMEMBERED];
static unsigned count_seen, answered;
static uint64_t state = 88172645463325252;

static uint32_t random32(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (uint32_t)(state >> 16);
}

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void put16(uint8_t *p, uint32_t v) { p[0] = (uint8_t)(v >> 8), p[1] = (uint8_t)v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16), put16(p + 2, v); }

static uint16_t checksum(const uint8_t *p, size_t length, uint32_t sum) {
  for (size_t i = 0; i + 1 < length; i += 2) sum += (uint32_t)p[i] << 8 | p[i + 1];
  if (length % 2) sum += (uint32_t)p[length - 1] << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

static void ip_header(uint8_t *p, size_t total, uint8_t protocol, const struct syn *to) {
  memset(p, 0, 20);
  p[0] = 0x45, p[8] = 64, p[9] = protocol;
  put16(p + 2, (uint32_t)total);
  memcpy(p + 12, to->target, 4), memcpy(p + 16, to->source, 4);
  put16(p + 10, checksum(p, 20, 0));
}

static void seal_tcp(uint8_t *p, size_t total) {
  uint32_t pseudo = 6 + (uint32_t)(total - 20);
  for (int i = 12; i < 20; i += 2) pseudo += (uint32_t)p[i] << 8 | p[i + 1];
  put16(p + 36, 0);
  put16(p + 36, checksum(p + 20, total - 20, pseudo));
}

static size_t segment(uint8_t *p, const struct syn *to, uint16_t port, uint32_t ack, uint8_t flags) {
  size_t total = 44;
  ip_header(p, total, 6, to);
  put16(p + 20, to->target_port), put16(p + 22, port);
  put32(p + 24, random32()), put32(p + 28, ack);
  p[32] = 6 << 4, p[33] = flags;
  put16(p + 34, 64240), put16(p + 38, 0);
  memcpy(p + 40, "\x02\x04\x05\xb4", 4);
  seal_tcp(p, total);
  return total;
}

static size_t icmp(uint8_t *p, const struct syn *to) {
  size_t total = 20 + 8 + 28;
  ip_header(p, total, 1, to);
  uint8_t *message = p + 20, *quote = message + 8;
  memset(message, 0, 8);
  message[0] = 3, message[1] = (uint8_t)(random32() % 16);
  memset(quote, 0, 28);
  quote[0] = 0x45, quote[8] = 63, quote[9] = 6;
  put16(quote + 2, 44);
  memcpy(quote + 12, to->source, 4), memcpy(quote + 16, to->target, 4);
  put16(quote + 10, checksum(quote, 20, 0));
  put16(quote + 20, to->source_port), put16(quote + 22, to->target_port);
  put32(quote + 24, to->sequence + 1 + random32() % 1000000);
  put16(message + 2, checksum(message, 36, 0));
  return total;
}

/// Something between a right answer and noise.
static size_t odd(uint8_t *p, const struct syn *to) {
  size_t total = segment(p, to, to->source_port, random32(), SYN | ACK);
  switch (random32() % 6) {
    case 0: p[41] = (uint8_t)random32(); break;                             // Option length.
    case 1: p[32] = (uint8_t)random32(); break;                             // Data offset.
    case 2: put16(p + 6, random32() & 0x3fff), put16(p + 10, 0); break;     // Fragment, sealed below.
    case 3: p[33] = (uint8_t)random32(); break;                             // Flags.
    case 4: put16(p + 2, 20 + random32() % 24), total = 44; break;          // A length below the packet's.
    default: for (size_t i = 20; i < total; i++) p[i] = (uint8_t)random32();
  }
  put16(p + 10, 0);
  put16(p + 10, checksum(p, 20, 0));
  if (random32() % 2) seal_tcp(p, total);
  return total;
}

/// An earlier answer once more; where none was given, the right acknowledgement at another probe's port.
static size_t replay(uint8_t *p, const struct syn *to) {
  unsigned known = answered < REMEMBERED ? answered : REMEMBERED;
  if (known) to = &seen[(answered - 1 - random32() % known) % REMEMBERED];
  uint16_t port = known ? to->source_port : (uint16_t)(to->source_port + 1);
  return segment(p, to, port, to->sequence + 1, SYN | ACK);
}

static size_t forge(uint8_t *p, const char *attack) {
  unsigned known = count_seen < REMEMBERED ? count_seen : REMEMBERED;
  const struct syn *to = &seen[random32() % known];
  static const char *all[] = {"ack", "port", "rst", "icmp", "replay", "odd"};
  if (!strcmp(attack, "mixed")) attack = all[random32() % 6];
  uint32_t wrong = to->sequence + 2 + random32() % 0xfffffffd;  // Neither the ISN nor the one after it.
  if (!strcmp(attack, "ack")) return segment(p, to, to->source_port, wrong, SYN | ACK);
  if (!strcmp(attack, "port")) {
    uint16_t port = (uint16_t)(61000 + random32() % 4096);
    if (port == to->source_port) port++;
    return segment(p, to, port, to->sequence + 1, SYN | ACK);
  }
  if (!strcmp(attack, "rst")) return segment(p, to, to->source_port, wrong, random32() % 2 ? RST : RST | ACK);
  if (!strcmp(attack, "icmp")) return icmp(p, to);
  if (!strcmp(attack, "replay")) return replay(p, to);
  return odd(p, to);
}

/// Reads one packet; 0 when there is none. What is no SYN is this host's RST to an answer.
static int take(int tun, int64_t delay) {
  uint8_t p[2048];
  ssize_t got = read(tun, p, sizeof p);
  if (got < 0) return 0;
  if (got < 40 || p[0] != 0x45 || p[9] != 6 || (p[33] & (SYN | ACK | RST)) != SYN) return 1;
  struct syn *syn = &seen[count_seen++ % REMEMBERED];
  memcpy(syn->source, p + 12, 4), memcpy(syn->target, p + 16, 4);
  syn->source_port = (uint16_t)(p[20] << 8 | p[21]), syn->target_port = (uint16_t)(p[22] << 8 | p[23]);
  syn->sequence = (uint32_t)p[24] << 24 | (uint32_t)p[25] << 16 | (uint32_t)p[26] << 8 | p[27];
  syn->answer_at = now_ns() + delay;
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 5) return 64;
  long total = atol(argv[3]), rate = atol(argv[4]);
  int64_t delay = argc > 5 ? atol(argv[5]) * 1000000 : -1;
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
  if (ioctl(tun, TUNSETIFF, &request) < 0) return perror("TUNSETIFF"), 71;
  puts("ready"), fflush(stdout);
  int64_t end = now_ns() + (int64_t)LIMIT_S * 1000000000, began = 0, done = 0;
  long sent = 0;
  while (now_ns() < end) {
    struct pollfd wait = {.fd = tun, .events = POLLIN};
    poll(&wait, 1, began && sent < total ? 0 : 1);
    while (take(tun, delay < 0 ? 0 : delay)) {
    }
    uint8_t packet[256];
    while (delay >= 0 && answered < count_seen && seen[answered % REMEMBERED].answer_at <= now_ns()) {
      struct syn *syn = &seen[answered++ % REMEMBERED];
      (void)!write(tun, packet, segment(packet, syn, syn->source_port, syn->sequence + 1, SYN | ACK));
    }
    if (!count_seen) continue;
    if (!began) began = now_ns();
    long due = (long)((double)(now_ns() - began) / 1e9 * (double)rate);
    for (int i = 0; i < 64 && sent < total && sent < due; i++, sent++)
      (void)!write(tun, packet, forge(packet, argv[2]));
    if (sent >= total && !done) {
      done = now_ns();
      printf("sent %ld in %ld ms\n", sent, (long)((done - began) / 1000000)), fflush(stdout);
    }
  }
  return 0;
}

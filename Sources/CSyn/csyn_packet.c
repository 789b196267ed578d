#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csyn.h"

int csyn_packet_open(void) {
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

int csyn_packet_permitted(void) {
  // The kernel looks at the permission before the type, and packet sockets have no such type.
  int fd = socket(AF_PACKET, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd >= 0) return close(fd);
  return errno == EPERM || errno == EACCES || errno == EAFNOSUPPORT ? -errno : 0;
}

int csyn_packet_try_ring(int fd) {
  int version = TPACKET_V2;
  if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0) return -errno;
  unsigned page = (unsigned)sysconf(_SC_PAGESIZE);
  struct tpacket_req request = {.tp_block_size = page, .tp_block_nr = 1, .tp_frame_size = page / 2, .tp_frame_nr = 2};
  return setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) < 0 ? -errno : 0;
}

int csyn_packet_ignore_outgoing(int fd) {
  return setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &(int){1}, sizeof(int)) < 0 ? -errno : 0;
}

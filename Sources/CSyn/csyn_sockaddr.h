// Between `struct csyn_address` and the kernel's socket addresses.
#ifndef CSYN_SOCKADDR_H
#define CSYN_SOCKADDR_H

#include <netinet/in.h>
#include <string.h>

#include "csyn.h"

static inline socklen_t csyn_to_sockaddr(const struct csyn_address *address, struct sockaddr_storage *out) {
  memset(out, 0, sizeof *out);
  if (address->family == 6) {
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_scope_id = address->scope};
    memcpy(&v6.sin6_addr, address->bytes, 16);
    memcpy(out, &v6, sizeof v6);
    return sizeof v6;
  }
  struct sockaddr_in v4 = {.sin_family = AF_INET};
  memcpy(&v4.sin_addr, address->bytes, 4);
  memcpy(out, &v4, sizeof v4);
  return sizeof v4;
}

static inline struct csyn_address csyn_from_sockaddr(const void *address, size_t length) {
  struct csyn_address out = {0};
  struct sockaddr_storage storage = {0};
  memcpy(&storage, address, length < sizeof storage ? length : sizeof storage);
  if (storage.ss_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
    struct sockaddr_in6 v6;
    memcpy(&v6, &storage, sizeof v6);
    out.family = 6;
    out.scope = v6.sin6_scope_id;
    memcpy(out.bytes, &v6.sin6_addr, 16);
  } else if (storage.ss_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
    struct sockaddr_in v4;
    memcpy(&v4, &storage, sizeof v4);
    out.family = 4;
    memcpy(out.bytes, &v4.sin_addr, 4);
  }
  return out;
}

/// The port sits at the same offset in both kinds of socket address.
static inline void csyn_set_port(struct sockaddr_storage *address, uint16_t port) {
  struct sockaddr_in v4;
  memcpy(&v4, address, sizeof v4);
  v4.sin_port = htons(port);
  memcpy(address, &v4, sizeof v4);
}

static inline uint16_t csyn_get_port(const struct sockaddr_storage *address) {
  struct sockaddr_in v4;
  memcpy(&v4, address, sizeof v4);
  return ntohs(v4.sin_port);
}

#endif

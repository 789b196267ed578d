// Questions to the kernel by rtnetlink: one request, one answer or a dump of them.
#ifndef CSYN_NETLINK_H
#define CSYN_NETLINK_H

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

/// A request with room for its attributes; `body` holds the message that the type asks for.
struct csyn_request {
  struct nlmsghdr header;
  uint8_t body[256];
};

/// Begins a request of `type` with `size` bytes of `message`.
void csyn_request_begin(struct csyn_request *request, uint16_t type, uint16_t flags, const void *message, size_t size);

/// Adds an attribute of `length` bytes, at most 16.
void csyn_request_add(struct csyn_request *request, uint16_t type, const void *data, uint16_t length);

/// Sends the request on `fd` and reads one answer of `type`, whose message has at least `size` bytes.
/// Returns its length, header and all, or -errno: the one that the kernel answers, or -EBADMSG.
int csyn_request_exchange(int fd, struct csyn_request *request, uint16_t type, size_t size, uint8_t *answer, size_t capacity);

/// What is done with a message of `length` bytes, header and all; what it returns below 0 ends the dump.
typedef int (*csyn_message_taker)(const uint8_t *message, size_t length, void *context);

/// Sends a request for a dump and hands every message of `type` to `take`. Returns 0 or -errno.
int csyn_request_dump(int fd, struct csyn_request *request, uint16_t type, csyn_message_taker take, void *context);

/// What is done with the attribute of a message.
typedef void (*csyn_attribute_taker)(uint16_t type, const uint8_t *data, size_t length, void *context);

/// Goes through the attributes from byte `at` of a message of `length` bytes; every length in it is checked against what
/// is left. Returns 0, or -EBADMSG.
int csyn_attributes(const uint8_t *message, size_t at, size_t length, csyn_attribute_taker take, void *context);

#endif

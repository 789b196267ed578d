"""Holds the packets of a queue of netfilter (NFQUEUE) for a while, and lets them go.

    packetqueue.py QUEUE SECONDS

Spoken by hand (linux/netfilter/nfnetlink_queue.h), for there is no library of it everywhere. Prints "ready".
"""
import heapq
import select
import socket
import struct
import sys
import time

NETLINK_NETFILTER, SUBSYSTEM = 12, 3
PACKET, VERDICT, CONFIG = 0, 1, 2
REQUEST, ACCEPT = 1, 1


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def message(command, queue, *attributes):
    body = struct.pack("!BBH", 0, 0, queue) + b"".join(attributes)
    return struct.pack("=IHHII", 16 + len(body), SUBSYSTEM << 8 | command, REQUEST, 0, 0) + body


def packet_ids(data):
    """The numbers of the packets in what the kernel sent."""
    while len(data) >= 16:
        length, kind = struct.unpack("=IH", data[:6])
        at = 20
        while kind == SUBSYSTEM << 8 | PACKET and at + 4 <= length:
            size, name = struct.unpack("=HH", data[at:at + 4])
            if name == 1:
                yield struct.unpack("!I", data[at + 4:at + 8])[0]
            at += size + -size % 4
        data = data[length + -length % 4:]


def main():
    queue, delay = int(sys.argv[1]), float(sys.argv[2])
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    netlink.bind((0, 0))
    netlink.send(message(CONFIG, queue, attribute(1, struct.pack("!BBH", 1, 0, 0))))
    netlink.send(message(CONFIG, queue, attribute(2, struct.pack("!IB", 64, 1))))
    print("ready", flush=True)
    held, end = [], time.monotonic() + 60
    while time.monotonic() < end:
        wait = max(held[0][0] - time.monotonic(), 0) if held else 1
        if select.select([netlink], [], [], wait)[0]:
            for number in packet_ids(netlink.recv(65536)):
                heapq.heappush(held, (time.monotonic() + delay, number))
        while held and held[0][0] <= time.monotonic():
            number = heapq.heappop(held)[1]
            netlink.send(message(VERDICT, queue, attribute(2, struct.pack("!II", ACCEPT, number))))


if __name__ == "__main__":
    main()

"""A TCP peer of its own making behind a tun device: answers each SYN as a script says.

    tunpeer.py DEVICE [--answer synack|rst|none] [--delay SECONDS] [--seconds N] [--router labels|short|beyond]

Packets are built and read by hand (RFC 791, RFC 9293), so that a test can send what no kernel would. With --router, one hop
ahead of the peer answers SYNs whose time is up, as a label-switching router (RFC 4950), with the shortest quote that is
allowed (RFC 792), or with a label stack that claims to be longer than the message.
"""
import argparse
import fcntl
import os
import select
import struct
import threading
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SYN, RST, ACK = 0x02, 0x04, 0x10


def open_tun(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def extended(objects):
    """Objects of an ICMP error behind the header of its extension (RFC 4884)."""
    head = struct.pack("!BB", 0x20, 0)
    return head + struct.pack("!H", checksum(head + b"\0\0" + objects)) + objects


class Syn:
    """A SYN that came out of the tun device."""

    def __init__(self, packet):
        header = (packet[0] & 15) * 4
        self.source, self.destination = packet[12:16], packet[16:20]
        self.protocol, self.hop_limit, self.packet = packet[9], packet[8], packet
        tcp = packet[header:]
        if self.protocol != 6 or len(tcp) < 20:
            self.flags = 0
            return
        self.source_port, self.destination_port, self.sequence = struct.unpack("!HHI", tcp[:8])
        self.flags = tcp[13]

    def answer(self, flags=SYN | ACK, sequence=1000, acknowledgement=None, options=b"\x02\x04\x05\xb4", **changes):
        """The packet that answers this SYN; each field can be made wrong."""
        ack = (self.sequence + 1) % 2**32 if acknowledgement is None else acknowledgement
        source, destination = changes.get("source", self.destination), changes.get("destination", self.source)
        ports = changes.get("source_port", self.destination_port), changes.get("destination_port", self.source_port)
        offset = changes.get("offset", 5 + len(options) // 4)
        tcp = struct.pack("!HHIIBBHHH", *ports, sequence % 2**32, ack % 2**32, offset << 4, flags, 64240, 0, 0) + options
        pseudo = source + destination + struct.pack("!BBH", 0, 6, len(tcp))
        total = checksum(pseudo + tcp) ^ changes.get("damage", 0)
        tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, changes.get("fragment", 0), 64, 6, 0) + source + destination
        return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


ROUTER = bytes([192, 0, 2, 200])
# Label 16001 of class 5, then 24005 at the bottom of the stack; both with a time to live of 1.
STACK = struct.pack("!II", 16001 << 12 | 5 << 9 | 1, 24005 << 12 | 1 << 8 | 1)


def time_exceeded(syn, kind):
    """The ICMP error of a router about a SYN whose time is up."""
    quote = syn.packet[:28]
    length = 0
    extension = b""
    if kind != "short":
        quote, length = syn.packet.ljust(128, b"\0")[:128], 32
        claimed = len(STACK) + 4 if kind == "labels" else 4096
        objects = struct.pack("!HBB", claimed, 1, 1) + STACK
        extension = extended(objects)
    message = struct.pack("!BBHBBH", 11, 0, 0, 0, length, 0) + quote + extension
    message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, 64, 1, 0) + ROUTER + syn.source
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + message


def syns(descriptor, seconds):
    """Each SYN that comes within the time."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            return
        packet = os.read(descriptor, 2048)
        if packet[0] >> 4 == 4:
            syn = Syn(packet)
            if syn.flags & (SYN | ACK | RST) == SYN:
                yield syn


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("device")
    parser.add_argument("--answer", default="synack", choices=["synack", "rst", "none"])
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--router", choices=["labels", "short", "beyond"])
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    tun = open_tun(options.device)
    print("ready", flush=True)
    for syn in syns(tun, options.seconds):
        if options.router and syn.hop_limit == 1:
            os.write(tun, time_exceeded(syn, options.router))
            continue
        if options.answer == "none":
            continue
        packet = syn.answer() if options.answer == "synack" else syn.answer(flags=RST | ACK, options=b"")
        if options.delay:
            threading.Timer(options.delay, os.write, (tun, packet)).start()
        else:
            os.write(tun, packet)


if __name__ == "__main__":
    main()

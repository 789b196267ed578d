"""A router of IPv6 over Ethernet that is no kernel's: tells whose SYN's time is up, with a stack of MPLS labels (RFC 4884, 4950).

    labelrouter.py DEVICE ADDRESS LABELS

Answers each SYN of hop limit 1 by a time-exceeded from ADDRESS. Prints "ready"; ends after a minute.
"""
import ipaddress
import socket
import struct
import sys
import time

from tunpeer import checksum, extended


def stack(count):
    """That many labels from 16001 on, the last of them marked as such."""
    entries = b"".join(struct.pack("!I", (16001 + number) << 12 | (number == count - 1) << 8 | 1) for number in range(count))
    return extended(struct.pack("!HBB", 4 + len(entries), 1, 1) + entries)


def time_exceeded(packet, source, extension):
    quote = packet[:128].ljust(128, b"\0")
    message = struct.pack("!BBHBBH", 3, 0, 0, 16, 0, 0) + quote + extension
    pseudo = source + packet[8:24] + struct.pack("!II", len(message), 58)
    message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
    return struct.pack("!IHBB", 6 << 28, len(message), 58, 64) + source + packet[8:24] + message


def main(device, address, labels):
    source, extension = ipaddress.IPv6Address(address).packed, stack(int(labels))
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86DD))
    link.bind((device, 0))
    link.settimeout(1)
    print("ready", flush=True)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            frame, place = link.recvfrom(2048)
        except TimeoutError:
            continue
        packet = frame[14:]
        if place[2] != socket.PACKET_OUTGOING and packet[6] == 6 and packet[7] == 1 and packet[53] == 0x02:
            link.send(frame[6:12] + frame[:6] + frame[12:14] + time_exceeded(packet, source, extension))


if __name__ == "__main__":
    main(*sys.argv[1:])

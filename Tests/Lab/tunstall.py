"""A peer behind a tun device that answers a SYN after 0.3 s, and right after that sends an ICMP error about another one.

    tunstall.py DEVICE
"""
import os
import struct
import sys
import time

from tunpeer import checksum, open_tun, syns


def host_unreachable(syn):
    """An ICMP error (type 3, code 1) that quotes a connection which is not the prober's."""
    quoted = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + syn.source + syn.destination
    quoted += struct.pack("!HHI", 40_000, 443, 1)
    body = struct.pack("!BBHI", 3, 1, 0, 0) + quoted
    body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, 1, 0) + syn.destination + syn.source
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + body


def main():
    tun = open_tun(sys.argv[1])
    print("ready", flush=True)
    for syn in syns(tun, 30):
        time.sleep(0.3)
        os.write(tun, syn.answer())
        os.write(tun, host_unreachable(syn))


main()

"""A name server of its own making on 127.0.0.1:53: what it answers depends on the name.

    dnsstub.py COUNTFILE

Writes each question to COUNTFILE, a line each. Names: many (25 addresses), six (IPv6 only), loop (an alias of itself),
turn (another address each time), fail (SERVFAIL), hole (no answer), anything else NXDOMAIN.
"""
import socket
import struct
import sys

A, CNAME, AAAA = 1, 5, 28


def record(kind, data):
    return b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(data)) + data


def answers(name, kind, asked):
    """The records, and the response code."""
    if name == "many" and kind == A:
        return [record(A, bytes([192, 0, 2, number])) for number in range(2, 27)], 0
    if name == "six":
        return [record(AAAA, socket.inet_pton(socket.AF_INET6, "2001:db8::2"))] if kind == AAAA else [], 0
    if name == "loop":
        return [record(CNAME, b"\xc0\x0c")], 0
    if name == "turn" and kind == A:
        return [record(A, bytes([192, 0, 2, 2 if asked % 2 == 0 else 99]))], 0
    return [], 2 if name == "fail" else 0 if name in ("many", "turn") else 3


def main():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    print("ready", flush=True)
    asked = 0
    with open(sys.argv[1], "w", buffering=1) as log:
        while True:
            query, sender = server.recvfrom(512)
            length = query[12]
            name = query[13:13 + length].decode("latin-1")
            end = 12 + query[12:].index(b"\0") + 5
            kind = struct.unpack("!H", query[end - 4:end - 2])[0]
            log.write(f"{name} {kind}\n")
            if name == "hole":
                continue
            records, code = answers(name, kind, asked)
            asked += kind == A
            header = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(records), 0, 0)
            server.sendto(header + query[12:end] + b"".join(records), sender)


main()

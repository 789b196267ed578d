"""A peer behind a tun device whose answers are odd: other stacks', middleboxes', and broken ones.

    tunodd.py DEVICE KIND
"""
import os
import struct
import sys
import time

from tunpeer import ACK, RST, SYN, checksum, open_tun, syns

FIN, PSH, URG = 0x01, 0x08, 0x20


def ip_options(packet):
    """The same packet with an IP header of 24 octets (a router alert)."""
    header = bytes([0x46]) + packet[1:2] + struct.pack("!H", len(packet) + 4) + packet[4:10] + b"\0\0" + packet[12:20]
    header += b"\x94\x04\0\0"
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + packet[20:]


def fragments(syn):
    """A right answer in two fragments of 24 and 8 octets."""
    whole = syn.answer(options=b"\x02\x04\x05\xb4" + b"\x01" * 8)
    for offset, more in (0, True), (24, False):
        part = whole[20 + offset:20 + offset + (24 if more else 100)]
        field = offset // 8 | (0x2000 if more else 0)
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(part), 77, field, 64, 6, 0) + whole[12:20]
        yield header[:10] + struct.pack("!H", checksum(header)) + header[12:] + part


def with_data(syn):
    packet = syn.answer(options=b"\x02\x04\x05\xb4hello, w")  # The last eight octets lie behind the header.
    tcp = packet[20:32] + bytes([6 << 4]) + packet[33:36] + b"\0\0" + packet[38:]
    total = checksum(packet[12:20] + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)
    return packet[:20] + tcp[:16] + struct.pack("!H", total) + tcp[18:]


def other(address):
    return bytes([192, 0, 2, address])


def icmp(syn, kind, code):
    """An error of a router that quotes the SYN's IP header and its first eight octets."""
    ports = struct.pack("!HHI", syn.source_port, syn.destination_port, syn.sequence)
    quoted = struct.pack("!BBHHHBBH", 0x45, 0, 60, 0, 0x4000, 63, 6, 0) + syn.source + syn.destination
    quoted = quoted[:10] + struct.pack("!H", checksum(quoted)) + quoted[12:] + ports
    message = struct.pack("!BBHHH", kind, code, 0, 0, 1280 if (kind, code) == (3, 4) else 0) + quoted
    message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, 64, 1, 0) + other(254) + syn.source
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + message


def damaged(packet):
    """The same error with another code than its checksum was made for."""
    return packet[:21] + bytes([packet[21] ^ 1]) + packet[22:]


KINDS = {
    "reset of the ISN": lambda syn: [syn.answer(flags=RST | ACK, acknowledgement=syn.sequence, options=b"")],
    "reset without ACK": lambda syn: [syn.answer(flags=RST, options=b"")],
    "reset with a wrong ACK": lambda syn: [syn.answer(flags=RST | ACK, acknowledgement=syn.sequence + 7, options=b"")],
    "simultaneous open": lambda syn: [syn.answer(flags=SYN, acknowledgement=0)],
    "data in the SYN-ACK": lambda syn: [with_data(syn)],
    "FIN": lambda syn: [syn.answer(flags=FIN | ACK, options=b"")],
    "every flag": lambda syn: [syn.answer(flags=FIN | SYN | RST | PSH | ACK | URG)],
    "no flag": lambda syn: [syn.answer(flags=0, options=b"")],
    "bare ACK": lambda syn: [syn.answer(flags=ACK, acknowledgement=syn.sequence + 99, options=b"")],
    "IP options": lambda syn: [ip_options(syn.answer())],
    "fragments": lambda syn: list(fragments(syn)),
    "option of length 0": lambda syn: [syn.answer(options=b"\x02\x00\x05\xb4")],
    "option beyond the header": lambda syn: [syn.answer(options=b"\x08\xff\x00\x00")],
    "header beyond the packet": lambda syn: [syn.answer(offset=15)],
    "header below its least": lambda syn: [syn.answer(offset=3)],
    "SYN-ACK, then RST": lambda syn: [syn.answer(), syn.answer(flags=RST | ACK, options=b"")],
    "an answer twice": lambda syn: [syn.answer(), syn.answer()],
    "SYN-ACK with a wrong ACK": lambda syn: [syn.answer(acknowledgement=syn.sequence + 7)],
    "SYN-ACK from another address": lambda syn: [syn.answer(source=other(99))],
    "SYN-ACK from another port": lambda syn: [syn.answer(source_port=81)],
    "reset from another address": lambda syn: [syn.answer(flags=RST | ACK, options=b"", source=other(99))],
    "SYN-ACK from another address, then from the target": lambda syn: [syn.answer(source=other(99)), syn.answer()],
    "fragmentation needed": lambda syn: [icmp(syn, 3, 4)],
    "fragmentation needed, then SYN-ACK": lambda syn: [icmp(syn, 3, 4), None, syn.answer()],
    "source quench, then SYN-ACK": lambda syn: [icmp(syn, 4, 0), None, syn.answer()],
    "an error that was damaged": lambda syn: [damaged(icmp(syn, 3, 13))],
    "an error that was damaged, then SYN-ACK": lambda syn: [damaged(icmp(syn, 3, 13)), None, syn.answer()],
    "wrong checksum": lambda syn: [syn.answer(damage=0x1234)],
}


def main():
    tun = open_tun(sys.argv[1])
    print("ready", flush=True)
    for syn in syns(tun, 30):
        for packet in KINDS[sys.argv[2]](syn):
            if packet is None:
                time.sleep(0.006)
            else:
                os.write(tun, packet)


if __name__ == "__main__":
    main()

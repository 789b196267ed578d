"""Runs a command under a seccomp filter that makes system calls fail: what a container's profile, systemd or gVisor does.

    refuse.py CALL[:INDEX=VALUE]...:ERRNO ... -- COMMAND [ARGUMENT ...]

As `socket:0=17:EAFNOSUPPORT`: socket(2) fails with EAFNOSUPPORT where its first argument is 17.
"""
import ctypes
import errno
import os
import platform
import struct
import sys

NUMBERS = {
    "x86_64": {"socket": 41, "setsockopt": 54, "capset": 126, "sendmsg": 46, "sendmmsg": 307, "epoll_create1": 291},
    "aarch64": {"socket": 198, "setsockopt": 208, "capset": 91, "sendmsg": 211, "sendmmsg": 269, "epoll_create1": 20},
}[platform.machine()]
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2


def program(rules):
    """Classic BPF over struct seccomp_data: the number at octet 0, the arguments at 16, eight octets each."""
    code = []
    for rule in rules:
        call, *conditions, name = rule.split(":")
        pairs = [(0, NUMBERS[call])]
        pairs += [(16 + 8 * int(index), int(value)) for index, value in (one.split("=") for one in conditions)]
        for position, (offset, value) in enumerate(pairs):
            behind = 2 * (len(pairs) - position) - 1  # To the rule after this one.
            code += [(LOAD, 0, 0, offset), (JUMP_EQUAL, 0, behind, value)]
        code.append((RETURN, 0, 0, FAIL | getattr(errno, name)))
    return code + [(RETURN, 0, 0, ALLOW)]


def install(code):
    libc = ctypes.CDLL(None, use_errno=True)
    text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
    filter_ = ctypes.create_string_buffer(struct.pack("HP", len(code), ctypes.addressof(text)))
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def main():
    split = sys.argv.index("--")
    install(program(sys.argv[1:split]))
    os.execvp(sys.argv[split + 1], sys.argv[split + 1:])


main()

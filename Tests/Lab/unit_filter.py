#!/usr/bin/python3
"""Runs a program under the filter of system calls that a unit of systemd has: unit_filter.py UNIT PROGRAM [ARGUMENT ...]

systemd's own lists of calls, in the order of the unit's lines: the first allows, those behind a ~ take away, later ones add.
"""
import errno
import os
import re
import subprocess
import sys

import seccomp


def expanded(name):
    """The calls of a word of the unit: a list of systemd's, with the lists in it, or one call."""
    if not name.startswith("@"):
        return {name}
    lines = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], capture_output=True, text=True, check=True).stdout.splitlines()
    words = [line.strip() for line in lines[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*(expanded(word) for word in words))


def allowed(unit):
    """systemd allows what a program needs to start, too."""
    calls = expanded("@default")
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        words = set().union(*(expanded(word) for word in line.lstrip("~").split()))
        calls = calls - words if line.startswith("~") else calls | words
    return calls


def main(unit, *command):
    filter = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in allowed(open(unit).read()):
        try:
            filter.add_rule(seccomp.ALLOW, name)
        except (OSError, RuntimeError):
            pass  # Not a call of this architecture, or one that libseccomp does not know.
    filter.load()
    os.execvp(command[0], command)


main(*sys.argv[1:])

"""What a tap of tcpdump saw, with the nanoseconds of its stamps."""
import contextlib
import pathlib
import struct
import subprocess
import time


@contextlib.contextmanager
def tap(space, device, path, words):
    with subprocess.Popen(["ip", "netns", "exec", space.name, "tcpdump", "-ni", device, "-B", "65536", "-s", "64", "-w", path,
                           "--time-stamp-precision", "nano", "-U", *words.split()], stderr=subprocess.PIPE, text=True) as process:
        process.stderr.readline()
        time.sleep(0.3)
        yield
        # The kernel hands a block of its ring over when it is full, or a second old.
        time.sleep(1.5)
        process.terminate()


def records(path):
    """The packets of a capture: (nanoseconds since 1970, bytes)."""
    data = pathlib.Path(path).read_bytes()
    place = 24
    while place + 16 <= len(data):
        seconds, fraction, length, _ = struct.unpack_from("<IIII", data, place)
        yield seconds * 10**9 + fraction, data[place + 16:place + 16 + length]
        place += 16 + length

"""How far each tool's round trip lies from what an independent tcpdump saw on the client's device.

The truth of a probe is the time between its SYN and its SYN-ACK in that capture. Over veth and over loopback, idle and
with four CPU hogs; each tool is measured in the same minute, in the same namespaces. Prints one Markdown table.

A tap is not free: the kernel copies each SYN for it after the tap's stamp and before the driver's, and so delays the SYN
itself. How long is measured too, as the growth of synprobe's egress when the tap is there, and printed below the table.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from table import Table, lab

HERE = pathlib.Path(__file__).resolve().parent
PROBES = int(os.environ.get("PROBES", "500"))
INTERVAL_US = int(os.environ.get("INTERVAL_US", "1000"))
HOGS = 4
TARGET_MEDIAN_US, TARGET_P99_US = 2, 20
TCP = re.compile(r"^(\d+)\.(\d{9}) IP (\S+)\.(\d+) > (\S+)\.(\d+): Flags \[(S\.?)\], seq (\d+),(?: ack (\d+),)?", re.M)


def synprobe_command(target):
    return [lab.SYNPROBE, "ping", f"{target}:8080", "-c", PROBES, "-i", f"{INTERVAL_US}us", "-o", "jsonl"]


def synprobe_probes(text):
    return [line for line in map(json.loads, text.splitlines()) if line["schema"] == "synprobe.probe/1"]


def synprobe_readings(text):
    probes = synprobe_probes(text)
    network = [probe["network_ms"] * 1000 for probe in probes]
    return {"synprobe network": network, "synprobe rtt": [probe["rtt_ms"] * 1000 for probe in probes]}


def hping3_command(target):
    return ["hping3", "-S", "-p", 8080, "-c", PROBES, "-i", f"u{INTERVAL_US}", target]


def hping3_readings(text):
    return {"hping3": [float(rtt) * 1000 for rtt in re.findall(r"flags=SA .* rtt=([\d.]+) ms", text)]}


def nping_command(target):
    return ["nping", "--tcp", "--flags", "syn", "-p", 8080, "-c", PROBES, "--delay", f"{INTERVAL_US // 1000}ms", target]


def nping_readings(text):
    """nping prints no round trip of a probe: it is the difference of the two times that it prints."""
    times = [re.findall(rf"^{word} \(([\d.]+)s\) TCP .* {flags} ", text, re.M) for word, flags in NPING]
    return {"nping": [(float(back) - float(out)) * 1e6 for out, back in zip(*times)]}


NPING = [("SENT", "S"), ("RCVD", "SA")]


def connect_command(target):
    return [CONNECT, target, 8080, PROBES, INTERVAL_US]


def connect_readings(text):
    rows = [[int(number) / 1000 for number in line.split()] for line in text.splitlines()]
    return {"connect() wall clock": [row[0] for row in rows], "connect() TCP_INFO": [row[1] for row in rows]}


TOOLS = [
    (synprobe_command, synprobe_readings),
    (hping3_command, hping3_readings),
    (nping_command, nping_readings),
    (connect_command, connect_readings),
]
CONNECT = ""


class Tap:
    """An independent capture with nanosecond stamps on the client's device."""

    def __init__(self, space, device, folder):
        self.file = folder / "tap.pcap"
        command = ["tcpdump", "-i", device, "-n", "-s", "96", "-B", "8192", "--time-stamp-precision=nano", "-w", self.file]
        self.process = space.start(*command, "tcp port 8080", stderr=subprocess.PIPE)
        while "listening on" not in self.process.stderr.readline():
            assert self.process.poll() is None, "tcpdump did not start"

    def truths(self):
        """The time from each SYN to its SYN-ACK in microseconds, in the order of the SYNs."""
        time.sleep(1.2)  # tcpdump takes what it captured once a second.
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=10)
        self.process.stderr.close()
        text = lab.sh(["tcpdump", "-r", self.file, "-n", "-S", "-tt", "--nano"]).stdout
        handshakes, pending = [], {}
        for seconds, nanoseconds, source, port, target, target_port, flags, sequence, ack in TCP.findall(text):
            stamp = int(seconds) * 1_000_000_000 + int(nanoseconds)
            if flags == "S":
                pending[port, int(sequence)] = len(handshakes)
                handshakes.append((stamp, None))
            else:
                index = pending.pop((target_port, (int(ack) - 1) % 2**32), None)
                if index is not None:
                    handshakes[index] = (handshakes[index][0], stamp)
        return [(answered - sent) / 1000 for sent, answered in handshakes if answered]


def measure(space, device, target, tool, folder):
    """Runs one tool beside a tap; the errors of its readings in microseconds, by the name of the reading."""
    command, readings = tool
    tap = Tap(space, device, folder)
    text = space.run(*command(target), check=False, timeout=120).stdout
    truths = tap.truths()
    errors = {}
    for name, values in readings(text).items():
        if len(values) != len(truths):
            sys.exit(f"accuracy: {name} gave {len(values)} readings, and the tap saw {len(truths)} handshakes")
        errors[name] = sorted(abs(value - truth) for value, truth in zip(values, truths))
    return errors


def hold(space, device, target, folder):
    """What a tap adds to the median egress, in microseconds: its own time between its stamp and the driver's."""
    medians = []
    for tapped in True, False:
        tap = Tap(space, device, folder) if tapped else None
        probes = synprobe_probes(space.run(*synprobe_command(target), timeout=120).stdout)
        if tap:
            tap.truths()
        medians.append(quantile(sorted(probe["egress_ms"] * 1000 for probe in probes), 0.5))
    return medians[0] - medians[1]


def quantile(ordered, q):
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def rows(pair, load, folder, table):
    """Measures every tool over both paths into the table, and returns where the target was missed, and the tap's holds."""
    missed, holds = [], []
    for path, device, target in ("veth", "c0", "192.0.2.2"), ("loopback", "lo", "127.0.0.1"):
        for tool in TOOLS:
            for reading, errors in measure(pair.client, device, target, tool, folder).items():
                median, p99 = quantile(errors, 0.5), quantile(errors, 0.99)
                table.row(path, load, reading, len(errors), f"{median:.1f}", f"{p99:.1f}", f"{errors[-1]:.1f}", errors_us=errors)
                if reading == "synprobe network" and (median > TARGET_MEDIAN_US or p99 > TARGET_P99_US):
                    missed.append(f"{path}, {load}")
        held = hold(pair.client, device, target, folder)
        table.row(path, load, "what the tap itself adds to the SYN's egress", PROBES, f"{held:.1f}", "", "")
        holds.append(f"{path}, {load}: {held:.1f} µs")
    return missed, holds


def main():
    global CONNECT
    missed, holds = [], []
    pair = lab.Pair()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            CONNECT = folder / "connect_latency"
            lab.sh(["clang", "-O2", "-Wall", "-Wextra", "-Werror", "-o", CONNECT, HERE / "connect_latency.c"])
            pair.peer.listen("192.0.2.2/8080")
            pair.client.listen("127.0.0.1/8080")
            print(f"One probe each {INTERVAL_US / 1000:g} ms.")
            table = Table("accuracy", ["path", "load", "reading", "probes:", "error median µs:", "p99 µs:", "max µs:"])
            for load in "idle", f"{HOGS} hogs":
                hogs = pair.client.start("stress-ng", "--quiet", "--cpu", HOGS) if load != "idle" else None
                for all, some in zip((missed, holds), rows(pair, load, folder, table)):
                    all += some
                if hogs:
                    hogs.send_signal(signal.SIGTERM)
                    hogs.wait(timeout=10)
    finally:
        pair.close()
    target = f"the network segment within {TARGET_MEDIAN_US} µs (median) and {TARGET_P99_US} µs (p99) of the tap"
    table.end("hping3", "nping", notes=[
        f"Target, {target}: " + (f"missed over {'; '.join(missed)}." if missed else "met everywhere."),
        f"The tap's own hold of a SYN, which its truth contains (growth of the median egress): {'; '.join(holds)}."])


main()

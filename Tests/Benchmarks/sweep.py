"""Sweeps of 65 536 targets beside zmap's and masscan's, the rate that is kept, and round trips beside a tap's."""
import collections
import contextlib
import json
import pathlib
import re
import statistics
import subprocess
import tempfile
import threading
import time

from table import Table, lab
from tapped import records, tap

WIDE, PORT, COUNT = "198.18.0.0/16", 9000, 65536
RUNS = 9


@contextlib.contextmanager
def wide():
    """A client, and a peer that has 65 536 addresses and listens on all."""
    pair = lab.Pair()
    try:
        pair.peer.ip(f"route add local {WIDE} dev lo")
        pair.client.ip(f"route add {WIDE} via 192.0.2.2")
        pair.peer.listen(f"::/{PORT}")
        yield pair
    finally:
        pair.close()


def commands(pair, folder):
    """What each tool is called with for its highest rate; it waits two seconds for answers."""
    mac = json.loads(pair.peer.run("ip", "-j", "link", "show", "p0").stdout)[0]["address"]
    found = folder / "found"
    return {
        "synprobe": [lab.SYNPROBE, "sweep", "-p", PORT, WIDE, "--rate", "1000000", "-o", "csv", "--only", "open"],
        "zmap": ["zmap", "-q", "-p", PORT, "-i", "c0", "-G", mac, "-S", "192.0.2.1", "-r", "1000000", "-c", "2", "-b", "/dev/null",
                 "-T", "1", "-f", "saddr", "-o", found, WIDE],
        "masscan": ["masscan", WIDE, f"-p{PORT}", "--rate", "1000000", "--wait", "2", "-e", "c0", "--router-mac", mac,
                    "--source-ip", "192.0.2.1", "-oL", found],
    }, found


class Sending:
    """When the peer's device got its first and its last SYN: its counter, read every few milliseconds."""

    def __init__(self, peer):
        self.peer, self.ended, self.samples = peer, threading.Event(), []
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        inside = f"cd /proc/self/net; while read -r _ < /dev/null; do :; done; while :; do grep p0: dev; sleep 0.005; done"
        with subprocess.Popen(["ip", "netns", "exec", self.peer.name, "bash", "-c", inside], stdout=subprocess.PIPE, text=True) as one:
            for line in one.stdout:
                self.samples.append((time.monotonic(), int(line.split(":")[1].split()[1])))
                if self.ended.is_set():
                    one.kill()
                    return

    def __enter__(self):
        self.thread.start()
        while not self.samples:
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    @property
    def rate(self):
        """Of the middle of the packets: from where a tenth had come to where nine tenths had."""
        first, last = self.samples[0][1], self.samples[-1][1]
        at = [next(moment for moment, count in self.samples if count - first >= (last - first) * share) for share in (0.1, 0.9)]
        return (last - first) * 0.8 / (at[1] - at[0])


def run(pair, command, found):
    """SYNs a second, targets found, processor seconds, and the peak of the memory in MB; None where it does not end."""
    found.unlink(missing_ok=True)
    with Sending(pair.peer) as sending:
        done = pair.client.run("/usr/bin/time", "-f", "spent=%U %S %M", "timeout", "-s", "KILL", "12", *command,
                               check=False, timeout=30)
    if done.returncode == 128 + 9:
        return None
    user, system, peak = re.search(r"spent=(\S+) (\S+) (\S+)", done.stderr).groups()
    text = done.stdout + (found.read_text() if found.exists() else "")
    hosts = {word for line in text.splitlines() for word in line.replace(",", " ").split() if word.startswith("198.18.")}
    # A SYN is answered by RST here, which is a packet too.
    return sending.rate, len(hosts), float(user) + float(system), int(peak) / 1024


def ended(pair, command, found, hung):
    """The figures of a run, if it ends: masscan does not always."""
    for _ in range(2):
        figures = run(pair, command, found)
        if figures:
            return [figures]
        hung[pathlib.Path(command[0]).name] += 1
    return []


def peers(table, pair, folder):
    """Which of them comes first in a run changes from run to run."""
    every, found = commands(pair, folder)
    names = list(every)
    seen, hung = {name: [] for name in names}, collections.Counter()
    for number in range(RUNS):
        for name in names[number % len(names):] + names[:number % len(names)]:
            seen[name] += ended(pair, every[name], found, hung)
    rates = {name: statistics.median(one[0] for one in runs) for name, runs in seen.items() if runs}
    for name, runs in seen.items():
        if not runs:
            table.row(name, *["never ended"] * 5)
            continue
        seconds = statistics.median(one[2] for one in runs)
        table.row(name, f"{rates[name]:.0f}", f"{rates[name] / rates['zmap']:.2f}" if "zmap" in rates else "", min(one[1] for one in runs),
                  f"{seconds / COUNT * 1e6:.2f}", f"{max(one[3] for one in runs):.0f}", runs=runs)
    for name, times in hung.items():
        print(f"\n{name} did not end {times} times.")


def kept_rate(pair, folder, rate, targets, *first):
    path = folder / "syns.pcap"
    with tap(pair.client, "c0", path, "tcp[tcpflags] == tcp-syn"):
        pair.client.run(*first, lab.SYNPROBE, "sweep", "-p", PORT, targets, "--rate", rate, "-W", "200ms", timeout=60)
    times = [moment for moment, _ in records(path)]
    gaps = [(later - one) / 1e6 for one, later in zip(times, times[1:])]
    return (len(times) - 1) / (times[-1] - times[0]) * 1e9, max(gaps), min(gaps)


def widest_sleep(seconds):
    """The widest gap of a loop that does nothing but sleep for a millisecond, in milliseconds: what the machine allows."""
    due = last = time.monotonic()
    widest, end = 0, due + seconds
    while last < end:
        due += 0.001
        time.sleep(max(due - time.monotonic(), 0))
        now = time.monotonic()
        widest, last = max(widest, now - last), now
    return widest * 1e3


def round_trips(pair, folder):
    """How far each round trip lies from a tap's at the same device, microseconds."""
    path = folder / "both.pcap"
    with tap(pair.client, "c0", path, f"tcp port {PORT}"):
        done = pair.client.synprobe("sweep", "-p", PORT, "198.18.0.0/18", "--rate", "5000", "-W", "500ms", "-o", "jsonl", timeout=60)
    sent, taken = {}, {}
    for moment, packet in records(path):
        source, target, flags = packet[26:30], packet[30:34], packet[47]
        if flags == 0x02:
            sent[target] = moment
        elif flags == 0x12:
            taken[source] = (moment - sent[source]) / 1e3
    own = {bytes(map(int, one["address"].split("."))): one.get("rtt_ms") for one in map(json.loads, done.stdout.splitlines())}
    errors = sorted(abs(own[target] * 1e3 - taken[target]) for target in taken)
    return len(own), sum(time is None for time in own.values()), statistics.median(errors), errors[len(errors) * 99 // 100]


def million(pair):
    """Seconds of processor and the peak of the memory of a sweep of a million targets that do not answer."""
    pair.client.ip("route add 10.0.0.0/8 via 192.0.2.2")
    pair.peer.nft("input ip daddr 10.0.0.0/8 drop")
    pair.peer.ip("route add local 10.0.0.0/8 dev lo")
    done = pair.client.run("/usr/bin/time", "-f", "peak=%M", lab.SYNPROBE, "sweep", "-p", PORT, "10.0.0.0/12", "--rate", "10000000",
                           check=False, timeout=120)
    line, peak = re.search(r"(--- .*)\n(?:.*\n)*peak=(\d+)", done.stderr).groups()
    return line, int(peak) / 1024


def main():
    with wide() as pair, tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        table = Table("sweep", [f"{COUNT} targets behind veth, median of {RUNS}", "SYNs/s:", "of zmap's:", "found (least):",
                                "processor µs a target:", "peak MB:"])
        peers(table, pair, folder)
        notes = []
        for rate, targets in (1000, "198.18.0.0/19"), (10_000, "198.18.0.0/16"):
            for first in (), ("setpriv", "--bounding-set=-sys_nice"):
                kept, widest, closest = kept_rate(pair, folder, rate, targets, *first)
                notes.append(f"{' '.join([*first, '--rate', str(rate)])}: {kept:.1f}/s, the widest gap {widest:.2f} ms, "
                             f"the closest {closest:.3f} ms.")
        notes.append(f"A loop that sleeps for a millisecond and does nothing else: the widest gap {widest_sleep(8):.2f} ms.")
        count, unknown, middle, most = round_trips(pair, folder)
        notes.append(f"Round trips of {count} targets at 5000/s beside a tap's: {unknown} unknown, {middle:.2f} µs off in the median, "
                     f"{most:.2f} in the 99th of a hundred.")
        line, megabytes = million(pair)
        notes.append(f"A million silent targets: {line}; {megabytes:.0f} MB.")
        table.end("zmap", "masscan", notes=notes)


main()

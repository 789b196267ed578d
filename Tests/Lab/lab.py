"""Networks to test against: namespaces that a test makes for itself, with no way out of them.

Every address is one of documentation (RFC 5737, RFC 3849). The client's namespace has no route but to its peer.
"""
import atexit
import contextlib
import datetime
import functools
import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SYNPROBE = os.environ.get("SYNPROBE", str(ROOT / ".build/release/synprobe"))
PYTHON = "/usr/bin/python3"
LIMIT = 60
HAS_IPV6 = pathlib.Path("/proc/net/if_inet6").exists()
_numbers = itertools.count()

LISTENER = """
import socket, sys, time
kept = []
for text in sys.argv[1:]:
    address, port = text.rsplit('/', 1)
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, int(port)))
    listener.listen(1024)
    kept.append(listener)
print('ready', flush=True)
time.sleep(600)
"""


def sh(command, check=True, timeout=LIMIT, **options):
    """Runs one command line and returns what it did; a failure shows its words."""
    arguments = command.split() if isinstance(command, str) else list(map(str, command))
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=timeout, **options)
    if check and done.returncode:
        raise AssertionError(f"{arguments} left with {done.returncode}: {done.stderr or done.stdout}")
    return done


def scratch():
    """A folder of this run, removed at its end."""
    folder = tempfile.mkdtemp(prefix="synlab-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return pathlib.Path(folder)


@functools.cache
def compiled(name):
    """A C program of this folder, built once a run."""
    program = scratch() / pathlib.Path(name).stem
    sh(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, HERE / name])
    return program


@functools.cache
def linked(name):
    """The program under another name: a link to it, made once a run."""
    link = scratch() / name
    link.symlink_to(SYNPROBE)
    return str(link)


class Namespace:
    """A network namespace, with its loopback up, deleted at the end."""

    def __init__(self, role):
        self.name = f"syn-{os.getpid()}-{next(_numbers)}-{role}"
        self.processes = []
        sh(f"ip netns add {self.name}")
        self.ip("link set lo up")

    def ip(self, arguments):
        return sh(f"ip -n {self.name} {arguments}")

    def run(self, *arguments, **options):
        return sh(["ip", "netns", "exec", self.name, *map(str, arguments)], **options)

    def tc(self, arguments):
        return self.run("tc", *arguments.split())

    def nft(self, rules):
        """Adds rules, one in a line: CHAIN RULE. The chains are those of a table `test`."""
        hooks = {"input": "input", "output": "output", "prerouting": "prerouting"}
        text = "table inet test {\n"
        for chain, hook in hooks.items():
            lines = [line.split(None, 1)[1] for line in rules.splitlines() if line.split()[:1] == [chain]]
            if lines:
                kind = "nat" if any("dnat" in line for line in lines) else "filter"
                text += f"chain {chain} {{ type {kind} hook {hook} priority 0;\n" + "\n".join(lines) + "\n}\n"
        self.run("nft", "-f", "-", input=text + "}\n")

    def start(self, *arguments, **options):
        """Starts a process in the background; it is killed at the end."""
        process = subprocess.Popen(["ip", "netns", "exec", self.name, *map(str, arguments)], text=True, **options)
        self.processes.append(process)
        return process

    def listen(self, *places):
        """Listens on ADDRESS/PORT places; returns when SYNs are answered."""
        listener = self.start(PYTHON, "-c", LISTENER, *places, stdout=subprocess.PIPE)
        assert listener.stdout.readline() == "ready\n", f"cannot listen on {places}"
        return listener

    def probe(self, *arguments, status=0, **options):
        """Runs synprobe with `-o json` here and returns the report; `status` is the exit status it must have."""
        done = self.synprobe(*arguments, "-o", "json", **options)
        assert done.returncode == status, f"status {done.returncode}, not {status}: {done.stderr} {done.stdout}"
        report = json.loads(done.stdout)
        for one in report if isinstance(report, list) else [report]:
            check_identity(one)
        return report

    def synprobe(self, *arguments, **options):
        return self.run(SYNPROBE, *arguments, check=False, **options)

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        for pid in sh(f"ip netns pids {self.name}", check=False).stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)  # Children of what was started.
        sh(f"ip netns del {self.name}", check=False)


class Tun:
    """A client whose only way out is a tun device, tun0 with 192.0.2.1, behind which a script or a program answers."""

    def __init__(self, *arguments, script="tunpeer.py", program=None):
        self.client = Namespace("t")
        self.client.ip("tuntap add tun0 mode tun")
        self.client.ip("addr add 192.0.2.1/24 dev tun0")
        self.client.ip("link set tun0 up")
        command = [program] if program else [PYTHON, HERE / script]
        self.peer = self.client.start(*command, "tun0", *arguments, stdout=subprocess.PIPE)
        assert self.peer.stdout.readline() == "ready\n"

    def close(self):
        self.client.close()


class Chain:
    """A client, a router and a target behind it: 192.0.2.1 on c0, 192.0.2.254 on r0, 198.51.100.2 on p0.

    The client knows a way to 203.0.113.0/24 too, and the router none.
    """

    def __init__(self):
        self.client, self.router, self.target = Namespace("c"), Namespace("r"), Namespace("p")
        self.join(self.client, "c0", "192.0.2.1", "r0", "192.0.2.254")
        self.join(self.target, "p0", "198.51.100.2", "r1", "198.51.100.254")
        for network in "198.51.100.0/24", "203.0.113.0/24":
            self.client.ip(f"route add {network} via 192.0.2.254")
        self.target.ip("route add 192.0.2.0/24 via 198.51.100.254")
        self.router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0")
        self.target.run("sysctl", "-qw", "net.ipv4.icmp_ratelimit=0")

    def join(self, space, device, address, router_device, router_address):
        space.ip(f"link add {device} type veth peer name {router_device} netns {self.router.name}")
        for one, name, place in (space, device, address), (self.router, router_device, router_address):
            one.ip(f"addr add {place}/24 dev {name}")
            one.ip(f"link set {name} up")

    def close(self):
        for space in self.client, self.router, self.target:
            space.close()


class Pair:
    """A client and a peer on one wire: 192.0.2.1 on c0, and 192.0.2.2 on p0."""

    def __init__(self):
        self.client, self.peer = Namespace("c"), Namespace("p")
        self.client.ip(f"link add c0 type veth peer name p0 netns {self.peer.name}")
        for space, device, number in (self.client, "c0", 1), (self.peer, "p0", 2):
            space.ip(f"addr add 192.0.2.{number}/24 dev {device}")
            if HAS_IPV6:
                space.ip(f"addr add 2001:db8::{number}/64 dev {device} nodad")
            space.ip(f"link set {device} up")
        wait_until(lambda: "LOWER_UP" in self.client.ip("link show c0").stdout)
        self.warm()

    def warm(self):
        """Neighbours know each other before the first probe, whose time would otherwise hold the question."""
        mac = {}
        for space, device in (self.client, "c0"), (self.peer, "p0"):
            mac[device] = json.loads(space.run("ip", "-j", "link", "show", device).stdout)[0]["address"]
        for address in ["192.0.2.2", "2001:db8::2"][: 1 + HAS_IPV6]:
            self.client.ip(f"neigh replace {address} lladdr {mac['p0']} dev c0 nud permanent")
        for address in ["192.0.2.1", "2001:db8::1"][: 1 + HAS_IPV6]:
            self.peer.ip(f"neigh replace {address} lladdr {mac['c0']} dev p0 nud permanent")

    def close(self):
        self.client.close()
        self.peer.close()


def start(space, *arguments):
    """Starts synprobe with `-o json` in the background; `report_of` waits for its report."""
    return space.start(SYNPROBE, *arguments, "-o", "json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def report_of(run):
    report = json.loads(run.communicate(timeout=30)[0])
    check_identity(report)
    return report


def through_ifb(space, device, qdisc):
    """Sends what arrives on `device` through a queueing discipline, before it goes on to the host."""
    space.ip("link add ifb0 type ifb")
    space.ip("link set ifb0 up")
    space.tc(f"qdisc add dev ifb0 root {qdisc}")
    space.tc(f"qdisc add dev {device} ingress")
    space.tc(f"filter add dev {device} parent ffff: protocol ip u32 match u32 0 0 action mirred egress redirect dev ifb0")


def wait_until(condition, seconds=10, instead=lambda: ""):
    """Asks until it is so; fails when it is not within the time, and says what there is `instead`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain {instead()}"
        time.sleep(0.02)


def instant(text):
    """Seconds since 1970 of a time as results have it."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def check_identity(report):
    """attempted is the sum of the outcomes, and the places of the losses sum up to them."""
    outcomes, loss = report["outcomes"], report["loss"]
    assert report["attempted"] == sum(outcomes.values())
    assert outcomes["lost"] == sum(loss[place] for place in ("egress", "network", "ingress", "unknown"))

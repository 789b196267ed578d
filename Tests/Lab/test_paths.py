"""The way that probes go is the way that an application's connection goes, and it is named.

A client with two devices, c0 and c1, to two routers, behind which is one target: 198.51.100.2.
"""
import json
import re
import subprocess
import time

import lab
import pytest
from lab import Namespace

TARGET = "198.51.100.2:8080"
CONNECT = """
import socket, sys
for port in map(int, sys.argv[2:]):
    with socket.socket() as s:
        s.bind(("", port)) if port else None
        s.connect((sys.argv[1], 8080))
        print(s.getsockname())
"""


class TwoWays:
    """The client knows the way by c0 (router 192.0.2.254); tables and rules of the tests may choose c1 (203.0.113.254)."""

    def __init__(self, has_rule=True):
        self.client, self.target = Namespace("c"), Namespace("p")
        self.routers = [Namespace("r0"), Namespace("r1")]
        for number, (network, router) in enumerate(zip(["192.0.2", "203.0.113"], self.routers)):
            self.join(self.client, f"c{number}", f"{network}.1", router, "near", f"{network}.254")
            self.join(self.target, f"p{number}", f"198.51.100.{128 * number + 1}", router, "far", f"198.51.100.{128 * number + 126}", 25)
            router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
            self.target.ip(f"route add {network}.0/24 via 198.51.100.{128 * number + 126}")
        self.target.ip("addr add 198.51.100.2/32 dev lo")
        for number, router in enumerate(self.routers):
            router.ip(f"route add 198.51.100.2/32 via 198.51.100.{128 * number + 1}")
        self.client.ip("route add 198.51.100.2/32 via 192.0.2.254")
        self.client.ip("route add 198.51.100.2/32 via 203.0.113.254 table 100")
        self.target.listen("198.51.100.2/8080")

    def speak_ipv6(self):
        """The same ways with IPv6: the target is 2001:db8:9::2, the client knows the way by c0, and table 100 that by c1."""
        for number, router in enumerate(self.routers):
            for space, device, address in [(self.client, f"c{number}", f"2001:db8:{number}::1"), (router, "near", f"2001:db8:{number}::ff"),
                                           (self.target, f"p{number}", f"2001:db8:1{number}::1"), (router, "far", f"2001:db8:1{number}::ff")]:
                space.ip(f"addr add {address}/64 dev {device} nodad")
            router.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
            router.ip(f"route add 2001:db8:9::2/128 via 2001:db8:1{number}::1")
            self.target.ip(f"route add 2001:db8:{number}::/64 via 2001:db8:1{number}::ff")
        self.target.ip("addr add 2001:db8:9::2/128 dev lo nodad")
        self.client.ip("route add 2001:db8:9::2/128 via 2001:db8:0::ff")
        self.client.ip("route add 2001:db8:9::2/128 via 2001:db8:1::ff table 100")
        self.target.listen("2001:db8:9::2/8080")
        # A router asks for its neighbour from its link-local address, which it has once nobody else has it.
        for space in [self.client, self.target, *self.routers]:
            lab.wait_until(lambda: not space.ip("-6 addr show tentative").stdout)
        return "[2001:db8:9::2]:8080"

    def join(self, space, device, address, router, router_device, router_address, length=24):
        space.ip(f"link add {device} type veth peer name {router_device} netns {router.name}")
        for one, name, place in (space, device, address), (router, router_device, router_address):
            one.ip(f"addr add {place}/{length} dev {name}")
            one.ip(f"link set {name} up")
        for one in space, router:
            one.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")

    def seen(self, device, *command):
        """The output of a command, and how many SYNs left by the device meanwhile."""
        file = lab.scratch() / f"{device}.txt"
        with open(file, "w") as output:
            tap = self.client.start("timeout", "30", "tcpdump", "-lni", device, "-Q", "out", "tcp[13] == 2",
                                    stdout=output, stderr=subprocess.PIPE)
            while "listening" not in tap.stderr.readline():
                pass
            done = self.client.run(*command, check=False)
            time.sleep(0.3)
            tap.terminate()
            tap.wait()
            tap.stderr.close()
        return done, re.findall(r"IP6? (\S+)\.(\d+) >", file.read_text())

    def close(self):
        for space in [self.client, self.target, *self.routers]:
            space.close()


@pytest.fixture
def ways():
    made = TwoWays()
    yield made
    made.close()


RULES = {
    "a port": "dport 8080", "the protocol": "ipproto tcp", "a type of service": "tos 0x10", "a mark": "fwmark 7",
    "a user": "uidrange 0-0",
}
OPTIONS = {"a type of service": ["--dscp", "4"], "a mark": ["--mark", "7"]}


@pytest.mark.parametrize("mode", ["syn", "connect"])
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_leads_connections_another_way_leads_the_probes_there(ways, rule, mode):
    ways.client.ip(f"rule add {RULES[rule]} lookup 100")
    done, seen = ways.seen("c1", lab.SYNPROBE, TARGET, "-c", "3", "-i", "20ms", "-m", mode, "-o", "json", *OPTIONS.get(rule, []))
    report = json.loads(done.stdout)
    assert report["outcomes"]["open"] == 3, report
    assert report["interface"] == "c1" and report["source"] == "203.0.113.1"
    assert [address for address, _ in seen] == ["203.0.113.1"] * 3
    if mode == "syn":
        assert report["timestamps"] == {"queued": "kernel", "sent": "kernel", "received": "capture", "delivered": "kernel"}


@pytest.mark.parametrize("mode", ["syn", "connect"])
def test_the_header_line_names_the_way_that_a_rule_leads(ways, mode):
    ways.client.ip("rule add dport 8080 lookup 100")
    text = ways.client.synprobe(TARGET, "-c", "1", "-m", mode).stdout
    verb = "SYN" if mode == "syn" else "connect"
    assert text.splitlines()[0] == f"{verb} {TARGET} from 203.0.113.1 via c1"


def test_a_rule_for_another_port_changes_nothing(ways):
    ways.client.ip("rule add dport 8081 lookup 100")
    done, seen = ways.seen("c1", lab.SYNPROBE, TARGET, "-c", "3", "-i", "20ms", "-o", "json")
    assert json.loads(done.stdout)["interface"] == "c0" and not seen


@pytest.mark.parametrize("mode", ["syn", "connect"])
def test_next_hops_that_are_chosen_by_ports_are_those_of_a_connection(ways, mode):
    """Each source port has the way that the kernel's own connection from it would have."""
    ways.client.ip("route replace 198.51.100.2/32 nexthop via 192.0.2.254 nexthop via 203.0.113.254")
    ways.client.run("sysctl", "-qw", "net.ipv4.fib_multipath_hash_policy=1")
    done, seen = ways.seen("c1", lab.SYNPROBE, TARGET, "-c", "64", "-i", "5ms", "-m", mode, "-o", "json")
    report = json.loads(done.stdout)
    assert report["outcomes"]["open"] == 64, report
    assert 4 <= len(seen) <= 60, "both ways are taken"
    assert {path["interface"] for path in report["paths"]} == {"c0", "c1"}
    if mode == "syn":
        by_c1 = {int(port) for _, port in seen}
        for probe in report["probes"][:8]:
            got = ways.client.ip(f"route get 198.51.100.2 ipproto tcp sport {probe['source_port']} dport 8080").stdout
            assert ("dev c1" in got) == (probe["source_port"] in by_c1)


def test_a_fixed_source_port_keeps_the_way_of_a_connection_from_it(ways):
    ways.client.ip("route replace 198.51.100.2/32 nexthop via 192.0.2.254 nexthop via 203.0.113.254")
    ways.client.run("sysctl", "-qw", "net.ipv4.fib_multipath_hash_policy=1")
    for port in 41000, 41001, 41002, 41003:
        _, probed = ways.seen("c1", lab.SYNPROBE, TARGET, "-c", "1", "--source-port", str(port))
        _, connected = ways.seen("c1", lab.PYTHON, "-c", CONNECT, "198.51.100.2", port)  # It leaves the port in use.
        assert bool(connected) == bool(probed), f"source port {port}"


def test_a_steered_probe_has_its_hop_limit_and_its_class_and_meets_the_firewall(ways):
    ways.client.ip("rule add dport 8080 lookup 100")
    file = lab.scratch() / "steered.txt"
    with open(file, "w") as output:
        tap = ways.client.start("timeout", "20", "tcpdump", "-lvni", "c1", "-Q", "out", "tcp[13] == 2", stdout=output,
                                stderr=subprocess.PIPE)
        while "listening" not in tap.stderr.readline():
            pass
        ways.client.probe(TARGET, "-c", "1", "--ttl", "33", "--dscp", "10")
        time.sleep(0.3)
        tap.terminate()
        tap.wait()
        tap.stderr.close()
    assert "tos 0x28, ttl 33" in file.read_text() and "(correct)" in file.read_text()
    ways.client.nft("output tcp dport 8080 drop")
    assert ways.client.probe(TARGET, "-c", "1", status=1)["probes"][0]["errno"] == "EPERM"


@pytest.mark.parametrize("mode", ["syn", "connect"])
def test_ipv6_is_led_the_same_way(ways, mode):
    target = ways.speak_ipv6()
    ways.client.synprobe(target, "-c", "3", "-i", "500ms")  # The neighbours find each other.
    plain = ways.client.probe(target, "-c", "2", "-i", "20ms", "-W", "5s", "-m", mode)
    assert plain["interface"] == "c0" and plain["outcomes"]["open"] == 2
    ways.client.ip("-6 rule add dport 8080 lookup 100")
    report = ways.client.probe(target, "-c", "3", "-i", "20ms", "-W", "5s", "-m", mode, "--ttl", "40")
    assert report["outcomes"]["open"] == 3, report
    assert report["interface"] == "c1" and report["source"] == "2001:db8:1::1"
    if mode == "syn":
        assert report["timestamps"]["sent"] == "kernel" and report["timestamps"]["received"] == "capture"


def test_an_address_label_is_the_device_with_that_address(pair):
    pair.peer.listen("192.0.2.2/8080")
    pair.client.ip("addr add 192.0.2.77/24 dev c0 label c0:1")
    report = pair.client.probe("192.0.2.2:8080", "-c", "1", "-I", "c0:1")
    assert report["interface"] == "c0" and report["source"] == "192.0.2.77"


def test_inside_a_vrf_the_way_is_the_vrfs_however_one_got_there():
    """`ip vrf exec` binds each new socket; nothing on the command line says so. In User-Mode Linux, which has the device."""
    output = lab.sh([lab.ROOT / "scripts/in-uml", "-t", "120", "env", f"SYNPROBE={lab.SYNPROBE}", lab.PYTHON,
                     lab.HERE / "vrf_experiments.py"], timeout=150).stdout
    rows = {row["how"]: row["report"] for row in map(json.loads, output.splitlines())}
    assert len(rows) == 6
    for how, report in rows.items():
        lab.check_identity(report)
        if how.startswith("outside"):
            assert report["outcomes"]["blocked"] == 3, report
        else:
            assert report["outcomes"]["open"] == 3, report
            assert (report["interface"], report["source"]) == ("c0", "192.0.2.1")

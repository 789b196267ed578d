"""trace: which way SYNs go over six routers, and what each hop adds, with faults at some of them."""
import csv
import json
import re
import signal
import subprocess
import time

import jsonschema
import lab
import pytest
from lab import Namespace, wait_until

ROUTERS = 6
TARGET = "198.51.100.26:8080"
SCHEMA = json.loads((lab.HERE / "golden/trace.schema.json").read_text())


class Chain:
    """A client, six routers in a row and a target; link n is 198.51.100.4n/30 and 2001:db8:n::/64."""

    def __init__(self):
        self.client, self.peer = Namespace("c"), Namespace("p")
        self.routers = [Namespace(f"r{number}") for number in range(1, ROUTERS + 1)]
        spaces = [self.client, *self.routers, self.peer]
        for space in spaces:
            space.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                      "net.ipv6.conf.default.accept_dad=0", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0", "net.ipv4.icmp_ratelimit=0",
                      "net.ipv6.icmp.ratelimit=0")
        for number, (near, far) in enumerate(zip(spaces, spaces[1:])):
            near.ip(f"link add f{number} type veth peer name b{number} netns {far.name}")
            for space, device, last in (near, f"f{number}", 1), (far, f"b{number}", 2):
                space.ip(f"addr add 198.51.100.{4 * number + last}/30 dev {device}")
                space.ip(f"addr add 2001:db8:{number}::{last}/64 dev {device} nodad")
                space.ip(f"link set {device} up")
        for number, space in enumerate(spaces):
            for link in range(len(spaces) - 1):
                if link > number:
                    space.ip(f"route add 198.51.100.{4 * link}/30 via 198.51.100.{4 * number + 2}")
                    space.ip(f"route add 2001:db8:{link}::/64 via 2001:db8:{number}::2")
                elif link < number - 1:
                    space.ip(f"route add 198.51.100.{4 * link}/30 via 198.51.100.{4 * number - 3}")
                    space.ip(f"route add 2001:db8:{link}::/64 via 2001:db8:{number - 1}::1")
        self.peer.listen("198.51.100.26/8080", "2001:db8:6::2/8080")
        # Each asks for its neighbours once, ahead of what is timed.
        for target in TARGET, "[2001:db8:6::2]:8080":
            wait_until(lambda: self.client.synprobe(target, "-c", "1", "-W", "500ms").returncode == 0)

    @staticmethod
    def address(hop):
        return f"198.51.100.{4 * hop - 2}"

    def trace(self, *arguments, status=0, target=TARGET):
        done = self.client.synprobe("trace", target, *arguments, "-o", "json")
        assert done.returncode == status, done.stderr + done.stdout
        report = json.loads(done.stdout)
        jsonschema.validate(report, SCHEMA)
        return report

    def close(self):
        for space in self.client, *self.routers, self.peer:
            space.close()


@pytest.fixture
def chain():
    network = Chain()
    yield network
    network.close()


def hops(report, path=0):
    return report["paths"][path]["hops"]


def addresses(report, path=0):
    return [[one["address"] for one in hop["addresses"]] for hop in hops(report, path)]


def test_every_hop_is_named_and_the_target_ends_it(chain):
    report = chain.trace()
    assert report["reached"] and addresses(report) == [[chain.address(hop)] for hop in range(1, 8)]
    assert [hop["answered"] for hop in hops(report)] == [3] * 7 and hops(report)[-1]["addresses"][0]["role"] == "open"
    assert report["duration_ms"] < 1_500 and report["source"] == "198.51.100.1" and report["interface"] == "f0"


def test_ipv6_is_traced_as_ipv4_is(chain):
    report = chain.trace(target="[2001:db8:6::2]:8080")
    assert addresses(report) == [[f"2001:db8:{hop}::2".replace(":0::", "::")] for hop in range(7)] and report["reached"]


def delay(router):
    """It holds what it passes on to the target for 50 ms."""
    queue = router.start(lab.PYTHON, lab.HERE / "packetqueue.py", "7", "0.05", stdout=subprocess.PIPE)
    assert queue.stdout.readline() == "ready\n"
    router.run("iptables", "-A", "FORWARD", "-p", "tcp", "--dport", "8080", "-j", "NFQUEUE", "--queue-num", "7")


def test_a_delay_is_found_at_the_hop_behind_which_it_is(chain):
    delay(chain.routers[2])
    added = {hop["ttl"]: hop["addresses"][0].get("added_ms") for hop in hops(chain.trace())}
    assert 49 < added[4] < 70, added
    assert all(abs(value) < 20 for hop, value in added.items() if hop not in (1, 4)), added


def test_a_silent_hop_is_passed_by_within_one_timeout(chain):
    chain.routers[2].nft("output icmp type time-exceeded drop")
    report = chain.trace("-W", "1s")
    assert addresses(report)[2] == [] and report["reached"] and report["duration_ms"] < 1_800
    assert hops(report)[3]["answered"] == 3 and "added_ms" in hops(report)[3]["addresses"][0]


def test_many_silent_hops_take_no_longer_than_one(chain):
    for router in chain.routers:
        router.nft("output icmp type time-exceeded drop")
    chain.peer.nft("input tcp dport 8080 drop")
    report = chain.trace("-W", "1s", "-m", "60", status=1)
    assert not report["reached"] and report["duration_ms"] < 2_000
    assert len(hops(report)) == 60 and not any(addresses(report))
    text = chain.client.synprobe("trace", TARGET, "-W", "500ms", "-m", "60").stdout
    assert re.search(r"^1-60 +\* +0/180$", text, re.M), text


def test_a_hop_that_limits_its_errors_loses_nothing(chain):
    chain.routers[1].run("sysctl", "-qw", "net.ipv4.icmp_ratelimit=1000")
    found = hops(chain.trace("-q", "20"))
    assert 1 <= found[1]["answered"] < 20 and found[-1]["answered"] == 20
    assert [hop["rate_limited"] for hop in found] == [False, True] + [False] * 5


@pytest.mark.parametrize("kind, words", [
    ("prohibit", "communication administratively prohibited"), ("unreachable", "host unreachable"), ("blackhole", None)])
def test_an_end_that_cannot_be_reached_is_said(chain, kind, words):
    chain.routers[5].ip(f"route add {kind} 198.51.100.26/32")
    report = chain.trace("-m", "10", status=1)
    assert not report["reached"]
    if words is None:
        assert addresses(report)[4:] == [[chain.address(5)]] + [[]] * 5
    else:
        end = hops(report)[-1]
        assert end["ttl"] == 6 and end["addresses"][0]["role"] == "refused" and end["addresses"][0]["error"] == words


@pytest.mark.parametrize("rule, words", [
    ("output tcp dport 8080 drop", r"90 SYNs were not sent: EPERM: "),
    ("input tcp sport 8080 drop", r"\d+ answers of the target reached this host and were dropped in its ingress")])
def test_what_this_host_does_is_said_and_is_no_hops(chain, rule, words):
    chain.client.nft(rule)
    done = chain.client.synprobe("trace", TARGET, "-W", "500ms", "-o", "json")
    assert done.returncode == 1 and re.search(f"^synprobe: {words}", done.stderr, re.M), done.stderr
    report = json.loads(done.stdout)
    assert not report["reached"]
    assert all(hop["attempted"] == hop["answered"] for path in report["paths"] for hop in path["hops"][:6])


def test_labels_are_read_behind_ipv6_and_ethernet(pair):
    """Where an error has its labels at the very end of a long packet."""
    pair.client.ip("-6 route add 2001:db8:9::/64 via 2001:db8::2")
    pair.peer.nft("prerouting ip6 daddr 2001:db8:9::/64 drop")
    router = pair.peer.start(lab.PYTHON, lab.HERE / "labelrouter.py", "p0", "2001:db8::99", "6", stdout=subprocess.PIPE)
    assert router.stdout.readline() == "ready\n"
    done = pair.client.synprobe("trace", "[2001:db8:9::1]:80", "-m", "2", "-W", "500ms", "-o", "json")
    first = json.loads(done.stdout)["paths"][0]["hops"][0]
    one, = first["addresses"]
    assert one["address"] == "2001:db8::99" and [label["label"] for label in one["mpls"]] == list(range(16001, 16007))


def test_a_closed_port_ends_it_as_an_open_one_does(chain):
    report = chain.trace(target="198.51.100.26:81")
    assert report["reached"] and hops(report)[-1]["addresses"][0]["role"] == "closed" and len(hops(report)) == 7


@pytest.fixture
def forked(chain):
    """Beside the third router another one, from the second to the fourth, which answers by it."""
    beside = Namespace("x")
    second, fourth = chain.routers[1], chain.routers[3]
    beside.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0")
    for space, device, other, network in (second, "fx", "bx", 28), (fourth, "gx", "hx", 32):
        space.ip(f"link add {device} type veth peer name {other} netns {beside.name}")
        for one, name, last in (space, device, 1), (beside, other, 2):
            one.ip(f"addr add 198.51.100.{network + last}/30 dev {name}")
            one.ip(f"link set {name} up")
    beside.ip("route add 198.51.100.24/30 via 198.51.100.33")
    beside.ip("route add 198.51.100.0/29 via 198.51.100.29")
    second.run("sysctl", "-qw", "net.ipv4.fib_multipath_hash_policy=1")
    second.ip("route replace 198.51.100.24/30 nexthop via 198.51.100.10 nexthop via 198.51.100.30")
    fourth.ip("route replace 198.51.100.0/30 via 198.51.100.34")
    # Neighbours are asked for once, ahead of what is looked at.
    chain.trace("--paths", "8")
    yield chain
    beside.close()


def test_two_paths_are_told_apart(forked):
    # Sixteen ports take one way once in 32 768 times, whose hashes are drawn: two runs of them are looked at together.
    reports = [forked.trace("--paths", "16") for _ in range(2)]
    third = {address for report in reports for path in range(16) for address in addresses(report, path)[2]}
    assert third == {forked.address(3), "198.51.100.30"}
    for report in reports:
        assert all(path["reached"] for path in report["paths"])
        # Each source port keeps its own way.
        assert all(len(hop) == 1 for path in range(16) for hop in addresses(report, path))
    texts = [forked.client.synprobe("trace", TARGET, "--paths", "16").stdout for _ in range(2)]
    assert "--- the paths part at hop 3" in [text.splitlines()[-1] for text in texts]


def test_translation_on_the_way_hides_no_hop(chain):
    chain.routers[0].run("nft", "table ip t { chain p { type nat hook postrouting priority 100; oifname f1 masquerade; }; }")
    report = chain.trace()
    assert report["reached"] and addresses(report) == [[chain.address(hop)] for hop in range(1, 8)]


def test_many_questions_take_no_longer_than_some(chain):
    chain.routers[5].ip("route add blackhole 198.51.100.26/32")
    report = chain.trace("-q", "20", "-m", "8", "-W", "800ms", status=1)
    assert report["duration_ms"] < 2.5 * 800 and [hop["attempted"] for hop in hops(report)] == [20] * 8


def test_what_is_waited_for_when_it_is_ended_was_attempted(chain):
    chain.routers[5].ip("route add blackhole 198.51.100.26/32")
    run = chain.client.start(lab.SYNPROBE, "trace", TARGET, "-W", "20s", "-q", "1", "-o", "json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=10)
    report = json.loads(out)
    assert run.returncode == 130 and "25 SYNs were still waited for" in err, err
    assert [hop["attempted"] for hop in hops(report)] == [1] * 30
    assert [hop["answered"] for hop in hops(report)] == [1] * 5 + [0] * 25
    assert [hop.get("cancelled") for hop in hops(report)] == [None] * 5 + [1] * 25


@pytest.mark.parametrize("queries", ["3", "20"])
def test_a_target_far_away_that_owes_an_answer_loses_nothing(chain, queries):
    """Its answers to further SYNs of a half-open connection are limited (net.ipv4.tcp_invalid_ratelimit); hop 3 is silent."""
    delay(chain.routers[4])
    chain.routers[2].nft("output icmp type time-exceeded drop")
    end = hops(chain.trace("-q", queries))[-1]
    assert end["addresses"][0]["role"] == "open" and end["answered"] == end["attempted"] >= 1


def test_who_does_not_answer_for_its_link_address_is_named(chain):
    chain.client.ip("addr add 203.0.113.1/24 dev f0")
    done = chain.client.synprobe("trace", "203.0.113.9:80", "-W", "4s", "-m", "3", "-q", "1")
    assert "no answer to ARP from 203.0.113.9 on f0" in done.stderr, done.stderr


def test_host_and_port_may_be_two_words(chain):
    address, port = TARGET.split(":")
    done = chain.client.synprobe("trace", address, port, "-o", "json")
    assert done.returncode == 0 and json.loads(done.stdout)["target"]["input"] == TARGET
    done = chain.client.synprobe("trace", TARGET, TARGET)
    assert done.returncode == 64 and "one target" in done.stderr


def test_text_and_rows_say_the_same(chain):
    text = chain.client.synprobe("trace", TARGET, "--names").stdout.splitlines()
    assert text[0].startswith(f"trace to {TARGET}, 30 hops at most, from 198.51.100.1:") and text[0].endswith(" via f0")
    assert text[1].split() == ["hop", "address", "answered", "p50", "ms", "p99", "ms", "added", "ms", "notes"]
    assert [line.split()[1] for line in text[2:]] == [chain.address(hop) for hop in range(1, 8)]
    assert text[-1].endswith("the target: open")
    rows = list(csv.DictReader(chain.client.synprobe("trace", TARGET, "-o", "csv").stdout.splitlines()))
    assert [row["address"] for row in rows] == [chain.address(hop) for hop in range(1, 8)]
    assert rows[-1]["role"] == "open" and all(float(row["p50_ms"]) > 0 for row in rows)


@pytest.mark.parametrize("arguments, words", [
    (["-q", "0"], "--queries 0 is out of range"), (["-m", "256"], "--max-hops 256 is out of range"),
    (["--paths", "17"], "--paths 17 is out of range"), (["-W", "2m"], "--timeout is out of range"),
    (["--paths", "2", "--source-port", "40000"], "leave --paths out"),
    (["-p", "80,81"], "one port")])
def test_what_cannot_be_meant_is_refused(arguments, words):
    target = "127.0.0.1" if "-p" in arguments else "127.0.0.1:1"
    done = lab.sh([lab.SYNPROBE, "trace", target, *arguments], check=False)
    assert done.returncode == 64 and done.stdout == "" and words in done.stderr


def test_without_the_capability_it_says_what_to_do(chain):
    done = chain.client.run("setpriv", "--bounding-set=-net_raw", lab.SYNPROBE, "trace", TARGET, check=False)
    assert done.returncode == 77 and done.stdout == "" and "CAP_NET_RAW" in done.stderr

"""sweep: many targets, one measurement each: 65 536 addresses behind one wire, some closed, some silent, some twice."""
import collections
import csv
import json
import re
import signal
import subprocess
import time

import lab
import pytest
from lab import SYNPROBE

WIDE = "198.18.0.0/16"
# By the last octet of the address: 10 % each, and 1 % answer twice.
SILENT, CLOSED, TWICE = range(0, 26), range(26, 52), range(52, 55)


@pytest.fixture
def wide(pair):
    """A peer that has all of 198.18.0.0/16 and 2001:db8:1::/64, and listens on port 9000."""
    pair.peer.ip(f"route add local {WIDE} dev lo")
    pair.peer.ip("-6 route add local 2001:db8:1::/64 dev lo")
    pair.client.ip(f"route add {WIDE} via 192.0.2.2")
    pair.client.ip("-6 route add 2001:db8:1::/64 via 2001:db8::2")
    pair.peer.run("sysctl", "-qw", "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0")
    pair.peer.listen("::/9000")
    return pair


def last_octet(address):
    return int(address.rsplit(".", 1)[1])


def by_last_octet(octets, verdict):
    return f"input ip daddr & 0.0.0.255 <= 0.0.0.{octets[-1]} ip daddr & 0.0.0.255 >= 0.0.0.{octets[0]} tcp dport 9000 {verdict}"


def sweep(space, *arguments, status=0, **options):
    done = space.synprobe("sweep", "-p", "9000", *arguments, **options)
    assert done.returncode == status, done.stderr[-2000:]
    return done


def answers(done):
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(one["schema"] == "synprobe.sweep/1" for one in found)
    return found


def counted(done):
    """The numbers of the closing line by their words."""
    line = done.stderr.splitlines()[-1]
    assert re.fullmatch(r"--- \d+ SYNs in \d+\.\d\d s \(\d+/s\): .*", line)
    return {"SYNs": int(line.split()[1])} | {
        words: int(number) for number, words in re.findall(r"(\d+) ([a-z][a-z -]*?)(?:,|$)", line.split("): ")[1])}


def test_every_count_of_65536_is_exact(wide):
    wide.peer.nft(by_last_octet(SILENT, "drop") + "\n" + by_last_octet(CLOSED, "reject with tcp reset"))
    wide.peer.run("nft", "-f", "-", input=f"""table ip copies {{
        chain output {{
            type filter hook output priority 0;
            tcp sport 9000 tcp flags & (syn | ack) == (syn | ack) ip saddr & 0.0.0.255 >= 0.0.0.{TWICE[0]} \\
                ip saddr & 0.0.0.255 <= 0.0.0.{TWICE[-1]} dup to 192.0.2.1 device "p0"
        }}
    }}""")
    done = sweep(wide.client, WIDE, "--rate", "20000", "-o", "jsonl")
    found = answers(done)
    outcomes = collections.Counter(one["outcome"] for one in found)
    assert outcomes == {"open": 65536 - 52 * 256, "closed": 26 * 256}
    assert len({one["address"] for one in found}) == len(found)
    assert {last_octet(one["address"]) in CLOSED for one in found if one["outcome"] == "closed"} == {True}
    assert not {last_octet(one["address"]) for one in found} & set(SILENT)
    assert all(one["rtt_ms"] < 100 and one["ttl"] == 64 and one["port"] == 9000 for one in found)
    assert counted(done) == {"SYNs": 65536, "open": outcomes["open"], "closed": outcomes["closed"], "filtered": 0,
                             "lost": 26 * 256, "duplicates": 3 * 256, "drops": 0}


def test_all_tells_of_those_that_did_not_answer_too(wide):
    wide.peer.nft(by_last_octet(SILENT, "drop") + "\n" + by_last_octet(CLOSED, "reject with icmp type admin-prohibited"))
    wide.client.ip("route add unreachable 198.18.1.0/25")
    done = sweep(wide.client, "198.18.0.0/23", "-W", "300ms", "-o", "jsonl", "--only", "all")
    found = answers(done)
    assert len({one["address"] for one in found}) == len(found) == 512
    kinds = collections.defaultdict(list)
    for one in found:
        kinds[one["outcome"]].append(one)
    assert len(kinds["blocked"]) == 128
    assert {one["reason"] for one in kinds["blocked"]} == {"EHOSTUNREACH: no route to the host"}
    assert sorted(last_octet(one["address"]) for one in kinds["lost"]) == list(SILENT)
    assert sorted(last_octet(one["address"]) for one in kinds["filtered"]) == list(CLOSED)
    assert all(one["reason"].endswith(f"from {one['address']}") and "ttl" not in one for one in kinds["filtered"])
    assert counted(done) == {"SYNs": 384, "open": 332, "closed": 0, "filtered": 26, "lost": 26,
                             "blocked by this host": 128, "duplicates": 0, "drops": 0}


@pytest.mark.parametrize("only, outcomes", [("open", {"open"}), ("closed", {"closed"}), ("answered", {"open", "closed"})])
@pytest.mark.parametrize("form", ["jsonl", "csv", "text"])
def test_what_is_printed_is_what_is_asked_for(wide, only, outcomes, form):
    wide.peer.nft(by_last_octet(CLOSED, "reject with tcp reset"))
    done = sweep(wide.client, "198.18.7.20-198.18.7.31", "-W", "200ms", "-o", form, "--only", only, "--order", "linear")
    expected = [(f"198.18.7.{octet}", outcome) for octet in range(20, 32)
                for outcome in ["closed" if octet in CLOSED else "open"] if outcome in outcomes]
    match form:
        case "jsonl":
            found = [(one["address"], one["outcome"]) for one in answers(done)]
        case "csv":
            found = [(one["address"], one["outcome"]) for one in csv.DictReader(done.stdout.splitlines())]
        case "text":
            found = re.findall(r"^([0-9.]+):9000 (\w+) rtt=\d+\.\d{3} ms ttl=64$", done.stdout, re.MULTILINE)
            assert len(found) == len(done.stdout.splitlines())
    assert found == expected


def test_ipv6_and_several_ports(wide):
    done = wide.client.synprobe("sweep", "-p", "9000,9001", "2001:db8:1::/122", "198.18.0.8/29", "-W", "300ms", "-o", "jsonl")
    found = answers(done)
    assert collections.Counter((one["outcome"], one["port"]) for one in found) == {("open", 9000): 72, ("closed", 9001): 72}
    assert sum(":" in one["address"] for one in found) == 128
    done = wide.client.synprobe("sweep", "-4", "-p", "9000,9001", "2001:db8:1::/122", "198.18.0.8/29", "-W", "300ms", "-o", "jsonl")
    assert len(answers(done)) == 16


def test_who_does_not_answer_is_asked_again(wide):
    wide.peer.nft("input tcp dport 9000 tcp flags syn numgen random mod 100 < 10 drop")
    done = sweep(wide.client, "198.18.0.0/22", "--rate", "5000", "-W", "100ms", "--retries", "9", "-o", "jsonl")
    assert len(answers(done)) == len({one["address"] for one in answers(done)}) == 1024
    seen = counted(done)
    # A tenth is asked a second time, of those a tenth a third time, and so on; to which SYN they answer nobody knows.
    assert 1070 < seen["SYNs"] < 1210 and seen["lost"] == 0 and seen["duplicates"] == 0
    assert 50 < sum("rtt_ms" not in one for one in answers(done)) < 160


@pytest.mark.parametrize("choice", [[], ["--only", "all"]])
def test_an_answer_after_the_timeout_is_none(wide, choice):
    """A queue at the peer holds the answers of every third address for 400 ms."""
    queue = wide.peer.start(lab.PYTHON, lab.HERE / "packetqueue.py", "7", "0.4", stdout=subprocess.PIPE)
    assert queue.stdout.readline() == "ready\n"
    wide.peer.run("iptables", "-A", "OUTPUT", "-p", "tcp", "--sport", "9000", "-s", "198.18.0.0/26", "-j", "NFQUEUE", "--queue-num", "7")
    done = sweep(wide.client, "198.18.0.32-198.18.0.95", "-W", "200ms", "--rate", "2000", "-o", "jsonl", *choice)
    outcomes = collections.Counter(one["outcome"] for one in answers(done))
    assert outcomes == {"open": 32, "lost": 32} if choice else outcomes == {"open": 32}
    assert counted(done)["lost"] == 32


def test_a_pause_of_the_process_loses_nothing(wide):
    """Answers that came while it was stopped were there in time."""
    process = wide.client.start(SYNPROBE, "sweep", "-p", "9000", "198.18.0.0/22", "-W", "150ms", "-o", "jsonl", "--only", "all",
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(4):
        time.sleep(0.15)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.4)
        process.send_signal(signal.SIGCONT)
    found, _ = process.communicate(timeout=20)
    found = [json.loads(line) for line in found.splitlines()]
    assert len(found) == len({one["address"] for one in found}) == 1024 and {one["outcome"] for one in found} == {"open"}


def test_errors_about_others_block_nobody(wide):
    """Every second target is refused by ICMP: none of these errors is taken for another's."""
    wide.peer.nft("input ip daddr & 0.0.0.1 == 0.0.0.1 tcp dport 9000 reject with icmp type host-unreachable")
    done = sweep(wide.client, "198.18.0.0/21", "-W", "300ms", "-o", "jsonl", "--only", "all")
    assert collections.Counter(one["outcome"] for one in answers(done)) == {"open": 1024, "filtered": 1024}


@pytest.mark.parametrize("others", [[], ["192.0.2.1", "127.0.0.1"]])
def test_who_has_no_neighbour_is_lost_whoever_else_is_asked(wide, others):
    """What this host tells itself of neighbours that it does not find comes in on lo, where its own addresses answer."""
    done = sweep(wide.client, "192.0.2.101-192.0.2.108", *others, "-W", "4s", "--only", "all", "-o", "jsonl", status=1)
    outcomes = {one["address"]: one["outcome"] for one in answers(done)}
    assert outcomes == {f"192.0.2.{last}": "lost" for last in range(101, 109)} | dict.fromkeys(others, "closed")


def test_what_this_host_itself_refuses_of_its_own_addresses_is_filtered(wide):
    wide.client.nft("input iif lo tcp dport 9000 reject with icmp type port-unreachable")
    done = sweep(wide.client, "192.0.2.1", "127.0.0.7", "-W", "300ms", "-o", "jsonl", status=1)
    assert {one["address"]: one["outcome"] for one in answers(done)} == {"192.0.2.1": "filtered", "127.0.0.7": "filtered"}


def test_two_next_hops_are_both_captured_on(wide):
    """The kernel chooses one by the addresses: what goes the other way is not lost."""
    wide.client.ip(f"link add c1 type veth peer name p1 netns {wide.peer.name}")
    for space, device, number in (wide.client, "c1", 1), (wide.peer, "p1", 2):
        space.ip(f"addr add 203.0.113.{number}/24 dev {device}")
        space.ip(f"link set {device} up")
    wide.client.ip(f"route replace {WIDE} nexthop via 192.0.2.2 dev c0 nexthop via 203.0.113.2 dev c1")
    for space in wide.client, wide.peer:
        space.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")
    lab.wait_until(lambda: "LOWER_UP" in wide.client.ip("link show c1").stdout)
    done = sweep(wide.client, "198.18.0.0/23", "-W", "500ms", "-o", "jsonl")
    assert len(answers(done)) == 512
    ways = {wide.client.ip(f"route get 198.18.0.{last}").stdout.split(" dev ")[1].split()[0] for last in range(1, 40)}
    assert ways == {"c0", "c1"}


@pytest.mark.parametrize("taken", [range(0), range(65_096, 65_536)], ids=["one by one", "one by one, and in a row"])
def test_other_probers_leave_it_ports(wide, taken):
    """A prober that takes its ports one by one has a quarter of them, and leaves no row in between."""
    holder = f"import socket, time\nheld = [socket.socket() for _ in range({len(taken)})]\n"
    holder += f"for one, port in zip(held, {taken}): one.bind(('', port))\nprint('held', flush=True)\ntime.sleep(60)"
    others = [wide.client.start(lab.PYTHON, "-c", holder, stdout=subprocess.PIPE)]
    assert others[0].stdout.readline() == "held\n"
    others.append(wide.client.start(SYNPROBE, "198.18.0.1:9000", "--forever", "-i", "1ms", "-q", stdout=subprocess.DEVNULL))
    try:
        time.sleep(2)
        assert counted(sweep(wide.client, "198.18.0.0/24", "-W", "200ms"))["open"] == 256
    finally:
        for one in others:
            one.kill()
            one.wait()


def test_a_slow_rate_does_not_make_the_wait_longer(wide):
    began = time.monotonic()
    sweep(wide.client, "198.18.0.1", "--rate", "0.05", "-W", "300ms")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("arguments, words", [
    (["198.18.0.1"], "a sweep needs ports: give -p PORT"),
    (["-p", "80", "198.18.0.300"], "'198.18.0.300' is no file, and as a target: it is no address"),
    (["-p", "80", "198.18.0.1/16"], "the block that holds it is written 198.18.0.0/16"),
    (["-p", "80", "198.18.0.9-198.18.0.1"], "above it"),
    (["-p", "80", "::/0", "--yes"], "more than 2^48 targets"),
    (["-p", "1-1000", "::/0"], "--yes if that is meant"),
    (["-p", "80", "-", "-"], "standard input is read once"),
    (["-p", "0", "198.18.0.1"], "port '0'"),
    (["-p", "80", "--rate", "0", "198.18.0.1"], "--rate is out of range"),
    (["-p", "80", "--retries", "11", "198.18.0.1"], "--retries 11 is out of range"),
    (["-p", "80", "--order", "linear", "--seed", "3", "198.18.0.1"], "--seed is that of a random order"),
    (["-p", "80", "--source", "198.18.9.9", "198.18.0.1"], "--source 198.18.9.9 is not an address of this host"),
])
def test_what_cannot_be_meant_is_said(client, arguments, words):
    done = client.synprobe("sweep", *arguments)
    assert done.returncode == 64 and words in done.stderr and done.stdout == "", done.stderr


@pytest.mark.parametrize("source, answer", [("a block", True), ("a block", False), ("a list", False)])
def test_a_million_targets_take_no_more_memory_than_some(wide, source, answer):
    wide.client.ip("route add 10.0.0.0/8 via 192.0.2.2")
    if not answer:
        wide.peer.nft("input ip daddr 10.0.0.0/8 drop")
    wide.peer.ip("route add local 10.0.0.0/8 dev lo")
    command = ["/usr/bin/time", "-f", "peak=%M", SYNPROBE, "sweep", "-p", "9000", "--rate", "10000000", "-W", "500ms"]
    lines = None
    if source == "a list":
        lines = "".join(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}\n" for number in range(1 << 20))
    done = wide.client.run(*command, "-" if lines else "10.0.0.0/12", input=lines, check=False)
    assert done.returncode == (0 if answer else 1) and "--- 1048576 SYNs in " in done.stderr, done.stderr
    assert int(re.search(r"peak=(\d+)", done.stderr)[1]) < 64 * 1024

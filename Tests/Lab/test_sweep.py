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
    done = sweep(wide.client, "198.18.0.0/22", "--rate", "5000", "-W", "100ms", "--retries", "7", "-o", "jsonl")
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


def test_who_is_given_twice_is_asked_once(wide, tmp_path):
    again = tmp_path / "again"
    again.write_text("198.18.0.3\n198.18.0.9\n198.18.0.3\n")
    done = sweep(wide.client, "198.18.0.0/29", again, "-W", "200ms")
    assert counted(done) == {"SYNs": 9, "open": 9, "closed": 0, "filtered": 0, "lost": 0, "duplicates": 0, "drops": 0}


def test_an_empty_list_is_nothing_to_ask(wide, tmp_path):
    empty = tmp_path / "empty"
    empty.write_text("# nothing\n\n")
    done = sweep(wide.client, empty, status=1)
    assert counted(done)["SYNs"] == 0
    assert "Is a directory" in sweep(wide.client, tmp_path, status=64).stderr


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


def test_lists_of_exceptions_and_special_ranges(wide, tmp_path):
    exceptions = tmp_path / "exceptions"
    exceptions.write_text("# not these\r\n198.18.0.0/28\r\n198.18.0.20-198.18.0.22 # nor these\n\n")
    done = sweep(wide.client, "198.18.0.0/27", "--exclude", exceptions, "--exclude", "198.18.0.30", "-W", "200ms", "-o", "jsonl")
    assert sorted(last_octet(one["address"]) for one in answers(done)) == [16, 17, 18, 19, 23, 24, 25, 26, 27, 28, 29, 31]
    done = sweep(wide.client, "240.0.0.0/28", "224.0.0.1", "198.18.0.1", "-W", "200ms")
    assert counted(done)["SYNs"] == 1 and counted(done)["special-purpose left out"] == 17
    done = sweep(wide.client, "240.0.0.0/28", "198.18.0.1", "--allow-special", "-W", "200ms")
    assert counted(done)["blocked by this host"] == 16 and "special-purpose left out" not in counted(done)
    # What is special and this host's own, or on its wire, is no stranger's.
    wide.peer.ip("addr add 169.254.7.2/24 dev p0")
    wide.client.ip("addr add 169.254.7.1/24 dev c0")
    done = sweep(wide.client, "127.0.0.1", "169.254.7.2", "169.254.8.2", "-W", "300ms", "-o", "jsonl")
    assert {(one["address"], one["outcome"]) for one in answers(done)} == {("127.0.0.1", "closed"), ("169.254.7.2", "open")}
    assert counted(done)["special-purpose left out"] == 1
    # More than can be counted.
    done = wide.client.synprobe("sweep", "-p", "1-256", "ff00::/8", "240.0.0.0/4", "-W", "10ms")
    assert counted(done)["special-purpose left out"] == 2**128 - 1


def test_exceptions_that_come_slowly_are_all_waited_for(wide):
    script = "exec 2>&1; (sleep 0.5; echo 198.18.0.0/28; sleep 0.5; echo 198.18.0.16/29) | exec \"$@\""
    done = wide.client.run("bash", "-c", script, "-", lab.SYNPROBE, "sweep", "-p", "9000", "198.18.0.0/27", "--exclude", "-",
                           "-W", "200ms", "-o", "csv", check=False)
    assert sorted(last_octet(line.split(",")[0]) for line in done.stdout.splitlines() if line.startswith("198")) == list(range(24, 32))
    assert "give - once" in sweep(wide.client, "-", "--exclude", "-", status=64, input="").stderr


def test_more_than_65536_strangers_are_asked_for_a_word(wide, tmp_path):
    for targets in (["1.0.0.0/16", "-p", "80,443"], ["1.0.0.0/17", "--retries", "2"]):
        done = sweep(wide.client, *targets, status=64)
        assert done.stdout == "" and "--yes" in done.stderr
    strangers = "".join(f"1.{number >> 16}.{number >> 8 & 255}.{number & 255}\n" for number in range(70_000))
    (tmp_path / "strangers").write_text(strangers)
    done = sweep(wide.client, tmp_path / "strangers", status=64)
    assert done.stdout == "" and "--yes" in done.stderr and "SYNs" not in done.stderr
    # On standard input they are known when they come: what is in flight comes to its end.
    done = sweep(wide.client, "-", "-W", "100ms", "--rate", "1000000", input=strangers, status=64)
    assert "--yes" in done.stderr and re.search(r"^--- 0 SYNs .* 65536 blocked", done.stderr, re.M)


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


def test_a_bad_line_is_named(wide, tmp_path):
    targets = tmp_path / "targets"
    targets.write_text("198.18.0.1\nexample.com\n")
    done = sweep(wide.client, targets, status=64)
    assert f"{targets}, line 2: it is no address" in done.stderr


def test_what_stands_before_a_bad_line_of_a_pipe_is_asked(wide):
    done = sweep(wide.client, "-", "-W", "100ms", "-o", "jsonl", status=64, input="198.18.0.1\n198.18.0.2\nhere\n198.18.0.3\n")
    assert {one["address"] for one in answers(done)} == {"198.18.0.1", "198.18.0.2"}
    assert "standard input, line 3: it is no address" in done.stderr and "2 SYNs" in done.stderr


@pytest.mark.parametrize("place", [0, 65_000])
def test_a_long_line_is_refused_wherever_it_stands(wide, place):
    text = "#\n" * (place // 2) + "#" + "x" * 5_000 + "\n198.18.0.1\n"
    assert "more than 4096 octets" in sweep(wide.client, "-", status=64, input=text).stderr


def test_a_list_may_begin_with_the_mark_of_an_editor(wide, tmp_path):
    targets = tmp_path / "targets"
    targets.write_bytes(b"\xef\xbb\xbf198.18.0.1\r\n198.18.0.2\r\n")
    assert counted(sweep(wide.client, targets, "-W", "100ms"))["open"] == 2


def test_a_family_of_which_no_target_is_is_a_mistake(wide):
    for arguments in ["-4", "2001:db8:1::1"], ["--source", "192.0.2.1", "2001:db8:1::1"]:
        done = sweep(wide.client, *arguments, "-W", "100ms", status=64)
        assert "no target is IPv4" in done.stderr
    # Of several those of the family are taken.
    done = sweep(wide.client, "-4", "-", "-W", "100ms", input="2001:db8:1::1\n198.18.0.1\n")
    assert counted(done)["SYNs"] == 1


def test_standard_input_that_is_closed_is_no_empty_list(wide):
    for arguments in "-", "--exclude - 198.18.0.1":
        done = wide.client.run("bash", "-c", f"{SYNPROBE} sweep -p 9000 {arguments} -W 100ms 0<&-", check=False)
        assert done.returncode == 64 and "standard input: Bad file descriptor" in done.stderr and done.stdout == "", done.stderr


def test_a_list_that_may_not_be_read_is_named(wide, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "targets").write_text("198.18.0.1\n")
    folder.chmod(0o700)
    done = wide.client.run("setpriv", "--reuid=65534", "--clear-groups", SYNPROBE, "sweep", "-p", "9000", folder / "targets", check=False)
    assert done.returncode == 64 and "Permission denied" in done.stderr


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

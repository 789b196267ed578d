"""verify --evidence and --replay: what was seen, for Wireshark's eyes, and for a second judgement."""
import json
import re
import struct

import lab
import pytest

TARGET = "192.0.2.2:8080"
POINTS = ["enters this host's queueing discipline", "is handed to the device", "reaches the device", "is delivered"]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "seen.pcapng"


def verify(web, file, status, *arguments, target=TARGET, output="json"):
    done = web.client.synprobe("verify", target, *arguments, "--evidence", str(file), "-o", output, "-i", "4ms", "-W", "200ms",
                               "--max-time", "20s")
    assert done.returncode == status, done.stdout + done.stderr
    return done


def replayed(file, *arguments):
    """Judged again outside of every namespace, where the target does not exist."""
    return lab.sh([lab.SYNPROBE, "verify", "--replay", file, *arguments], check=False)


def packets(file):
    """What Wireshark's own reader makes of each packet."""
    fields = "frame.interface_name", "frame.time_epoch", "tcp.flags.syn", "tcp.flags.ack", "frame.len", "frame.cap_len", "frame.comment"
    wanted = [part for field in fields for part in ("-e", field)]
    text = lab.sh(["tshark", "-r", file, "-Y", "tcp or icmp or icmpv6", "-T", "fields", *wanted]).stdout
    return [line.split("\t") for line in text.splitlines()]


CASES = {
    "confirmed": (0, ["--loss", "..5%"], None),
    "lost": (1, ["--loss", "..5%"], ("peer", "input tcp dport 8080 numgen random mod 100 < 30 drop")),
    "ingress": (0, ["--partition", "--where", "ingress"], ("client", "input tcp sport 8080 drop")),
    "blocked": (0, ["--partition", "--where", "egress"], ("client", "output tcp dport 8080 drop")),
    "refused": (0, ["--refused"], ("peer", "input tcp dport 8080 reject with tcp reset")),
    "icmp": (1, ["--loss", "..5%", "--rtt", "..9ms"], ("peer", "input tcp dport 8080 reject")),
    "a way": (0, ["--loss", "2%..", "--where", "back"], ("peer", "output tcp sport 8080 numgen random mod 100 < 20 drop")),
    "netem": (1, ["--netem", "delay 50ms 10ms loss 1% rate 1mbit", "--path", "peer"], None),
    "too few": (2, ["--loss", "..0.1%", "--max-probes", "20"], None),
    "a rate": (0, ["--rate", "1mbit..2mbit"], ("peer", "qdisc add dev p0 root tbf rate 1500kbit burst 1600 limit 100000")),
    "connect": (0, ["--loss", "..5%", "-m", "connect"], None),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("output", ["json", "text"])
def test_it_is_judged_again_to_the_same_verdict_byte_for_byte(web, file, name, output):
    status, claims, rule = CASES[name]
    if rule:
        space = getattr(web, rule[0])
        (space.tc if rule[1].startswith("qdisc") else space.nft)(rule[1])
    done = verify(web, file, status, *claims, output=output)
    again = replayed(file, "-o", output)
    assert (again.returncode, again.stdout) == (done.returncode, done.stdout)
    # What is said at the start is about what is going to be measured.
    assert again.stderr.splitlines() == done.stderr.splitlines()[-1:]


@pytest.mark.parametrize("comparison", ["--baseline", "--control"])
def test_so_it_is_with_what_it_is_compared_with(web, file, tmp_path, comparison):
    before = tmp_path / "before.json"
    before.write_text(json.dumps(web.client.probe(TARGET, "-c", "60", "-i", "2ms")))
    web.peer.listen("192.0.2.2/8081")
    other = str(before) if comparison == "--baseline" else "192.0.2.2:8081"
    done = verify(web, file, 1, "--added", "50ms..", "--added-forward", "50ms..", comparison, other)
    before.unlink(missing_ok=True)
    again = replayed(file, "-o", "json")
    assert (again.returncode, again.stdout) == (1, done.stdout)


def test_each_packet_stands_at_its_points_with_the_fate_of_its_probe(web, file):
    web.peer.nft("input tcp dport 8080 numgen random mod 100 < 30 drop")
    probes = json.loads(verify(web, file, 1, "--loss", "..5%").stdout)["measurement"]["probes"]
    seen = packets(file)
    for probe in probes:
        name = f"probe {probe['seq']}: {probe['outcome']}"
        own = [packet for packet in seen if packet[6].startswith(name)]
        points = [next(point for point in POINTS if point in packet[6]) for packet in own]
        if probe["outcome"] == "open":
            assert points == POINTS and f"after {probe['rtt_ms']} ms" in own[0][6]
            assert [packet[0] for packet in own] == ["stack", "c0", "c0", "stack"]
            span = float(own[3][1].split(".")[1]) - float(own[0][1].split(".")[1])
            assert round(span % 1e9) == round(probe["rtt_ms"] * 1e6)
        elif probe["outcome"] == "lost":
            assert points == POINTS[:2] and "lost in network" in own[0][6]
    assert {probe["outcome"] for probe in probes} >= {"open", "lost"}


def test_it_has_headers_alone(web, file):
    web.peer.nft("input tcp dport 8080 reject")
    verify(web, file, 1, "--loss", "..5%", "--rtt", "..9ms")
    seen = packets(file)
    assert any("filtered" in packet[6] and "reaches the device" in packet[6] for packet in seen)
    # A TCP header of 40 bytes behind IP's 20; an ICMP error quotes all of that behind 28 of its own.
    assert {packet[5] for packet in seen} == {"60", "88"}
    assert all(packet[4] == packet[5] for packet in seen)


def test_over_ipv6_and_on_the_loopback_device(web, file):
    web.client.listen("127.0.0.1/8080")
    for target, length, device in ("[2001:db8::2]:8080", "80", "c0"), ("127.0.0.1:8080", "60", "lo"):
        done = verify(web, file, 0, "--loss", "..20%", target=target)
        seen = packets(file)
        assert {packet[5] for packet in seen} == {length} and {packet[0] for packet in seen} == {"stack", device}
        assert len(seen) == 4 * len([probe for probe in json.loads(done.stdout)["measurement"]["probes"] if probe["outcome"] == "open"])
        assert replayed(file, "-o", "json").stdout == done.stdout


def test_tcpdump_reads_it_and_its_checksums_are_right(web, file):
    verify(web, file, 0, "--loss", "..5%")
    text = lab.sh(["tcpdump", "-nnvr", file]).stdout
    # What a veth carries has no checksum yet, but for that of a raw socket's.
    assert text.count("Flags [S],") == text.count("(correct)") > 5
    comment = lab.sh(["capinfos", "-k", file]).stdout
    assert f"synprobe verify {TARGET}" in comment and "claims: loss ..5%" in comment and "loss: confirmed" in comment


def test_a_damaged_file_is_refused_with_the_reason(web, file, tmp_path):
    verify(web, file, 0, "--loss", "..5%")
    whole = file.read_bytes()
    length = struct.unpack_from("<I", whole, 4)[0]
    damaged = {
        "it is no capture file of the form pcapng": [b"", b"hello", whole[1:]],
        "it is cut off": [whole[:-1], whole[:len(whole) // 2], whole[:length]],
        "it is damaged": [re.sub(rb"DIGEST=\w", b"DIGEST=g", whole), whole[:5000] + b"\xff" + whole[5001:],
                          whole.replace(b"lost", b"open").replace(b"probe 1: open", b"probe 1: lost"),
                          whole[:4] + b"\x02\0\0\0" + whole[8:]],
    }
    copy = tmp_path / "damaged.pcapng"
    for reason, versions in damaged.items():
        for octets in versions:
            copy.write_bytes(octets)
            done = replayed(copy)
            assert done.returncode == 64 and done.stdout == "", (reason, done)
            assert f"{copy}: it is" in done.stderr and (reason in done.stderr or length >= len(octets)), (reason, done.stderr)


def test_a_capture_of_something_else_is_said_so(web, file):
    verify(web, file, 0, "--loss", "..5%")
    other = file.with_name("other.pcapng")
    lab.sh(["tshark", "-r", file, "-Y", "tcp", "-w", other])
    done = replayed(other)
    assert done.returncode == 64 and "it is a capture, but not of a verification" in done.stderr


@pytest.mark.parametrize("arguments, status, words", [
    (["--replay", "/nowhere"], 64, "/nowhere: No such file or directory"),
    (["--replay", "x", TARGET], 64, "a target cannot be given with it"),
    (["--replay", "x", "--loss", "..1%"], 64, "a claim cannot be given with it"),
    (["--replay", "x", "--max-time", "1s"], 64, "--max-time cannot be given with it"),
    ([TARGET, "--loss", "..1%", "--evidence", "/nowhere/x"], 74, "--evidence /nowhere/x: No such file or directory"),
    ([TARGET, "--loss", "..1%", "--evidence", "/dev/full", "--max-probes", "5"], 74, "--evidence /dev/full: No space left on device"),
    ([], 64, "Missing expected argument '<target>'")])
def test_what_cannot_be_done_is_said(web, arguments, status, words):
    done = web.client.synprobe("verify", *arguments)
    assert done.returncode == status and words in done.stderr, done.stderr

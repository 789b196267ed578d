"""Mode connect: the kernel's own handshake, without privilege; and what `auto` chooses."""
import json
import subprocess
import time

import lab
import pytest

UNPRIVILEGED = ["setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]


@pytest.fixture
def wire():
    pair = lab.Pair()
    pair.peer.listen("192.0.2.2/8080")
    pair.peer.listen("2001:db8::2/8080")
    yield pair
    pair.close()


def connect(wire, *arguments, **options):
    report = wire.client.probe("-m", "connect", "-i", "20ms", *arguments, **options)
    assert report["mode"] == "connect"
    return report


@pytest.mark.parametrize("target", ["192.0.2.2:8080", "[2001:db8::2]:8080"])
def test_a_listener_is_open_with_the_kernels_round_trip_and_no_stamp(wire, target):
    report = connect(wire, target)
    assert report["outcomes"]["open"] == 5
    assert 0 < report["rtt_ms"]["p50"] < 50
    assert report["timestamps"] == {"rtt": "tcp_info"}
    assert "segments_ms" not in report
    assert report["interface"] == "c0"
    for probe in report["probes"]:
        assert probe["source_port"] > 0 and "network_ms" not in probe


@pytest.mark.parametrize("target", ["192.0.2.2:9", "[2001:db8::2]:9"])
def test_a_reset_is_closed(wire, target):
    report = connect(wire, target, status=1)
    assert report["outcomes"]["closed"] == 5


def test_nothing_is_left_at_the_target(wire):
    connect(wire, "192.0.2.2:8080", "-c", "50")
    states = wire.peer.run("ss", "-Htn", "state", "connected", "sport", "=", ":8080").stdout
    assert states == ""


@pytest.mark.parametrize("rule, code", [
    ("reject with icmpx type admin-prohibited", 13), ("reject with icmp type host-unreachable", 1),
    ("reject with icmp type port-unreachable", 3)])
def test_an_icmp_error_is_filtered_with_its_sender(wire, rule, code):
    wire.peer.nft(f"input tcp dport 80 {rule}")
    report = connect(wire, "192.0.2.2:80", status=1)
    assert report["outcomes"]["filtered"] == 5
    assert report["probes"][0]["icmp"] == {"type": 3, "code": code, "from": "192.0.2.2"}


def test_a_silent_target_is_lost_at_a_place_unknown(wire):
    wire.peer.nft("input tcp dport 80 drop")
    report = connect(wire, "192.0.2.2:80", "-W", "300ms", status=1)
    assert report["outcomes"]["lost"] == report["loss"]["unknown"] == 5


def test_a_syn_that_was_repeated_is_a_loss_and_no_second_of_latency(wire):
    """The peer drops the first SYN of each connection; the kernel's second, after 1 s, is answered."""
    wire.peer.run("nft", "-f", "-", input="""table inet once {
        set seen { type inet_service; flags dynamic; size 1024; timeout 30s; }
        chain input { type filter hook input priority 0;
          tcp dport 8080 tcp flags & (syn|ack) == syn tcp sport != @seen add @seen { tcp sport } drop
        }
    }""")
    report = connect(wire, "192.0.2.2:8080", "-c", "3", "-W", "3s", status=1)
    assert report["outcomes"]["lost"] == 3
    assert report["anomalies"]["late"] == 3
    assert "rtt_ms" not in report


def test_without_a_route_a_probe_is_blocked(wire):
    report = connect(wire, "203.0.113.1:80", status=1)
    assert report["outcomes"]["blocked"] == 5
    assert report["probes"][0]["errno"] == "ENETUNREACH"


def test_a_delay_is_in_the_round_trip(wire):
    wire.client.tc("qdisc add dev c0 root tbf rate 64kbit burst 100 limit 60000")
    report = connect(wire, "192.0.2.2:8080", "-c", "10", "-W", "4s")
    assert report["rtt_ms"]["p50"] > 5


def test_thousands_in_flight_stay_within_the_descriptors(wire):
    wire.peer.nft("input tcp dport 80 drop")
    command = f"ulimit -n 512; exec {lab.SYNPROBE} 192.0.2.2:80 -m connect -c 2000 -i 100us -W 400ms -o json"
    began = time.monotonic()
    report = json.loads(wire.client.run("sh", "-c", command, check=False).stdout)
    lab.check_identity(report)
    assert report["outcomes"]["lost"] == report["attempted"] >= 256
    assert time.monotonic() - began < 0.2 + 0.4 + 1 + 1


def test_many_at_once_have_a_port_each(wire):
    """Fewer than the listener's accept queue holds, from which nothing is taken."""
    report = connect(wire, "192.0.2.2:8080", "-c", "900", "-i", "100us")
    assert report["outcomes"]["open"] == 900


def test_a_full_accept_queue_is_silence(wire):
    report = connect(wire, "192.0.2.2:8080", "-c", "1200", "-i", "1ms", "-W", "500ms")
    assert report["outcomes"]["open"] == 1025  # The backlog of 1024, and one.
    assert report["outcomes"]["lost"] == 175


def test_source_and_port_and_header_options_are_used(wire):
    wire.client.ip("addr add 192.0.2.17/24 dev c0")
    dump = wire.peer.start("tcpdump", "-i", "p0", "-nvc", "1", "tcp[13] == 2", stdout=-1, stderr=-1)
    assert "listening on" in dump.stderr.readline()
    report = connect(
        wire, "192.0.2.2:8080", "-c", "3", "--source", "192.0.2.17", "--source-port", "7001", "--ttl", "33", "--dscp", "46"
    )
    assert report["outcomes"]["open"] == 3 and report["source"] == "192.0.2.17"
    assert {probe["source_port"] for probe in report["probes"]} == {7001}
    text = dump.communicate(timeout=10)[0]
    assert "192.0.2.17.7001 >" in text and "ttl 33" in text and "tos 0xb8" in text


def test_auto_falls_back_and_says_so_once(wire):
    done = wire.client.run(*UNPRIVILEGED, lab.SYNPROBE, "192.0.2.2:8080", "192.0.2.2:9", "-c", "2", "-o", "json")
    reports = json.loads(done.stdout)
    assert [report["mode"] for report in reports] == ["connect", "connect"]
    assert done.stderr.count("\n") == 1
    assert "connect()" in done.stderr and "raw socket" in done.stderr


def test_auto_takes_syn_where_it_may(wire):
    report = wire.client.probe("192.0.2.2:8080", "-c", "1")
    assert report["mode"] == "syn"


def test_the_first_run_works_without_privilege(wire):
    done = wire.client.run(*UNPRIVILEGED, lab.SYNPROBE, "-c", "2")
    assert "mode connect" in done.stdout and "2 open" in done.stdout


def test_all_formats_hold_without_stamps(wire):
    for form in "text", "csv", "jsonl":
        done = wire.client.synprobe("192.0.2.2:8080", "-m", "connect", "-c", "2", "-i", "10ms", "-v", "-o", form)
        assert done.returncode == 0 and done.stderr == ""
        assert "nil" not in done.stdout and "Optional" not in done.stdout


def test_a_signal_ends_it(wire):
    wire.peer.nft("input tcp dport 80 drop")
    run = wire.client.start(
        lab.SYNPROBE, "192.0.2.2:80", "-m", "connect", "--forever", "-i", "1ms", "-q", stdout=subprocess.PIPE
    )
    time.sleep(1)
    run.terminate()
    assert run.wait(timeout=1.5) == 143

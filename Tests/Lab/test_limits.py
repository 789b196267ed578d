"""This host's own limits: short intervals, few descriptors, readers that stop, many targets, stalls, two runs at once."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import lab
import pytest


@pytest.fixture
def host():
    space = lab.Namespace("l")
    space.listen("127.0.0.1/8080")
    yield space
    space.close()


@pytest.fixture
def wire():
    pair = lab.Pair()
    pair.peer.listen("192.0.2.2/8080")
    yield pair
    pair.close()


def ends_within(process, seconds):
    """The exit status of a process that must end in time."""
    return process.wait(timeout=seconds)


@pytest.mark.parametrize("interval", ["1us", "10us", "100us"])
def test_a_short_interval_ends_within_its_bound_and_loses_nothing(host, interval):
    began = time.monotonic()
    report = host.probe("127.0.0.1:8080", "-c", "6000", "-i", interval)
    assert time.monotonic() - began < 4.5
    assert report["attempted"] > 1000
    assert report["outcomes"]["open"] == report["attempted"]
    assert report["anomalies"]["capture_drops"] == 0


@pytest.mark.parametrize("interval", ["1us", "100us"])
def test_a_signal_ends_a_run_of_short_intervals(host, interval):
    run = host.start(lab.SYNPROBE, "127.0.0.1:8080", "--forever", "-i", interval, "-q", stdout=subprocess.DEVNULL)
    time.sleep(1.5)
    run.send_signal(signal.SIGTERM)
    assert ends_within(run, 1.5) == 128 + signal.SIGTERM


def test_few_descriptors_neither_end_the_route_nor_the_ports(host):
    command = f"ulimit -n 256; exec {lab.SYNPROBE} 127.0.0.1:8080 -c 1500 -i 1ms -o json"
    report = json.loads(host.run("sh", "-c", command).stdout)
    assert report["attempted"] == report["outcomes"]["open"] == 1500


def test_a_fixed_port_is_never_in_flight_twice(wire):
    wire.peer.nft("input tcp dport 9 drop")
    report = wire.client.probe("192.0.2.2:9", "-c", "4", "-i", "50ms", "-W", "300ms", "--source-port", "7000", status=1)
    assert report["outcomes"]["lost"] == report["attempted"]
    assert {probe["source_port"] for probe in report["probes"]} == {7000}
    assert report["duration_ms"] < 4 * 50 + 300 + 1000


def test_a_reader_that_stops_does_not_hold_up_a_signal(host):
    run = host.start(lab.SYNPROBE, "127.0.0.1:8080", "-c", "5000", "-i", "1ms", stdout=subprocess.PIPE)
    time.sleep(3)
    run.send_signal(signal.SIGTERM)
    assert ends_within(run, 1.5) == 128 + signal.SIGTERM


def test_a_reader_that_pauses_loses_nothing(host):
    run = host.start(lab.SYNPROBE, "127.0.0.1:8080", "-c", "2000", "-i", "500us", "-o", "jsonl", stdout=subprocess.PIPE)
    time.sleep(2)
    lines = run.communicate(timeout=10)[0].splitlines()
    assert len(lines) == 2001 and json.loads(lines[-1])["outcomes"]["open"] == 2000


def test_thousands_of_targets_end_within_a_second_of_a_signal(host):
    targets = [f"127.1.{number // 250}.{number % 250 + 1}:8080" for number in range(3000)]
    run = host.start(lab.SYNPROBE, *targets, "-c", "30", "-i", "1s", "-q", stdout=subprocess.DEVNULL)
    time.sleep(3)
    run.send_signal(signal.SIGTERM)
    assert ends_within(run, 1.5) == 128 + signal.SIGTERM


def test_two_runs_at_once_do_not_see_each_other(host):
    command = [lab.SYNPROBE, "127.0.0.1:8080", "-c", "50", "-i", "10ms", "-o", "json"]
    runs = [host.start(*command, stdout=subprocess.PIPE) for _ in range(2)]
    for run in runs:
        report = json.loads(run.communicate(timeout=20)[0])
        assert report["outcomes"]["open"] == 50
        assert set(report["anomalies"].values()) == {0}


def test_a_target_port_within_the_own_block_is_no_anomaly(host):
    report = host.probe("127.0.0.1:61500", "-c", "3", "-i", "10ms", status=1)
    assert report["outcomes"]["closed"] == 3
    assert set(report["anomalies"].values()) == {0}


def test_a_renamed_device_is_still_one_device(wire):
    run = wire.client.start(
        lab.SYNPROBE, "192.0.2.2:8080", "-c", "30", "-i", "100ms", "-o", "json", stdout=subprocess.PIPE
    )
    time.sleep(1)
    wire.client.ip("link set c0 name c9")
    report = json.loads(run.communicate(timeout=20)[0])
    lab.check_identity(report)
    assert report["outcomes"]["open"] == 30
    assert report["anomalies"]["duplicates"] == 0


def test_a_pending_error_about_another_connection_hides_no_reply():
    tun = lab.Tun(script="tunstall.py")
    try:
        run = tun.client.start(
            lab.SYNPROBE, "192.0.2.9:80", "-c", "1", "-W", "1s", "-o", "json", stdout=subprocess.PIPE
        )
        time.sleep(0.15)
        run.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        run.send_signal(signal.SIGCONT)
        report = json.loads(run.communicate(timeout=10)[0])
    finally:
        tun.close()
    assert report["outcomes"]["open"] == 1
    assert 300 <= report["rtt_ms"]["p50"] < 400
    assert report["anomalies"]["unmatched"] == 0


@pytest.mark.parametrize("kind, name", [("prohibit", "EACCES"), ("unreachable", "EHOSTUNREACH"), ("blackhole", "EINVAL")])
def test_a_route_that_refuses_says_how(wire, kind, name):
    wire.client.ip(f"route add {kind} 198.51.100.0/24")
    report = wire.client.probe("198.51.100.1:80", "-c", "1", status=1)
    assert report["outcomes"]["blocked"] == 1
    assert report["probes"][0]["errno"] == name


def test_of_several_targets_each_has_its_line_of_the_value(host):
    done = host.synprobe(
        "127.0.0.1:9", "127.0.0.1:8080", "-c", "2", "-i", "10ms", "-o", "value", "--field", "probes.0.mss"
    )
    lines = done.stdout.split("\n")
    assert lines[0] == "" and int(lines[1]) > 0
    assert done.returncode == 0
    assert "probes.0.mss is absent from the result of 127.0.0.1:9" in done.stderr


@pytest.mark.parametrize("field", ["probes.-1.rtt_ms", "probes.+0.seq", "probes. 0.seq"])
def test_an_index_is_plain_decimal(host, field):
    assert host.synprobe("127.0.0.1:8080", "-o", "value", "--field", field).returncode == 64


def test_an_unspecified_source_is_refused(host):
    done = host.synprobe("127.0.0.1:8080", "--source", "0.0.0.0")
    assert done.returncode == 64 and "0.0.0.0 is not an address of this host" in done.stderr


def test_a_permitted_file_capability_is_enough(host):
    folder = tempfile.mkdtemp(dir="/tmp")
    try:
        os.chmod(folder, 0o755)
        program = shutil.copy(lab.SYNPROBE, folder)
        lab.sh(["setcap", "cap_net_raw+p", program])
        report = json.loads(
            host.run("setpriv", "--reuid=65534", "--clear-groups", program, "127.0.0.1:8080", "-c", "2", "-o", "json").stdout
        )
    finally:
        shutil.rmtree(folder)
    assert report["mode"] == "syn" and report["outcomes"]["open"] == 2

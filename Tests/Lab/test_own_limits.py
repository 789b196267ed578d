"""What this host has no room or no time for is its own, and never called the network's loss."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import jsonschema
import lab
import pytest
from lab import PYTHON, SYNPROBE, report_of, start


def stop(run, seconds):
    run.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    run.send_signal(signal.SIGCONT)


def errnos(report):
    return {probe["errno"] for probe in report["probes"] if "errno" in probe}


def test_a_full_queue_is_blocked_and_slows_the_series_down(web):
    """20 kbit/s let one SYN through in 30 ms: at one in 1 ms a prober without back-off is refused 19 times in 20."""
    web.client.tc("qdisc add dev c0 root tbf rate 20kbit burst 80 limit 300")
    report = web.client.probe("192.0.2.2:8080", "-c", "400", "-i", "1ms", "-W", "1s")
    assert report["loss"]["network"] == 0
    assert errnos(report) == {"ENOBUFS"}
    assert report["outcomes"]["open"] > 20
    assert report["outcomes"]["blocked"] < 2 * report["outcomes"]["open"]


def test_a_full_send_buffer_is_blocked_without_a_wait(web):
    web.client.tc("qdisc add dev c0 root tbf rate 20kbit burst 80 limit 10000000")
    began = time.monotonic()
    report = web.client.probe("192.0.2.2:8080", "-c", "1500", "-i", "100us", "-W", "300ms")
    assert time.monotonic() - began < 0.15 + 0.3 + 1 + 1
    assert errnos(report) == {"ENOBUFS"}
    # One SYN may leave just before its deadline: it was sent, and its answer came after.
    assert report["loss"]["network"] <= 1 and report["loss"]["egress"] > 100


def test_a_firewall_that_begins_mid_run_blocks_from_then_on(web):
    run = start(web.client, "192.0.2.2:8080", "-c", "20", "-i", "50ms")
    time.sleep(0.5)
    web.client.nft("output tcp dport 8080 drop")
    report = report_of(run)
    assert report["outcomes"]["open"] + report["outcomes"]["blocked"] == 20
    assert report["outcomes"]["open"] > 0 and errnos(report) == {"EPERM"}


@pytest.mark.parametrize("mode", ["syn", "connect"])
def test_a_stopped_process_loses_nothing_and_says_that_it_stood_still(web, mode):
    web.peer.tc("qdisc add dev p0 root tbf rate 200kbit burst 80 latency 5s")
    run = start(web.client, "192.0.2.2:8080", "-m", mode, "-c", "60", "-i", "20ms", "-W", "500ms")
    time.sleep(0.3)
    stop(run, 3)
    report = report_of(run)
    # The plan is over when the process goes on: what left before the stop is all there is, some ten probes.
    assert report["outcomes"]["open"] == report["attempted"] > 2
    assert report["anomalies"]["stalls"] >= 1
    jsonschema.validate(report, json.loads((lab.HERE / "golden/ping.schema.json").read_text()))
    assert report["rtt_ms"]["max"] < 500


def test_a_run_that_is_not_stopped_reports_no_stall(web):
    assert "stalls" not in web.client.probe("192.0.2.2:8080", "-c", "20", "-i", "20ms")["anomalies"]


def test_an_answer_after_the_timeout_is_late_though_the_process_slept_through_both():
    tun = lab.Tun("ack", 0, 1, 600, program=lab.compiled("hostile.c"))
    try:
        run = start(tun.client, "192.0.2.2:80", "-c", "1", "-W", "300ms")
        time.sleep(0.15)
        stop(run, 1.5)
        report = report_of(run)
    finally:
        tun.close()
    assert report["outcomes"]["lost"] == report["loss"]["network"] == 1
    assert report["anomalies"]["late"] == 1 and 590 < report["probes"][0]["late_ms"] < 700


def test_a_ring_that_overflows_makes_the_place_unknown():
    """The peer answers nothing and floods; while the process stands still, its buffers run over."""
    tun = lab.Tun("ack", 400_000, 150_000, program=lab.compiled("hostile.c"))
    try:
        run = start(tun.client, "192.0.2.2:80", "-c", "40", "-i", "50ms", "-W", "1s")
        time.sleep(0.5)
        stop(run, 1.5)
        report = report_of(run)
    finally:
        tun.close()
    assert report["anomalies"]["capture_drops"] > 1_000
    assert report["outcomes"]["open"] == 0 and report["loss"]["unknown"] > 5
    assert report["loss"]["ingress"] == report["loss"]["egress"] == 0


def test_stamps_that_the_full_buffer_swallowed_are_absent_and_no_loss_in_the_egress():
    """The queue hands the SYNs to the device while the process stands still and the flood fills what stamps share."""
    tun = lab.Tun("ack", 300_000, 150_000, 1_800, program=lab.compiled("hostile.c"))
    tun.client.tc("qdisc add dev tun0 root tbf rate 4kbit burst 60 limit 100000")
    try:
        run = start(tun.client, "192.0.2.2:80", "-c", "6", "-i", "10ms", "-W", "6s")
        time.sleep(0.2)
        stop(run, 1.5)
        report = report_of(run)
    finally:
        tun.close()
    assert report["loss"]["egress"] == report["loss"]["ingress"] == 0
    missing = [probe for probe in report["probes"] if "egress_ms" not in probe]
    assert missing, "the buffer was full when their stamps were due"
    for probe in report["probes"]:
        assert probe.get("egress_ms", 0) < 3_000


def test_an_error_queue_that_is_not_drained_for_a_while_confuses_no_probes(web):
    """Thousands of stamps wait while the process stands still: each goes to its own probe, or nowhere."""
    web.client.tc("qdisc add dev c0 root tbf rate 8mbit burst 80 limit 10000000")
    run = start(web.client, "192.0.2.2:8080", "-c", "3000", "-i", "50us", "-W", "3s")
    for _ in range(4):
        time.sleep(0.05)
        stop(run, 0.3)
    report = report_of(run)
    seen = {**report["loss"], "clock_steps": report["anomalies"]["clock_steps"]}
    assert seen["network"] == seen["egress"] == seen["clock_steps"] == 0, (seen, report["anomalies"])
    for probe in report["probes"]:
        if probe["outcome"] == "open":
            assert -0.001 <= probe["egress_ms"] <= probe["rtt_ms"]


def test_a_starved_processor_leaves_the_kernels_times_right(web):
    busy = "import time; end = time.time() + 20\nwhile time.time() < end: pass"
    hogs = [web.client.start(PYTHON, "-c", busy) for _ in range(6)]
    try:
        report = web.client.probe("192.0.2.2:8080", "-c", "50", "-i", "20ms", "-W", "1s")
        idle = json.loads(web.client.run(
            "chrt", "--idle", "0", SYNPROBE, "192.0.2.2:8080", "-c", "20", "-i", "20ms", "-o", "json").stdout)
    finally:
        for hog in hogs:
            hog.kill()
    assert report["outcomes"]["open"] == 50 and report["rtt_ms"]["p50"] < 2
    lab.check_identity(idle)
    assert idle["outcomes"]["open"] == idle["attempted"] and idle["rtt_ms"]["p50"] < 2


@pytest.mark.parametrize("limit", [3, 5, 7, 8, 9, 10, 12, 16, 20])
def test_too_few_descriptors_are_a_clear_error_or_enough(web, limit):
    command = f"ulimit -n {limit}; exec {SYNPROBE} 192.0.2.2:8080 -c 2 -i 20ms -o json"
    done = web.client.run("sh", "-c", command, check=False)
    if done.returncode == 0:
        assert json.loads(done.stdout)["outcomes"]["open"] == 2
    else:
        assert done.returncode in (71, 127) and done.stdout == ""
        assert "descriptor" in done.stderr or "open" in done.stderr


@pytest.mark.parametrize("name", ["ENOSYS", "EPERM"])
def test_where_several_cannot_leave_by_one_call_each_leaves_by_its_own(web, name):
    report = json.loads(web.client.run(
        PYTHON, lab.HERE / "refuse.py", f"sendmmsg:{name}", "--", SYNPROBE,
        "192.0.2.2:8080", "-m", "syn", "-c", "500", "-i", "20us", "-o", "json", check=False).stdout)
    lab.check_identity(report)
    assert report["outcomes"]["open"] == 500


def test_what_this_hosts_firewall_drops_by_chance_is_counted_as_it_is_though_many_leave_together(web):
    web.client.nft("output tcp dport 8080 tcp flags & (syn | rst) == syn numgen random mod 100 < 30 drop")
    outcomes = web.client.probe("192.0.2.2:8080", "-m", "syn", "-c", "3000", "-i", "20us")["outcomes"]
    assert 0.25 < outcomes["blocked"] / 3000 < 0.35 and outcomes["blocked"] + outcomes["open"] == 3000


@pytest.mark.parametrize("name, meaning", [
    ("EAGAIN", "send buffer is full"), ("ENOMEM", "out of memory"), ("EMSGSIZE", "MTU"), ("EINVAL", "source address"),
    ("ENODEV", "device is gone"), ("ENETDOWN", "device is down"), ("EACCES", "prohibited"), ("EPERM", "firewall"),
])
def test_each_refusal_to_send_has_its_own_words(web, name, meaning):
    report = json.loads(web.client.run(
        PYTHON, lab.HERE / "refuse.py", f"sendmsg:{name}", "--", SYNPROBE,
        "192.0.2.2:8080", "-m", "syn", "-c", "3", "-i", "10ms", "-o", "json", check=False).stdout)
    lab.check_identity(report)
    assert report["outcomes"]["blocked"] == report["attempted"] > 0
    assert errnos(report) == {name} and meaning in report["probes"][0]["reason"]


def test_an_interval_timer_storm_disturbs_nothing(web):
    """EINTR in every call: a timer signal a thousand times a second, ignored and not."""
    script = (
        "import os, signal, sys; signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001);"
        "signal.signal(signal.SIGALRM, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])")
    report = json.loads(web.client.run(
        PYTHON, "-c", script, SYNPROBE, "192.0.2.2:8080", "-c", "100", "-i", "10ms", "-o", "json").stdout)
    lab.check_identity(report)
    assert report["outcomes"]["open"] == 100


def test_a_ring_without_memory_is_a_clear_error(web):
    done = web.client.run(
        PYTHON, lab.HERE / "refuse.py", "setsockopt:1=263:2=5:ENOMEM", "--", SYNPROBE, "192.0.2.2:8080", check=False)
    assert done.returncode == 71 and done.stdout == ""
    assert "PACKET_RX_RING" in done.stderr and "memory" in done.stderr


def test_source_ports_that_are_all_taken_are_a_clear_error(web):
    web.client.start(PYTHON, "-c", """
import resource, socket, time
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
kept = []
for port in range(61000, 65096):
    kept.append(socket.socket()); kept[-1].bind(('', port))
print('ready', flush=True); time.sleep(60)""", stdout=subprocess.PIPE).stdout.readline()
    done = web.client.synprobe("192.0.2.2:8080", "-c", "1")
    assert done.returncode == 71 and "61000-65095" in done.stderr and "in use" in done.stderr


def test_more_probes_than_can_be_in_flight_take_bounded_memory(web):
    web.peer.nft("input tcp dport 8080 drop")
    done = web.client.run(
        "/usr/bin/time", "-f", "%M", SYNPROBE, "192.0.2.2:8080", "-c", "1000000", "-i", "1us", "-W", "3s", "-q", check=False)
    assert done.returncode == 1 and "of 1000000 probes could be sent" in done.stderr
    assert int(done.stderr.splitlines()[-1]) < 120_000, "kilobytes"


def test_a_long_run_stays_flat_in_memory_and_descriptors(web):
    run = web.client.start(SYNPROBE, "192.0.2.2:8080", "--forever", "-i", "500us", "-q", stdout=subprocess.PIPE)

    def use():
        status = pathlib.Path(f"/proc/{run.pid}/status").read_text()
        memory = int(re.search(r"VmRSS:\s+(\d+)", status)[1])
        return memory, len(os.listdir(f"/proc/{run.pid}/fd"))

    time.sleep(12)  # The first ports have rested by now, and the first probes are forgotten.
    early = use()
    time.sleep(8)
    late = use()
    run.terminate()
    run.communicate(timeout=10)
    assert late[0] < early[0] * 1.15 + 2_000, (early, late)
    assert late[1] <= early[1] + 2_000, "ports that rest keep their descriptors, up to the block's size"


def test_a_storm_of_stops_loses_nothing(web):
    """Each SIGCONT makes the waiting call return early (EINTR)."""
    run = start(web.client, "192.0.2.2:8080", "-c", "100", "-i", "20ms", "-W", "1s")
    for _ in range(200):
        run.send_signal(signal.SIGSTOP)
        run.send_signal(signal.SIGCONT)
        time.sleep(0.005)
    report = report_of(run)
    assert report["outcomes"]["open"] == report["attempted"] == 100

"""A peer that means harm: forged, replayed, damaged and far too many answers. `hostile.c` makes them."""
import json
import re

import lab
import pytest

ATTACKS = ["ack", "port", "rst", "icmp", "replay", "odd", "mixed"]


def measure(attack, packets, rate, *arguments, answer_ms=None, status=0):
    """The report of a run under attack, and how many packets a second the peer managed."""
    tun = lab.Tun(attack, packets, rate, *([] if answer_ms is None else [answer_ms]), program=lab.compiled("hostile.c"))
    try:
        report = tun.client.probe("192.0.2.2:80", *arguments, status=status)
        sent = re.match(r"sent (\d+) in (\d+) ms", tun.peer.stdout.readline())
        return report, int(sent[1]), int(sent[1]) / int(sent[2]) * 1000
    finally:
        tun.close()


@pytest.mark.parametrize("attack", ["ack", "port", "rst", "icmp"])
def test_of_a_million_forged_answers_none_is_accepted(attack):
    report, sent, _ = measure(attack, 1_000_000, 150_000, "-c", "30", "-i", "200ms", "-W", "1s", status=1)
    assert sent == 1_000_000
    assert report["attempted"] == report["outcomes"]["lost"] == 30
    assert report["loss"]["network"] + report["loss"]["unknown"] == 30
    assert "rtt_ms" not in report


@pytest.mark.parametrize("attack", ATTACKS)
def test_at_100_000_hostile_packets_a_second_own_results_stay_right_or_drops_are_said(attack):
    report, _, rate = measure(attack, 250_000, 100_000, "-c", "25", "-i", "100ms", "-W", "1s", answer_ms=20)
    assert rate > 90_000, "the peer kept its rate"
    assert report["attempted"] == 25
    answered, anomalies = report["outcomes"]["open"], report["anomalies"]
    assert answered == 25 or anomalies["capture_drops"] > 0
    assert report["loss"]["network"] == 0
    assert 19.9 < report["rtt_ms"]["p50"] < 25


def test_a_replay_of_this_or_another_probes_answer_is_a_duplicate_and_nothing_else():
    report, _, _ = measure("replay", 50_000, 50_000, "-c", "10", "-i", "200ms", answer_ms=5)
    assert report["outcomes"]["open"] == 10
    assert report["anomalies"]["duplicates"] > 10_000


def test_an_answer_of_an_earlier_run_is_not_ours():
    """The same ports and a new key: what the peer saw in the first run does not fit in the second."""
    tun = lab.Tun("replay", 40_000, 2_000, 5, program=lab.compiled("hostile.c"))
    try:
        tun.client.probe("192.0.2.2:80", "-c", "4", "-i", "50ms", "--source-port", "61001")
        second = tun.client.probe("192.0.2.2:80", "-c", "4", "-i", "50ms", "--source-port", "61001")
    finally:
        tun.close()
    assert second["outcomes"]["open"] == 4
    assert second["anomalies"]["unmatched"] > 0


def test_a_flood_writes_no_line_of_its_own():
    tun = lab.Tun("mixed", 100_000, 100_000, 5, program=lab.compiled("hostile.c"))
    try:
        done = tun.client.synprobe("192.0.2.2:80", "-c", "5", "-i", "100ms")
    finally:
        tun.close()
    assert len(done.stdout.splitlines()) == 1 + 5 + 4 and done.stderr == ""


def test_memory_stays_bounded_under_a_flood():
    tun = lab.Tun("mixed", 600_000, 150_000, 5, program=lab.compiled("hostile.c"))
    try:
        done = tun.client.run(
            "/usr/bin/time", "-f", "%M", lab.SYNPROBE, "192.0.2.2:80", "-c", "40", "-i", "100ms", "-o", "json")
    finally:
        tun.close()
    assert json.loads(done.stdout)["outcomes"]["open"] == 40
    assert int(done.stderr.splitlines()[-1]) < 80_000, "kilobytes"

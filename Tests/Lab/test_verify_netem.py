"""Injected faults and wrong claims about them: each verdict, on real netem and real nftables; the peers' readings beside."""
import json

import netem_kernel
import pytest
from lab import PYTHON, ROOT, check_identity, sh
from verify_experiments import NETEM, NFT

MAIN = ROOT / "Tests/Lab/verify_experiments.py"
STATUS = {"confirmed": 0, "mismatch": 1, "inconclusive": 2}
CASES = [(name, index, expected) for name, _, claims in NETEM + NFT for index, (_, expected) in enumerate(claims)]


def on_this_kernel(kind):
    """nftables works in every namespace."""
    return [json.loads(line) for line in sh([PYTHON, str(MAIN), kind], timeout=580).stdout.splitlines()]


def reading(beside):
    time, loss = beside["ms"], beside["loss"]
    return f"{'-' if time is None else f'{time:.1f}':>6} {'-' if loss is None else f'{loss * 100:.0f}%':>6}"


@pytest.fixture(scope="module")
def rows(pytestconfig):
    found = {}
    for row in netem_kernel.rows("verify") + on_this_kernel("nft"):
        found.setdefault(row["name"], []).append(row)
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{'fault':32} {'verdict':12} {'probes':>6} {'hping3 ms, loss':>14} {'nping ms, loss':>13}  claims")
        for row in (row for rows in found.values() for row in rows):
            print(f"{row['name']:32} {row['report']['verdict']:12} {row['report']['measurement']['attempted']:6} "
                  f"{reading(row['hping3'])} {reading(row['nping'])}  {row['claims']}")
    return found


@pytest.mark.parametrize("name, index, expected", CASES, ids=[f"{name}-{index}" for name, index, _ in CASES])
def test_the_verdict_is_that_of_the_fault(rows, name, index, expected):
    row = rows[name][index]
    report = row["report"]
    assert report["verdict"] == expected, row["sentence"]
    assert row["status"] == STATUS[expected]
    assert row["sentence"] == report["reason"] and report["reason"].startswith(f"{expected}: 192.0.2.2:8080: ")
    check_identity(report["measurement"])


@pytest.mark.parametrize("name, index, words", [
    ("delay at both", 1, "measured 200 ms = 2 × 100 ms: is it applied at both ends?"),
    ("delay at own ingress", 1, "it is in this host's ingress, and not as expected: network; pcap-based tools do not see it there"),
    ("delay at the peer", 1, "it is in the network, and not as expected: egress"),
    ("no fault", 0, "no delay at all: is the rule on another interface, or in another direction?"),
    ("no fault", 3, "no loss at all: is the rule on another interface, or in another direction?"),
    ("loss by netem's own limit", 0, "netem's limit of 4 drops by itself: at this interval 5 probes wait in its delay"),
    ("partition here, inwards", 0, "cut in one direction: every reply arrives, and this host's ingress drops it"),
    ("partition here, outwards", 0, "this host itself refused to send"),
    ("partition at the peer, inwards", 1, "nothing is answered at all: this is a partition"),
    ("partition of the control too", 0, "the control target itself left"),
    ("delay half removed", 0, " ms more than the baseline are left; the delay is in the network"),
])
def test_the_reason_explains_it(rows, name, index, words):
    assert words in rows[name][index]["sentence"], rows[name][index]["sentence"]


@pytest.mark.parametrize("name, segment", [
    ("delay at the peer", "network"), ("delay at own egress", "egress"), ("delay at own ingress", "ingress")])
def test_the_place_is_told_by_the_segments(rows, name, segment):
    claims = rows[name][0]["report"]["claims"]
    place = next(claim for claim in claims if claim["claim"] == "where")
    assert place["estimate"] == segment
    added = next(claim for claim in claims if claim["claim"] == "added")
    assert added["interval_ms"][0] <= added["estimate_ms"] <= added["interval_ms"][1]
    assert abs(added["estimate_ms"] - 100) < 3


def test_pcap_based_peers_call_a_dropped_reply_a_success(rows):
    row = rows["partition here, inwards"][0]
    assert row["report"]["measurement"]["loss"]["ingress"] > 100
    assert row["hping3"]["loss"] <= 0 and row["nping"]["loss"] < 1
    assert rows["delay at own ingress"][0]["hping3"]["ms"] < 50

"""Real netem: the right segment shows the delay, the right place the loss. In User-Mode Linux where the kernel has none."""
import math

import netem_kernel
import pytest
from lab import check_identity


@pytest.fixture(scope="module")
def rows():
    found = {row["name"]: row for row in netem_kernel.rows("netem")}
    for row in found.values():
        check_identity(row["report"])
    return found


@pytest.mark.parametrize("place, segment", [
    ("own egress", "egress"), ("the peer", "network"), ("own ingress", "ingress")])
def test_a_delay_is_in_its_own_segment(rows, place, segment):
    report = rows[f"delay 30ms at {place}"]["report"]
    assert report["outcomes"]["open"] == 10
    medians = {name: value["p50"] for name, value in report["segments_ms"].items()}
    assert abs(medians.pop(segment) - 30) < 0.5
    assert all(value < 1 for value in medians.values()), medians


def test_pcap_based_peers_are_blind_to_a_delay_at_own_ingress(rows):
    row = rows["delay 30ms at own ingress"]
    assert row["hping3_least_ms"] < 25 and row["nping_ms"] < 25 and row["report"]["rtt_ms"]["p50"] > 29


@pytest.mark.parametrize("place, where", [
    ("own egress", "egress"), ("the peer", "network"), ("own ingress", "ingress")])
def test_a_loss_is_in_its_own_place_and_within_the_binomial_interval(rows, place, where):
    report = rows[f"loss 30% at {place}"]["report"]
    attempted, lost = report["attempted"], report["outcomes"]["lost"]
    # So many standard deviations: a right program fails once in sixteen million runs.
    assert abs(lost - 0.3 * attempted) <= 5.5 * math.sqrt(attempted * 0.3 * 0.7)
    assert report["loss"][where] == lost


@pytest.mark.parametrize("name, ways", [("there", ["forward"]), ("back", ["back"]), ("each way", ["forward", "back"])])
def test_a_loss_has_its_way(rows, name, ways):
    loss = rows[f"loss 20% {name}"]["report"]["loss"]
    shares = loss["direction"]
    for way in "forward", "back":
        lower, upper = shares[way]["interval"]
        # An interval at 95 % does not hold it in one run of twenty, and is never far off.
        assert lower - 0.03 <= (0.2 if way in ways else 0) <= upper + 0.03, shares
        assert 0.1 < shares[way]["ratio"] < 0.3 if way in ways else lower == loss[way] == 0
    if len(ways) == 1:
        assert shares[ways[0]]["interval"][0] > 0.05 and loss[ways[0]] >= 0.6 * loss["network"]


@pytest.mark.parametrize("name, there, back", [
    ("delay 37ms there", 37, 0), ("delay 37ms back", 0, 37), ("delay 3ms there", 3, 0),
    ("delay 20ms there, 10ms back", 20, 10), ("delay 10ms there, 20ms back", 10, 20)])
def test_an_added_delay_has_its_way(rows, name, there, back):
    """Within the interval at 95 %, and half a millisecond for what the machines themselves take more."""
    added = rows[name]["added"]
    for way, expected in (("forward", there), ("back", back)):
        lower, upper = added[way]["interval"]
        assert lower - 0.5 <= expected <= upper + 0.5 and upper - lower < 6, added
    assert rows[name]["place"] == ("forward" if there > back else "back")


def test_duplicates_are_counted_and_are_no_loss(rows):
    report = rows["duplicate 50% at the peer"]["report"]
    assert report["outcomes"]["open"] == 100 and report["loss"]["ratio"] == 0
    assert 20 <= report["anomalies"]["duplicates"] <= 80


def test_damage_is_counted_and_never_a_wrong_answer(rows):
    report = rows["corrupt 30% at the peer"]["report"]
    assert report["outcomes"]["open"] + report["outcomes"]["lost"] == 100
    assert 1 <= report["anomalies"]["corrupt"] <= report["outcomes"]["lost"]


def test_answers_after_the_timeout_are_late_and_stay_lost(rows):
    report = rows["delay 2s over a timeout of 1s"]["report"]
    assert report["outcomes"]["lost"] == 10
    assert report["anomalies"]["late"] > 0
    assert "rtt_ms" not in report


def test_a_tagged_network_is_measured(rows):
    report = rows["delay 30ms at the peer, over a VLAN"]["report"]
    assert report["outcomes"]["open"] == 10 and report["interface"] == "c0.7"
    assert abs(report["segments_ms"]["network"]["p50"] - 30) < 0.5


def test_a_drop_by_own_traffic_control_is_lost_in_the_ingress(rows):
    report = rows["drop by own traffic control"]["report"]
    assert report["loss"]["ingress"] == 4

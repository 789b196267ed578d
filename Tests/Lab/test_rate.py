"""How wide the path is, and where it is narrow, by trains of SYNs: tbf and htb on the way there, on the way back, and here."""
import json
import re

import jsonschema
import pytest
from lab import HERE
from rate_experiments import SHAPERS, Routed

SCHEMA = json.loads((HERE / "golden/verify.schema.json").read_text())


@pytest.fixture(scope="module")
def routed():
    network = Routed()
    yield network
    network.close()


@pytest.fixture
def path(routed):
    yield routed
    routed.clear()


def verify(path, *arguments, status=0):
    done = path.client.synprobe("verify", path.TARGET, *arguments, "-o", "json")
    assert done.returncode == status, done.stderr
    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    return report


@pytest.mark.parametrize("way, discipline, rate", SHAPERS, ids=[f"{way} {words}" for way, words, _ in SHAPERS])
def test_a_shaper_is_as_wide_as_it_was_set_and_where_it_is(path, way, discipline, rate):
    path.shape(way, discipline)
    report = verify(path, "--rate", f"{int(rate * 0.9)}bit..{int(rate * 1.1)}bit", "--where", way)
    assert report["verdict"] == "confirmed", report["claims"]
    width, place = report["claims"]
    assert abs(width["estimate_bps"] / rate - 1) < 0.07 and place["estimate"] == way
    assert report["rate_bps"][way]["estimate"] == pytest.approx(width["estimate_bps"], rel=0.05)
    assert report["rate_bps"]["trains"] <= 120 and report["rate_bps"]["probes"] <= 120 * 64


def test_a_rate_that_is_not_there_is_refuted(path):
    path.shape("forward", "tbf rate 10mbit burst 1600 limit 1000000")
    report = verify(path, "--rate", "18mbit..22mbit", status=1)
    assert report["verdict"] == "mismatch" and abs(report["claims"][0]["estimate_bps"] / 10e6 - 1) < 0.05, report["reason"]


def test_both_ways_are_told_apart(path):
    path.shape("forward", "tbf rate 10mbit burst 1600 limit 1000000")
    path.shape("back", "tbf rate 1mbit burst 1600 limit 1000000")
    report = verify(path, "--rate", "0.9mbit..1.1mbit", "--where", "back")
    assert report["verdict"] == "confirmed"
    assert report["rate_bps"]["forward"]["estimate"] == pytest.approx(10e6, rel=0.05)


def test_a_path_without_a_shaper_refutes_one_on_the_way_there(path):
    report = verify(path, "--rate", "9mbit..11mbit", "--where", "forward", status=1)
    assert report["claims"][0]["verdict"] == "mismatch"
    assert "wide or more" in report["reason"], report["reason"]


def test_of_the_way_back_nothing_is_claimed_that_a_bucket_would_hide(path):
    path.shape("back", "tbf rate 1mbit burst 200kb limit 1000000")
    report = verify(path, "--rate", "900kbit..1100kbit", "--where", "back", status=2)
    assert report["verdict"] == "inconclusive" and "a bucket of 32 KB would hide one" in report["reason"], report["reason"]


def test_a_firewall_that_drops_syns_with_data_is_said(path):
    path.peer.nft("input ip length > 100 drop")
    try:
        report = verify(path, "--rate", "9mbit..11mbit", "-W", "300ms", status=2)
    finally:
        path.peer.run("nft", "flush", "ruleset")
    assert report["reason"].count("SYNs with data are not answered"), report["reason"]


def test_a_rate_beside_a_delay_is_judged_by_trains_and_by_probes(path):
    path.shape("egress", "tbf rate 2mbit burst 1600 limit 1000000")
    report = verify(path, "--rate", "1.8mbit..2.2mbit", "--rtt", "..50ms")
    assert [claim["verdict"] for claim in report["claims"]] == ["confirmed", "confirmed"]
    assert report["measurement"]["attempted"] > 5


@pytest.mark.parametrize("arguments, words", [
    (["-m", "connect"], "mode connect sends no trains"), (["--source-port", "40123"], "a train needs many source ports"),
])
def test_where_no_train_can_be_sent_that_is_the_reason(path, arguments, words):
    report = verify(path, "--rate", "9mbit..11mbit", *arguments, status=2)
    assert words in report["reason"]
    assert re.search(words, report["rate_bps"]["absent_because"])


def test_what_tc_prints_of_a_tbf_is_claimed(path, tmp_path):
    path.shape("egress", "tbf rate 3mbit burst 1600 limit 1000000")
    file = tmp_path / "qdisc.json"
    file.write_text(path.client.run("tc", "-j", "qdisc", "show", "dev", "c0").stdout)
    report = verify(path, "--qdisc", file, "--path", "egress")
    assert [(claim["claim"], claim["verdict"]) for claim in report["claims"]] == [
        ("rate", "confirmed"), ("where", "confirmed")]


def test_a_bandwidth_of_a_network_chaos_is_claimed(path, tmp_path):
    path.shape("back", "tbf rate 2mbit burst 1600 limit 1000000")
    file = tmp_path / "chaos.yaml"
    file.write_text(
        "kind: NetworkChaos\nspec: {action: bandwidth, bandwidth: {rate: 250kbps, limit: 1000000, buffer: 1600}}\n")
    report = verify(path, "--network-chaos", file)
    assert [(claim["claim"], claim["verdict"]) for claim in report["claims"]] == [
        ("rate", "confirmed"), ("where", "confirmed")]

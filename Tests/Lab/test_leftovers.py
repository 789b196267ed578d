"""After a fault is gone: what earlier probes left at the target is not the network's, and decides nothing.

While the answers are dropped, the target keeps half-open connections for a minute; a SYN from one of their ports is met
with a challenge ACK.
"""
import json
import os

import lab
import pytest

RUNS = int(os.environ.get("SYNPROBE_LEFTOVER_RUNS", "2"))
TARGET = "192.0.2.2:8080"
# Where, what begins the fault, and what ends it.
FAULTS = {
    "a drop at the own input": (
        "client", lambda client: client.nft("input tcp sport 8080 drop"), lambda client: flush(client)),
    "a drop on the way back": (
        "peer", lambda peer: peer.nft("output tcp sport 8080 drop"), lambda peer: flush(peer)),
    "a loss on the way back": (
        "peer", lambda peer: peer.nft("output tcp sport 8080 numgen random mod 100 < 60 drop"),
        lambda peer: flush(peer)),
}


def flush(space):
    space.run("nft", "flush", "ruleset")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_is_gone_is_gone_though_the_target_holds_half_open_connections(web, tmp_path, fault):
    side, begin, end = FAULTS[fault]
    space = getattr(web, side)
    before = tmp_path / "before.json"
    before.write_text(json.dumps(web.client.probe(TARGET, "-c", "100", "-i", "2ms")))
    for _ in range(RUNS):
        begin(space)
        report = json.loads(web.client.synprobe(TARGET, "-c", "1500", "-i", "2ms", "-W", "500ms", "-o", "json").stdout)
        lab.check_identity(report)
        assert report["outcomes"]["lost"] > 750 and (report["outcomes"]["open"] == 0) == fault.startswith("a drop")
        end(space)
        done = web.client.synprobe("verify", TARGET, "--clear", "--baseline", str(before), "-i", "5ms", "-o", "json")
        verdict = json.loads(done.stdout)
        assert verdict["verdict"] == "confirmed", (verdict["reason"], verdict["measurement"]["anomalies"])


def test_a_probe_that_meets_a_leftover_is_sent_again_and_said(web):
    """A port that the target holds half open: the answer to its SYN is no answer to the probe."""
    web.client.nft("input tcp sport 8080 drop")
    web.client.probe(TARGET, "-c", "1000", "-i", "1ms", "-W", "200ms", status=1)
    flush(web.client)
    report = web.client.probe(TARGET, "-c", "600", "-i", "2ms", "-W", "500ms")
    assert report["outcomes"]["open"] == 600, report["outcomes"]
    assert report["anomalies"].get("leftovers", 0) > 0, "some of a quarter of the ports are met again"
    lab.check_identity(report)

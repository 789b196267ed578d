"""A device without a link header, whose peer is a script."""
import json

import pytest
from lab import Tun


@pytest.mark.parametrize("answer, outcome, status", [("synack", "open", 0), ("rst", "closed", 1), ("none", "lost", 1)])
def test_a_tun_device_shows_what_its_peer_answers(answer, outcome, status):
    tun = Tun("--answer", answer)
    try:
        report = tun.client.probe("192.0.2.2:80", "-c", "3", "-i", "20ms", "-W", "300ms", status=status)
        assert report["outcomes"][outcome] == 3
        assert report["interface"] == "tun0"
        if answer != "none":
            assert all(probe["rtt_ms"] > 0 for probe in report["probes"])
    finally:
        tun.close()


@pytest.mark.parametrize("kind, labels", [("labels", [(16001, 5, 1), (24005, 0, 1)]), ("short", None), ("beyond", None)])
def test_a_trace_reads_the_labels_that_a_router_tells_and_trusts_no_length(kind, labels):
    tun = Tun("--router", kind)
    try:
        done = tun.client.synprobe("trace", "192.0.2.2:80", "-W", "500ms", "-o", "json")
        assert done.returncode == 0, done.stderr
        router, target = json.loads(done.stdout)["paths"][0]["hops"]
        one, = router["addresses"]
        assert one["address"] == "192.0.2.200" and one["answered"] == 3 and target["addresses"][0]["role"] == "open"
        told = [(label["label"], label["traffic_class"], label["ttl"]) for label in one.get("mpls", [])]
        assert told == (labels or [])
        text = tun.client.synprobe("trace", "192.0.2.2:80", "-W", "500ms").stdout
        assert ("MPLS label 16001, MPLS label 24005" in text) == bool(labels)
    finally:
        tun.close()

"""A device without a link header, whose peer is a script."""
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

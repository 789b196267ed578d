"""Odd answers, one kind a test: what each of them makes of a probe."""
import pytest
from lab import Tun

# kind: (outcome, what is counted beside it)
TABLE = {
    "reset of the ISN": ("closed", {}),
    "reset without ACK": ("lost", {"unmatched": 3}),
    "reset with a wrong ACK": ("lost", {"unmatched": 3}),
    "simultaneous open": ("unexpected", {}),
    "data in the SYN-ACK": ("open", {}),
    "FIN": ("unexpected", {}),
    "every flag": ("lost", {"unmatched": 3}),
    "no flag": ("unexpected", {}),
    "bare ACK": ("unexpected", {}),
    "IP options": ("open", {}),
    "option of length 0": ("open", {}),
    "option beyond the header": ("open", {}),
    "header beyond the packet": ("lost", {}),
    "header below its least": ("lost", {}),
    "SYN-ACK, then RST": ("open", {}),
    "wrong checksum": ("lost", {"corrupt": 3}),
}


@pytest.mark.parametrize("kind", TABLE)
def test_an_odd_answer_is_what_the_rules_say_and_never_a_trap(kind):
    outcome, counted = TABLE[kind]
    tun = Tun(kind, script="tunodd.py")
    try:
        report = tun.client.probe(
            "192.0.2.2:80", "-c", "3", "-i", "20ms", "-W", "200ms", status=0 if outcome == "open" else 1)
    finally:
        tun.close()
    assert report["outcomes"][outcome] == 3, report["probes"]
    for name, count in counted.items():
        assert report["anomalies"][name] == count


def test_a_fragmented_answer_is_delivered_whole_by_the_kernel():
    """The capture sees fragments, of which it makes nothing; the raw socket gets what the kernel put together."""
    tun = Tun("fragments", script="tunodd.py")
    try:
        report = tun.client.probe("192.0.2.2:80", "-c", "3", "-i", "20ms", "-W", "200ms")
    finally:
        tun.close()
    assert report["outcomes"]["open"] == 3
    assert all("network_ms" not in probe and probe["rtt_ms"] > 0 for probe in report["probes"])

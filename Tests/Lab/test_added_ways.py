"""On which way a delay grew since a baseline, by the target's own clock; the real delays are those of test_netem.py."""
import json

import jsonschema
import lab
import pytest

TARGET = "192.0.2.2:8080"
SCHEMA = json.loads((lab.HERE / "golden/verify.schema.json").read_text())


@pytest.fixture
def baseline(web, tmp_path):
    """Measures one, and returns its file."""
    file = tmp_path / "before.json"
    file.write_text(json.dumps(web.client.probe(TARGET, "-c", "40", "-i", "20ms")))
    return file


def verify(space, *arguments):
    done = space.synprobe("verify", TARGET, "-o", "json", "--max-time", "10s", *arguments)
    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    return report


def test_without_a_fault_nothing_is_added_on_either_way(web, baseline):
    report = verify(web.client, "--baseline", baseline, "--added-forward=-3ms..3ms", "--added-back=-3ms..3ms")
    assert report["verdict"] == "confirmed", report["reason"]
    for way in "forward", "back":
        lower, upper = report["added_ms"][way]["interval"]
        assert lower <= 0.1 and upper >= -0.1


def test_the_ports_are_those_of_the_baseline(web, baseline):
    before = json.loads(baseline.read_text())
    report = verify(web.client, "--baseline", baseline, "--added-forward=-3ms..3ms")
    ports = {reading["port"] for reading in before["clocks"]["answers"]}
    used = [reading["port"] for reading in report["measurement"]["clocks"]["answers"]]
    assert len(ports) == 40 and set(used[:40]) <= ports


def test_a_baseline_lists_what_the_targets_clock_told(baseline):
    clocks = json.loads(baseline.read_text())["clocks"]
    assert len(clocks["answers"]) == 40
    for reading in clocks["answers"]:
        assert reading["sent_ms"] < reading["received_ms"] < reading["sent_ms"] + 1000


def without_clocks(report):
    del report["clocks"]


def of_another_start(report):
    report["clocks"]["boot"] = "another"


def restarted(report):
    for index, reading in enumerate(report["clocks"]["answers"]):
        reading["peer_ticks"] = (reading["peer_ticks"] + 2654435761 * (index + 1)) % 2**32


def from_other_ports(report):
    for reading in report["clocks"]["answers"]:
        reading["port"] = reading["port"] % 1000 + 1


@pytest.mark.parametrize("change, reason", [
    (without_clocks, "the baseline has no timestamps of the target's clock, or none from this start of this host: save a new one"),
    (of_another_start, "the baseline has no timestamps of the target's clock, or none from this start of this host: save a new one"),
    (restarted, "the target's clock is not that of the baseline: it was restarted, stepped, is rewritten on the way, or"
                " SYN cookies use its low bits"),
    (from_other_ports, "too few source ports are those of the baseline"),
])
def test_what_cannot_be_told_is_absent_with_its_reason(web, baseline, tmp_path, change, reason):
    report = json.loads(baseline.read_text())
    change(report)
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(report))
    found = verify(web.client, "--baseline", changed, "--added-forward=-3ms..3ms", "--max-probes", "60")
    assert found["verdict"] == "inconclusive" and reason in found["reason"]
    added = found["added_ms"]
    assert set(added) == {"total", "absent_because"} and added["absent_because"].startswith(reason)


def test_a_target_without_timestamps_tells_nothing(web, baseline):
    web.peer.run("sysctl", "-qw", "net.ipv4.tcp_timestamps=0")
    report = verify(web.client, "--baseline", baseline, "--added-back=-3ms..3ms", "--max-probes", "60")
    assert report["verdict"] == "inconclusive" and "the target's answers carry no timestamps" in report["reason"]


def test_a_target_in_cookie_mode_tells_nothing(web, baseline):
    web.peer.run("sysctl", "-qw", "net.ipv4.tcp_syncookies=2")
    report = verify(web.client, "--baseline", baseline, "--added-back=-3ms..3ms", "--max-probes", "60")
    assert report["verdict"] == "inconclusive" and "SYN cookies" in report["reason"]


def test_a_control_target_has_another_clock(web):
    web.peer.listen("192.0.2.2/9000")
    report = verify(web.client, "--control", "192.0.2.2:9000", "--added-forward=-3ms..3ms", "--max-probes", "60")
    assert report["verdict"] == "inconclusive" and "takes a saved baseline" in report["reason"]


def test_a_way_needs_a_baseline(web):
    done = web.client.synprobe("verify", TARGET, "--added-forward", "1ms..2ms")
    assert done.returncode == 64 and "the claim added-forward needs a baseline" in done.stderr


@pytest.mark.parametrize("reading", [
    {"port": 70000, "sent_ms": 1, "received_ms": 2, "peer_ticks": 3}, {"port": 1, "sent_ms": -1, "received_ms": 2, "peer_ticks": 3},
    {"port": 1, "sent_ms": 1, "received_ms": 1e300, "peer_ticks": 3}, {"port": 1, "sent_ms": 1, "received_ms": 2, "peer_ticks": 2**33}])
def test_no_baseline_traps_it(web, baseline, tmp_path, reading):
    report = json.loads(baseline.read_text())
    report["clocks"]["answers"] = [reading] * 50
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(report))
    assert verify(web.client, "--baseline", changed, "--added-forward=-3ms..3ms", "--max-probes", "20")["verdict"] == "inconclusive"

"""Monitors: targets that are probed until somebody says otherwise, and what is kept of them over a restart."""
import json
import time

import jsonschema
import lab
import pytest
from events import Stream
from service import problem
from test_stream import held

TARGET = "192.0.2.2:8080"


@pytest.fixture
def service(serve, peer):
    return serve()


def create(service, **members):
    answer = service.request("POST", "/v1/monitors", {"Content-Type": "application/json"}, json.dumps({"target": TARGET, **members}))
    assert answer.status == 201, answer.body
    assert answer.headers["Location"] == f"/v1/monitors/{answer.json['id']}"
    return answer.json


def valid(service, name, found):
    """It is what the service's own document says."""
    document = service.get("/openapi.json").json
    jsonschema.validate(found, {"$ref": f"#/components/schemas/{name}", "components": document["components"]})
    return found


def check(service, monitor, query=""):
    return service.get(f"/v1/monitors/{monitor['id']}/check{query}")


def history(service, monitor, query=""):
    return service.get(f"/v1/monitors/{monitor['id']}/history{query}").json["history"]


def test_a_monitor_is_made_read_checked_and_deleted(service):
    monitor = create(service, interval="10ms", window="1s", claims={"rtt": "..50ms", "refused": False})
    assert monitor["probing"] and not monitor["kept"] and monitor["claims"] == {"rtt": "..50ms"}
    valid(service, "Monitor", monitor)
    assert service.get(f"/v1/monitors/{monitor['id']}").json == monitor
    listed = service.get("/v1/monitors").json
    assert valid(service, "Monitors", listed)["monitors"] == [monitor]
    lab.wait_until(lambda: check(service, monitor).json["window"]["attempted"] > 50)
    assert check(service, monitor).json["verdict"] == "confirmed"
    found = valid(service, "Check", check(service, monitor).json)
    assert found["id"] == monitor["id"] and 50 < found["window"]["attempted"] <= 110 and found["open"] == []
    outcomes = found["window"]["outcomes"]
    assert sum(outcomes.values()) == found["window"]["attempted"]
    assert float(check(service, monitor, "?format=value&field=window.rtt_ms.p50").text) < 50
    lab.wait_until(lambda: len([entry for entry in history(service, monitor) if entry["kind"] == "window"]) >= 2)
    entries = valid(service, "History", {"history": history(service, monitor)})["history"]
    assert [entry["kind"] for entry in entries[:2]].count("start") == 1 and entries[-1]["verdict"] == "confirmed"
    last = entries[-1]["at"]
    assert [entry["at"] for entry in history(service, monitor, f"?since={last}")] == [last]
    answer = service.request("DELETE", f"/v1/monitors/{monitor['id']}")
    assert answer.status == 200 and answer.json["id"] == monitor["id"]
    problem(check(service, monitor), 404, "not-found")
    assert service.get("/v1/monitors").json == {"monitors": []}


def test_a_check_has_the_status_that_is_asked_for(service, peer):
    good, bad = create(service, interval="10ms", claims={"loss": "..20%"}), create(service, interval="10ms", claims={"partition": True})
    lab.wait_until(lambda: check(service, good, "?fail_status=503").status == 200)
    lab.wait_until(lambda: check(service, bad).json["verdict"] == "mismatch")
    answer = check(service, bad, "?fail_status=503")
    assert answer.status == 503 and answer.headers["Content-Type"] == "application/json" and answer.json["verdict"] == "mismatch"


def test_a_check_is_answered_at_once(service):
    """Within 50 ms, whatever the window holds: the best of ten, since the machine has other work."""
    monitor = create(service, interval="1ms", window="6s", claims={"rtt": "..50ms", "rtt-p99": "..50ms", "loss": "..5%", "jitter": "..5ms"})
    lab.wait_until(lambda: check(service, monitor).json["window"]["attempted"] >= 5500)
    best = 1.0
    for _ in range(10):
        began = time.monotonic()
        check(service, monitor)
        best = min(best, time.monotonic() - began)
    assert best < 0.05, best


def test_without_a_claim_a_check_tells_whether_anything_has_changed(service, pair, peer):
    monitor = create(service, interval="20ms", window="5s")
    assert check(service, monitor).json["verdict"] == "inconclusive"
    time.sleep(8)
    assert check(service, monitor).json["verdict"] == "confirmed"
    queue = held(pair, "0.1")
    lab.wait_until(lambda: check(service, monitor).json["verdict"] == "mismatch")
    found = check(service, monitor).json
    assert found["open"][0]["probes"] <= 50  # Within a second.
    assert [entry["what"] for entry in found["open"]] == ["rtt"] and found["reason"].startswith("mismatch: 192.0.2.2:8080: +"), found
    metrics = service.get("/metrics").text
    assert f'synprobe_monitor_changed{{id="{monitor["id"]}",what="rtt"}} 1\n' in metrics
    assert f'synprobe_monitor_onsets_total{{id="{monitor["id"]}",what="rtt"}} 1\n' in metrics
    time.sleep(1)
    queue.kill()
    lab.wait_until(lambda: check(service, monitor).json["verdict"] == "confirmed")
    onset, recovery = [entry for entry in history(service, monitor) if entry["kind"] in ("onset", "recovery")]
    assert onset["kind"] == "onset" and 95 < onset["change_ms"] < 115 and onset["where"] == "network", onset
    assert recovery["onset_at"] == onset["at"] and recovery["text"].startswith("back to what it was before")
    valid(service, "HistoryEntry", recovery)


def test_a_partition_is_an_onset_of_loss_at_its_place(service, peer):
    monitor = create(service, interval="20ms", timeout="200ms")
    time.sleep(8)
    peer.nft("input tcp dport 8080 drop")
    lab.wait_until(lambda: check(service, monitor).json["open"])
    [onset] = check(service, monitor).json["open"]
    assert (onset["what"], onset["where"], onset["change_ratio"]) == ("loss", "network", 1)
    peer.run("nft", "flush", "ruleset")
    lab.wait_until(lambda: check(service, monitor).json["verdict"] == "confirmed")


def test_a_monitor_is_streamed_with_its_verdicts(service):
    monitor = create(service, interval="20ms", claims={"rtt": "..50ms"})
    with Stream(service, f"/v1/stream?monitor={monitor['id']}") as stream:
        events = stream.events(2.5)
        kinds = {kind for kind, _, _ in events}
        assert kinds == {"probe", "summary", "verdict"}
        assert {data["id"] for kind, _, data in events if kind == "verdict"} == {monitor["id"]}
        service.request("DELETE", f"/v1/monitors/{monitor['id']}")
        assert stream.events(2)[-1][2] == {"reason": "the monitor was deleted"}


@pytest.mark.parametrize("body, parameter, words", [
    ({"target": "192.0.2.2"}, "target", "port"), ({}, "target", "missing"), ({"target": TARGET, "count": 3}, "count", "there is no parameter"),
    ({"target": TARGET, "claims": {"added": "1ms.."}}, "added", "needs a baseline"), ({"target": TARGET, "claims": {"x": "1"}}, "x", "there is no claim"),
    ({"target": TARGET, "rtt": "..1ms"}, "rtt", "stands in 'claims'"), ({"target": TARGET, "claims": {"rate": "1mbit.."}}, "rate", "/v1/verify"),
    ({"target": TARGET, "window": "1ms"}, "window", "out of range"), ("[]", "body", "not a JSON object"), ("{" * 40, "body", "not a JSON object")])
def test_what_cannot_be_meant_is_refused(service, body, parameter, words):
    text = body if isinstance(body, str) else json.dumps(body)
    found = problem(service.request("POST", "/v1/monitors", body=text), 400, "bad-parameter")
    assert found["parameter"] == parameter and words in found["detail"], found


def test_what_is_not_there_is_said(service):
    for path in "/v1/monitors/nobody", "/v1/monitors/nobody/check", "/v1/monitors/nobody/history", "/v1/monitors/%3Cb%3E/check":
        problem(service.get(path), 404, "not-found")
    problem(service.request("DELETE", "/v1/monitors/nobody"), 404, "not-found")
    monitor = create(service)
    for since in "yesterday", "2026-11-23", "2026-11-23T22:35:00", "2026-11-23T22:35:00+01:00":
        problem(service.get(f"/v1/monitors/{monitor['id']}/history?since={since.replace('+', '%2B')}"), 400, "bad-parameter")
    problem(service.request("PUT", f"/v1/monitors/{monitor['id']}"), 405, "method-not-allowed")


def test_so_many_monitors_and_no_more(service):
    for _ in range(256):
        create(service, interval="5s")
    answer = service.request("POST", "/v1/monitors", body=json.dumps({"target": TARGET}))
    assert "256 monitors" in problem(answer, 503, "overloaded")["detail"]
    assert service.metric("synprobe_series_in_flight") == 0  # They leave the slots of the others alone.
    assert service.get(f"/v1/ping?target={TARGET}&count=1").status == 200


def test_the_metrics_of_monitors_are_clean(service):
    for number in range(3):
        create(service, interval="10ms", window="1s", claims={"rtt": f"..{number + 10}ms"})
    time.sleep(2)
    done = service.space.run("promtool", "check", "metrics", input=service.get("/metrics").text, check=False)
    assert done.returncode == 0 and not done.stdout + done.stderr, done.stdout + done.stderr


@pytest.mark.parametrize("rule, way", [
    ("input tcp dport 8080 tcp flags & (syn | ack) == syn numgen inc mod 5 == 2 drop", "forward"),
    ("output tcp sport 8080 numgen inc mod 5 == 2 drop", "back")])
def test_the_way_of_a_loss_is_told_once_it_is_known(service, peer, rule, way):
    """Some of the SYNs, or of the answers, are dropped: the target's repetitions tell which."""
    monitor = create(service, interval="20ms", timeout="300ms", direction=True)
    assert monitor["direction"]
    time.sleep(8)
    peer.nft(rule)
    lab.wait_until(lambda: any(entry.get("way") == way for entry in check(service, monitor).json["open"]), 20,
                   lambda: (check(service, monitor).json, history(service, monitor)))
    [onset] = [entry for entry in history(service, monitor) if entry["kind"] == "onset"]
    assert (onset["what"], onset["where"], onset["way"]) == ("loss", "network", way)
    assert onset["text"].endswith({"forward": "on the way to the target since then", "back": "on the way back since then"}[way])
    peer.run("nft", "flush", "ruleset")
    lab.wait_until(lambda: [entry.get("way") for entry in history(service, monitor) if entry["kind"] == "recovery"] == [way], seconds=20)


def test_a_loss_on_both_ways_is_told_of_neither(service, peer):
    monitor = create(service, interval="20ms", timeout="300ms", direction=True)
    time.sleep(8)
    # What is silent counts for the way there, and of what is lost there all is silent.
    peer.nft("input tcp dport 8080 tcp flags & (syn | ack) == syn numgen inc mod 5 == 2 drop\noutput tcp sport 8080 numgen inc mod 3 == 1 drop")
    lab.wait_until(lambda: check(service, monitor).json["open"], 20)
    time.sleep(8)
    [entry] = check(service, monitor).json["open"]
    assert entry["where"] == "network" and "way" not in entry


def test_a_port_that_refuses_or_a_host_that_blocks_is_a_change(service, peer, client):
    monitor = create(service, interval="20ms")
    time.sleep(4)
    assert check(service, monitor).json["verdict"] == "confirmed"
    peer.nft("input tcp dport 8080 reject with tcp reset")
    lab.wait_until(lambda: check(service, monitor).json["open"])
    [onset] = check(service, monitor).json["open"]
    assert (onset["what"], onset["outcome"]) == ("outcome", "closed") and onset["text"] == "+100.0 % of the probes closed since then"
    peer.run("nft", "flush", "ruleset")
    lab.wait_until(lambda: check(service, monitor).json["verdict"] == "confirmed")
    client.nft("output tcp dport 8080 drop")
    lab.wait_until(lambda: check(service, monitor).json["open"])
    [onset] = check(service, monitor).json["open"]
    assert (onset["outcome"], onset["where"]) == ("blocked", "egress")


@pytest.mark.parametrize("fault", ["a link", "a firewall", "a listener"])
def test_what_is_lost_refused_and_answered_one_after_the_other_holds_nobody_up(service, pair, peer, client, fault):
    """A probe is still waited for, the next one is refused at once, and those behind it are answered."""
    mode = "connect" if fault == "a listener" else "syn"
    monitor = create(service, mode=mode)
    lab.wait_until(lambda: check(service, monitor).json["window"]["attempted"] > 10)
    if fault == "a link":
        for space, device, state in (peer, "p0", "down"), (client, "c0", "down"), (client, "c0", "up"), (peer, "p0", "up"):
            space.ip(f"link set {device} {state}")
            time.sleep(0.5)
    else:
        peer.nft("input tcp dport 8080 drop")
        time.sleep(0.5)
        peer.run("nft", "flush", "ruleset")
        space, rule = (client, "output tcp dport 8080 drop") if fault == "a firewall" else (peer, "input tcp dport 8080 reject with tcp reset")
        space.nft(rule)
        time.sleep(0.5)
        space.run("nft", "flush", "ruleset")
    before = check(service, monitor).json["window"]["attempted"]
    lab.wait_until(lambda: check(service, monitor).json["window"]["attempted"] > before + 20, seconds=20)


def test_a_window_holds_what_it_says_or_is_refused(service):
    answer = service.request("POST", "/v1/monitors", body=json.dumps({"target": TARGET, "interval": "1ms", "window": "60s"}))
    assert "6000 probes" in problem(answer, 400, "bad-parameter")["detail"]
    assert create(service, interval="1ms")["window"] == "6s"


def test_endless_series_take_no_more_than_may_be_sent(serve, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("limits: {probes_per_second_per_address: 100}\n")
    service = serve("--config", path)
    first = create(service, interval="20ms")
    answer = service.request("POST", "/v1/monitors", body=json.dumps({"target": TARGET, "interval": "15ms"}))
    assert "100 probes a second" in problem(answer, 429, "rate-limited")["detail"]
    service.request("DELETE", f"/v1/monitors/{first['id']}")
    lab.wait_until(lambda: service.request("POST", "/v1/monitors", body=json.dumps({"target": TARGET, "interval": "15ms"})).status == 201)


def test_what_becomes_known_late_is_in_the_history_since_it_is(service, peer):
    """An onset is told some time after its moment."""
    monitor = create(service, interval="20ms", timeout="1s")
    time.sleep(3)
    peer.nft("input tcp dport 8080 drop")
    time.sleep(1)
    later = check(service, monitor).json["at"]
    lab.wait_until(lambda: check(service, monitor).json["open"])
    [onset] = [entry for entry in history(service, monitor) if entry["kind"] == "onset"]
    assert onset["at"] < later and onset in service.get(f"/v1/monitors/{monitor['id']}/history?since={later}").json["history"]


def test_each_probe_is_in_one_window(service, peer):
    """Those that are lost end a timeout after they were sent, behind the end of their window."""
    monitor = create(service, interval="10ms", timeout="700ms", window="1s")
    peer.nft("input tcp dport 8080 numgen random mod 100 < 30 drop")
    lab.wait_until(lambda: len([entry for entry in history(service, monitor) if entry["kind"] == "window"]) >= 6, 15)
    windows = [entry for entry in history(service, monitor) if entry["kind"] == "window"]
    attempted = sum(entry["window"]["attempted"] for entry in windows)
    # All but those in flight at the end.
    assert abs(attempted - sum(entry["window_ms"] for entry in windows) / 10) <= 90, windows

"""`/v1/stream`: Server-Sent Events of a series that goes on, for any number of readers."""
import json
import socket
import subprocess
import time
import urllib.parse

import jsonschema
import lab
import pytest
from events import Stream
from service import problem

TARGET = "192.0.2.2:8080"
PING = json.loads((lab.HERE / "golden/ping.schema.json").read_text())


def path(target=TARGET, **parameters):
    return "/v1/stream?" + urllib.parse.urlencode({"target": target, **parameters})


@pytest.fixture
def service(serve, peer):
    return serve()


def of(kind, events):
    return [data for one, _, data in events if one == kind]


def sent(peer):
    """SYNs that the peer has had."""
    return json.loads(peer.run("nft", "-j", "list", "counter", "inet", "counts", "syns").stdout)["nftables"][1]["counter"]["packets"]


def count(peer):
    peer.run("nft", "-f", "-", input="table inet counts { counter syns { }\nchain input { type filter hook input priority -10;\n"
                                     " tcp flags & (syn | ack) == syn counter name syns;\n}\n}\n")


def held(pair, seconds):
    """What the peer gets is held for a while: a delay in the network."""
    pair.peer.run("iptables", "-A", "INPUT", "-p", "tcp", "--dport", "8080", "-j", "NFQUEUE", "--queue-num", "7", "--queue-bypass")
    queue = pair.peer.start(lab.PYTHON, lab.HERE / "packetqueue.py", "7", seconds, stdout=subprocess.PIPE)
    assert queue.stdout.readline() == "ready\n"
    return queue


def test_each_probe_comes_as_it_ends_and_a_summary_each_second(service):
    with Stream(service, path(interval="100ms")) as stream:
        events = stream.events(11.5)
    assert (stream.status, stream.headers["Content-Type"], stream.retry) == (200, "text/event-stream", 1000)
    assert "still here" in stream.comments
    probes, summaries = of("probe", events), of("summary", events)
    assert [probe["seq"] for probe in probes] == list(range(len(probes))) and len(probes) > 90
    assert all(probe["schema"] == "synprobe.probe/1" and probe["outcome"] == "open" and probe["network_ms"] > 0 for probe in probes)
    assert 10 <= len(summaries) <= 12
    for summary in summaries:
        jsonschema.validate(summary, PING)
        lab.check_identity(summary)
    numbers = [int(name.split("-")[1]) for _, name, _ in events]
    assert numbers == list(range(1, len(numbers) + 1))


def test_who_comes_back_is_told_what_followed_the_last_event_that_was_seen(service):
    with Stream(service, path(interval="50ms")) as stream:
        first = stream.events(2)
    seen = [name for kind, name, _ in first if kind == "probe"][5]
    time.sleep(1)
    with Stream(service, path(interval="50ms"), {"Last-Event-ID": seen}) as stream:
        events = stream.events(1)
    numbers = [int(name.split("-")[1]) for _, name, _ in events]
    assert numbers == list(range(int(seen.split("-")[1]) + 1, numbers[-1] + 1)) and numbers[-1] > 40
    # A number of another run of the service is none of this one's.
    with Stream(service, path(interval="50ms"), {"Last-Event-ID": "elsewhere-3"}) as stream:
        later = stream.events(1)
    assert int(later[0][1].split("-")[1]) > numbers[-1] - 2
    # Long after its last reader the series has ended; its last events are still told, and the next are new ones.
    time.sleep(5)
    with Stream(service, path(interval="50ms"), {"Last-Event-ID": later[0][1]}) as stream:
        again = stream.events(1)
    assert again[0][1] == f"{seen.split('-')[0]}-{int(later[0][1].split('-')[1]) + 1}"
    assert [event for event in again if event[0] == "probe"][-1][2]["seq"] < 25


def test_two_hundred_readers_share_one_series(service, peer):
    count(peer)
    streams = [Stream(service, path(interval="50ms")) for _ in range(200)]
    before = sent(peer)
    began = time.monotonic()
    seen = [{name for kind, name, _ in stream.events(0.02 if number else 3) if kind == "probe"} for number, stream in enumerate(streams)]
    took = time.monotonic() - began
    rate = (sent(peer) - before) / took
    assert 15 < rate < 25, rate
    assert service.metric("synprobe_stream_readers") == 200 and service.metric("synprobe_series_in_flight") == 1
    common = set.intersection(*seen)
    assert len(common) >= 40
    for stream in streams:
        stream.close()
    lab.wait_until(lambda: service.metric("synprobe_stream_readers") == 0)
    lab.wait_until(lambda: service.metric("synprobe_series_in_flight") == 0)
    before = sent(peer)
    time.sleep(0.5)
    assert sent(peer) == before


def test_a_reader_who_does_not_read_is_left_and_slows_nobody(service, client):
    client.run("sysctl", "-qw", "net.ipv4.tcp_wmem=4096 16384 16384", "net.ipv4.tcp_rmem=4096 16384 16384")
    with Stream(service, path(interval="1ms")) as slow, Stream(service, path(interval="1ms")) as quick:
        slow.client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        probes = of("probe", quick.events(12))
        assert [probe["seq"] for probe in probes] == list(range(probes[0]["seq"], probes[-1]["seq"] + 1)) and len(probes) > 6000
        assert service.metric("synprobe_stream_readers_dropped_total") == 1
        lab.wait_until(lambda: service.metric("synprobe_stream_readers") == 1, seconds=15)
        assert service.metric("synprobe_stream_events_dropped_total") > 1000
        assert len(of("probe", quick.events(0.5))) > 100


def test_claims_are_judged_each_second(service):
    with Stream(service, path(interval="20ms", rtt="..50ms", loss="..5%", window="5s")) as stream:
        verdicts = of("verdict", stream.events(15, until=lambda kind, _, data: kind == "verdict" and data["verdict"] == "confirmed"))
    assert verdicts[-1]["verdict"] == "confirmed" and verdicts[-1]["schema"] == "synprobe.check/1"
    assert [claim["claim"] for claim in verdicts[-1]["claims"]] == ["rtt", "loss"] and verdicts[-1]["window"]["attempted"] < 300
    with Stream(service, path(interval="20ms", rtt="50ms..")) as stream:
        verdicts = of("verdict", stream.events(5, until=lambda kind, _, data: kind == "verdict" and data["verdict"] == "mismatch"))
    assert verdicts[-1]["verdict"] == "mismatch"


def test_a_delay_is_told_when_it_begins_and_when_it_has_gone(service, pair, peer):
    with Stream(service, path(interval="20ms")) as stream:
        stream.events(8)
        queue = held(pair, "0.1")
        began = time.time()
        onset = stream.events(10, until=lambda kind, *_: kind == "onset")[-1][2]
        stream.events(2)
        queue.kill()
        over = time.time()
        recovery = stream.events(10, until=lambda kind, *_: kind == "recovery")[-1][2]
    assert (onset["what"], onset["where"]) == ("rtt", "network") and 95 < onset["change_ms"] < 115, onset
    assert onset["probes"] <= 50  # Within a second.
    assert abs(lab.instant(onset["at"]) - began) < 0.3 and abs(lab.instant(recovery["at"]) - over) < 0.3, (onset, recovery, began, over)
    assert recovery["onset_at"] == onset["at"] and 1500 < recovery["lasted_ms"] < 4000


def test_it_ends_with_the_service_and_says_so(serve, peer):
    service = serve()
    with Stream(service, path()) as stream, Stream(service, path(interval="7ms")) as other:
        stream.events(0.5)
        status, took = service.stop()
        assert status == 0 and took < 2
        for one in stream, other:
            assert one.events(2)[-1][::2] == ("end", {"reason": "the service ends"}) and one.at_end


@pytest.mark.parametrize("query, parameter, words", [
    ("target=192.0.2.2", "target", "port"), ("target=192.0.2.2:8080&interval=1us", "interval", "below 1 ms"),
    ("target=192.0.2.2:8080&window=120m", "window", "out of range"), ("target=192.0.2.2:8080&count=3", "count", "there is no parameter"),
    ("target=192.0.2.2:8080&added=1ms..2ms", "added", "needs a baseline"), ("target=192.0.2.2:8080&rate=1mbit..", "rate", "/v1/verify"),
    ("target=192.0.2.2:8080&where=forward", "where", "/v1/verify"), ("target=192.0.2.2:8080&confidence=95%25", "claims", "nothing is claimed"),
    ("monitor=nobody&interval=1s", "interval", "there is no parameter"), ("target=192.0.2.2:8080&timeout=2m", "timeout", "above")])
def test_what_cannot_be_meant_is_refused(service, query, parameter, words):
    found = problem(service.get(f"/v1/stream?{query}"), 400, "bad-parameter")
    assert found["parameter"] == parameter and words in found["detail"], found


def test_what_may_not_be_is_refused_and_nothing_is_sent(serve, peer):
    count(peer)
    service = serve("--allow", "192.0.2.2/32:80-90", "--deny", "192.0.2.2/32:82")
    problem(service.get("/v1/stream?target=192.0.2.2:8080"), 403, "target-denied")
    problem(service.get("/v1/stream?monitor=nobody"), 404, "not-found")
    answer = service.request("HEAD", "/v1/stream?target=192.0.2.2:81")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/event-stream", b"")
    problem(service.request("GET", "/v1/stream?target=192.0.2.2:81", {"Sec-Fetch-Site": "cross-site"}), 403, "foreign-origin")
    assert sent(peer) == 0


def test_so_many_series_at_once_and_no_more(serve, peer, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("limits:\n  concurrent_probes: 2\n")
    service = serve("--config", str(config))
    with Stream(service, path(interval="1s")), Stream(service, path(interval="2s")), Stream(service, path(interval="2s")):
        problem(service.get(path(interval="3s")), 503, "overloaded")


def test_a_target_that_is_denied_by_a_later_configuration_is_left(serve, peer, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("allow: ['192.0.2.2/32']\n")
    service = serve("--config", str(config))
    with Stream(service, path(interval="50ms")) as stream:
        stream.events(0.5)
        config.write_text("allow: ['192.0.2.3/32']\n")
        service.process.send_signal(1)
        assert "denied now" in stream.events(4)[-1][2]["reason"] and stream.at_end

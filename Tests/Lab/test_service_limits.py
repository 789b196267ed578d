"""The bounds of the service: what is malformed, too large, too slow, too much; and clients that leave."""
import concurrent.futures
import re
import socket
import time

import lab
import pytest
from service import problem, read_all

TARGET = "192.0.2.2:8080"
PING = f"/v1/ping?target={TARGET}&count=1"
HOST = b"Host: localhost\r\n"


@pytest.fixture
def service(serve):
    return serve()


def statuses(data):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", data)]


MALFORMED = {
    "garbage": (b"\x16\x03\x01\x02\x00\x01\x00", [400, 501]),
    "HTTP/0.9": (b"GET /livez\r\n\r\n", [400, 505]),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 405, 505]),
    "no host": (b"GET /livez HTTP/1.1\r\n\r\n", [400]),
    "two hosts": (b"GET /livez HTTP/1.1\r\n" + HOST + HOST + b"\r\n", [400]),
    "foreign host": (b"GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n", [421]),
    "foreign absolute form": (b"GET http://evil.example/livez HTTP/1.1\r\n" + HOST + b"\r\n", [421]),
    "CONNECT": (b"CONNECT 192.0.2.2:8080 HTTP/1.1\r\n" + HOST + b"\r\n", [405]),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", [405]),
    "CL and TE": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  [400]),
    "two lengths": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", [400]),
    "length with sign": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: +4\r\n\r\nabcd", [400]),
    "TE not chunked": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n", [400, 501]),
    "bad chunk": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", [400]),
    "folded field": (b"GET /livez HTTP/1.1\r\n" + HOST + b"X-A: a\r\n b\r\n\r\n", [400]),
    "NUL": (b"GET /livez HTTP/1.1\r\n" + HOST + b"X-A: a\0b\r\n\r\n", [400]),
    "space before colon": (b"GET /livez HTTP/1.1\r\nHost : localhost\r\n\r\n", [400]),
    "version": (b"GET /livez HTTP/9.9\r\n" + HOST + b"\r\n", [400, 505]),
    "long target": (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", [414]),
    "large fields": (b"GET /livez HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 17_000 + b"\r\n\r\n", [431]),
    "many fields": (b"GET /livez HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 101 + b"\r\n", [431]),
    "endless field": (b"GET /livez HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 200_000, [400, 431]),
    "endless target": (b"GET /" + b"a" * 200_000, [414, 431]),
    "body on GET": (b"GET /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nabcde", [413]),
    "large body": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 70000\r\n\r\n" + b"a" * 70_000, [413]),
    "large chunked body": (b"POST /livez HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
                           + b"1000\r\n" + (b"a" * 4096 + b"\r\n1000\r\n") * 20, [413]),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_or_oversized_request_is_refused_once_and_the_connection_closed(service, name):
    data, wanted = MALFORMED[name]
    # Whatever follows has lost its meaning: it must not be answered.
    answer = service.raw(data + b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n", timeout=5)
    assert len(statuses(answer)) == 1 and statuses(answer)[0] in wanted, answer[:400]
    head, body = answer.split(b"\r\n\r\n", 1)
    assert b"application/problem+json" in head and b"connection: close" in head.lower() and body.endswith(b"}")
    assert service.get("/livez").status == 200


def test_http_1_0_is_answered_and_closed(service):
    assert statuses(service.raw(b"GET /livez HTTP/1.0\r\n\r\n", timeout=5)) == [200]


def test_expect_is_met_before_the_body_is_sent(service):
    with service.connect() as client:
        client.sendall(b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"ab")
        assert b"HTTP/1.1 405 " in client.recv(4096)


def test_a_thousand_pipelined_requests_are_answered_in_their_order(service):
    with service.connect() as client:
        requests = b"".join(
            b"GET /livez HTTP/1.1\r\n%sX-Request-Id: n-%d\r\n\r\n" % (HOST, number) for number in range(1000))
        client.sendall(requests)
        data = b""
        while data.count(b"HTTP/1.1 200") < 1000 or not data.endswith(b"ok\n"):
            data += client.recv(65536)
    assert re.findall(rb"(?i)x-request-id: n-(\d+)", data) == [b"%d" % number for number in range(1000)]


def test_a_slow_head_is_left_and_a_slow_body_refused(service):
    """In bounded time, however steadily an octet comes now and then."""
    slow = {"head": b"GET /livez HTTP/1.1\r\nX: ", "body": b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 9999\r\n\r\n",
            "idle": b"", "after an answer": b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"}
    clients = {name: service.connect(timeout=20) for name in slow}
    began = time.monotonic()
    ended = {}
    for name, data in slow.items():
        clients[name].sendall(data)
        clients[name].setblocking(False)
    answers = dict.fromkeys(slow, b"")
    while len(ended) < len(slow) and time.monotonic() - began < 20:
        for name in set(slow) - set(ended):
            try:
                if name in ("head", "body"):
                    clients[name].send(b"a")
                data = clients[name].recv(4096)
                answers[name] += data
                if not data:
                    ended[name] = time.monotonic() - began
            except BlockingIOError:
                pass
            except ConnectionError:
                ended[name] = time.monotonic() - began
        time.sleep(0.2)
    assert all(9 < ended.get(name, 99) < 13 for name in slow), ended
    assert statuses(answers["head"]) == statuses(answers["idle"]) == [] and statuses(answers["body"]) == [408]
    assert statuses(answers["after an answer"]) == [200]


def test_a_client_that_does_not_read_is_left(service):
    with service.connect(timeout=30) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(1)
        request = b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
        try:
            for _ in range(5000):
                client.sendall(request)
        except (TimeoutError, ConnectionError):
            pass
        lab.wait_until(lambda: service.metric("synprobe_http_connections") == 1, 20)
    assert service.resident < 200e6


def test_a_client_that_closes_its_side_still_gets_nothing_more_than_its_answer(service):
    with service.connect() as client:
        client.sendall(b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n")
        client.shutdown(socket.SHUT_WR)
        assert len(statuses(read_all(client))) <= 1
    assert service.get("/livez").status == 200


@pytest.mark.parametrize("way", ["close", "reset", "half"])
def test_a_client_that_leaves_cancels_its_probes_and_frees_everything(service, peer, way):
    peer.nft("input tcp dport 81 drop")
    before = service.descriptors
    clients = []
    for _ in range(20):
        clients.append(service.connect())
        clients[-1].sendall(b"GET /v1/ping?target=192.0.2.2:81&count=20&interval=1s&timeout=30s HTTP/1.1\r\n" + HOST + b"\r\n")
    lab.wait_until(lambda: service.metric("synprobe_series_in_flight") == 20)
    for client in clients:
        if way == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.shutdown(socket.SHUT_WR) if way == "half" else client.close()
    lab.wait_until(lambda: service.metric("synprobe_series_in_flight") == 0, 2)
    lab.wait_until(lambda: service.metric("synprobe_probes_in_flight") == 0, 2)
    cancelled = service.metric('synprobe_probes_total{outcome="cancelled"}')
    assert cancelled >= 20
    for client in clients:
        client.close()
    lab.wait_until(lambda: service.metric("synprobe_http_connections") == 1)
    assert service.descriptors <= before + 3


def limited(serve, tmp_path, **limits):
    file = tmp_path / "limits.yaml"
    file.write_text("limits:\n" + "".join(f"  {key}: {value}\n" for key, value in limits.items()))
    return serve("--config", file)


def test_one_series_too_many_is_503_at_once_while_the_others_hang(serve, tmp_path, peer):
    service = limited(serve, tmp_path, concurrent_probes=8)
    peer.nft("input tcp dport 81 drop")
    clients = [service.connect() for _ in range(8)]
    for client in clients:
        client.sendall(b"GET /v1/ping?target=192.0.2.2:81&count=1&timeout=10s HTTP/1.1\r\n" + HOST + b"\r\n")
    lab.wait_until(lambda: service.metric("synprobe_series_in_flight") == 8)
    with service.connect() as client:
        times = []
        for _ in range(50):
            began = time.monotonic()
            client.sendall(b"GET " + PING.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n")
            answer = client.recv(4096)
            times.append(time.monotonic() - began)
            assert statuses(answer) == [503] and re.search(rb"(?i)retry-after: 1\r", answer) and b"overloaded" in answer
    assert sorted(times)[25] < 0.01, "the median: one of them may meet a busy machine"
    assert service.get("/livez").status == 200 and service.get("/metrics").status == 200
    for client in clients:
        client.close()
    lab.wait_until(lambda: service.get(PING).status == 200, 2)


def test_connections_beyond_the_cap_are_told_so_and_leave_room_for_others(serve, tmp_path):
    service = limited(serve, tmp_path, connections=50)
    idle = [service.connect() for _ in range(50)]
    lab.wait_until(lambda: service.descriptors > 50)
    for _ in range(20):
        began = time.monotonic()
        answer = service.raw(b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n")
        assert statuses(answer) == [503] and b"Retry-After: 1" in answer and time.monotonic() - began < 2
    for client in idle:
        client.close()
    lab.wait_until(lambda: statuses(service.raw(b"GET /livez HTTP/1.0\r\n\r\n")) == [200])


def test_thousands_of_idle_connections_end_and_the_service_goes_on(service):
    before = service.descriptors
    flood = []
    for _ in range(3000):
        client = service.connect()
        client.setblocking(False)
        flood.append(client)
    lab.wait_until(lambda: statuses(service.raw(b"GET /livez HTTP/1.0\r\n\r\n", timeout=2)) in ([200], [503]), 20)
    lab.wait_until(lambda: service.descriptors < before + 10, 25)
    for client in flood:
        client.close()
    assert service.get(PING).status == 200 and service.resident < 200e6


def test_a_service_that_runs_out_of_descriptors_recovers(serve):
    service = serve(wrapper=["prlimit", "--nofile=120:120"])
    flood = []
    for _ in range(200):
        client = service.connect()
        client.setblocking(False)
        flood.append(client)
    time.sleep(0.5)
    for client in flood:
        client.close()
    lab.wait_until(lambda: service.get("/livez").status == 200, 15)
    assert service.get(PING).status in (200, 503)


def test_a_client_that_asks_too_often_is_429_and_the_others_are_not(serve, tmp_path, client, peer):
    service = limited(serve, tmp_path, requests_per_second=20)
    with service.connect() as busy:
        busy.sendall((b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n") * 200)
        data = b""
        while len(statuses(data)) < 200:
            data += busy.recv(65536)
    found = statuses(data)
    assert found[:40] == [200] * 40 and found.count(429) > 120
    assert re.search(rb"(?i)retry-after: 1\r", data)
    assert service.get("/livez").status == 200, "health is not counted"
    time.sleep(0.2)
    assert service.get("/metrics").status == 200


def test_a_client_has_so_many_targets_and_known_ones_stay_allowed(serve, tmp_path):
    service = limited(serve, tmp_path, targets_per_minute=5)
    ports = list(range(8080, 8090))
    found = [service.get(f"/v1/ping?target=192.0.2.2:{port}&count=1").status for port in ports]
    assert found == [200] * 5 + [429] * 5
    answer = service.get("/v1/ping?target=192.0.2.2:9000&count=1")
    problem(answer, 429, "rate-limited")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert service.get("/v1/ping?target=192.0.2.2:8080&count=1").status == 200


@pytest.mark.parametrize("query, parameter", [
    ("count=1001", "count"), ("interval=100us", "interval"), ("timeout=61s", "timeout"), ("count=1000&interval=1s", "interval")])
def test_one_request_asks_for_no_more_than_its_share(service, query, parameter):
    assert problem(service.get(f"/v1/ping?target={TARGET}&{query}"), 400, "bad-parameter")["parameter"] == parameter


def test_metrics_are_consistent_while_much_is_probed(service):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        probes = [pool.submit(service.get, f"/v1/ping?target={TARGET}&count=100&interval=1ms") for _ in range(24)]
        for _ in range(20):
            text = service.get("/metrics").text
            count = int(re.search(r"^synprobe_rtt_seconds_count (\d+)$", text, re.M)[1])
            buckets = [int(value) for value in re.findall(r"^synprobe_rtt_seconds_bucket\S* (\d+)$", text, re.M)]
            assert buckets == sorted(buckets) and buckets[-1] == count
            assert count == int(re.search(r'^synprobe_probes_total{outcome="open"} (\d+)$', text, re.M)[1])
        assert all(one.result().json["outcomes"]["open"] == 100 for one in probes)
    assert service.metric("synprobe_rtt_seconds_count") == 2400

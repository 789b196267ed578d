"""What comes over a connection: malformed, too large, too slow, pipelined, half closed."""
import re
import socket
import time

import lab
import pytest
from service import HOST, read_all, statuses



@pytest.fixture
def service(serve):
    return serve()


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


LARGE = b"GET /v1/ping?target=192.0.2.2:8080&count=1000&interval=1ms HTTP/1.1\r\n" + HOST


@pytest.mark.parametrize("way", ["kept", "closed by header", "closed by the client", "service ends"])
def test_a_slow_client_gets_its_whole_answer(service, way):
    """A minute's worth of probes is more than the buffers in between hold; all of it comes, however slowly it is taken."""
    with service.connect(timeout=5) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(LARGE + (b"Connection: close\r\n" if way == "closed by header" else b"") + b"\r\n")
        lab.wait_until(lambda: service.metric('synprobe_http_requests_total{route="/v1/ping",method="GET",status="200"}'))
        time.sleep(0.1)
        if way == "closed by the client":
            client.shutdown(socket.SHUT_WR)
        if way == "service ends":
            service.process.terminate()
        data, began = b"", time.monotonic()
        while b"\r\n\r\n" not in data or len(data) < wanted:
            time.sleep(0.03 if time.monotonic() - began < 1.5 else 0)
            chunk = client.recv(4096)
            assert chunk, f"{len(data)} octets"
            data += chunk
            if b"\r\n\r\n" in data:
                head, _ = data.split(b"\r\n\r\n", 1)
                wanted = len(head) + 4 + int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        assert len(data) > 100_000 and data.endswith(b"]}")


def test_two_requests_and_the_end_are_both_answered(service):
    answer = service.raw((b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n") * 2, timeout=3, ends=True)
    assert statuses(answer) == [200, 200]


def test_who_closes_his_side_while_his_target_is_probed_has_left(service, peer):
    """As curl and net/http have it: no result of probes that were cut short is called one."""
    peer.nft("input tcp dport 81 drop")
    for path in b"/v1/ping?target=192.0.2.2:81&timeout=3s", b"/probe?target=192.0.2.2:81":
        answer = service.raw(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n", timeout=5, ends=True)
        assert 200 not in statuses(answer) and b"probe_success" not in answer


def test_what_follows_a_request_does_not_spoil_its_answer(service):
    with service.connect() as client:
        client.sendall(b"GET /v1/ping?target=192.0.2.2:8080&count=3&interval=200ms HTTP/1.1\r\n" + HOST + b"\r\n")
        for _ in range(3):
            time.sleep(0.05)
            client.sendall(b"\0\1\2 garbage\r\n\r\n")
        assert statuses(read_all(client)) == [200, 400]


def test_a_request_to_upgrade_is_answered_as_it_stands_and_what_follows_is_dropped(service):
    done = service.curl("/livez", "--http2", "-w", "%{http_version}")
    assert done.stdout == "ok\n1.1"
    before = service.resident
    with service.connect() as client:
        client.settimeout(0.5)
        client.sendall(b"GET /v1/ping?target=192.0.2.2:8080&count=5&interval=300ms HTTP/1.1\r\n" + HOST
                       + b"Connection: Upgrade\r\nUpgrade: x\r\n\r\n")
        end = time.monotonic() + 1
        while time.monotonic() < end:
            client.send(b"x" * 65536)
        grown = service.resident - before
        client.settimeout(10)
        assert statuses(read_all(client)) == [200]
    assert grown < 20e6


def test_leave_to_send_a_body_is_given_only_where_one_comes(service):
    for request in (b"GET /livez HTTP/1.1\r\n" + HOST, b"POST /livez HTTP/1.0\r\nContent-Length: 2\r\n"):
        answer = service.raw(request + b"Expect: 100-continue\r\nConnection: close\r\n\r\nab"[: -2 if b"GET" in request else None],
                             timeout=3)
        assert 100 not in statuses(answer) and len(statuses(answer)) == 1

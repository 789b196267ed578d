"""Who may have what probed: the target policy, names, tokens, hosts and origins. What is denied sends nothing."""
import re
import subprocess
import time
import urllib.parse

import lab
import pytest
from service import problem, run_to_end

TARGET = "192.0.2.2:8080"
PING = f"/v1/ping?target={TARGET}&count=1"

# What others were made to probe (blackbox_exporter's issue 1639), and what else leads to an address in disguise.
DENIED = """
127.0.0.1:80 127.255.255.254:80 0.0.0.0:80 0.1.2.3:80 169.254.169.254:80 169.254.0.1:80 100.100.100.200:80
168.63.129.16:80 224.0.0.1:80 240.0.0.1:80 255.255.255.255:80 192.0.2.255:80 [::1]:80 [::]:80 [fe80::1]:80 [ff02::1]:80
[::ffff:127.0.0.1]:80 [::ffff:169.254.169.254]:80 [::ffff:a9fe:a9fe]:80 [::127.0.0.1]:80 [64:ff9b::127.0.0.1]:80
[64:ff9b::a9fe:a9fe]:80 [2002:7f00:1::]:80 [2002:a9fe:a9fe::1]:80 [2001:0:7f00:1::]:80 [fd00:ec2::254]:80
127.0.0.1:9115 localhost:80 localhost.:80 web.test:80 metadata.google.internal:80
""".split()
# A name or no address at all, by whoever reads it: either way nothing is sent.
STRANGE = "192.0.2.2.:8080 2130706433:80 0x7f000001:80 0177.0.0.1:80 127.1:80 0x7f.1:80 017700000001:80".split()
BAD = """
user@127.0.0.1:80 user:pass@192.0.2.2:80 http://169.254.169.254/ 127.0.0.1%00:80 127.0.0.1:80/path 127.0.0.1:80?a
127.0.0.1:80#a [::1%25lo]:80 [fe80::1%25c0]:80 ::1:80 192.0.2.2%2e:8080 192.0.2.2:8080%20 %20192.0.2.2:8080
192.0.2.2:08080 192.0.2.2:+80 192.0.2.2:0 192.0.2.2:65536 １２７.0.0.1:80 127.0.0.１:80 192。0。2。2:80 192.0.2.2:８０
""".split()


@pytest.fixture
def capture(client, tmp_path):
    """What leaves the client, but for neighbour discovery and the clients of the service itself."""
    file = tmp_path / "capture"
    with open(file, "w") as out:
        taps = [client.start("tcpdump", "-i", device, "-n", "-l", "--immediate-mode", rule, stdout=out,
                             stderr=subprocess.PIPE)
                for device, rule in (("c0", "tcp or udp or icmp"), ("lo", "(tcp and not port 9115) or icmp"))]
        for tap in taps:
            while "listening on" not in tap.stderr.readline():
                pass

        def seen():
            time.sleep(0.1)
            return file.read_text()
        yield seen
        for tap in taps:
            tap.terminate()
            tap.wait()
            tap.stderr.close()


def test_a_denied_target_sends_nothing_in_any_disguise(serve, capture):
    service = serve()
    for path in "/v1/ping?count=1&target=", "/probe?target=":
        for target in DENIED:
            found = problem(service.get(path + target), 403, "target-denied")
            assert found["detail"].endswith("nothing was sent") and found["parameter"] == "target", target
        for target in BAD:
            quoted = urllib.parse.quote(target, safe="%:[]@/+") if not target.isascii() else target.replace("#", "%23")
            problem(service.get(path + quoted), 400, "bad-parameter")
        for target in STRANGE:
            answer = service.get(path + target)
            problem(answer, answer.status, {400: "bad-parameter", 403: "target-denied"}[answer.status])
        # Encoded once, it is the same target; encoded twice, it is none.
        problem(service.get(path + "%31%32%37.0.0.1%3a80"), 403, "target-denied")
        problem(service.get(path + "%2531%2532%2537.0.0.1:80"), 400, "bad-parameter")
        problem(service.get(path + TARGET + "&target=127.0.0.1:80"), 400, "bad-parameter")
    assert capture() == ""
    assert service.metric('synprobe_probes_total{outcome="open"}') == 0
    assert service.metric('synprobe_http_refused_total{kind="target-denied"}') >= 2 * len(DENIED) + 2
    assert service.get(PING).json["outcomes"]["open"] == 1
    assert "192.0.2.2.8080: Flags [S]" in capture(), "the capture sees what is sent"


def test_rules_name_what_is_allowed_and_denied(serve, capture):
    service = serve("--allow", "192.0.2.0/24:8080,81", "--allow", "2001:db8::/32", "--deny", "192.0.2.2:81")
    assert service.get(PING).json["outcomes"]["open"] == 1
    sent = capture()
    for target, words in ("192.0.2.2:80", "no allow rule"), ("192.0.2.2:81", "deny rule 192.0.2.2:81"), (
            "198.51.100.1:8080", "no allow rule"), ("192.0.2.255:8080", "broadcast"):
        assert words in problem(service.get(f"/v1/ping?target={target}"), 403, "target-denied")["detail"]
    assert capture() == sent


def test_an_empty_list_of_rules_allows_nothing(serve, tmp_path, capture):
    file = tmp_path / "s.yaml"
    file.write_text("allow: []\n")
    problem(serve("--config", file).get(PING), 403, "target-denied")
    assert capture() == ""


def test_loopback_is_probed_where_a_rule_names_it_but_never_the_service_itself(serve, client):
    client.listen("127.0.0.1/8080")
    service = serve("--allow", "127.0.0.0/8")
    assert service.get("/v1/ping?target=127.0.0.1:8080&count=1").json["outcomes"]["open"] == 1
    assert "this service listens there" in problem(
        service.get("/v1/ping?target=127.0.0.1:9115"), 403, "target-denied")["detail"]


@pytest.fixture
def named(serve, resolver):
    service = serve("--names", "--allow", "192.0.2.0/27", "--allow", "2001:db8::2")
    service.questions = resolver.questions
    return service


def test_a_name_is_resolved_once_and_its_address_pinned(named):
    found = named.get("/v1/ping?target=turn.test:8080&count=3&interval=20ms").json
    assert found["target"] == {"input": "turn.test:8080", "address": "192.0.2.2", "port": 8080}
    assert found["outcomes"]["open"] == 3
    assert len(re.findall("turn", named.questions.read_text())) <= 2, "one question for each family"


def test_one_denied_answer_denies_the_name(named, capture):
    """turn.test is 192.0.2.2 at first and 192.0.2.99, which no rule names, after that: the answers of a rebinding."""
    statuses = [named.get("/v1/ping?target=turn.test:8080&count=1").status for _ in range(4)]
    assert 403 in statuses and set(statuses) <= {200, 403}
    assert "192.0.2.99" not in capture()


def test_a_name_without_an_address_is_said(named):
    found = problem(named.get("/v1/ping?target=nothere.test:80"), 400, "name-not-resolved")
    assert "nothere.test" in found["detail"]
    answer = named.get("/probe?target=nothere.test:80")
    assert answer.status == 200 and "probe_success 0" in answer.text


def test_a_resolver_that_is_silent_holds_up_nobody_else(named):
    client = named.ask("/v1/ping?target=hole.test:80")
    began = time.monotonic()
    assert named.get(PING).status == 200 and time.monotonic() - began < 1
    assert b"name-not-resolved" in client.recv(4096) and time.monotonic() - began < 6
    client.close()


@pytest.mark.parametrize("listen", ["0.0.0.0:9115", "192.0.2.1:9115", "[::]:9115"])
def test_beyond_loopback_it_refuses_to_start_without_rule_and_token(client, tmp_path, listen):
    tokens = tmp_path / "tokens"
    tokens.write_text("a-token\n")
    for options in [], ["--allow", "192.0.2.0/24"], ["--token-file", tokens]:
        done = run_to_end(client, "--listen", listen, *options)
        assert done.returncode == 64 and done.stdout == "" and done.stderr.count("\n") == 1
        assert "beyond loopback" in done.stderr
        assert ("--allow" in done.stderr) == ("--allow" not in options)
        assert ("--token-file" in done.stderr) == ("--token-file" not in options)


@pytest.fixture
def guarded(serve, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("# of the team\nfirst-token\nsecond-token\n")
    return serve("--listen", "192.0.2.1:9115", "--allow", "192.0.2.2", "--token-file", tokens, address="192.0.2.1")


@pytest.mark.parametrize("value", [
    None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer first-toke", "Bearer  first-token",
    "Basic Zmlyc3QtdG9rZW4=", "first-token", "Bearer " + "a" * 8000, "Bearer first-token, second-token", "Bearer #"])
def test_without_a_token_all_but_health_is_401_and_uniform(guarded, peer, value):
    headers = {} if value is None else {"Authorization": value}
    bodies = set()
    for path in PING, f"/probe?target={TARGET}", "/metrics", "/openapi.json":
        answer = guarded.get(path, headers=headers, space=peer)
        bodies.add(problem(answer, 401, "unauthorized")["detail"])
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert len(bodies) == 1
    for path in "/livez", "/readyz", "/-/healthy":
        assert guarded.get(path, headers=headers, space=peer).status == 200


def test_with_a_token_of_the_file_it_answers(guarded, peer):
    for scheme in "Bearer first-token", "bearer second-token":
        assert guarded.get(PING, headers={"Authorization": scheme}, space=peer).json["outcomes"]["open"] == 1
        assert guarded.get("/metrics", headers={"Authorization": scheme}, space=peer).status == 200
    assert "first-token" not in guarded.log_path.read_text()


def test_a_thousand_wrong_tokens_cost_little(guarded, peer):
    with guarded.connect(peer) as client:
        began = time.monotonic()
        request = b"GET /metrics HTTP/1.1\r\nHost: 192.0.2.1\r\nAuthorization: Bearer wrong\r\n\r\n"
        client.sendall(request * 1000)
        data = b""
        while data.count(b"HTTP/1.1 ") < 1000 and time.monotonic() - began < 10:
            data += client.recv(65536)
    assert data.count(b"HTTP/1.1 401") == 1000


@pytest.mark.parametrize("headers, status", [
    ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403), ({"Referer": "http://evil.example/page"}, 403),
    ({"Origin": "http://127.0.0.1:9115.evil.example"}, 403), ({"Referer": "http://127.0.0.1:91155/"}, 403),
    ({"Origin": "http://127.0.0.1:9115"}, 200), ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200), ({"Referer": "http://127.0.0.1:9115/"}, 200), ({}, 200)])
def test_a_page_of_another_origin_cannot_make_a_browser_probe(serve, capture, headers, status):
    service = serve()
    for path in PING, f"/probe?target={TARGET}&module=tcp_syn":
        answer = service.get(path, headers=headers)
        if status == 403:
            problem(answer, 403, "foreign-origin")
        else:
            assert answer.status == 200
    assert (capture() == "") == (status == 403)
    assert service.get("/livez", headers=headers).status == 200


@pytest.mark.parametrize("host, status", [
    ("localhost:9115", 200), ("127.0.0.1", 200), ("[::1]:9115", 200), ("probe.example", 200), ("PROBE.example.", 200),
    ("evil.example", 421), ("localhost.evil.example", 421), ("", 400), ("a b", 400), ("user@localhost", 400)])
def test_it_answers_to_its_own_names_only(serve, host, status):
    service = serve("--host", "probe.example")
    answer = service.get("/livez", headers={"Host": host})
    assert answer.status == status
    if status != 200:
        problem(answer, status, "bad-request" if status == 400 else "misdirected-request")

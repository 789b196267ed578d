"""The HTTP service as its users meet it: the routes, their answers, and what is said of a request that is refused."""
import json
import re
import subprocess

import jsonschema
import lab
import pytest
from service import problem

TARGET = "192.0.2.2:8080"
PING = f"/v1/ping?target={TARGET}&interval=10ms"
SCHEMA = json.loads((lab.HERE / "golden/ping.schema.json").read_text())


@pytest.fixture
def service(serve):
    return serve()


def report(answer):
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "application/json"
    lab.check_identity(answer.json)
    jsonschema.validate(answer.json, SCHEMA)
    return answer.json


def test_curl_gets_the_latency_of_a_target_as_json(service):
    done = service.curl(f"/v1/ping?target={TARGET}&count=3&interval=10ms", "-i")
    head, body = done.stdout.split("\n\n", 1)
    assert head.startswith("HTTP/1.1 200 OK") and "\nContent-Type: application/json\n" in head + "\n"
    found = json.loads(body)
    jsonschema.validate(found, SCHEMA)
    assert found["outcomes"]["open"] == 3 and found["mode"] == "syn"
    assert found["target"] == {"input": TARGET, "address": "192.0.2.2", "port": 8080}
    assert 0 < found["rtt_ms"]["p50"] < 100 and found["segments_ms"]["network"]["p50"] > 0


def test_curl_gets_one_bare_number(service):
    done = service.curl(f"{PING}&format=value&field=rtt_ms.p50", "-w", "%{content_type}")
    value, kind = done.stdout.split("\n")
    assert 0 < float(value) < 100 and kind.startswith("text/plain")
    assert service.get(f"{PING}&format=value&field=outcomes.open").text == "5\n"


def test_address_and_port_may_be_given_apart(service):
    assert report(service.get("/v1/ping?ip=192.0.2.2&port=8080&count=1"))["outcomes"]["open"] == 1
    if lab.HAS_IPV6:
        found = report(service.get("/v1/ping?ip=2001:db8::2&port=8080&count=1"))
        assert found["target"]["address"] == "2001:db8::2"


def test_a_target_that_does_not_answer_well_is_a_result_not_an_error(service, peer):
    peer.nft("input tcp dport 81 drop\ninput tcp dport 82 reject with icmp type admin-prohibited")
    for port, outcome in (80, "closed"), (81, "lost"), (82, "filtered"):
        found = report(service.get(f"/v1/ping?target=192.0.2.2:{port}&count=2&interval=10ms&timeout=200ms"))
        assert found["outcomes"][outcome] == 2 and found["outcomes"]["open"] == 0


def test_a_value_that_was_not_measured_is_absent_not_invented(service, peer):
    peer.nft("input tcp dport 81 drop")
    answer = service.get("/v1/ping?target=192.0.2.2:81&count=1&timeout=50ms&format=value&field=rtt_ms.p50")
    assert "lost=1" in problem(answer, 404, "no-value")["detail"]


def test_connect_mode_is_asked_for_by_name(service):
    assert report(service.get(f"{PING}&mode=connect"))["mode"] == "connect"
    assert report(service.get(f"{PING}&mode=syn"))["mode"] == "syn"


def test_without_privilege_the_service_probes_by_connect_and_says_so(serve):
    service = serve(wrapper=["setpriv", "--reuid", "65534", "--bounding-set=-all", "--inh-caps=-all"])
    assert service.events("listening")[0]["mode"] == "connect"
    assert "CAP_NET_RAW" in service.events("probing by connect(2)")[0]["message"]
    assert report(service.get(PING))["mode"] == "connect"
    assert "syn is not possible here" in problem(service.get(f"{PING}&mode=syn"), 400, "bad-parameter")["detail"]


def metrics_of(text):
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line[0] != "#"}


def test_probe_speaks_the_words_of_blackbox_exporter(service):
    answer = service.get(f"/probe?target={TARGET}")
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = metrics_of(answer.text)
    assert found["probe_success"] == 1 and found["probe_ip_protocol"] == 4
    assert found["probe_dns_lookup_time_seconds"] == 0 < found["probe_duration_seconds"] < 5
    assert found['probe_tcp_probes{outcome="open"}'] == 5 == found["probe_tcp_rtt_seconds_count"]
    assert found["probe_tcp_loss_ratio"] == 0 and found["probe_tcp_reply_hop_limit"] == 64
    assert found['probe_tcp_duration_seconds{phase="resolve"}'] == 0 < found['probe_tcp_duration_seconds{phase="rtt"}']
    segments = [found[f'probe_tcp_segment_seconds{{segment="{name}"}}'] for name in ("egress", "network", "ingress")]
    assert all(0 < value < 1 for value in segments)
    bounds = [key.split('"')[1] for key in found if key.startswith("probe_tcp_rtt_seconds_bucket")]
    assert [float(bound) for bound in bounds[:-1]] == pytest.approx([5e-05 * 2**n for n in range(20)])
    assert bounds[-1] == "+Inf"


def test_a_failed_probe_is_200_with_success_0(service, peer):
    peer.nft("input tcp dport 81 drop")
    for target, loss in ("192.0.2.2:81", 1), ("192.0.2.2:80", 0), ("198.51.100.1:80", 0):
        answer = service.get(f"/probe?target={target}", headers={"X-Prometheus-Scrape-Timeout-Seconds": "0.7"})
        found = metrics_of(answer.text)
        assert answer.status == 200 and found["probe_success"] == 0 and found["probe_tcp_loss_ratio"] == loss
        assert found["probe_tcp_rtt_seconds_count"] == (5 if target.endswith("2:80") else 0)


@pytest.mark.parametrize("text, longest", [("10", 3), ("1", 0.9), ("0.4", 0.4), ("0.001", 0.2), ("1e9", 3)])
def test_a_scrape_ends_within_its_timeout(service, peer, text, longest):
    peer.nft("input tcp dport 81 drop")
    answer = service.get("/probe?target=192.0.2.2:81", headers={"X-Prometheus-Scrape-Timeout-Seconds": text})
    found = metrics_of(answer.text)
    assert found["probe_duration_seconds"] < longest
    probes = sum(value for key, value in found.items() if key.startswith("probe_tcp_probes"))
    assert probes == (1 if text == "0.001" else 5), "closer together first, then fewer"


@pytest.mark.parametrize("text", ["0", "-1", "NaN", "inf", "abc", "", "1,2"])
def test_a_scrape_timeout_that_is_none_is_refused(service, text):
    answer = service.get(f"/probe?target={TARGET}", headers={"X-Prometheus-Scrape-Timeout-Seconds": text})
    assert problem(answer, 400, "bad-parameter")["parameter"] == "X-Prometheus-Scrape-Timeout-Seconds"


def test_debug_shows_log_metrics_and_module(service):
    text = service.get(f"/probe?target={TARGET}&debug=true&module=tcp_connect").text
    log, metrics, module = text.split("\n\n\n\n")
    assert log.startswith("Logs for the probe:\n") and len(re.findall(r"^seq=\d open rtt=", log, re.M)) == 5
    assert metrics.startswith("Metrics that would have been returned:\n# HELP probe_")
    assert module == "Module configuration:\nmode: connect\ncount: 5\ninterval: 50ms\ntimeout: 2s\ndirection: false\n"


def test_modules_come_from_the_configuration(serve, tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("modules:\n  ten:\n    mode: connect\n    count: 10\n    interval: 1ms\n")
    service = serve("--config", file)
    assert metrics_of(service.get(f"/probe?target={TARGET}&module=ten").text)['probe_tcp_probes{outcome="open"}'] == 10
    found = problem(service.get(f"/probe?target={TARGET}&module=eleven"), 400, "bad-parameter")
    assert found["detail"] == 'Unknown module "eleven"; the modules are tcp_connect, tcp_syn, ten' and found["parameter"] == "module"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/readyz?verbose", "/-/healthy"])
def test_health_is_plain(service, path):
    answer = service.get(path)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain")


def test_healthcheck_finds_the_service(service):
    assert service.space.synprobe("healthcheck").returncode == 0
    assert service.space.synprobe("healthcheck", "--address", "127.0.0.1:9116").returncode == 1


ROUTES = [PING, f"/probe?target={TARGET}", "/metrics", "/livez", "/readyz", "/-/healthy", "/openapi.json",
          "/problems/overloaded"]


@pytest.mark.parametrize("path", ROUTES)
def test_another_method_is_405_with_allow_and_head_works(service, path):
    for method in "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND":
        answer = service.request(method, path)
        problem(answer, 405, "method-not-allowed")
        assert answer.headers["Allow"] == "GET, HEAD"
    problem(service.request("BREW", path), 501, "not-implemented")
    head, whole = service.request("HEAD", path), service.get(path)
    assert head.status == 200 and head.body == b"" and head.headers["Content-Type"] == whole.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/v1", "/v1/pings", "/V1/PING", "/metrics/x", "/../metrics", "/v1/verify/x"])
def test_another_path_is_404(service, path):
    problem(service.get(path), 404, "not-found")


@pytest.mark.parametrize("query, parameter", [
    ("", "target"), ("target=", "target"), ("target=192.0.2.2", "target"), ("target=192.0.2.2:8080&cuont=1", "cuont"),
    ("target=192.0.2.2:8080&target=192.0.2.2:8080", "target"), ("target=%ff:80", "target"), ("target=%", "target"),
    ("target=" + "1" * 3000, "target"), ("target=192.0.2.2:8080&count=0", "count"), ("ip=192.0.2.2", "port"),
    ("target=192.0.2.2:8080&timeout=2", "timeout"), ("target=192.0.2.2:8080&mode=udp", "mode")])
def test_a_wrong_parameter_is_400_and_named(service, query, parameter):
    assert problem(service.get(f"/v1/ping?{query}"), 400, "bad-parameter")["parameter"] == parameter


def test_a_kind_of_problem_is_explained_under_its_type(service):
    kind = service.get("/nowhere").json["type"]
    answer = service.get(kind)
    assert answer.status == 200 and answer.text.startswith("Not found (404)\n")


def test_every_answer_keeps_browsers_from_guessing_and_caching(service):
    for path in "/livez", "/nowhere", "/metrics":
        headers = service.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_log_tells_of_each_request_who_asked_for_what_and_what_came_of_it(service):
    answer = service.get(PING, headers={"X-Request-Id": "abc-1"})
    assert answer.headers["X-Request-Id"] == "abc-1"
    service.get("/v1/ping?target=10.0.0.1%0a%1b[2J%22:80&count=1", headers={"X-Request-Id": "bad id"})
    service.get("/v1/ping?target=127.0.0.1:80")
    lab.wait_until(lambda: len(service.events("request")) == 3)
    good, strange, denied = service.events("request")
    assert good["request_id"] == "abc-1" and good["client"] == "127.0.0.1" and good["target"] == TARGET
    assert (good["decision"], good["outcome"], good["status"]) == ("allowed", "open=5", 200) and good["duration_ms"] > 40
    assert re.fullmatch("[0-9a-f]{16}", strange["request_id"]) and strange["status"] == 400
    assert (denied["decision"], denied["status"], denied["problem"]) == ("denied", 403, "target-denied")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", service.log_path.read_text())


def test_the_service_s_threads_have_its_signals_blocked_and_no_child(service):
    service.get(PING)
    status = [open(f"/proc/{service.process.pid}/task/{thread}/status").read()
              for thread in subprocess.run(["ls", f"/proc/{service.process.pid}/task"], capture_output=True,
                                           text=True).stdout.split()]
    masks = [int(re.search(r"SigBlk:\s+(\w+)", text)[1], 16) for text in status]
    assert all(mask >> (15 - 1) & 1 for mask in masks)
    capabilities = {re.search(r"CapEff:\s+(\w+)", text)[1] for text in status}
    assert capabilities == {"0" * 16}

"""`/v1/verify`: the verdict over HTTP, with the status that a client asks for."""
import concurrent.futures
import json
import time
import urllib.parse

import jsonschema
import lab
import pytest
from service import problem

TARGET = "192.0.2.2:8080"
SCHEMA = json.loads((lab.HERE / "golden/verify.schema.json").read_text())
PING = json.loads((lab.HERE / "golden/ping.schema.json").read_text())


@pytest.fixture
def service(serve, peer):
    peer.listen("192.0.2.2/8081")
    return serve()


def path(**parameters):
    named = {name.replace("_99", "-p99"): value for name, value in parameters.items()}
    return "/v1/verify?" + urllib.parse.urlencode({"target": TARGET, **named})


def report(answer, status=200):
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/json"
    jsonschema.validate(answer.json, SCHEMA)
    jsonschema.validate(answer.json["measurement"], PING)
    lab.check_identity(answer.json["measurement"])
    return answer.json


def post(service, body, query="", **options):
    text = body if isinstance(body, str) else json.dumps(body)
    return service.request("POST", f"/v1/verify{query}", {"Content-Type": "application/json"}, text, **options)


def test_a_claim_in_the_query_is_confirmed_or_not(service):
    found = report(service.get(path(rtt="..50ms", loss="..20%", max_time="10s")))
    assert found["verdict"] == "confirmed" and [claim["claim"] for claim in found["claims"]] == ["rtt", "loss"]
    assert report(service.get(path(rtt="90ms..110ms")))["verdict"] == "mismatch"
    assert report(service.get(path(loss="..0.01%", max_probes=20, interval="2ms")))["verdict"] == "inconclusive"


def test_fail_status_is_for_all_but_a_confirmation(service):
    assert service.get(path(rtt="..50ms", fail_status=503)).status == 200
    assert report(service.get(path(rtt="90ms..", fail_status=503)), 503)["verdict"] == "mismatch"
    undecided = service.get(path(loss="..0.01%", max_probes=20, interval="2ms", fail_status=418))
    assert report(undecided, 418)["verdict"] == "inconclusive"
    answer = service.get(path(rtt="90ms..", fail_status=503, format="value", field="verdict"))
    assert (answer.status, answer.text) == (503, "mismatch\n")


def test_a_client_that_compares_the_status_within_one_second_is_answered(service):
    """Chaos Mesh's StatusCheck waits a second; a claim on the median takes ten probes."""
    for claim, status in ("..50ms", 200), ("90ms..110ms", 503):
        done = service.space.run("curl", "-s", "-m", 1, "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:9115"
                                 + path(rtt=claim, max_time="900ms", timeout="300ms", interval="10ms", fail_status=503))
        assert done.stdout == str(status)


def test_a_post_has_the_claims_and_the_baseline_in_its_body(service):
    ping = service.get(f"/v1/ping?target={TARGET}&count=20&interval=2ms").json
    body = {"target": TARGET, "claims": {"added": "..5ms", "where": "network"}, "baseline": ping, "max_time": "10s"}
    found = report(post(service, {**body, "claims": {"added": "..5ms"}}))
    assert found["verdict"] == "confirmed" and found["baseline"]["attempted"] == 20
    found = report(post(service, {**body, "claims": {"added": "80ms..86ms", "where": "network"}, "fail_status": 503}), 503)
    assert found["verdict"] == "mismatch"
    assert report(post(service, {**body, "claims": {"clear": True}}))["verdict"] == "confirmed"
    nothing = {"control": None, "netem": None, "confidence": 0.99}
    assert report(post(service, {**body, **nothing, "claims": {"added": "..5ms", "loss": None}}))["claims"][0]["confidence"] == 0.99
    assert post(service, {**body, "claims": {"added": "80ms.."}}, "?fail_status=422").status == 422


def test_a_fault_in_netems_words_becomes_claims(service, peer):
    peer.nft("input tcp dport 8080 drop")
    body = {"target": TARGET, "path": "peer", "interval": "3ms", "timeout": "200ms"}
    found = report(post(service, {**body, "netem": "loss 100%"}))
    assert found["verdict"] == "confirmed", found["reason"]
    assert [claim["claim"] for claim in found["claims"]] == ["partition", "where"]
    found = report(post(service, {**body, "netem": "loss 20%"}))
    assert {claim["claim"]: claim["expected"] for claim in found["claims"]} == {"loss": "15%..25%", "where": "network"}
    assert found["verdict"] == "mismatch"


def test_a_control_target_is_admitted_like_the_target(serve, peer):
    peer.listen("192.0.2.2/8081")
    service = serve("--allow", "192.0.2.2/32:8080-8081")
    found = report(service.get(path(added="..5ms", control="192.0.2.2:8081")))
    assert found["verdict"] == "confirmed" and found["baseline"]["target"]["port"] == 8081
    refused = problem(service.get(path(added="..5ms", control="192.0.2.2:8082")), 403, "target-denied")
    assert refused["parameter"] == "control"
    assert service.metric('synprobe_probes_total{outcome="closed"}') == 0


def test_one_bare_value_is_text(service):
    answer = service.get(path(rtt="..50ms", format="value", field="claims.0.estimate_ms"))
    assert 0 < float(answer.text) < 50 and answer.headers["Content-Type"].startswith("text/plain")
    missing = service.get(path(rtt="..50ms", format="value", field="claims.1.estimate_ms"))
    assert problem(missing, 404, "no-value")["parameter"] == "field"


WRONG = [
    ({}, "claims", "nothing is claimed"), ({"rtt": "100"}, "rtt", "is not a range"), ({"loss": "5%.."}, None, None),
    ({"partition": "yes"}, "partition", "takes no value but true"), ({"where": "middle"}, "where", "is none of"),
    ({"added": "..5ms"}, "added", "needs a baseline: a saved result, or a control target"),
    ({"netem": "delay 100ms"}, "path", "where does the fault sit?"), ({"netem": "melt", "path": "peer"}, "netem", "has no 'melt'"),
    ({"rtt": "..1s", "path": "peer"}, "path", "says where an injected fault sits"),
    ({"netem": "delay 1ms", "path": "up"}, "path", "is none of egress, peer, both"),
    ({"rtt": "..1s", "confidence": "95"}, "confidence", "is not a percentage"),
    ({"rtt": "..1s", "max_probes": 2001}, "max_probes", "2001 is out of range: 1 to 2000"),
    ({"rtt": "..1s", "max_time": "61s"}, "max_time", "more than 60 s"),
    ({"rtt": "..1s", "max_time": "1s", "timeout": "1s"}, "timeout", "leaves no time"),
    ({"rtt": "..1s", "interval": "10us"}, "interval", "below 1 ms"),
    ({"rtt": "..1s", "fail_status": 200}, "fail_status", "is not a status from 400 to 599"),
    ({"rtt": "..1s", "control": "x"}, "control", "has no port"), ({"rtt": "..1s", "baseline": "{}"}, "baseline", "no parameter"),
    ({"rtt": "..1s", "field": "verdict"}, "field", "goes with format=value"),
    ({"rtt": "..1s", "format": "value", "field": "rtt_ms.p50"}, "field", "such as claims.0.estimate_ms"),
    ({"rtt": "..1s", "count": 5}, "count", "there is no parameter 'count'"),
]


@pytest.mark.parametrize("parameters, name, words", [one for one in WRONG if one[1]])
def test_a_wrong_parameter_is_400_and_named(service, parameters, name, words):
    found = problem(service.get(path(**parameters)), 400, "bad-parameter")
    assert found["parameter"] == name and words in found["detail"]


def test_a_claim_of_a_post_may_stand_in_its_query_and_only_once(service):
    body = {"target": TARGET, "claims": None, "max_time": "10s"}
    assert report(post(service, body, "?rtt=..50ms"))["claims"][0]["claim"] == "rtt"
    found = problem(post(service, {**body, "claims": {"rtt": "..50ms"}}, "?rtt=..50ms"), 400, "bad-parameter")
    assert found["parameter"] == "rtt" and "more than once" in found["detail"]


BODIES = [
    ("", "body"), ("[]", "body"), ("{", "body"), ("null", "body"), ("{}", "target"),
    ({"target": TARGET, "claims": {"clear": True}, "baseline": None}, "clear"), ('{"x":' + "[" * 500 + "]" * 500 + "}", "body"), ({"target": TARGET, "claims": []}, "claims"),
    ({"target": TARGET, "claims": {"melted": "1%"}}, "melted"), ({"target": TARGET, "claims": {"loss": {}}}, "loss"),
    ({"target": TARGET, "loss": "..1%"}, "loss"), ({"target": TARGET, "claims": {"loss": 5}}, "loss"),
    ({"target": TARGET, "claims": {"loss": "..1%"}, "count": 5}, "count"), ({"claims": {"loss": "..1%"}}, "target"),
    ({"target": TARGET, "claims": {"clear": True}, "baseline": {}}, "baseline"),
    ({"target": TARGET, "claims": {"clear": True}, "baseline": 5}, "baseline"),
    ({"target": ["x"], "claims": {"loss": "..1%"}}, "target"), ("[" * 5000, "body"), ("{\"a\":" * 3000, "body"),
]


@pytest.mark.parametrize("body, name", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_wrong_is_400_and_named(service, body, name):
    assert problem(post(service, body), 400, "bad-parameter")["parameter"] == name


def test_a_body_that_is_too_large_is_413(service):
    problem(post(service, {"target": TARGET, "claims": {"loss": "x" * 70_000}}), 413, "body-too-large")


def test_a_parameter_in_the_body_and_in_the_query_is_given_twice(service):
    body = {"target": TARGET, "claims": {"rtt": "..1s"}, "max_time": "2s"}
    assert "more than once" in problem(post(service, body, "?max_time=3s"), 400, "bad-parameter")["detail"]


@pytest.mark.parametrize("body, name", [
    ('{"target":"192.0.2.2:8080","target":"192.0.2.2:9999","claims":{"loss":"..1%"}}', "target"),
    ('{"target":"192.0.2.2:8080","claims":{"loss":"..1%","lo\\u0073s":"50%.."}}', "loss"),
    ('{"target":"192.0.2.2:8080","claims":{"loss":"..1%"},"claims":{"partition":true}}', "claims")])
@pytest.mark.parametrize("way", ["/v1/verify", "/v1/monitors"])
def test_a_member_that_is_given_twice_is_named(service, way, body, name):
    answer = problem(service.request("POST", way, {"Content-Type": "application/json"}, body), 400, "bad-parameter")
    assert answer["parameter"] == name and "more than once" in answer["detail"]


def test_the_methods_are_those_of_the_route(service):
    assert service.request("DELETE", "/v1/verify").headers["Allow"] == "GET, HEAD, POST"
    assert service.request("HEAD", path(rtt="..50ms")).status == 200


def test_a_page_of_another_origin_may_not_post(service):
    body = {"target": TARGET, "claims": {"rtt": "..1s"}}
    answer = service.request("POST", "/v1/verify", {"Origin": "http://evil.example"}, json.dumps(body))
    problem(answer, 403, "foreign-origin")


def test_a_client_that_leaves_ends_its_probes(service):
    before = service.metric('synprobe_probes_total{outcome="open"}') or 0
    service.ask(path(loss="..0.01%", interval="10ms")).close()
    time.sleep(0.5)
    sent = service.metric('synprobe_probes_total{outcome="open"}')
    time.sleep(0.5)
    assert service.metric('synprobe_probes_total{outcome="open"}') == sent < before + 60


def test_the_end_of_the_service_ends_a_verification(service):
    client = service.ask(path(loss="..0.01%", interval="10ms"))
    time.sleep(0.3)
    status, took = service.stop()
    assert took < 5
    assert b"503" in client.recv(100)


def test_the_log_says_what_became_of_it(service):
    service.get(path(rtt="90ms.."))
    lab.wait_until(lambda: service.events("request"))
    line = service.events("request")[0]
    assert line["outcome"].startswith("mismatch open=") and line["decision"] == "allowed"


def test_many_verifications_at_once_are_each_their_own(service):
    def ask(index):
        claim = "..1s" if index % 3 else "1s.."
        return service.get(f"/v1/verify?target=192.0.2.2:{8080 + index % 2}&rtt={claim}", timeout=30).json

    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        for index, found in enumerate(pool.map(ask, range(60))):
            assert found["target"]["port"] == 8080 + index % 2, found
            assert found["verdict"] == ("confirmed" if index % 3 else "mismatch")

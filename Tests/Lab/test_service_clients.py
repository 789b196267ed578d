"""Real clients of the service: Prometheus, promtool, prometheus_client, schemathesis, slowhttptest, wrk."""
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

import lab
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as text_metrics

sys.path.insert(0, str(lab.ROOT / "Tests/Benchmarks"))
import load  # noqa: E402

TARGET = "192.0.2.2:8080"
SCHEMATHESIS = lab.ROOT / ".build-schemathesis/bin/st"
OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


def wrong(text):
    """What promtool has against a text of metrics."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


def test_the_exposition_is_what_promtool_and_prometheus_client_read(serve):
    service = serve()
    service.get(f"/v1/ping?target={TARGET}&count=7&interval=5ms")
    service.get("/nowhere")
    for path in "/metrics", f"/probe?target={TARGET}", "/probe?target=198.51.100.1:80":
        plain, opened = service.get(path), service.get(path, headers=OPEN_METRICS)
        assert wrong(plain.text) == ""
        names = {family.name for family in text_metrics(plain.text)}
        assert opened.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        families = {family.name: family for family in open_metrics(opened.text)}
        assert {name.removesuffix("_info") for name in names} == set(families), "the same in both formats"
        assert all(family.documentation for family in families.values())
    families = {family.name: family for family in open_metrics(service.get("/metrics", headers=OPEN_METRICS).text)}
    outcomes = {sample.labels["outcome"]: sample.value for sample in families["synprobe_probes"].samples}
    assert outcomes["open"] == 17 and sum(outcomes.values()) == 27 and outcomes["blocked"] == 10
    assert families["synprobe_rtt_seconds"].type == "histogram"
    [build] = families["synprobe_build"].samples
    assert set(build.labels) == {"version", "mode"}
    for name in ("duplicates", "late", "unmatched", "capture_drops", "clock_steps", "parse_errors", "send_errors",
                 "timestamps_missing", "probes_in_flight", "http_requests", "http_request_duration_seconds"):
        assert f"synprobe_{name}" in families or name == "parse_errors", name
    assert TARGET not in service.get("/metrics").text and "nowhere" not in service.get("/metrics").text


PROMETHEUS = """
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: synprobe
    static_configs: [{targets: ['127.0.0.1:9115']}]
  - job_name: probe
    metrics_path: /probe
    params: {module: [tcp_syn]}
    static_configs: [{targets: ['192.0.2.2:8080', '192.0.2.2:81', '[2001:db8::2]:8080']}]
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_target}
      - {source_labels: [__param_target], target_label: instance}
      - {target_label: __address__, replacement: '127.0.0.1:9115'}
"""


def query(service, expression):
    path = "/api/v1/query?query=" + urllib.parse.quote(expression)
    text = service.space.run("curl", "-sS", f"http://127.0.0.1:9090{path}").stdout
    return {one["metric"].get("instance", ""): float(one["value"][1]) for one in json.loads(text)["data"]["result"]}


def test_prometheus_scrapes_probes_and_metrics_and_answers_queries(serve, peer, tmp_path):
    peer.nft("input tcp dport 81 drop")
    service = serve()
    file = tmp_path / "prometheus.yml"
    file.write_text(PROMETHEUS)
    log = open(tmp_path / "prometheus.log", "w")
    service.space.start("prometheus", f"--config.file={file}", f"--storage.tsdb.path={tmp_path}/data",
                        "--web.listen-address=127.0.0.1:9090", stdout=log, stderr=log)
    wanted = {TARGET: 1, "192.0.2.2:81": 0} | ({"[2001:db8::2]:8080": 1} if lab.HAS_IPV6 else {})
    lab.wait_until(lambda: service.space.run("curl", "-sf", "http://127.0.0.1:9090/-/ready", check=False).returncode == 0, 20)
    lab.wait_until(lambda: query(service, "min_over_time(probe_success[5s])").items() >= wanted.items(), 20)
    lab.wait_until(lambda: query(service, "count_over_time(up[1m])").get(TARGET, 0) >= 4, 20)
    up = query(service, "min by (instance) (up)")
    assert all(up[target] == 1 for target in [*wanted, "127.0.0.1:9115"]), up
    assert query(service, "probe_tcp_loss_ratio")["192.0.2.2:81"] == 1
    median = query(service, "histogram_quantile(0.5, probe_tcp_rtt_seconds_bucket)")
    assert all(0 < median[target] < 1 for target in wanted if wanted[target])
    share = query(service, 'sum(synprobe_probes_total{outcome="lost"}) / sum(synprobe_probes_total)')
    assert 0.2 < share[""] < 0.6
    segments = query(service, f'sum by (instance) (probe_tcp_segment_seconds{{instance="{TARGET}"}})')
    assert segments[TARGET] == pytest.approx(
        query(service, f'probe_tcp_duration_seconds{{phase="rtt", instance="{TARGET}"}}')[TARGET], rel=0.9)
    log.close()


def test_schemathesis_finds_no_answer_that_the_document_does_not_describe(serve, tmp_path):
    """Left out: that every input of the document's shape is accepted. Whether a target may be probed is the policy's. A stream has no end."""
    service = serve("--allow", "192.0.2.2/32", "--allow", "2001:db8::2")
    # A refusal of a request that is too long is one too.
    refusals = [400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 428, 429, "5xx"]
    (tmp_path / "schemathesis.toml").write_text(
        f"[checks]\nnegative_data_rejection.expected-statuses = {json.dumps([str(one) for one in refusals])}\n")
    done = service.space.run(
        SCHEMATHESIS, "run", "http://127.0.0.1:9115/openapi.json", "--phases", "examples,coverage,fuzzing", "-n", "40",
        "--seed", "4", "--exclude-path", "/v1/stream", "--exclude-checks", "positive_data_acceptance", "--request-timeout", "70", "--max-time", "60",
        check=False, timeout=400, cwd=tmp_path, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stdout[-6000:]
    assert service.get("/livez").status == 200


def test_the_document_describes_what_there_is(serve):
    service = serve()
    document = service.get("/openapi.json").json
    assert document["openapi"].startswith("3.1")
    several = {"/v1/verify": ["get", "post"], "/v1/identify": ["post"], "/v1/monitors": ["post", "get"],
               "/v1/monitors/{id}": ["get", "delete"]}
    for path, operations in document["paths"].items():
        expected = (404,) if "{id}" in path else (200, 400) if "get" in operations else (405,)
        assert service.get(path.replace("{name}", "not-found")).status in expected, path
        assert list(operations) == several.get(path, ["get"])
    named = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(document)))
    assert named <= set(document["components"]["schemas"]), named - set(document["components"]["schemas"])
    golden = json.loads((lab.HERE / "golden/ping.schema.json").read_text())
    ping = document["components"]["schemas"]["Ping"]
    assert set(ping["properties"]) == set(golden["properties"])
    assert set(ping["required"]) == {*golden["required"], "probes"}
    golden = json.loads((lab.HERE / "golden/verify.schema.json").read_text())
    verify, claim = document["components"]["schemas"]["Verify"], document["components"]["schemas"]["Claim"]
    assert set(verify["properties"]) == set(golden["properties"]) and set(verify["required"]) == set(golden["required"])
    assert set(claim["properties"]) == set(golden["properties"]["claims"]["items"]["properties"])
    assert set(claim["required"]) == set(golden["properties"]["claims"]["items"]["required"])


@pytest.mark.parametrize("kind", [["-H"], ["-B"], ["-X", "-w", "10", "-y", "20", "-n", "2", "-z", "5"]],
                         ids=["slow heads", "slow bodies", "slow reading"])
def test_slowhttptest_does_not_keep_others_from_being_served(serve, kind):
    service = serve()
    attack = service.space.start("slowhttptest", "-c", "400", "-r", "400", "-l", "16", "-i", "2", "-p", "3", "-u",
                                 "http://127.0.0.1:9115/livez", *kind, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    served = []
    while attack.poll() is None:
        began = time.monotonic()
        served.append(service.get(f"/v1/ping?target={TARGET}&count=1").status == 200 and time.monotonic() - began < 1)
        time.sleep(0.1)
    assert len(served) > 50 and all(served), served.count(False)
    lab.wait_until(lambda: service.metric("synprobe_http_connections") == 1, 15)


def test_under_load_every_answer_is_the_asked_target_s_own(capsys):
    with load.running() as service:
        rate, tail, errors = load.wrk(service, load.PING.format(TARGET), 5)
        found = load.spread(service, load.PING, "json")
        metrics = service.client.run("curl", "-s", "http://127.0.0.1:9115/metrics").stdout
    with capsys.disabled():
        print(f"\n64 connections: {rate:.0f} requests/s, p99 {tail:.1f} ms; 1 000 targets: {found['rate']:.0f}/s")
    assert errors == 0 and rate > 100
    assert (found["answers"], found["wrong"], found["errors"]) == (10_000, 0, 0)
    assert 'synprobe_probes_total{outcome="lost"} 0\n' in metrics


def test_a_minute_of_everything_leaks_neither_memory_nor_descriptors():
    done = lab.sh([lab.ROOT / "scripts/soak", os.environ.get("SOAK_SECONDS", "60")], check=False, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^soak: flat", done.stdout, re.M)

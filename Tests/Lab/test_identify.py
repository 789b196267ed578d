"""identify: the netem line that explains what is seen, what no line of netem explains, and who asks for it."""
import json
import re

import jsonschema
import lab
import pytest
from test_python import python, run  # noqa: F401 - the fixture of the module's environment

TARGET = "192.0.2.2:8080"
SCHEMA = json.loads((lab.HERE / "golden/identify.schema.json").read_text())

# By chance the interval of a loss would not hold it once in some thousand runs, and a way not be told once in some hundred.
SYN = "tcp dport 8080 tcp flags & (syn | ack) == syn"
FIFTH = "numgen inc mod 20 { 0, 5, 9, 16 } drop"
THREE_TENTHS = "numgen inc mod 20 { 0, 1, 5, 8, 13, 16 } drop"


@pytest.fixture
def baseline(web, tmp_path):
    path = tmp_path / "before.json"
    path.write_text(json.dumps(web.client.probe(TARGET, "-c", "60", "-i", "2ms")))
    return path


def identify(web, baseline, status, *options):
    done = web.client.synprobe("identify", TARGET, "--baseline", str(baseline), "--max-probes", "400", "-i", "3ms", "-W", "300ms",
                               "--max-time", "9s", "-o", "json", *options, timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    assert done.stderr.splitlines()[-1] == report["reason"]
    return report


def test_a_healthy_path_has_no_line(web, baseline):
    report = identify(web, baseline, 1)
    assert report["lines"] == [] and report["reason"].endswith("no fault is seen: nothing differs from the baseline")


@pytest.mark.parametrize("space, rule, side", [
    ("peer", f"input {SYN} {FIFTH}", "forward"), ("peer", f"output tcp sport 8080 {FIFTH}", "back"),
    ("client", f"input tcp sport 8080 {FIFTH}", "ingress")])
def test_a_loss_has_its_side(web, baseline, space, rule, side):
    getattr(web, space).nft(rule)
    line = identify(web, baseline, 0)["lines"][0]
    share = line["parameters"][-1]
    assert line["side"] == side and share["name"] == "loss"
    assert share["interval_ratio"][0] <= 0.2 <= share["interval_ratio"][1], line


def test_a_token_bucket_is_none_of_netems(web, baseline):
    web.peer.tc("qdisc add dev p0 root tbf rate 500kbit burst 1600 limit 1000000")
    report = identify(web, baseline, 1)
    width, = re.findall(r"a packet alone does not wait, as behind a token bucket \(tbf rate ([\d.]+)kbit\)", report["reason"])
    assert 480 < float(width) < 520


def test_losses_in_two_places_are_no_one_line(web, baseline):
    web.peer.nft(f"input {SYN} {FIFTH}")
    web.client.nft(f"input tcp sport 8080 {FIFTH}")
    assert "one line is in one place" in identify(web, baseline, 1)["reason"]


def test_a_port_that_refuses_is_no_line(web, baseline):
    web.peer.nft("input tcp dport 8080 reject with tcp reset")
    assert identify(web, baseline, 1)["reason"].endswith("no netem line explains it: the port refuses")


def test_too_few_probes_abstain(web, baseline, tmp_path):
    report = identify(web, baseline, 2, "--max-probes", "50")
    assert report["verdict"] == "inconclusive" and "150 more are needed" in report["reason"]
    few = tmp_path / "few.json"
    few.write_text(json.dumps(web.client.probe(TARGET, "-c", "5", "-i", "2ms")))
    assert "the baseline has too few answers: 15 more are needed" in identify(web, few, 2)["reason"]


def test_its_text_has_the_line_and_the_interval_of_each_number(web, baseline):
    web.peer.nft("input tcp dport 8080 drop")
    done = web.client.synprobe("identify", TARGET, "--baseline", str(baseline), "--max-probes", "250", "-i", "2ms", "-W", "200ms",
                               "--max-time", "9s")
    assert done.returncode == 0, done.stderr
    assert "netem       loss 100%   (network)\n  loss      100.00% (" in done.stdout
    assert done.stderr == f"explained: {TARGET}: what is seen is as of netem 'loss 100%' in the network\n"


@pytest.mark.parametrize("arguments, words", [
    ([], "Missing expected argument '--baseline <file>'"),
    (["--baseline", "/nowhere"], "/nowhere: No such file or directory"),
    (["--baseline", "/dev/null"], "it is not the JSON of a ping result"),
    (["--max-probes", "5"], "--max-probes: 5 is out of range: 20 to 100000"),
    (["-o", "value"], "--output value and --field PATH go together")])
def test_what_cannot_be_meant_is_refused(web, baseline, arguments, words):
    given = arguments if "--baseline" in arguments or not arguments else [*arguments, "--baseline", str(baseline)]
    done = web.client.synprobe("identify", TARGET, *given)
    assert done.returncode == 64 and words in done.stderr, done.stderr


QUICK = {"target": TARGET, "max_probes": 220, "interval": "5ms", "timeout": "300ms", "max_time": "9s"}


def ask(service, status, **members):
    answer = service.request("POST", "/v1/identify", {"Content-Type": "application/json"}, json.dumps({**QUICK, **members}), timeout=30)
    assert answer.status == status, answer.body
    return answer


def test_the_service_names_the_line(serve, web, baseline):
    service, before = serve(), json.loads(baseline.read_text())
    report = ask(service, 422, baseline=before, fail_status=422).json
    jsonschema.validate(report, SCHEMA)
    assert report["verdict"] == "unexplained" and report["baseline"]["attempted"] == 60
    web.peer.nft(f"input {SYN} {THREE_TENTHS}")
    report = ask(service, 200, baseline=before, fail_status=422).json
    jsonschema.validate(report, SCHEMA)
    assert "loss " in report["lines"][0]["line"] and report["lines"][0]["side"] == "forward"
    # The trains count for the target as the probes do.
    assert report["measurement"]["attempted"] == 220


def test_the_service_refuses_what_cannot_be_meant(serve, web, baseline):
    service, before = serve(), json.loads(baseline.read_text())
    for members, parameter, words in [
            ({}, "baseline", "'baseline' is missing"), ({"baseline": {}}, "baseline", "is not a ping result"),
            ({"baseline": before, "claims": {"loss": "..1%"}}, "loss", "an identification has none"),
            ({"baseline": before, "max_probes": 5}, "max_probes", "5 is out of range: 20 to 2000"),
            ({"baseline": before, "max_time": "2s"}, "max_time", "leaves no time for probes"),
            ({"baseline": before, "max_time": "2m"}, "max_time", "the longest that it may take here"),
            ({"baseline": before, "control": TARGET}, "control", "control"),
            ({"baseline": before, "target": "169.254.169.254:80"}, "target", "is denied")]:
        answer = ask(service, 403 if "denied" in words else 400, **members)
        assert answer.json["parameter"] == parameter and words in answer.json["detail"], answer.body
    assert service.request("GET", "/v1/identify").headers["Allow"] == "POST"


def test_python_names_the_line(web, baseline, python):  # noqa: F811
    code = f"""
found = synprobe.identify(HOST, PORT, {baseline.read_text()!r}, max_probes=220, interval="5ms", timeout=0.3, max_time=9)
assert found.baseline.attempted == 60 and found.measurement.attempted == 220, found
"""
    run(web.client, python, code + "assert not found.explained and found.lines == [] and 'nothing differs' in found.reason")
    web.peer.nft(f"input {SYN} {THREE_TENTHS}")
    run(web.client, python, code + """
line, share = found.lines[0], found.lines[0].parameters[-1]
assert found.explained and "loss " in line.line and line.side == "forward" and share.name == "loss", found
assert share.interval_ratio[0] < 0.3 < share.interval_ratio[1], found
""")


def test_a_mismatch_ends_with_its_best_explanation(web, baseline):
    web.peer.nft(f"input {SYN} {THREE_TENTHS}")
    done = web.client.synprobe("verify", TARGET, "--loss", "..5%", "--baseline", str(baseline), "-i", "3ms", "-W", "200ms",
                               "--max-time", "20s")
    assert done.returncode == 1
    assert "best explained by netem 'loss " in done.stderr.splitlines()[-1], done.stderr

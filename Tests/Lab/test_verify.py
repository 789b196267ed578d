"""`synprobe verify` as its users meet it: options, output, exit statuses, and the baseline."""
import json
import signal
import subprocess
import time

import jsonschema
import lab
import pytest

TARGET = "192.0.2.2:8080"
SCHEMA = json.loads((lab.HERE / "golden/verify.schema.json").read_text())
PING = json.loads((lab.HERE / "golden/ping.schema.json").read_text())


@pytest.fixture(autouse=True)
def listener(peer):
    peer.listen("192.0.2.2/8080", "192.0.2.2/8081")


def verify(client, *arguments, status=0):
    done = client.synprobe("verify", *arguments)
    assert done.returncode == status, f"status {done.returncode}, not {status}: {done.stderr} {done.stdout}"
    return done


def report(client, *arguments, status=0):
    found = json.loads(verify(client, *arguments, "-o", "json", status=status).stdout)
    jsonschema.validate(found, SCHEMA)
    jsonschema.validate(found["measurement"], PING)
    lab.check_identity(found["measurement"])
    return found


def saved(client, path, *arguments):
    path.write_text(client.synprobe(TARGET, "-o", "json", "-i", "5ms", *arguments).stdout)
    return path


def test_a_confirmed_claim_is_status_0_and_its_reason_the_last_line_on_stderr(client):
    done = verify(client, TARGET, "--rtt", "..50ms", "--loss", "..20%")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"SYN {TARGET} from 192.0.2.1 via c0")
    assert [line.split()[0] for line in lines[1:3]] == ["confirmed", "confirmed"]
    assert lines[3].startswith("now  ") and lines[4].startswith("interval  ") and lines[5].startswith("ms  ")
    assert lines[6].startswith(f"--- {TARGET}: ")
    assert done.stderr.splitlines()[-1].startswith(f"confirmed: {TARGET}: the median round trip is 0.")


def test_a_mismatch_is_status_1_and_explained(client):
    done = verify(client, TARGET, "--rtt", "90ms..110ms", status=1)
    assert done.stderr.splitlines()[-1].startswith(f"mismatch: {TARGET}: the median round trip is 0.")
    assert "no delay at all: is the rule on another interface, or in another direction?" in done.stderr


def test_what_is_not_decided_is_status_2_with_the_number_of_probes_that_would(client):
    done = verify(client, TARGET, "--loss", "..0.1%", "--max-probes", "50", "-i", "2ms", status=2)
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"inconclusive: {TARGET}: 0.0% (0.0%..") and "more probes would decide" in last


def test_the_json_has_what_the_contract_says(client, tmp_path):
    found = report(client, TARGET, "--added", "..5ms", "--baseline", saved(client, tmp_path / "b.json", "-c", "20"))
    assert list(found) == ["schema", "verdict", "reason", "target", "claims", "added_ms", "measurement", "baseline"]
    claim = found["claims"][0]
    assert claim["claim"] == "added" and claim["expected"] == "..5ms" and claim["verdict"] == "confirmed"
    assert claim["interval_ms"][0] <= claim["estimate_ms"] <= claim["interval_ms"][1] and claim["confidence"] == 0.95
    assert found["target"] == {"input": TARGET, "address": "192.0.2.2", "port": 8080}
    assert found["baseline"]["attempted"] == 20


@pytest.mark.parametrize("field, is_number", [
    ("claims.0.estimate_ms", True), ("claims.1.estimate_ratio", True), ("verdict", False), ("claims.0.verdict", False),
    ("measurement.rtt_ms.p50", True), ("measurement.probes.0.outcome", False)])
def test_one_bare_value_is_all_of_stdout(client, field, is_number):
    done = verify(client, TARGET, "--rtt", "..50ms", "--loss", "..20%", "-o", "value", "--field", field)
    assert done.stdout.count("\n") == 1
    assert float(done.stdout) < 50 if is_number else done.stdout in ("confirmed\n", "open\n")


def test_a_value_that_is_not_there_is_nothing_and_said(client):
    done = verify(client, TARGET, "--rtt", "..50ms", "-o", "value", "--field", "claims.0.estimate_ratio")
    assert done.stdout == "" and "claims.0.estimate_ratio is absent" in done.stderr


def test_quiet_prints_the_claims_alone(client):
    lines = verify(client, TARGET, "--rtt", "..50ms", "-q").stdout.splitlines()
    assert len(lines) == 1 and lines[0].startswith("confirmed    the median round trip is ")


def test_a_loss_by_the_firewall_is_measured_and_placed(client, peer):
    peer.nft("input tcp dport 8080 numgen random mod 100 < 30 drop")
    found = report(client, TARGET, "--loss", "15%..45%", "--where", "network", "-i", "3ms", "-W", "200ms",
                   "--confidence", "99.9%")
    assert 0.15 < found["claims"][0]["estimate_ratio"] < 0.45 and found["claims"][1]["estimate"] == "network"
    assert found["claims"][0]["confidence"] == pytest.approx(0.9995)


def test_a_control_target_is_measured_alternately(client, peer):
    peer.nft("input tcp dport 8080 drop")
    found = report(client, TARGET, "--partition", "--control", "192.0.2.2:8081", "-W", "200ms")
    assert found["baseline"]["target"]["port"] == 8081 and found["baseline"]["outcomes"]["open"] > 50
    assert abs(found["baseline"]["attempted"] - found["measurement"]["attempted"]) <= 2


def test_a_result_of_pings_default_length_is_a_baseline(client, tmp_path):
    baseline = saved(client, tmp_path / "five.json")
    assert report(client, TARGET, "--added", "-5ms..5ms", "--baseline", baseline)["baseline"]["attempted"] == 5
    found = report(client, TARGET, "--added", "..5ms", "--baseline", saved(client, tmp_path / "two.json", "-c", "2"),
                   status=2)
    assert "the baseline has 2 answers with a time, and 5 are the fewest" in found["reason"]


def test_a_baseline_may_come_by_a_pipe_be_one_of_several_or_an_earlier_verdict(client, tmp_path):
    ping = f"{lab.SYNPROBE} 192.0.2.2:8081 {TARGET} -i 5ms -c 20 -o json"
    check = f"{lab.SYNPROBE} verify {TARGET} --added ..5ms -o json"
    done = client.run("bash", "-c", f"{check} --baseline <({ping})", check=False)
    assert done.returncode == 0 and json.loads(done.stdout)["baseline"]["target"]["port"] == 8080, done.stderr
    (tmp_path / "verdict.json").write_text(done.stdout)
    assert report(client, TARGET, "--added", "..5ms", "--baseline", tmp_path / "verdict.json")["verdict"] == "confirmed"


def test_it_ends_within_its_time_whatever_happens(client, peer):
    peer.nft("input tcp dport 8080 numgen random mod 100 < 50 drop")
    began = time.monotonic()
    found = report(client, TARGET, "--loss", "49.9%..50.1%", "--max-time", "2s", "-i", "10ms",
                   "--confidence", "99.9999%", status=2)
    assert time.monotonic() - began < 3.5
    assert found["claims"][0]["samples"] == found["measurement"]["attempted"] >= 100


def test_max_probes_bounds_what_is_sent(client):
    assert report(client, TARGET, "--loss", "..0.01%", "--max-probes", "30", "-i", "2ms",
                  status=2)["measurement"]["attempted"] == 30


def test_without_privilege_it_judges_what_connect_can_show(client, peer):
    peer.nft("input tcp dport 8081 drop")
    found = report(client, TARGET, "--rtt", "..50ms", "--loss", "..20%", "--mode", "connect")
    assert found["measurement"]["mode"] == "connect"
    found = report(client, TARGET, "--rtt", "..50ms", "--where", "network", "--mode", "connect", "--max-time", "20s", status=2)
    assert "no answer has the stamps that tell where its time went" in found["reason"]
    assert found["measurement"]["duration_ms"] < 5000
    assert report(client, "192.0.2.2:8081", "--partition", "-W", "300ms", "--mode", "connect")["verdict"] == "confirmed"


@pytest.mark.parametrize("claim", ["--duplicate", "--corrupt", "--reorder"])
@pytest.mark.parametrize("share", ["..5%", "50%.."])
def test_without_privilege_no_packet_is_seen_and_nothing_of_packets_is_judged(client, claim, share):
    found = report(client, TARGET, claim, share, "-i", "5ms", "--mode", "connect", status=2)
    assert "mode connect sees no packet" in found["reason"] and found["measurement"]["duration_ms"] < 5000


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_what_is_known(client, number, status):
    run = client.start(lab.SYNPROBE, "verify", TARGET, "--loss", "..0.01%", "-o", "json", stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    time.sleep(1)
    run.send_signal(number)
    out, error = run.communicate(timeout=5)
    assert run.returncode == status
    found = json.loads(out)
    lab.check_identity(found["measurement"])
    assert found["verdict"] == "inconclusive" and error.splitlines()[-1] == found["reason"]


def test_fifty_at_once_do_not_disturb_each_other(client):
    runs = [client.start(lab.SYNPROBE, "verify", f"192.0.2.2:{8080 + index % 2}", "--rtt", "..1s", "-o", "json",
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE) for index in range(50)]
    for index, run in enumerate(runs):
        out, error = run.communicate(timeout=60)
        assert run.returncode == 0, error
        assert json.loads(out)["target"]["port"] == 8080 + index % 2


BAD = [
    ([], "nothing is claimed: what must hold?"),
    (["--rtt", "100"], "'100' is not a range: write 90ms..110ms, ..200ms, 50ms.., 100ms+-10ms or 100ms+-10%"),
    (["--rtt", "110ms..90ms"], "is empty: its lower end is above its upper one"),
    (["--rtt", "90..110"], "is not a duration: write a number and a unit"),
    (["--loss", "5"], "'5' is not a range: write 4%..6%, 5%+-2%, ..1% or 50%.."),
    (["--loss", "5%..101%"], "101% is more than 100%"),
    (["--where", "middle"], "'middle' is none of egress, forward, back, network, ingress"),
    (["--added", "..5ms"], "the claim added needs a baseline: a saved result, or a control target"),
    (["--clear"], "the claim clear needs a baseline: a saved result, or a control target"),
    (["--netem", "delay 100ms"], "where does the fault sit? give the path: egress (here), peer (at the target) or both"),
    (["--netem", "wobble 3", "--path", "peer"], "--netem: netem has no 'wobble'"),
    (["--netem", "delay 1ms", "--qdisc", "x", "--path", "peer"], "--netem, --network-chaos and --qdisc exclude each other"),
    (["--rtt", "..1s", "--path", "peer"], "--path says where the fault of --netem, --network-chaos or --qdisc sits"),
    (["--rtt", "..1s", "--loss", "50%..", "--loss", "..10%"], "--loss is given twice"),
    (["--rtt", "..1s", "--confidence", "95"], "--confidence: '95' is not a percentage: write 95%"),
    (["--rtt", "..1s", "--confidence", "100%"], "--confidence: '100%' is out of range: 50% to 99.9999%"),
    (["--rtt", "..1s", "--max-probes", "0"], "--max-probes: 0 is out of range: 1 to 100000"),
    (["--rtt", "..1s", "--max-time", "1s", "-W", "2s"], "--timeout: 2 s leaves no time to probe within 1 s"),
    (["--rtt", "..1s", "--max-time", "2us"], "--max-time: 2 us leaves no time for any answer: give 3 ms or more"),
    (["--rtt", "..1s", "-W", "2us"], "--timeout: 2 us is too short for any answer: give 1 ms or more"),
    (["--rtt", "..1s", "--baseline", "/no/such"], "/no/such: No such file or directory"),
    (["--rtt", "..1s", "--baseline", "/dev/null"], "/dev/null: it is not the JSON of a ping result"),
    (["--rtt", "..1s", "--baseline", "x", "--control", "192.0.2.2:1"], "--baseline and --control exclude each other"),
    (["--rtt", "..1s", "--control", "192.0.2.2"], "'192.0.2.2' has no port"),
    (["--network-chaos", "/dev/null"], "/dev/null: it is empty"),
    (["--qdisc", "/proc/version", "--path", "peer"], "/proc/version: it is not the output of tc -j qdisc show"),
    (["--rtt", "..1s", "-o", "value"], "--output value and --field PATH go together"),
    (["--rtt", "..1s", "-o", "value", "--field", "claims.0.nothing"],
     "'claims.0.nothing' is not a value of the JSON result, such as claims.0.estimate_ms"),
    (["--rtt", "..1s", "-o", "csv"], "The value 'csv' is invalid for '-o <format>'"),
]


@pytest.mark.parametrize("arguments, words", BAD, ids=[" ".join(arguments) or "none" for arguments, _ in BAD])
def test_what_cannot_be_meant_is_status_64_and_says_what_is_right(client, arguments, words):
    done = verify(client, TARGET, *arguments, status=64)
    assert words in done.stderr and done.stdout == ""


# Litmus' cmdProbe: /bin/sh -c, stdout trimmed, then a comparator (litmus-go, pkg/probe/comparator). ---------------------

def number(text):
    """strconv.ParseFloat whose error is thrown away: what is no number counts as 0."""
    try:
        return float(text)
    except ValueError:
        return 0.0


COMPARATORS = {
    "<=": lambda found, value: number(found) <= number(value),
    ">=": lambda found, value: number(found) >= number(value),
    "between": lambda found, value: number(value.split(",")[0]) <= number(found) <= number(value.split(",")[1]),
    "equal": lambda found, value: found == value,
    "oneOf": lambda found, value: found in value.split(","),
    "contains": lambda found, value: value in found,
}


@pytest.mark.parametrize("field, criteria, value, passes", [
    ("claims.0.estimate_ms", "<=", "50", True), ("claims.0.estimate_ms", ">=", "90", False),
    ("claims.0.estimate_ms", "between", "0.001,50", True), ("claims.0.estimate_ms", "between", "90,110", False),
    ("claims.0.verdict", "equal", "confirmed", True), ("verdict", "oneOf", "confirmed,inconclusive", True),
    ("verdict", "contains", "mismatch", False), ("claims.0.samples", ">=", "5", True)])
def test_litmus_comparators_judge_the_bare_value(client, field, criteria, value, passes):
    done = client.run("/bin/sh", "-c", f"{lab.SYNPROBE} verify {TARGET} --rtt ..50ms -o value --field {field}")
    assert COMPARATORS[criteria](done.stdout.strip(), value) == passes
    assert done.stderr.splitlines()[-1].startswith("confirmed: ")


def test_litmus_shows_the_verdict_as_the_reason_of_a_failure(client):
    """A status that is not 0 fails the probe before its comparator; what is on stderr is the reason."""
    done = client.run("/bin/sh", "-c", f"{lab.SYNPROBE} verify {TARGET} --rtt 90ms..110ms -o value --field verdict",
                      check=False)
    assert done.returncode == 1 and done.stdout == "mismatch\n" and done.stderr.startswith(f"mismatch: {TARGET}: ")

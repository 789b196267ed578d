"""Which way probes are lost, told from one end: by what the target repeats, and by what it does not."""
import json
import signal
import subprocess
import time

import jsonschema
import lab
import pytest

TARGET = "192.0.2.2:8080"
PING = ["ping", TARGET, "-c", "200", "-i", "10ms", "-W", "500ms", "--direction", "-o", "json"]


def drop(chain, match, *numbers, of):
    """Those of so many packets, at the peer; by chance there would be runs without any, and with nothing else."""
    chosen = ", ".join(map(str, numbers))
    return lambda pair: pair.peer.nft(f"{chain} {match} numgen inc mod {of} {{ {chosen} }} drop")


SYN, ANSWER = "tcp dport 8080 tcp flags & (syn | ack) == syn", "tcp sport 8080"
there, back = drop("input", SYN, 2, of=5), drop("output", ANSWER, 2, of=5)


def set_peer(*settings):
    return lambda pair: pair.peer.run("sysctl", "-qw", *settings)


def every(*faults):
    return lambda pair: [fault(pair) for fault in faults]


def ended_partition(chain, match):
    """Two seconds of it, of which the probing sees a second before and more after."""
    def inject(pair):
        script = (f"sleep 1; nft add table inet cut; nft add chain inet cut c '{{ type filter hook {chain} priority 0; }}';"
                  f" nft add rule inet cut c {match} drop; sleep 2; nft delete table inet cut")
        pair.peer.start("sh", "-c", script)
    return inject


LONG = PING[:2] + ["-c", "1200", *PING[4:]]
RUNS = {
    "no loss": (lambda pair: None, PING),
    "there": (there, PING),
    "back": (back, PING),
    "both": (every(there, drop("output", ANSWER, 5, of=10)), LONG),
    "partition": (lambda pair: pair.peer.nft("input tcp dport 8080 drop"), PING),
    "partition that ends, there": (ended_partition("input", "tcp dport 8080"), LONG),
    "partition that ends, back": (ended_partition("output", "tcp sport 8080"), LONG),
    "SYN cookies": (every(set_peer("net.ipv4.tcp_syncookies=2"), there), LONG),
    "no repetitions": (every(set_peer("net.ipv4.tcp_synack_retries=0"), back), LONG),
    "closed port": (drop("input", "tcp dport 81", 2, of=5), ["ping", "192.0.2.2:81", *PING[2:]]),
    "fixed port": (there, [*PING, "--source-port", "50000", "-W", "100ms", "-i", "50ms", "-c", "20"]),
    "connect": (there, [*PING, "-m", "connect"]),
    "IPv6, there": (there, ["ping", "[2001:db8::2]:8080", *PING[2:]]),
}


@pytest.fixture(scope="module")
def reports():
    """All at once, each in a network of its own: most of the time they wait for repetitions."""
    pairs, runs = [], {}
    try:
        for name, (inject, command) in RUNS.items():
            pair = lab.Pair()
            pairs.append(pair)
            pair.peer.listen("192.0.2.2/8080", "2001:db8::2/8080")
            inject(pair)
            runs[name] = pair.client.start(
                lab.SYNPROBE, *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        found = {name: json.loads(run.communicate(timeout=60)[0]) for name, run in runs.items()}
    finally:
        for pair in pairs:
            pair.close()
    schema = json.loads((lab.HERE / "golden/ping.schema.json").read_text())
    for report in found.values():
        lab.check_identity(report)
        jsonschema.validate(report, schema)
        loss = report["loss"]
        assert loss["forward"] + loss["back"] + loss["undecided"] == loss["network"]
    return found


@pytest.mark.parametrize("name", ["there", "IPv6, there"])
def test_a_loss_on_the_way_there_is_forward(reports, name):
    loss = reports[name]["loss"]
    assert loss["network"] > 10 and loss["forward"] >= 0.9 * loss["network"] and loss["back"] == 0
    assert loss["direction"]["forward"]["interval"][0] > 0.05 and loss["direction"]["back"]["interval"][1] < 0.1
    assert {probe.get("where") for probe in reports[name]["probes"]} <= {None, "forward", "network"}


def test_a_loss_on_the_way_back_is_back(reports):
    # Linux gives a connection up whose repetition its own netfilter drops (reqsk_timer_handler): one in five is not heard of again.
    loss = reports["back"]["loss"]
    assert loss["back"] > 5 and loss["forward"] == 0 and loss["undecided"] <= loss["network"] / 2
    assert loss["direction"]["back"]["interval"][0] > 0 == loss["direction"]["forward"]["interval"][0]
    probe = next(probe for probe in reports["back"]["probes"] if probe.get("where") == "back")
    assert probe["outcome"] == "lost"
    assert probe["reason"] == "on the way back: the target repeated its answer, which it gives to no SYN that is lost"


def test_both_ways_are_told_apart(reports):
    loss = reports["both"]["loss"]
    assert 120 < loss["forward"] < 360 and 40 < loss["back"] < 160
    assert loss["direction"]["forward"]["interval"][0] > 0.1 and loss["direction"]["back"]["interval"][0] > 0.02


def test_without_a_loss_nothing_is_listened_for(reports):
    report = reports["no loss"]
    assert report["duration_ms"] < 3300
    assert [report["loss"][name] for name in ("forward", "back", "undecided")] == [0, 0, 0]
    assert "undecided_because" not in report["loss"]["direction"]


@pytest.mark.parametrize("way, name", [("forward", "partition that ends, there"), ("back", "partition that ends, back")])
def test_a_partition_that_ends_is_decided_afterwards(reports, name, way):
    loss = reports[name]["loss"]
    assert loss["network"] > 100 and loss[way] >= 0.97 * loss["network"]
    assert loss["forward" if way == "back" else "back"] == 0


@pytest.mark.parametrize("name, reason", [
    ("partition", "nothing was answered: while a partition lasts nobody can tell its direction from one end"),
    ("SYN cookies", "the target repeats no answer that nobody takes: SYN cookies, tcp_synack_retries=0, or a proxy"
                    " that answers itself"),
    ("no repetitions", "the target repeats no answer that nobody takes: SYN cookies, tcp_synack_retries=0, or a proxy"
                       " that answers itself"),
    ("closed port", "the port is closed: it is answered by RST, which no target repeats"),
    ("fixed port", "the source port is fixed: without another one it is not seen whether the target repeats"),
])
def test_what_cannot_be_told_is_undecided_with_the_reason(reports, name, reason):
    loss = reports[name]["loss"]
    assert loss["undecided"] == loss["network"] > 0 == loss["forward"] == loss["back"]
    assert loss["direction"] == {"undecided_because": reason}


def test_connect_tells_no_direction(reports):
    assert set(reports["connect"]["loss"]["direction"]) <= {"undecided_because"}


def test_what_was_not_listened_for_is_told_of_no_way(web):
    """Answers are lost for the last 0.7 s of a run that is cut short before the target can have repeated one."""
    run = web.client.start(lab.SYNPROBE, "ping", TARGET, "-c", "2000", "-i", "10ms", "-W", "100ms", "--direction", "-o", "json",
                           stdout=subprocess.PIPE)
    time.sleep(2.5)
    drop("output", ANSWER, 1, of=2)(web)
    time.sleep(0.7)
    run.send_signal(signal.SIGINT)
    loss = json.loads(run.communicate(timeout=10)[0])["loss"]
    assert loss["network"] > 10 and (loss["forward"], loss["back"]) == (0, 0)


def test_the_summary_tells_it_to_people(web):
    drop("input", SYN, 1, 4, 8, of=10)(web)
    done = web.client.synprobe("ping", TARGET, "-c", "100", "-i", "10ms", "-W", "500ms", "--direction", "-q")
    line = next(line for line in done.stdout.splitlines() if line.startswith("which way "))
    assert line.startswith("which way   forward ") and "; forward " in line and "back 0" in line


def test_witnesses_leave_no_half_open_connection_behind(web):
    """The target's second repetition meets the RST of a host that takes no part."""
    web.client.synprobe("ping", TARGET, "-c", "30", "-i", "100ms", "--direction", "-q")
    lab.wait_until(lambda: "SYN-RECV" not in web.peer.run("ss", "-tan").stdout, 5)


@pytest.mark.parametrize("way, verdicts", [("forward", ["confirmed", "mismatch"]), ("back", ["mismatch", "confirmed"])])
def test_a_claim_of_a_way_is_judged(web, way, verdicts):
    (there if way == "forward" else back)(web)
    for claimed, verdict in zip(["forward", "back"], verdicts):
        done = web.client.synprobe("verify", TARGET, "--where", claimed, "--loss", "5%..40%", "--confidence", "99.9%",
                                   "-o", "json")
        report = json.loads(done.stdout)
        assert report["verdict"] == verdict, report["reason"]
        place = next(claim for claim in report["claims"] if claim["claim"] == "where")
        assert place["estimate"] == way and report["measurement"]["loss"][way] > 0


def test_a_claim_of_a_way_is_inconclusive_where_the_target_repeats_nothing(web):
    web.peer.run("sysctl", "-qw", "net.ipv4.tcp_syncookies=2")
    there(web)
    done = web.client.synprobe("verify", TARGET, "--where", "forward", "--loss", "..60%", "--max-time", "20s")
    assert done.returncode == 2 and "SYN cookies" in done.stderr


def test_too_short_a_time_for_a_direction_is_refused(web):
    done = web.client.synprobe("verify", TARGET, "--where", "back", "--max-time", "3s")
    assert done.returncode == 64
    assert "--max-time: 3 s is too short to tell a direction: the target's repetitions take 3.4 s" in done.stderr


def test_the_service_tells_it(web, serve):
    back(web)
    service = serve()
    report = service.get(f"/v1/ping?target={TARGET}&count=100&interval=10ms&timeout=500ms&direction=true").json
    assert report["loss"]["back"] > 3 and report["loss"]["forward"] == 0
    assert "forward" not in service.get(f"/v1/ping?target={TARGET}&count=3&interval=10ms").json["loss"]
    answer = service.get(f"/v1/ping?target={TARGET}&direction=maybe")
    assert answer.status == 400 and "'maybe' is neither true nor false" in answer.text

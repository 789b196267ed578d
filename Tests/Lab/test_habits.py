"""What people type, and what they are told."""
import json
import os
import pty
import re
import select
import subprocess
import time

import lab
import pytest
from lab import SYNPROBE


def told(client, *arguments, status=64):
    done = client.synprobe(*arguments)
    assert done.returncode == status and done.stdout == "", done.stdout
    assert done.stderr.startswith("synprobe: ") and done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("words", [
    ["192.0.2.2", "8080"], ["tcp://192.0.2.2:8080"], ["192.0.2.2", "-p8080"], ["192.0.2.2", "-p", "http-alt"],
    ["192.0.2.2:http-alt"], ["[::ffff:192.0.2.2]:8080"]])
def test_a_target_as_people_write_it(web, words):
    report = web.client.probe(*words, "-c1", "-i20ms", "-W1s")
    assert report["target"] == {"input": report["target"]["input"], "address": "192.0.2.2", "port": 8080}
    assert report["outcomes"]["open"] == 1


def test_urls_have_the_ports_of_their_schemes(pair):
    pair.peer.listen("192.0.2.2/80", "192.0.2.2/443")
    reports = pair.client.probe("http://192.0.2.2/a?b=c", "https://192.0.2.2", "-c1")
    assert [report["target"]["port"] for report in reports] == [80, 443]
    assert all(report["outcomes"]["open"] == 1 for report in reports)


def test_several_ports_make_several_targets_whose_lines_align(web):
    text = web.client.synprobe("192.0.2.2", "-p9,8079-8080", "-c2", "-i10ms").stdout
    lines = [line for line in text.splitlines() if " seq=" in line]
    assert len(lines) == 6 and len({line.index("seq=") for line in lines}) == 1


@pytest.mark.parametrize("words, expected", [
    (["veriffy", "192.0.2.2:80", "--rtt", "1ms..2ms"], "the nearest is 'verify'"), (["pign"], "the nearest is 'ping'"),
    (["192.0.2.2"], "write HOST:PORT or HOST PORT, or give -p PORT"), (["-c", "-1", "192.0.2.2:80"], "--count -1 is out of range"),
    (["-i", "20", "192.0.2.2:80"], "write a number and a unit"), (["192.0.2.2", "-p", "hppt"], "nor the name of a service"),
    (["192.0.2.2", "-p", "1-100"], "more than 64 ports"), (["gopher://192.0.2.2"], "tcp, http and https are"),
    (["verify", "192.0.2.2:80"], "--added 90ms..110ms"), (["verify", "192.0.2.2:80", "--rtt", "100ms"], "90ms..110ms"),
    (["verify", "192.0.2.2:80", "--loss", "5%"], "4%..6%"),
    (["verify", "192.0.2.2:80", "--netem", "delay 100", "--path", "peer"], "write 100ms for milliseconds"),
    (["--targets", "/nonexistent"], "/nonexistent: No such file"), (["192.0.2.2:80", "-o", "xml"], "text, json"),
])
def test_a_mistake_is_answered_with_what_is_right(client, words, expected):
    done = client.synprobe(*words)
    assert done.returncode == 64 and expected in done.stderr, done.stderr


def test_targets_come_from_a_file_or_from_standard_input(web, tmp_path):
    text = "# the shop\n192.0.2.2:8080\n\n192.0.2.2:9   # the other\n"
    (tmp_path / "targets").write_text(text)
    for source, given in (str(tmp_path / "targets"), None), ("-", text):
        reports = web.client.probe("--targets", source, "-c1", input=given)
        assert [report["target"]["port"] for report in reports] == [8080, 9]


def test_lines_carry_the_time_of_day_and_probes_theirs(web):
    lines = web.client.synprobe("192.0.2.2:8080", "-c2", "-i10ms", "-D").stdout.splitlines()
    stamp = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z "
    assert lines and all(re.match(stamp, line) for line in lines)
    report = web.client.probe("192.0.2.2:8080", "-c3", "-i100ms")
    times = [probe["at"] for probe in report["probes"]]
    assert times == sorted(times) and times[0] >= report["started_at"][:19]


def test_the_histogram_counts_every_answer(web):
    text = web.client.synprobe("192.0.2.2:8080", "-c30", "-i2ms", "-q", "--histogram").stdout
    counts = [int(match) for match in re.findall(r"^(?:\.\.[\d.]+ [um]s|[\d.]+ s\.\.)\s+(\d+)", text, re.M)]
    assert sum(counts) == 30


def test_the_text_for_a_textfile_collector_is_clean_and_whole(web, tmp_path):
    done = web.client.synprobe("192.0.2.2:8080", "192.0.2.2:9", "192.0.2.2:9", "-c3", "-i10ms", "-o", "prometheus")
    checked = subprocess.run(["promtool", "check", "metrics"], input=done.stdout, text=True, capture_output=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert 'probe_success{target="192.0.2.2:8080"} 1' in done.stdout
    assert 'probe_success{target="192.0.2.2:9"} 0' in done.stdout
    assert 'probe_tcp_probes{target="192.0.2.2:9",outcome="closed"} 3' in done.stdout
    assert 'probe_tcp_rtt_seconds_count{target="192.0.2.2:8080"} 3' in done.stdout


def on_a_terminal(space, *arguments, columns=50, seconds=20):
    """What a terminal of so many columns is sent by the command on both its streams, and the exit status."""
    control, terminal = pty.openpty()
    subprocess.run(["stty", "cols", str(columns), "rows", "24"], stdin=terminal, check=True)
    process = space.start(SYNPROBE, *arguments, stdin=terminal, stdout=terminal, stderr=terminal,
                          env={**os.environ, "TERM": "xterm", "NO_COLOR": ""})
    os.close(terminal)
    seen, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([control], [], [], 0.1)[0]:
            try:
                seen += os.read(control, 65536)
            except OSError:
                break
    os.close(control)
    return seen.decode(), process.wait(timeout=10)


def test_live_with_several_targets_draws_them_and_leaves_a_summary_of_each(web):
    seen, status = on_a_terminal(web.client, "192.0.2.2:8080", "192.0.2.2:9", "-c", "2", "-i", "50ms", "--live")
    assert status == 0 and seen.count("--- 192.0.2.2:") == 2 and "seq=" not in seen


def test_live_on_a_pipe_says_why_there_are_lines(web):
    done = web.client.synprobe("192.0.2.2:8080", "-c", "2", "-i", "10ms", "--live")
    assert done.stderr == "synprobe: --live draws on a terminal, and stdout is none: lines follow\n"
    assert done.stdout.count("seq=") == 2


def test_live_at_50_columns_wraps_no_line_that_is_drawn_in_place(web):
    seen, status = on_a_terminal(web.client, "192.0.2.2:8080", "-c", "60", "-i", "10ms", "--live", columns=50)
    drawn = [re.sub(r"\x1b\[[0-9;]*[A-Za-z]|\r", "", line) for frame in seen.split("\x1b[J")[1:-1] for line in frame.split("\n")]
    drawn = [line for line in drawn if not line.startswith("SYN ")]
    assert status == 0 and len(drawn) > 20 and max(map(len, drawn)) < 50


def test_verify_shows_its_progress_on_a_terminal_and_leaves_it_clean(web):
    seen, status = on_a_terminal(web.client, "verify", "192.0.2.2:8080", "--loss", "..2%", "-i", "5ms", columns=100)
    drawn = re.findall(r"\r\x1b\[K(\d+ probes  loss [\d.]+%\.\.[\d.]+%)", seen)
    assert status == 0 and len(drawn) >= 3, seen[:500]
    assert "\r\x1b[K" in seen[seen.rindex(drawn[-1]):], "the line is wiped out at the end"


def test_what_cannot_be_confirmed_is_said_at_the_start(web):
    done = web.client.synprobe("verify", "192.0.2.2:8080", "--loss", "..0.1%", "-i", "1ms", "--max-time", "3s")
    assert done.stderr.startswith("synprobe: loss ..0.1% takes about ") and "it can be refuted only" in done.stderr


def test_a_place_of_a_partition_that_is_none_ends_the_run_at_once(web):
    began = time.monotonic()
    done = web.client.synprobe("verify", "192.0.2.2:8080", "--partition", "--where", "egress")
    assert done.returncode == 1 and time.monotonic() - began < 2
    assert "there is no partition" in done.stderr


def test_a_clear_that_fails_by_its_losses_says_so(web, tmp_path):
    before = tmp_path / "before.json"
    before.write_text(json.dumps(web.client.probe("192.0.2.2:8080", "-c", "50", "-i", "5ms")))
    web.peer.nft("input tcp dport 8080 tcp flags & (syn | ack) == syn numgen inc mod 10 { 1, 4, 8 } drop")
    done = web.client.synprobe("verify", "192.0.2.2:8080", "--clear", "--baseline", before, "-i", "5ms", "-W", "300ms", "-o", "json")
    claim, = json.loads(done.stdout)["claims"]
    assert done.returncode == 1 and "of the probes were lost" in claim["reason"], claim
    assert 0.1 < claim["estimate_ratio"] < 0.5 and claim["interval_ratio"][0] < claim["estimate_ratio"]


def test_a_closed_port_of_the_control_is_said(web):
    done = web.client.synprobe("verify", "192.0.2.2:8080", "--clear", "--control", "192.0.2.2:9", "-i", "5ms", "--max-time", "5s",
                               "-W", "500ms")
    assert done.returncode == 1 and "the control target's port is closed" in done.stderr


def test_too_few_probes_for_clear_name_the_share_and_how_many_more(web, tmp_path):
    before = tmp_path / "before.json"
    before.write_text(json.dumps(web.client.probe("192.0.2.2:8080", "-c", "50", "-i", "5ms")))
    done = web.client.synprobe("verify", "192.0.2.2:8080", "--clear", "--baseline", before, "--max-probes", "60", "-i", "5ms")
    assert done.returncode == 2 and re.search(r"of the probes were lost.*about \d+ more probes would decide", done.stderr), done.stderr


def test_the_own_words_of_an_injector_are_taken_whole(web):
    line = "sudo tc qdisc add dev eth0 parent 1:3 handle 30: netem delay 200ms 10ms distribution normal"
    done = web.client.synprobe("verify", "192.0.2.2:8080", "--netem", line, "--path", "peer", "-i", "5ms")
    assert done.returncode == 1, done.stderr
    assert "the device eth0 and the parent 1:3 of the line say where it was set" in done.stderr

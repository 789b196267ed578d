"""The command as a user meets it: help, forms of output, exit statuses, and what is no valid input."""
import json
import os
import pathlib
import subprocess

import jsonschema
import pytest
from lab import SYNPROBE, check_identity, sh

GOLDEN = pathlib.Path(__file__).parent / "golden"
SCHEMA = json.loads((GOLDEN / "ping.schema.json").read_text())
PROBE_SCHEMA = {"$ref": "#/$defs/probe", "$defs": SCHEMA["$defs"]}
anyone = pytest.mark.anyone


def run(*arguments, **options):
    return subprocess.run([SYNPROBE, *arguments], capture_output=True, timeout=30, **options)


@anyone
@pytest.mark.parametrize("arguments, name", [(["--help"], "synprobe"), (["ping", "--help"], "ping"), (["doctor", "--help"], "doctor"),
    (["healthcheck", "--help"], "healthcheck"), (["serve", "--help"], "serve"), (["verify", "--help"], "verify"),
    (["identify", "--help"], "identify"), (["trace", "--help"], "trace"), (["sweep", "--help"], "sweep"),
    (["hping3", "--help"], "hping3"), (["tcpping", "--help"], "tcpping")])
def test_help_is_as_it_was_agreed(arguments, name):
    done = run(*arguments, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 0 and done.stderr == b""
    assert done.stdout.decode() == (GOLDEN / f"{name}.help.txt").read_text()


@anyone
def test_the_version_comes_from_the_parser():
    assert run("--version").stdout.startswith(b"synprobe ")


BAD = [
    ([""], 64, "empty"),
    ([":80"], 64, "host"),
    (["192.0.2.1"], 64, "port"),
    (["192.0.2.1:"], 64, "port"),
    (["192.0.2.1:0"], 64, "1 to 65535"),
    (["192.0.2.1:65536"], 64, "1 to 65535"),
    (["192.0.2.1:99999999999999999999"], 64, "1 to 65535"),
    (["192.0.2.1:x"], 64, "1 to 65535"),
    (["192.0.2.1:-1"], 64, "1 to 65535"),
    (["192.0.2.1: 80"], 64, "1 to 65535"),
    (["192.0.2.1:80x"], 64, "1 to 65535"),
    (["192.0.2.1:0x50"], 64, "1 to 65535"),
    (["192.0.2.1:+80"], 64, "1 to 65535"),
    (["192.0.2.1:\uff18\uff10"], 64, "1 to 65535"),
    (["010.0.0.1:80"], 64, "IPv4"),
    (["2130706433:80"], 64, "IPv4"),
    (["0x7f.1:80"], 64, "IPv4"),
    (["127.1:80"], 64, "IPv4"),
    (["1.2.3.4.5:80"], 64, "IPv4"),
    (["\u00e9.example:80"], 64, "xn--"),
    (["x." * 127 + "x:80"], 64, "host"),
    (["192.0.2.256:80"], 64, "IPv4"),
    (["192.0.2:80"], 64, "IPv4"),
    (["0.0.0.0:80"], 64, "one host"),
    (["255.255.255.255:80"], 64, "one host"),
    (["[ff02::1]:80"], 64, "one host"),
    (["[2001:db8::1"], 64, "bracket"),
    (["[2001:db8::g]:80"], 64, "IPv6"),
    (["2001:db8::1:80"], 64, "[V6]:PORT"),
    (["[fe80::1]:80"], 64, "zone"),
    (["[fe80::1%nope0]:80"], 64, "nope0"),
    ([b"\xff\xfe:80"], 64, "host"),
    (["ho st:80"], 64, "host"),
    (["host\x1b[31m:80"], 64, "host"),
    (["h" * 300 + ":80"], 64, "host"),
    (["192.0.2.1:80", "-i", "5"], 64, "ms"),
    (["192.0.2.1:80", "-i=-5ms"], 64, "ms"),
    (["192.0.2.1:80", "-i", "nans"], 64, "ms"),
    (["192.0.2.1:80", "-W", "0s"], 64, "0s"),
    (["192.0.2.1:80", "-W", "1e9s"], 64, "1e9s"),
    (["192.0.2.1:80", "-W", "1e400s"], 64, "1e400s"),
    (["192.0.2.1:80", "-W", "1441m"], 64, "1440m"),
    (["192.0.2.1:80", "-c", "0"], 64, "1 to"),
    (["192.0.2.1:80", "-c", "-1"], 64, "c"),
    (["192.0.2.1:80", "-c", "99999999999999999999"], 64, "c"),
    (["192.0.2.1:80", "-I", "nope0"], 64, "nope0"),
    (["192.0.2.1:80", "-I", "a" * 100], 64, "interface"),
    (["192.0.2.1:80", "--source", "198.51.100.7"], 64, "198.51.100.7"),
    (["192.0.2.1:80", "--source", "host"], 64, "host"),
    (["192.0.2.1:80", "--source", "2001:db8::1"], 64, "family"),
    (["192.0.2.1:80", "--source-port", "0"], 64, "1 to 65535"),
    (["192.0.2.1:80", "--ttl", "0"], 64, "1 to 255"),
    (["192.0.2.1:80", "--dscp", "64"], 64, "0 to 63"),
    (["192.0.2.1:80", "-4", "-6"], 64, "exclude"),
    (["192.0.2.1:80", "-6"], 64, "IPv6"),
    (["192.0.2.1:80", "-o", "xml"], 64, "xml"),
    (["192.0.2.1:80", "-o", "value"], 64, "--field"),
    (["192.0.2.1:80", "-o", "value", "--field", "nope.p50"], 64, "nope"),
    (["192.0.2.1:80", "--bogus"], 64, "--bogus"),
    (["192.0.2.1:80", "--mode", "udp"], 64, "udp"),
    (["-p", "80"], 64, "target"),
    (["no-such-host.invalid:80"], 68, "no-such-host.invalid"),
]


@anyone
@pytest.mark.parametrize("arguments, status, word", BAD, ids=lambda value: repr(value)[:60])
def test_bad_input_is_one_clear_line_and_its_own_status(arguments, status, word):
    done = run(*arguments)
    message = done.stderr.decode()
    assert done.returncode == status, message
    assert done.stdout == b""
    assert message.count("\n") == 1 and message.startswith("synprobe: ") and word in message
    assert all(character == "\n" or character.isprintable() for character in message)


def test_every_outcome_is_valid_against_the_schema(web):
    web.client.nft("output tcp dport 81 drop\ninput tcp sport 8083 drop")
    web.peer.nft("input tcp dport 82 drop\ninput tcp dport 83 reject with icmp type admin-prohibited")
    web.peer.listen("192.0.2.2/8083")
    ports = {8080: "open", 9: "closed", 81: "blocked", 82: "lost", 83: "filtered", 8083: "lost"}
    targets = [f"192.0.2.2:{port}" for port in ports]
    reports = web.client.probe(*targets, "-c", "2", "-i", "20ms", "-W", "300ms")
    assert [report["target"]["port"] for report in reports] == list(ports)
    for report in reports:
        jsonschema.validate(report, SCHEMA)
        assert report["outcomes"][ports[report["target"]["port"]]] == 2
    lines = web.client.synprobe(*targets, "-c", "2", "-i", "20ms", "-W", "300ms", "-o", "jsonl").stdout.splitlines()
    objects = [json.loads(line) for line in lines]
    probes = [one for one in objects if one["schema"] == "synprobe.probe/1"]
    summaries = [one for one in objects if one["schema"] == "synprobe.ping/1"]
    assert len(probes) == 12 and len(summaries) == 6
    for probe in probes:
        jsonschema.validate(probe, PROBE_SCHEMA)
    for summary in summaries:
        jsonschema.validate(summary, SCHEMA)
        assert "probes" not in summary
        check_identity(summary)


def test_the_schema_refuses_what_is_wrong(web):
    report = web.client.probe("192.0.2.2:8080", "-c", "1")
    for change in {"mode": "guess"}, {"attempted": -1}, {"rtt_ms": {}}, {"extra": 1}, {"started_at": "now"}:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(report | change, SCHEMA)


def test_csv_has_a_header_and_one_line_a_probe(web):
    lines = web.client.synprobe("192.0.2.2:8080", "-c", "3", "-i", "20ms", "-o", "csv").stdout.splitlines()
    assert lines[0].startswith("target,") and len(lines) == 4
    assert len({line.count(",") for line in lines}) == 1


@pytest.mark.parametrize("field, value", [
    ("rtt_ms.p50", float), ("outcomes.open", 3), ("loss.ratio", 0), ("target.address", "192.0.2.2"),
    ("probes.2.outcome", "open")])
def test_value_prints_one_bare_field(web, field, value):
    done = web.client.synprobe("192.0.2.2:8080", "-c", "3", "-i", "20ms", "-o", "value", "--field", field)
    assert done.returncode == 0, done.stderr
    text = done.stdout.removesuffix("\n")
    if value is float:
        assert 0 < float(text) < 1000
    else:
        assert text == str(value)


def test_a_value_that_is_absent_prints_nothing_and_says_so(web):
    done = web.client.synprobe("192.0.2.2:9999", "-c", "1", "-o", "value", "--field", "segments_ms.nope")
    assert done.returncode == 64 and done.stdout == "" and "segments_ms.nope" in done.stderr
    web.peer.nft("input tcp dport 8080 drop")
    done = web.client.synprobe(
        "192.0.2.2:8080", "-c", "1", "-W", "200ms", "-o", "value", "--field", "rtt_ms.p50")
    assert done.returncode == 1 and done.stdout == "" and "rtt_ms.p50" in done.stderr


def test_quiet_prints_the_summary_only_and_verbose_the_headers(web):
    quiet = web.client.synprobe("192.0.2.2:8080", "-c", "2", "-i", "20ms", "-q").stdout
    assert quiet.startswith("---") and len(quiet.splitlines()) == 3
    verbose = web.client.synprobe("192.0.2.2:8080", "-c", "1", "-v").stdout
    assert "mss" in verbose and "win" in verbose


def test_the_first_run_needs_no_target(client):
    done = client.synprobe()
    assert done.returncode == 0
    assert "no target given" in done.stderr and "5 probes, 5 open" in done.stdout


def test_output_that_cannot_be_written_is_status_74(web):
    for arguments in "--help", "sweep --help", "--version", "--generate-completion-script bash":
        done = subprocess.run(["bash", "-c", f"{SYNPROBE} {arguments} >/dev/full"], stderr=subprocess.PIPE, text=True, timeout=30)
        assert done.returncode == 74 and "No space left on device" in done.stderr, done.stderr
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            ["ip", "netns", "exec", web.client.name, SYNPROBE, "192.0.2.2:8080", "-c", "2"],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 74
    assert done.stderr.count("\n") == 1 and "No space left" in done.stderr


def test_a_reader_that_leaves_ends_it_quietly(web):
    done = web.client.run(
        "bash", "-c", f"{SYNPROBE} 192.0.2.2:8080 -c 1000 -i 10ms | head -n 1; echo ${{PIPESTATUS[0]}}")
    assert done.stdout.startswith("SYN ") and done.stdout.splitlines()[-1] == "74"
    assert done.stderr == ""


def test_a_port_that_is_taken_is_the_systems_refusal(web):
    web.client.listen("192.0.2.1/7007")
    done = web.client.synprobe("192.0.2.2:8080", "--source-port", "7007")
    assert done.returncode == 71
    assert done.stderr.count("\n") == 1 and "7007" in done.stderr


def test_without_the_capability_syn_is_status_77_with_the_remedies(web):
    done = web.client.run(
        "setpriv", "--bounding-set=-net_raw", SYNPROBE, "192.0.2.2:8080", "--mode", "syn", check=False)
    assert done.returncode == 77 and done.stdout == ""
    for remedy in "setcap", "--cap-add NET_RAW", "securityContext", "root":
        assert remedy in done.stderr


def test_options_of_the_header_reach_the_wire(web):
    dump = web.peer.start("tcpdump", "-i", "p0", "-nvc", "1", "-Q", "in", "tcp[13] == 2", stdout=-1, stderr=-1)
    assert "listening on" in "".join(dump.stderr.readline() for _ in range(1))
    web.client.probe(
        "192.0.2.2:8080", "-c", "1", "--ttl", "33", "--dscp", "46", "--source-port", "7123", "--mss-only")
    text = dump.communicate(timeout=10)[0]
    assert "ttl 33" in text and "tos 0xb8" in text and "192.0.2.1.7123" in text
    assert "options [mss 1460]" in text


def test_a_run_ends_by_itself_within_its_bound(web):
    web.peer.nft("input tcp dport 8080 drop")
    report = web.client.probe("192.0.2.2:8080", "-c", "5", "-i", "100ms", "-W", "1s", status=1)
    assert report["duration_ms"] < 5 * 100 + 1000 + 1000


def test_a_name_is_resolved_and_pinned(web, tmp_path):
    sh(["mkdir", "-p", f"/etc/netns/{web.client.name}"])
    hosts = pathlib.Path(f"/etc/netns/{web.client.name}/hosts")
    try:
        hosts.write_text("192.0.2.2 web\n2001:db8::2 web\n")
        four = web.client.probe("web:8080", "-4", "-c", "1")
        six = web.client.probe("web:8080", "-6", "-c", "1")
    finally:
        hosts.unlink()
        hosts.parent.rmdir()
    assert four["target"] == {"input": "web:8080", "address": "192.0.2.2", "port": 8080}
    assert six["target"]["address"] == "2001:db8::2"

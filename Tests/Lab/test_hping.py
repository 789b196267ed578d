"""The drop-in for hping3 beside the real one: the same lines for the same targets."""
import re
import signal
import time

import lab
import pytest
from hping import HOST, NOWHERE, QUICK, chain, listening, ours, real, shape, summary  # noqa: F401

SAME = {
    "open": ["-n", "-p", "8080", "-c", "3", *QUICK],
    "open, one probe": ["-n", "-p", "8080", "-c", "1"],
    "open, twenty probes": ["-n", "-p", "8080", "-c", "20", *QUICK],
    "open, seconds": ["-n", "-p", "8080", "-c", "2", "-i", "1"],
    "open, fast": ["-n", "-p", "8080", "-c", "3", "--fast"],
    "closed": ["-n", "-p", "9", "-c", "3", *QUICK],
    "dropped": ["-n", "-p", "82", "-c", "2", *QUICK],
    "absent": ["-n", "-p", "8080", "-c", "2", *QUICK, "192.0.2.77"],
    "names are looked up": ["-p", "8080", "-c", "2", *QUICK],
    "verbose, open": ["-n", "-V", "-p", "8080", "-c", "2", *QUICK],
    "verbose, closed": ["-n", "-V", "-p", "9", "-c", "2", *QUICK],
    "verbose, dropped": ["-n", "-V", "-p", "82", "-c", "1"],
    "quiet": ["-n", "-q", "-p", "8080", "-c", "2", *QUICK],
    "quiet and verbose": ["-n", "-q", "-V", "-p", "8080", "-c", "2", *QUICK],
    "flags of a SYN-ACK": ["-n", "-p", "8080", "-c", "2", "--tcpexitcode", *QUICK],
    "flags of a reset": ["-n", "-p", "9", "-c", "2", "--tcpexitcode", *QUICK],
    "flags of nothing": ["-n", "-p", "82", "-c", "1", "--tcpexitcode"],
    "by a device": ["-n", "-p", "8080", "-c", "2", "-I", "c0", *QUICK],
    "TTL, window, TOS": ["-n", "-V", "-p", "8080", "-c", "2", "-t", "9", "-w", "1000", "-o", "10", *QUICK],
    "source ports that count up": ["-n", "-p", "8080", "-c", "3", "-s", "5000", *QUICK],
    "long options": ["--numeric", "--destport", "8080", "--count", "2", "--interval", "u20000", "--verbose"],
    "options written together": ["-nV", "-p", "8080", "-c", "2", *QUICK],
}


@pytest.mark.parametrize("arguments", SAME.values(), ids=SAME)
def test_the_lines_streams_and_statuses_are_those_of_hping3(chain, arguments):
    arguments = ["-S", *arguments, *([] if arguments[-1].startswith("192.") else [HOST])]
    theirs, mine = real(chain.client, *arguments), ours(chain.client, *arguments)
    assert shape(mine.stdout) == shape(theirs.stdout)
    assert shape(mine.stderr) == shape(theirs.stderr)
    assert mine.returncode == theirs.returncode


# hping3 counts an ICMP error as an answer: what it prints is the same but for the summary and the status.
ERRORS = {
    "filtered": (["-n", "-p", "81", "-c", "2"], 0), "port unreachable": (["-n", "-p", "83", "-c", "2"], 0),
    "host unreachable": (["-n", "-p", "84", "-c", "2"], 0), "verbose": (["-n", "-V", "-p", "81", "-c", "2"], 0),
    "quiet": (["-n", "-q", "-p", "81", "-c", "2"], 0), "no route behind the router": (["-n", "-p", "8080", "-c", "2", NOWHERE], 0),
    "TTL of 1": (["-n", "-p", "8080", "-t", "1", "-c", "2"], 0), "TTL of 1, quiet": (["-n", "-q", "-p", "8080", "-t", "1", "-c", "2"], 0),
    "its sender's name, which is not known": (["-p", "81", "-c", "2"], 0),
    "its flags, which it has not": (["-n", "-p", "81", "-c", "2", "--tcpexitcode"], 0),
    "traceroute": (["-n", "-T", "-p", "8080", "-c", "4"], 3), "traceroute that stops": (["-n", "-T", "--tr-stop", "-p", "8080", "-c", "9"], 1),
    "traceroute to a closed port": (["-n", "-T", "--tr-stop", "-p", "9", "-c", "9"], 1),
    "traceroute to a filter": (["-n", "-T", "--tr-stop", "-p", "84", "-c", "9"], 0),
    "traceroute without a limit": (["-n", "-T", "--tr-stop", "-p", "8080"], 1),
    "traceroute, verbose": (["-n", "-T", "-V", "--tr-stop", "-p", "8080", "-c", "9"], 1),
    "traceroute, quiet": (["-n", "-T", "-q", "--tr-stop", "-p", "8080", "-c", "9"], 1),
    "traceroute with names": (["-T", "--tr-stop", "-p", "8080", "-c", "9"], 1),
    "traceroute to nothing": (["-n", "-T", "-p", "82", "-c", "3"], 0),
}


@pytest.mark.parametrize("arguments, answers", ERRORS.values(), ids=ERRORS)
def test_an_icmp_error_has_hping3s_line_and_is_no_answer(chain, arguments, answers):
    # hping3 takes up to 20 ms to see a hop's answer, and sends the next probe to the same hop if that is due before.
    pace = ["-i", "u200000"] if "-T" in arguments else QUICK
    arguments = ["-S", *arguments, *pace, *([] if NOWHERE in arguments else [HOST])]
    theirs, mine = real(chain.client, *arguments), ours(chain.client, *arguments)
    assert shape(mine.stdout) == shape(theirs.stdout)
    sent = int(re.search("([0-9]+) packets transmitted", theirs.stderr)[1])
    received = int(re.search("([0-9]+) packets received", theirs.stderr)[1])
    assert received > answers, "hping3 counts the errors"
    if "--tcpexitcode" not in arguments:
        assert theirs.returncode == 0 and mine.returncode == (0 if answers else 1)
    expected = re.sub("[0-9]+ packets received, [0-9]+%", f"{answers} packets received, {round(100 * (1 - answers / sent))}%", theirs.stderr)
    assert shape(mine.stderr) == shape(expected)


def test_the_name_of_an_errors_sender_is_looked_up(chain, tmp_path):
    folder = lab.pathlib.Path(f"/etc/netns/{chain.client.name}")
    folder.mkdir(parents=True)
    try:
        (folder / "hosts").write_text("198.51.100.2 target.example\n192.0.2.254 r1.example\n")
        arguments = ["-S", "-T", "--tr-stop", "-p", "84", "-c", "9", "-i", "u200000", HOST]
        theirs, mine = real(chain.client, *arguments), ours(chain.client, *arguments)
        assert shape(mine.stdout) == shape(theirs.stdout)
        assert "name=r1.example\n" in mine.stdout and "name=target.example\n" in mine.stdout
    finally:
        (folder / "hosts").unlink()
        folder.rmdir()


def test_a_target_by_name_is_called_so(chain):
    arguments = ["-S", "-n", "-p", "9", "-c", "1", "localhost"]
    theirs, mine = real(chain.client, *arguments), ours(chain.client, *arguments)
    assert shape(mine.stdout) == shape(theirs.stdout) and "HPING localhost (lo 127.0.0.1)" in mine.stdout
    assert shape(mine.stderr) == shape(theirs.stderr)


def test_public_parsers_read_our_output(chain):
    mine = ours(chain.client, "-S", "-n", "-p", "8080", "-c", "5", *QUICK, HOST)
    text = mine.stdout + mine.stderr
    assert re.search(r"(?P<loss>[0-9]+)\% packet loss", text)["loss"] == "0"
    times = re.search(r"= (?P<min>[0-9.]+)/(?P<avg>[0-9.]+)/(?P<max>[0-9.]+) ms", text)
    assert 0 <= float(times["min"]) <= float(times["avg"]) <= float(times["max"]) < 1000
    assert len(re.findall(r"rtt=([0-9.]+) ms", text)) == 5
    assert re.findall(r"flags=(\w+) seq=(\d+)", text) == [("SA", str(number)) for number in range(5)]


def test_the_subcommand_is_the_same_as_the_program_of_that_name(chain):
    arguments = ["-S", "-n", "-p", "8080", "-c", "2", *QUICK, HOST]
    mine, command = ours(chain.client, *arguments), chain.client.synprobe("hping3", *arguments)
    assert shape(command.stdout) == shape(mine.stdout) and shape(command.stderr) == shape(mine.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_its_summary_and_hping3s_status(chain, number):
    for program in "hping3", lab.linked("hping3"):
        run = chain.client.start(program, "-S", "-n", "-p", "8080", "-i", "u50000", HOST, stdout=-1, stderr=-1)
        time.sleep(0.5)
        run.send_signal(number)
        _, errors = run.communicate(timeout=10)
        assert run.returncode == 0 and ", 0 packets received" not in errors, program


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_counts_what_it_sent_even_where_its_parent_ignored_the_signal(chain, number):
    for program in "hping3", lab.linked("hping3"):
        ignoring = f"trap '' INT TERM; exec {program} -S -n -p 82 -i u300000 {HOST}"
        tap = listening(chain.client, "-c", "4", "tcp[tcpflags] == tcp-syn and dst port 82")
        run = chain.client.start("sh", "-c", ignoring, stdout=-1, stderr=-1)
        tap.wait(timeout=10)  # The fourth has left, and the fifth is due in 300 ms.
        run.send_signal(number)
        _, errors = run.communicate(timeout=10)
        assert run.returncode == 1 and summary(4, 0, 100) in errors, (program, errors)


def test_a_summary_is_printed_though_nobody_reads_the_answers(chain):
    run = chain.client.start(lab.linked("hping3"), "-S", "-n", "-p", "8080", "--faster", HOST, stdout=-1, stderr=-1)
    time.sleep(1)
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=5) == 0
    assert "packets transmitted" in run.stderr.read()


def test_the_syn_on_the_wire_is_the_one_that_was_asked_for(chain):
    """40 bytes and no option, as hping3's; TTL, TOS, window and source ports as the options say."""
    tap = listening(chain.client, "-v", "-c", "3", "tcp[tcpflags] == tcp-syn")
    mine = ours(chain.client, "-S", "-n", "-p", "8080", "-c", "3", "-s", "7000", "-t", "33", "-o", "10", "-o", "08", "-w", "777", *QUICK, HOST)
    assert summary(3, 3, 0) in mine.stderr
    text = tap.communicate(timeout=10)[0]
    assert [text.count(part) for part in ("tos 0x18,", "ttl 33,", "length 40)", "win 777, length 0")] == [3] * 4
    assert re.findall(r"192\.0\.2\.1\.([0-9]+) >", text) == ["7000", "7001", "7002"]

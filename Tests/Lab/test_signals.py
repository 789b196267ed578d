"""Signals and processes: whatever mask the program inherits, and never a child or a timer signal."""
import signal
import subprocess
import time

import pytest
from lab import SYNPROBE, sh

ALL_BLOCKED = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
os.execv(sys.argv[1], sys.argv[1:])
"""
FORBIDDEN = "kill,tgkill,tkill,alarm,setitimer,timer_create,fork,vfork"


def start_with_all_signals_blocked(client, *arguments):
    return client.start(
        "/usr/bin/python3", "-c", ALL_BLOCKED, SYNPROBE, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_with_all_signals_blocked_it_finishes(web):
    process = start_with_all_signals_blocked(web.client, "192.0.2.2:8080", "-c", "3", "-i", "50ms")
    output, errors = process.communicate(timeout=10)
    assert process.returncode == 0, errors
    assert "3 probes, 3 open" in output


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_with_all_signals_blocked_a_signal_ends_it_within_a_second_with_its_summary(web, number, status):
    process = start_with_all_signals_blocked(web.client, "192.0.2.2:8080", "--forever", "-i", "50ms")
    assert process.stdout.readline().startswith("SYN ")
    process.stdout.readline()
    began = time.monotonic()
    process.send_signal(number)
    output, errors = process.communicate(timeout=10)
    assert time.monotonic() - began < 1
    assert process.returncode == status, errors
    assert "--- 192.0.2.2:8080" in output


def test_sigquit_prints_an_interim_summary_and_goes_on(web):
    process = start_with_all_signals_blocked(web.client, "192.0.2.2:8080", "-c", "20", "-i", "50ms")
    process.stdout.readline()
    process.stdout.readline()
    process.send_signal(signal.SIGQUIT)
    output, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "so far" in errors and "20 probes, 20 open" in output


def test_one_run_makes_no_process_and_no_timer_signal(web, tmp_path):
    trace = tmp_path / "trace"
    web.client.run(
        "strace", "-f", "-o", trace, "-e", f"trace={FORBIDDEN},clone,clone3,execve",
        SYNPROBE, "192.0.2.2:8080", "-c", "2", "-i", "50ms")
    calls = [line for line in trace.read_text().splitlines() if "(" in line and "+++" not in line]
    for line in calls:
        name = line.split(None, 1)[1].split("(")[0]
        if name in ("clone", "clone3"):
            assert "CLONE_THREAD" in line, line
        else:
            assert name == "execve" and "ENOENT" not in line, line
    assert sum("execve" in line for line in calls) == 1


def test_a_second_interrupt_ends_it_like_the_first(web):
    process = web.client.start(SYNPROBE, "192.0.2.2:8080", "--forever", "-i", "50ms", stdout=subprocess.PIPE)
    process.stdout.readline()
    for _ in range(2):
        process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=5)[0]
    assert process.returncode == 130 and "--- 192.0.2.2:8080" in output


def test_a_hangup_that_nohup_ignores_stays_ignored(web):
    process = web.client.start(
        "sh", "-c", f"trap '' HUP; exec {SYNPROBE} 192.0.2.2:8080 -c 10 -i 50ms", stdout=subprocess.PIPE)
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    output = process.communicate(timeout=10)[0]
    assert process.returncode == 0 and "10 open" in output

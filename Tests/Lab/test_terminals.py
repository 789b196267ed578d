"""Where the output goes: terminals of every kind, other locales, closed and cut streams."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import time

import pytest
from lab import SYNPROBE

FAST = ["192.0.2.2:8080", "-c", "5", "-i", "50ms"]


def on_terminal(space, arguments, columns=80, rows=24, keys=b"", **environment):
    """What a terminal of this size gets, on which keys are pressed after half a second; and the exit status."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    run = subprocess.Popen(
        ["ip", "netns", "exec", space.name, SYNPROBE, *arguments], stdout=slave, stderr=slave, stdin=slave,
        env={"PATH": os.environ["PATH"], "TERM": "xterm"} | environment,
        **({"preexec_fn": lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0))} if keys else {}))
    os.close(slave)
    if keys:
        time.sleep(0.5)
        os.write(master, keys)
    text = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # The other end is closed.
            break
        if not part:
            break
        text += part
    os.close(master)
    return text.decode(), run.wait(timeout=10)


def test_a_terminal_gets_colours(web):
    text, status = on_terminal(web.client, FAST)
    assert status == 0 and "\x1b[32mopen" in text


@pytest.mark.parametrize("environment, extra", [
    ({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []), ({}, ["--no-color"]), ({"NO_COLOR": "1"}, ["--live"]),
    ({"TERM": "dumb"}, ["--live"])])
def test_where_colours_are_not_wanted_there_is_no_escape(web, environment, extra):
    text, status = on_terminal(web.client, FAST + extra, **environment)
    assert status == 0 and "\x1b" not in text and "5 open" in text


@pytest.mark.parametrize("columns, rows", [(1, 24), (20, 3), (80, 24), (500, 1), (80, 2)])
def test_the_picture_fits_the_screen(web, columns, rows):
    text, status = on_terminal(web.client, FAST + ["--live"], columns=columns, rows=rows)
    assert status == 0
    for frame in text.split("\x1b[J")[1:-1]:
        lines = re.sub(r"\x1b\[[0-9;]*[A-Za-z]|\r", "", frame).split("\n")[:-1]
        lines = [line for line in lines if not line.startswith("SYN ")]
        assert len(lines) <= max(rows - 1, 1) and all(len(line) <= max(columns - 1, 1) for line in lines), (columns, rows, frame)


@pytest.mark.parametrize("rows", [2, 24])
def test_a_live_trace_is_drawn_in_place_and_taken_away(web, rows):
    web.peer.nft("input tcp dport 8080 drop")
    text, status = on_terminal(
        web.client, ["trace", "192.0.2.2:8080", "-m", "3", "-W", "1s", "--live"], columns=60, rows=rows)
    assert status == 1 and text.count("\x1b[J") > 4
    drawn, last = text.rsplit("\x1b[J", 1)
    assert "\x1b" not in last and "trace to 192.0.2.2:8080" in last and "hop" in last
    for frame in drawn.split("\x1b[J"):
        lines = frame.replace("\r", "").split("\n")
        assert len(lines) <= rows and all(len(line) < 60 for line in lines[:-1]), frame


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_live_trace_that_cannot_be_drawn_says_so_once(web, environment):
    text, status = on_terminal(web.client, ["trace", "192.0.2.2:8080", "--live"], **environment)
    assert status == 0 and "\x1b" not in text and text.count("the table follows") == 1
    done = web.client.synprobe("trace", "192.0.2.2:8080", "--live")
    assert "\x1b" not in done.stdout and "stdout is none" in done.stderr
    assert web.client.synprobe("trace", "192.0.2.2:8080", "--live", "-o", "json").returncode == 64


def test_a_pipe_gets_no_escape(web):
    assert "\x1b" not in web.client.synprobe(*FAST).stdout


@pytest.mark.parametrize("locale", ["C", "de_DE.UTF-8", "tr_TR.UTF-8", "C.UTF-8"])
def test_numbers_and_words_are_the_same_in_every_locale(web, locale):
    done = web.client.synprobe(*FAST, "-o", "json", env=os.environ | {"LC_ALL": locale, "LANG": locale})
    report = json.loads(done.stdout)
    assert isinstance(report["rtt_ms"]["p50"], float) and report["outcomes"]["open"] == 5
    text = web.client.synprobe(*FAST, env=os.environ | {"LC_ALL": locale}).stdout
    assert "," not in text.split("rtt=")[1].split(" ")[0]


def test_of_a_stream_that_is_cut_every_whole_line_is_an_object(web):
    run = web.client.start(SYNPROBE, "192.0.2.2:8080", "--forever", "-i", "1ms", "-o", "jsonl", stdout=subprocess.PIPE)
    time.sleep(1)
    run.kill()
    lines = run.communicate(timeout=10)[0].split("\n")
    assert len(lines) > 200
    for line in lines[:-1]:
        assert json.loads(line)["schema"] == "synprobe.probe/1"


@pytest.mark.parametrize("closed", ["2>&-", "<&-", ">/dev/null 2>&-"])
def test_closed_streams_do_not_disturb_it(web, closed):
    done = web.client.run("sh", "-c", f"{SYNPROBE} {' '.join(FAST)} {closed}")
    assert done.returncode == 0


def test_a_closed_output_is_an_error_of_the_output(web):
    done = web.client.run("sh", "-c", f"{SYNPROBE} {' '.join(FAST)} >&-", check=False)
    assert done.returncode == 74 and "cannot write" in done.stderr

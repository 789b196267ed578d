"""Where the output goes: terminals of every kind, other locales, closed and cut streams."""
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
import time

import pytest
from lab import SYNPROBE

FAST = ["192.0.2.2:8080", "-c", "5", "-i", "50ms"]


def on_terminal(space, arguments, columns=80, **environment):
    """What a terminal of this width gets, and the exit status."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    run = subprocess.Popen(
        ["ip", "netns", "exec", space.name, SYNPROBE, *arguments], stdout=slave, stderr=slave, stdin=slave,
        env={"PATH": os.environ["PATH"], "TERM": "xterm"} | environment)
    os.close(slave)
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


@pytest.mark.parametrize("columns", [1, 20, 80, 500])
def test_the_chart_fits_the_width(web, columns):
    text, status = on_terminal(web.client, FAST + ["--live"], columns=columns)
    assert status == 0
    for line in text.split("---")[0].replace("\r", "\n").split("\n"):
        visible = line.replace("\x1b[2A", "").replace("\x1b[K", "")
        if visible.startswith("SYN "):
            continue
        assert len(visible) <= max(columns, 1), (columns, visible)


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

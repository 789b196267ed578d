"""--live on the screen of a real terminal: what stands there while it runs, after it, and when it is stopped in between."""
import re
import time

import lab
import pytest
from lab import SYNPROBE, wait_until
from test_terminals import on_terminal

TARGET = "192.0.2.2:8080"
LETTERS = "e n i ?"


class Screen:
    """A shell in tmux, in the client's namespace."""

    def __init__(self, space, columns, rows):
        self.space, self.socket = space, f"synlab-{space.name}"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, "env", "PS1=$ ", "TERM=screen", "bash", "--norc", "-i")

    def ready(self):
        wait_until(lambda: self.text.startswith("$"))
        return self

    def tmux(self, *arguments):
        return self.space.run("tmux", "-L", self.socket, *arguments).stdout

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def start(self, *arguments):
        self.type("clear; " + " ".join([str(SYNPROBE), *arguments]), "Enter")

    @property
    def text(self):
        return self.tmux("capture-pane", "-p")

    @property
    def lines(self):
        return self.text.rstrip("\n").split("\n")

    def wait(self, pattern, seconds=10):
        wait_until(lambda: re.search(pattern, self.text, re.M), seconds)
        return self.text

    def close(self):
        self.space.run("tmux", "-L", self.socket, "kill-server", check=False)


@pytest.fixture
def screen(web):
    opened = []

    def of(columns, rows):
        opened.append(Screen(web.client, columns, rows))
        return opened[-1].ready()
    yield of
    for one in opened:
        one.close()


@pytest.mark.parametrize("columns, rows", [(80, 24), (200, 50), (40, 10)])
def test_the_picture_grows_in_place_and_leaves_the_summary(web, screen, columns, rows):
    shell = screen(columns, rows)
    shell.start("ping", TARGET, "-c", "40", "-i", "50ms", "--live")
    text = shell.wait(r"^192\.0\.2\.2:8080  [123]\d probes")
    assert text.count(" probes") == 1 and re.search("[▁▂▃▄▅▆▇█]", text)
    if rows >= 24:
        assert "egress" in text and re.search(r"^ *[\d.]+ ┤", text, re.M)
    shell.wait(r"^--- 192\.0\.2\.2:8080: 40 probes")
    assert not re.search("[▁▂▃▄▅▆▇█┤]", shell.text) and shell.lines[-1].startswith("$")
    assert shell.lines[0].startswith("SYN 192.0.2.2:8080") or columns < 80


def test_several_targets_stand_one_below_the_other_and_losses_have_the_letter_of_their_place(web, screen):
    web.peer.listen("192.0.2.2/8081")
    web.peer.nft("input tcp dport 8081 tcp flags & (syn | ack) == syn numgen inc mod 2 0 drop")
    shell = screen(120, 30)
    shell.start("ping", TARGET, "192.0.2.2:8081", "-c", "30", "-i", "50ms", "-W", "300ms", "--live")
    text = shell.wait(r"^192\.0\.2\.2:8081  [12]\d probes")
    names = [line.split()[0] for line in text.split("\n") if re.match(r"192\.0\.2\.2:808\d  \d+ probes", line)]
    assert names == [TARGET, "192.0.2.2:8081"]
    assert re.search(r"lost \d+(\.\d+)?% \(network \d+\)", text) and re.search(r"┤.*n.*n", text)
    shell.wait(r"^--- 192\.0\.2\.2:8081: 30 probes")


def test_a_screen_that_changes_its_size_is_drawn_right_again(web, screen):
    shell = screen(100, 30)
    shell.start("ping", TARGET, "--forever", "-i", "20ms", "--live")
    shell.wait(r"^192\.0\.2\.2:8080  \d\d probes")
    for columns, rows in (50, 30), (50, 10), (120, 40):
        shell.tmux("resize-window", "-x", columns, "-y", rows)
        time.sleep(0.5)
        assert shell.text.count(" probes") == 1, shell.text
    shell.type("C-c")
    shell.wait("^---")
    assert not re.search("[▁▂▃▄▅▆▇█┤]", shell.text)


def test_a_picture_that_is_stopped_leaves_the_screen_and_comes_back(web, screen):
    shell = screen(80, 24)
    shell.start("ping", TARGET, "--forever", "-i", "20ms", "--live")
    shell.wait(r"^192\.0\.2\.2:8080  \d\d probes")
    shell.type("C-z")
    shell.wait("Stopped")
    assert not re.search("[▁▂▃▄▅▆▇█┤]", shell.text)
    shell.type("fg", "Enter")
    text = shell.wait(r"^192\.0\.2\.2:8080  \d+ probes")
    assert "Stopped" in text
    shell.type("C-c")
    shell.wait("^---")
    assert not re.search("[▁▂▃▄▅▆▇█┤]", shell.text)


@pytest.mark.parametrize("signal", ["TERM", "HUP"])
def test_a_signal_leaves_the_screen_with_the_summary(web, screen, signal):
    shell = screen(80, 24)
    shell.start("ping", TARGET, "--forever", "-i", "20ms", "--live")
    shell.wait(r"^192\.0\.2\.2:8080  \d\d probes")
    web.client.run("pkill", f"-{signal}", "-P", shell.tmux("list-panes", "-F", "#{pane_pid}").strip())
    shell.wait("^---")
    assert not re.search("[▁▂▃▄▅▆▇█┤]", shell.text)


def test_a_verification_shows_how_the_interval_of_a_claim_closes(web, screen):
    shell = screen(100, 30)
    shell.start("verify", TARGET, "--rtt", "90ms..110ms", "--loss", "..1%", "--max-probes", "400", "-i", "5ms", "--live")
    text = shell.wait(r"^rtt 90ms\.\.110ms.*┃")
    assert re.search(r"^192\.0\.2\.2:8080  \d+ probes", text, re.M) and "loss ..1%" in text
    shell.wait(r"mismatch: ")
    assert "┃" not in shell.text


def test_a_logarithmic_axis_shows_what_is_short_beside_what_is_long(web, screen):
    shell = screen(100, 24)
    shell.start("ping", TARGET, "-c", "40", "-i", "50ms", "--live", "--axis", "log")
    text = shell.wait(r"^192\.0\.2\.2:8080  [123]\d probes")
    labels = [float(number) for number in re.findall(r"^ *([\d.]+) ┤", text, re.M)]
    assert len(labels) == 2 and 0 < labels[1] < labels[0]
    assert lab.sh([str(SYNPROBE), "ping", TARGET, "--axis", "curved"], check=False).returncode == 64


def test_a_target_given_twice_has_two_pictures_and_an_interim_summary_spoils_none(web, screen):
    shell = screen(100, 40)
    shell.start("ping", TARGET, TARGET, "--forever", "-i", "20ms", "--live")
    shell.wait(r"^192\.0\.2\.2:8080  \d\d probes")
    assert len(re.findall(r"^192\.0\.2\.2:8080  \d+ probes", shell.text, re.M)) == 2
    web.client.run("pkill", "-QUIT", "-P", shell.tmux("list-panes", "-F", "#{pane_pid}").strip())
    text = shell.wait("so far")
    time.sleep(0.5)
    assert "so far" in shell.text and len(re.findall(r"^192\.0\.2\.2:8080  \d+ probes", shell.text, re.M)) == 2, text
    shell.type("C-c")
    shell.wait("^---")


def test_where_nobody_could_let_it_go_on_it_is_not_stopped(web):
    """Of a process group whose shell is gone the kernel stops nobody who asks to be stopped by a terminal."""
    text, status = on_terminal(web.client, ["ping", TARGET, "-c", "20", "-i", "50ms", "--live"], keys=b"\x1a")
    assert status == 0 and "20 open" in text

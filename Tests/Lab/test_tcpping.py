"""tcpping's line, as fping prints it and as the real SmokePing reads it."""
import re
import shutil

import lab
import pytest

HOST = "192.0.2.2"
SMOKEPING = """*** General ***
owner = test
contact = test@example.org
mailhost = mail.example.org
cgiurl = http://localhost/smokeping.cgi
imgcache = {folder}
imgurl = .
datadir = {folder}
piddir = {folder}
sendmail = /bin/false
smokemail = /etc/smokeping/smokemail
tmail = /etc/smokeping/tmail
*** Database ***
step = 60
pings = 5
AVERAGE 0.5 1 10
*** Presentation ***
template = /etc/smokeping/basepage.html
charset = utf-8
+ overview
width = 600
height = 50
range = 10h
+ detail
width = 600
height = 200
unison_tolerance = 2
"Last 3 Hours" 3h
*** Probes ***
+ TCPPing
binary = {binary}
forks = 2
offset = 0%
*** Targets ***
probe = TCPPing
menu = Top
title = Top
+ web
menu = web
title = web
host = {host}
port = 8080
++ half
menu = half
title = half
host = {host}
port = 8081
++ none
menu = none
title = none
host = {host}
port = 82
"""


def tcpping(space, *arguments):
    return space.run(lab.linked("tcpping"), *arguments, check=False)


def test_the_line_is_that_of_fping(web):
    """Both forms have the host, a colon, and a number or a bar for each probe; fping's line goes to stderr."""
    form = r"192\.0\.2\.2 +: ([0-9]+\.[0-9]+ ){2}[0-9]+\.[0-9]+\n"
    theirs = web.client.run("fping", "-q", "-C", "3", "-p", "20", HOST)
    mine = tcpping(web.client, "-C", "-x", "3", "-r", "0.02", HOST, "8080")
    assert re.fullmatch(form, theirs.stderr) and re.fullmatch(form, mine.stdout)
    assert (mine.returncode, mine.stderr) == (0, "")


def test_the_answered_values_stand_first_and_the_status_is_0(web):
    web.peer.nft("input tcp dport 82 drop\ninput tcp dport 8080 tcp flags syn numgen inc mod 2 == 0 drop")
    half = tcpping(web.client, "-C", "-x", "4", "-r", "0.02", "-w", "0.3", HOST, "8080")
    assert re.fullmatch(r"192\.0\.2\.2 : [0-9.]+ [0-9.]+ - -\n", half.stdout) and half.returncode == 0
    none = tcpping(web.client, "-C", "-x", "2", "-r", "0.02", "-w", "0.3", HOST, "82")
    assert (none.stdout, none.returncode) == ("192.0.2.2 : - -\n", 0)


def test_a_closed_port_answers_and_the_port_is_80_when_it_is_left_out(web):
    done = tcpping(web.client, "-C", "-x", "2", "-r", "0.02", HOST)
    assert re.fullmatch(r"192\.0\.2\.2 : [0-9.]+ [0-9.]+\n", done.stdout)


def test_an_ipv6_target_and_the_subcommand(web):
    done = web.client.synprobe("tcpping", "-C", "-x", "2", "-r", "0.02", "2001:db8::2", "8080")
    assert re.fullmatch(r"2001:db8::2 : [0-9.]+ [0-9.]+\n", done.stdout)


def test_without_privilege_it_connects(web):
    done = web.client.run("setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all",
                          lab.linked("tcpping"), "-C", "-x", "2", "-r", "0.02", HOST, "8080")
    assert re.fullmatch(r"192\.0\.2\.2 : [0-9.]+ [0-9.]+\n", done.stdout)
    assert not re.search("only.+root", done.stdout + done.stderr), "SmokePing takes that for a missing set-user-ID bit"


@pytest.mark.parametrize("arguments, status, words", [
    (["-x", "2", HOST], 64, "-C"), (["-C", HOST], 64, "-x"), (["-C", "-x", "0", HOST], 64, "-x 0"), (["-C", "-x", "2"], 64, "<host>"),
    (["-C", "-x", "2", HOST, "0"], 64, "port '0'"), (["-C", "-x", "2", "-r", "x", HOST], 64, "'xs'"), (["-C", "-x", "2", "no.such.invalid"], 68, "no.such.invalid")])
def test_a_mistake_is_one_line_and_has_its_status(web, arguments, status, words):
    done = tcpping(web.client, *arguments)
    assert (done.returncode, done.stdout) == (status, "") and done.stderr.count("\n") == 1
    assert words in done.stderr and done.stderr.startswith("tcpping: ")


def test_smokeping_itself_stores_what_was_measured(web, tmp_path):
    """Its TCPPing probe runs the program for 5 pings each: all answered, some lost, all lost."""
    web.peer.listen(f"{HOST}/8081")
    web.peer.nft("input tcp dport 82 drop\ninput tcp dport 8081 tcp flags syn numgen inc mod 5 < 2 drop")
    shutil.copy(lab.linked("tcpping"), tmp_path / "tcpping", follow_symlinks=False)
    config = tmp_path / "config"
    config.write_text(SMOKEPING.format(folder=tmp_path, binary=tmp_path / "tcpping", host=HOST))
    done = web.client.run("smokeping", f"--config={config}", "--debug", "--nosleep", timeout=50, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    def stored(path):
        values = lab.sh(["rrdtool", "lastupdate", str(tmp_path / path)]).stdout.splitlines()
        return dict(zip(values[0].split(), values[-1].split()[1:]))

    whole, half, none = stored("web.rrd"), stored("web/half.rrd"), stored("web/none.rrd")
    assert float(whole["loss"]) == 0 and 0 < float(whole["median"]) < 0.5
    assert all(0 < float(whole[f"ping{number}"]) < 0.5 for number in range(1, 6))
    assert float(half["loss"]) == 2 and 0 < float(half["median"]) < 0.5
    assert float(none["loss"]) == 5 and none["median"] == "U"

"""What the drop-in for hping3 refuses, and how it says so."""
import re
import signal

import lab
import pytest
from hping import HOST, chain, listening, ours, summary  # noqa: F401

REFUSED = [["--flood"], ["-a", "192.0.2.9"], ["--spoof", "192.0.2.9"], ["--rand-source"], ["--rand-dest"], ["-1"], ["--icmp"], ["-2"], ["--udp"],
           ["-0"], ["--rawip"], ["-8", "1-9"], ["--scan", "1-9"], ["-9", "x"], ["--listen", "x"], ["-A"], ["-F"], ["-R"], ["-SA"], ["-d", "9"],
           ["-p", "+80"], ["-p", "++80"], ["-f"], ["--badcksum"]]


def test_an_option_that_is_refused_on_purpose_says_so_and_sends_nothing(chain):
    tap = listening(chain.client, "tcp")
    for options in REFUSED:
        done = ours(chain.client, "-S", *options, *([] if "-p" in options else ["-p", "8080"]), "-c", "1", HOST)
        assert (done.returncode, done.stdout) == (64, ""), options
        assert done.stderr.startswith("hping3: ") and "refused on purpose: " in done.stderr and done.stderr.count("\n") == 1, options
    assert summary(1, 1, 0) in ours(chain.client, "-S", "-p", "8080", "-c", "1", HOST).stderr, "the tap has something to see"
    tap.send_signal(signal.SIGINT)
    assert re.findall(r"Flags \[[A-Z.]+\]", tap.communicate(timeout=10)[0]) == ["Flags [S]", "Flags [S.]", "Flags [R]"]


BAD = [
    (["-p", "8080", HOST], 64, "give -S"), (["-S", HOST], 64, "-p PORT"), (["-S", "-p", "8080"], 64, "<host>"),
    (["-S", "-p", "8080", HOST, HOST], 64, "Unexpected argument"), (["-S", "-p", "0", HOST], 64, "port '0'"),
    (["-S", "-p", "70000", HOST], 64, "port '70000'"), (["-S", "-p", "8080", "-c", "0", HOST], 64, "-c 0 is out of range"),
    (["-S", "-p", "8080", "-c", "x", HOST], 64, "-c x"), (["-S", "-p", "8080", "-i", "x", HOST], 64, "-i x"),
    (["-S", "-p", "8080", "-i", "u", HOST], 64, "-i u"), (["-S", "-p", "8080", "-i", "-1", HOST], 64, "-i"),
    (["-S", "-p", "8080", "-t", "0", HOST], 64, "-t 0"), (["-S", "-p", "8080", "-t", "256", HOST], 64, "-t 256"),
    (["-S", "-p", "8080", "-w", "65536", HOST], 64, "-w 65536"), (["-S", "-p", "8080", "-o", "100", HOST], 64, "-o 100"),
    (["-S", "-p", "8080", "-o", "+1", HOST], 64, "-o +1"), (["-S", "-p", "8080", "-s", "0", HOST], 64, "-s 0"),
    (["-S", "-p", "8080", "-k", HOST], 64, "-s PORT -k"), (["-S", "-p", "8080", "-I", "none", HOST], 64, "no interface 'none'"),
    (["-S", "-p", "8080", "2001:db8::2"], 64, "synprobe ping"), (["-S", "-p", "8080", ""], 64, "'' is not a name"), (["-S", "-p", "8080", "--bogus", HOST], 64, "--bogus"),
    (["-S", "-p", "8080", "no.such.host.invalid"], 68, "no.such.host.invalid"), (["-S", "-p", "8080", "224.0.0.1"], 64, "multicast"),
    (["-S", "-n", "-p", "8080", "-c", "1", "100.64.0.1"], 1, "no route"),
]


@pytest.mark.parametrize("arguments, status, words", BAD, ids=[" ".join(case[0]) for case in BAD])
def test_a_mistake_is_one_line_and_has_its_status(chain, arguments, status, words):
    done = ours(chain.client, *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr and done.stderr.startswith("hping3: ") and done.stderr.count("\n") == 1


def test_without_the_capability_it_says_what_is_missing(chain):
    done = chain.client.run("setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", lab.linked("hping3"),
                            "-S", "-p", "8080", "-c", "1", HOST, check=False)
    assert done.returncode == 77 and done.stdout == "" and "CAP_NET_RAW" in done.stderr

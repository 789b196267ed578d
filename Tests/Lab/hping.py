"""hping3 and its drop-in: a chain of hosts to ask, both programs, and what of their output is compared."""
import re

import lab
import pytest

HOST, NOWHERE = "198.51.100.2", "203.0.113.9"
QUICK = ["-i", "u20000"]


@pytest.fixture(scope="module")
def chain():
    network = lab.Chain()
    network.target.listen(f"{HOST}/8080")
    network.target.nft("""
        input tcp dport 81 reject with icmp admin-prohibited
        input tcp dport 82 drop
        input tcp dport 83 reject with icmp port-unreachable
        input tcp dport 84 reject with icmp host-unreachable""")
    yield network
    network.close()


def real(space, *arguments, seconds=15):
    return space.run("timeout", str(seconds), "hping3", *arguments, check=False)


def ours(space, *arguments, **options):
    return space.run(lab.linked("hping3"), *arguments, check=False, **options)


def listening(space, *arguments):
    """tcpdump on c0, from the moment on when it sees everything."""
    tap = space.start("timeout", "20", "tcpdump", "-n", "-i", "c0", "--immediate-mode", "-l", *arguments, stdout=-1, stderr=-1)
    while "listening on" not in (line := tap.stderr.readline()):
        assert line, "tcpdump has left"
    return tap


def shape(text):
    """The text without what differs from probe to probe: times, and in -V's lines the sequence numbers and the sum."""
    text = re.sub(r"rtt=[0-9]+\.[0-9] ms", "rtt=T ms", text)
    text = re.sub(r"= [0-9]+\.[0-9]/[0-9]+\.[0-9]/[0-9]+\.[0-9] ms", "= T/T/T ms", text)
    return re.sub(r"^seq=[0-9]+ ack=[0-9]+ sum=[0-9a-f]+ ", "seq=N ack=N sum=N ", text, flags=re.M)


def summary(transmitted, received, percent):
    return f"{transmitted} packets transmitted, {received} packets received, {percent}% packet loss\n"

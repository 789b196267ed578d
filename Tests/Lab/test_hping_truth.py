"""Where hping3 is wrong the drop-in is right. Where that can be had for certain, the real one shows that it is wrong."""
import concurrent.futures
import re
import signal
import time

import lab
import pytest
from hping import HOST, QUICK, chain, ours, real, shape, summary  # noqa: F401


@pytest.fixture
def tun(request):
    network = lab.Tun(*request.param[1:], script=request.param[0])
    yield network.client
    network.close()


def peer(*arguments):
    return pytest.mark.parametrize("tun", [("tunpeer.py", *arguments)], indirect=True, ids=["tun"])


def odd(*kinds):
    return pytest.mark.parametrize("tun", [("tunodd.py", kind) for kind in kinds], indirect=True, ids=kinds)


@odd("an answer twice")
def test_a_duplicate_is_no_further_answer_and_the_loss_never_negative(tun):
    arguments = ["-S", "-n", "-p", "80", "192.0.2.2"]
    assert summary(2, 4, -100) in real(tun, *arguments, "-c", "4", "-i", "u300000").stderr
    mine = ours(tun, *arguments, "-c", "3", *QUICK)
    assert summary(3, 3, 0) in mine.stderr and mine.returncode == 0
    assert "3 duplicate answers, which are not among those received\n" in mine.stderr
    lines = mine.stdout.splitlines()[1:]
    assert [line.startswith("DUP! ") for line in lines] == [False, True] * 3
    assert [shape(line) for line in lines[1::2]] == ["DUP! " + shape(line) for line in lines[::2]]
    assert [float(re.search("rtt=([0-9.]+)", line)[1]) < 15 for line in lines] == [True] * 6


@odd("wrong checksum", "SYN-ACK with a wrong ACK")
def test_what_no_kernel_would_take_is_no_answer(tun):
    arguments = ["-S", "-n", "-p", "80", "-c", "2", *QUICK, "192.0.2.2"]
    theirs = real(tun, *arguments)
    assert "2 packets received" in theirs.stderr and theirs.returncode == 0
    mine = ours(tun, *arguments)
    assert summary(2, 0, 100) in mine.stderr and mine.returncode == 1
    assert len(mine.stdout.splitlines()) == 1


@peer("--delay", "1.2")
def test_an_answer_after_more_than_a_second_is_no_loss(tun):
    arguments = ["-S", "-n", "-p", "80", "-c", "3", "-i", "u500000", "192.0.2.2"]
    assert summary(3, 2, 34) in real(tun, *arguments).stderr
    mine = ours(tun, *arguments)
    assert summary(3, 3, 0) in mine.stderr
    assert [1200 <= float(text) < 1500 for text in re.findall("rtt=([0-9.]+)", mine.stdout)] == [True] * 3


@peer()
def test_no_round_trip_is_a_second_too_long(tun):
    """hping3 reads two clocks one after the other: about one round trip in 2000 is 1000 ms too long (not asserted, by chance)."""
    mine = ours(tun, "-S", "-n", "-p", "80", "-c", "3000", "-i", "u1000", "192.0.2.2")
    assert summary(3000, 3000, 0) in mine.stderr
    assert max(float(text) for text in re.findall("rtt=([0-9.]+)", mine.stdout)) < 500


@pytest.mark.parametrize("interval", ["0", "u1000000"])
def test_no_interval_hangs(chain, interval):
    arguments = ["-S", "-n", "-p", "8080", "-c", "3", "-i", interval, HOST]
    theirs = real(chain.client, *arguments, seconds=3)
    assert theirs.returncode == 124 and "1 packets transmitted" in theirs.stderr
    began = time.monotonic()
    mine = ours(chain.client, *arguments)
    assert summary(3, 3, 0) in mine.stderr and mine.returncode == 0
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("arguments", [["--faster"], ["-i", "u1"], ["-i", "0"]], ids=" ".join)
def test_as_fast_as_it_goes_every_probe_is_shown(chain, arguments):
    mine = ours(chain.client, "-S", "-n", "-p", "8080", "-c", "500", *arguments, HOST)
    assert summary(500, 500, 0) in mine.stderr
    assert sorted(map(int, re.findall(" seq=([0-9]+)", mine.stdout))) == list(range(500))


def test_a_loss_in_this_hosts_ingress_is_a_loss(pair):
    pair.peer.listen("192.0.2.2/8080")
    pair.client.nft("input tcp sport 8080 drop")
    arguments = ["-S", "-n", "-p", "8080", "-c", "3", "192.0.2.2"]
    theirs = real(pair.client, *arguments)
    assert theirs.returncode == 0 and "DUP!" in theirs.stdout and "-50% packet loss" in theirs.stderr
    mine = ours(pair.client, *arguments, *QUICK)
    assert mine.returncode == 1 and summary(3, 0, 100) in mine.stderr
    assert "3 of them lost in this host's ingress: the answer reached the device and was dropped\n" in mine.stderr
    assert len(mine.stdout.splitlines()) == 1


def test_what_this_host_refuses_to_send_is_said_and_counted(pair):
    pair.client.nft("output tcp dport 8080 drop")
    arguments = ["-S", "-n", "-p", "8080", "-c", "3", *QUICK, "192.0.2.2"]
    theirs = real(pair.client, *arguments)
    assert theirs.returncode == 1 and "statistic" not in theirs.stderr
    mine = ours(pair.client, *arguments)
    refused = "[send_ip] sendto: Operation not permitted\n"
    assert refused in theirs.stderr and mine.stderr.count(refused) == 3
    assert mine.returncode == 1 and summary(3, 0, 100) in mine.stderr and "3 of them this host refused to send" in mine.stderr


def test_two_at_once_do_not_count_each_others_answers(chain):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        arguments = ["-S", "-n", "-p", "8080", "-c", "40", "-i", "u5000", HOST]
        for mine in pool.map(lambda _: ours(chain.client, *arguments), range(4)):
            assert summary(40, 40, 0) in mine.stderr and "duplicate" not in mine.stderr


def test_a_kept_source_port_is_answered_each_time(chain):
    """hping3 -k takes the second answer for a copy of the first."""
    arguments = ["-S", "-n", "-p", "8080", "-c", "3", "-s", "7100", "-k", *QUICK, HOST]
    assert "DUP!" in real(chain.client, *arguments).stdout
    mine = ours(chain.client, *arguments)
    assert re.findall(" seq=([0-9]+)", mine.stdout) == ["0", "1", "2"] and "DUP!" not in mine.stdout


def test_a_hop_that_is_silent_is_passed_by(chain):
    chain.router.nft("output icmp type time-exceeded drop")
    try:
        mine = ours(chain.client, "-S", "-n", "-T", "--tr-stop", "-p", "8080", "-c", "300", *QUICK, HOST)
    finally:
        chain.router.run("nft", "flush", "ruleset")
    assert "hop=" not in mine.stdout and "flags=SA" in mine.stdout and mine.returncode == 0


def test_on_one_source_port_every_probe_leaves_though_none_is_answered(chain):
    mine = ours(chain.client, "-S", "-n", "-p", "82", "-c", "3", "-s", "7200", "-k", HOST)
    assert summary(3, 0, 100) in mine.stderr and "could be sent" not in mine.stderr


def test_a_signal_ends_it_though_nobody_reads_what_this_host_refuses(pair):
    pair.client.nft("output tcp dport 8080 drop")
    run = pair.client.start(lab.linked("hping3"), "-S", "-n", "-p", "8080", "--faster", "192.0.2.2", stdout=-1, stderr=-1)
    time.sleep(2)
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=5) == 1

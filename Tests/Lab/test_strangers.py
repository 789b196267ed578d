"""What answers in the target's stead, and what tells of the path without ending a handshake."""
import time

import lab
import pytest
from lab import Chain, Tun

TARGET = ["192.0.2.2:80", "-c", "3", "-i", "20ms", "-W", "200ms"]


@pytest.fixture
def tun():
    made = []

    def begin(kind):
        made.append(Tun(kind, script="tunodd.py"))
        return made[-1].client

    yield begin
    for one in made:
        one.close()


@pytest.mark.parametrize("mode", ["syn", "connect"])
@pytest.mark.parametrize("kind,stranger", [
    ("SYN-ACK from another address", "192.0.2.99:80"), ("SYN-ACK from another port", "192.0.2.2:81"),
    ("reset from another address", "192.0.2.99:80")])
def test_a_strangers_answer_is_no_answer_as_connect_has_it(tun, kind, stranger, mode):
    report = tun(kind).probe(*TARGET, "-m", mode, status=1)
    assert report["outcomes"]["lost"] == 3
    if mode == "syn":
        assert report["loss"]["network"] == 3 and report["anomalies"]["unmatched"] == 3
        assert all(probe["stranger"] == stranger for probe in report["probes"])
        assert all("segments_ms" not in report and "network_ms" not in probe for probe in report["probes"])


def test_the_stranger_is_named_on_the_line_and_by_v(tun):
    client = tun("SYN-ACK from another address")
    text = client.synprobe(*TARGET, "-v", "-m", "syn").stdout
    assert text.count("192.0.2.99:80 answered in the target's stead, which connect() refuses") == 3
    assert text.count("unmatched seq=") == 3 and "from 192.0.2.99:80, not the target" in text


def test_a_target_beside_a_stranger_is_open_once(tun):
    report = tun("SYN-ACK from another address, then from the target").probe(*TARGET)
    assert report["outcomes"]["open"] == 3 and report["anomalies"]["unmatched"] == 3
    assert report["anomalies"]["duplicates"] == 0


def test_a_stranger_is_no_answer_to_the_drop_ins_nor_to_a_partition(tun):
    client = tun("SYN-ACK from another address")
    hping = client.run(lab.linked("hping3"), "-S", "-p", "80", "-c", "2", "-i", "u20000", "192.0.2.2", check=False)
    assert hping.returncode == 1 and "100% packet loss" in hping.stderr + hping.stdout
    verdict = client.synprobe("verify", "192.0.2.2:80", "--partition", "-i", "5ms", "-W", "100ms", "--max-time", "10s")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@pytest.mark.parametrize("kind", ["fragmentation needed, then SYN-ACK", "source quench, then SYN-ACK"])
def test_an_icmp_error_that_ends_no_handshake_is_noted_and_the_probe_waits_on(tun, kind):
    report = tun(kind).probe(*TARGET)
    assert report["outcomes"]["open"] == 3
    assert all(probe["icmp"]["from"] == "192.0.2.254" and probe["rtt_ms"] >= 5 for probe in report["probes"])
    assert "which ends no handshake" in report["probes"][0]["reason"]


def test_fragmentation_needed_alone_is_a_loss_that_names_it(tun):
    report = tun("fragmentation needed").probe(*TARGET, status=1)
    assert report["outcomes"]["lost"] == 3
    assert report["probes"][0]["icmp"] == {"type": 3, "code": 4, "from": "192.0.2.254"}


@pytest.mark.parametrize("mode", ["syn", "connect"])
def test_an_icmp_error_that_was_damaged_ends_nothing_as_the_kernel_has_it(tun, mode):
    assert tun("an error that was damaged, then SYN-ACK").probe(*TARGET, "-m", mode)["outcomes"]["open"] == 3
    alone = tun("an error that was damaged").probe(*TARGET, "-m", mode, status=1)
    assert alone["outcomes"]["lost"] == 3 and all("icmp" not in probe for probe in alone["probes"])


@pytest.fixture
def chain():
    made = Chain()
    made.target.listen("198.51.100.2/8080")
    yield made
    made.close()


def test_own_destination_translation_goes_on_working_at_both_ends(chain):
    """The client's own DNAT: an application is answered from the address that it asked for, and so is a probe."""
    chain.client.nft("output ip daddr 203.0.113.7 tcp dport 80 dnat ip to 198.51.100.2:8080")
    report = chain.client.probe("203.0.113.7:80", "-c", "3", "-i", "20ms")
    assert report["outcomes"]["open"] == 3 and report["anomalies"]["unmatched"] == 0
    assert report["segments_ms"]["network"]["p50"] > 0


def test_translation_at_a_router_goes_on_working(chain):
    chain.router.nft("prerouting ip daddr 203.0.113.7 tcp dport 80 dnat ip to 198.51.100.2:8080")
    report = chain.client.probe("203.0.113.7:80", "-c", "3", "-i", "20ms")
    assert report["outcomes"]["open"] == 3 and report["anomalies"]["unmatched"] == 0


@pytest.mark.parametrize("signal", ["INT", "TERM"])
def test_a_run_that_is_cut_short_counts_no_probe_that_was_not_waited_for(pair, signal):
    """A total partition: what is in flight at the end was neither lost nor answered."""
    pair.peer.nft("input tcp dport 8080 drop")
    run = lab.start(pair.client, "192.0.2.2:8080", "-c", "1000", "-i", "10ms", "-W", "500ms")
    time.sleep(1)
    run.send_signal({"INT": 2, "TERM": 15}[signal])
    report = lab.report_of(run)
    assert report["outcomes"]["lost"] > 10 and report["outcomes"]["cancelled"] > 10
    assert report["loss"]["ratio"] == 1 and report["loss"]["of"] == report["outcomes"]["lost"]


def test_a_run_that_is_cut_short_is_not_biased_by_its_quick_answers(web):
    """Half of the answers are dropped: those of the last timeout are only known where they were quick."""
    web.peer.nft("output tcp sport 8080 numgen inc mod 2 0 drop")
    run = lab.start(web.client, "192.0.2.2:8080", "-c", "1000", "-i", "5ms", "-W", "700ms")
    time.sleep(1.5)
    run.send_signal(2)
    report = lab.report_of(run)
    assert report["outcomes"]["cancelled"] > 30
    assert 0.4 <= report["loss"]["ratio"] <= 0.6 and report["loss"]["of"] < report["attempted"] - 60

"""Places that can be wrong: what holds or swallows a SYN in this host, and devices and captures that see less than they say."""
import json
import signal
import subprocess
import time

import lab
import pytest
from lab import PYTHON, Namespace, Pair

COLD = ["-c", "1", "-i", "20ms", "-W", "1500ms"]


class Cold(Pair):
    """A pair whose neighbours do not know each other yet; the peer's answer to the first question is held back."""

    def warm(self):
        pass


@pytest.fixture
def cold():
    made = Cold()
    made.peer.listen(*["192.0.2.2/8080", "2001:db8::2/8080"][: 1 + lab.HAS_IPV6])
    yield made
    made.close()


def forget_the_peer(pair):
    for address in "192.0.2.2", "2001:db8::2":
        pair.client.run("ip", "neigh", "del", address, "dev", "c0", check=False)


def hold_neighbours(pair, milliseconds):
    """The peer answers ARP and ND after this time."""
    pair.peer.ip("link set p0 arp off")
    return pair.peer.start(
        PYTHON, "-c", f"import time, subprocess; time.sleep({milliseconds / 1000});"
        "subprocess.run(['ip', 'link', 'set', 'p0', 'arp', 'on'])")


def test_what_waits_for_the_neighbour_is_egress_and_named(cold):
    """Without an answer to ARP at first: the SYN waits in this host, and an application would wait with it."""
    forget_the_peer(cold)
    hold_neighbours(cold, 1500)
    report = cold.client.probe("192.0.2.2:8080", "-c", "1", "-W", "5s")
    probe = report["probes"][0]
    assert probe["outcome"] == "open", probe
    assert probe["held_by"] == "neighbour" and probe["held_ms"] > 200
    assert probe["egress_ms"] > 200 and probe["rtt_ms"] > 200 and probe["network_ms"] < 50
    assert "waiting for the neighbour" in probe["reason"]


def test_the_wait_for_a_neighbour_stands_on_the_line(cold):
    forget_the_peer(cold)
    hold_neighbours(cold, 1500)
    assert "ms waiting for the neighbour before it could leave)" in cold.client.synprobe("192.0.2.2:8080", "-c", "1", "-W", "5s").stdout


@pytest.mark.parametrize("target", ["192.0.2.2:8080", "[2001:db8::2]:8080"])
def test_a_cold_neighbour_that_answers_costs_a_moment_of_egress(cold, target):
    forget_the_peer(cold)
    report = cold.client.probe(target, "-c", "3", "-i", "50ms", "-W", "5s")
    assert report["outcomes"]["open"] == 3
    assert report["timestamps"]["queued"] == "kernel"
    for probe in report["probes"]:
        parts = probe["egress_ms"] + probe["network_ms"] + probe.get("ingress_ms", 0)
        assert abs(probe["rtt_ms"] - parts) < 1e-6 and probe["network_ms"] < 50


@pytest.mark.parametrize("mode", ["syn", "connect"])
@pytest.mark.parametrize("target,question", [("192.0.2.77:80", "ARP"), ("[2001:db8::77]:80", "ND")])
def test_a_host_on_the_link_that_does_not_resolve_is_lost_in_the_egress_and_said(cold, target, question, mode):
    report = cold.client.probe(target, "-c", "2", "-i", "50ms", "-W", "800ms", "-m", mode, status=1)
    assert report["outcomes"]["lost"] == 2 and report["loss"]["egress"] == 2, report
    address = target.rsplit(":", 1)[0].strip("[]")
    assert all(f"no answer to {question} from {address} on c0" in probe["reason"] for probe in report["probes"])


@pytest.mark.parametrize("mode", ["syn", "connect"])
def test_it_is_so_after_the_kernel_has_given_up_too(cold, mode):
    report = cold.client.probe("192.0.2.78:80", "-c", "1", "-W", "4s", "-m", mode, status=1)
    assert report["loss"]["egress"] == 1, report
    assert "no answer to ARP from 192.0.2.78" in report["probes"][0]["reason"]


def test_an_older_kernel_whose_stamps_are_counted_says_the_same():
    """User-Mode Linux 6.1: there the first stamp comes after its call, when the neighbour has answered, with a bare number."""
    tests = "(neighbour and not silent and not older or does_not_resolve) and not db8"
    command = [lab.ROOT / "scripts/in-uml", "-t", "120", "env", f"SYNPROBE={lab.SYNPROBE}", PYTHON, "-m", "pytest", "-q",
               "-p", "no:cacheprovider", __file__, "-k", tests]
    done = lab.sh(command, timeout=150, check=False)
    assert "5 passed" in done.stdout and "failed" not in done.stdout, done.stdout


def test_a_silent_router_is_the_neighbour_that_is_named(cold):
    cold.client.ip("route add 198.51.100.0/24 via 192.0.2.99")
    report = cold.client.probe("198.51.100.2:80", "-c", "1", "-W", "800ms", status=1)
    assert "no answer to ARP from 192.0.2.99 on c0" in report["probes"][0]["reason"]


@pytest.fixture
def siblings():
    """A client on a macvlan, and its sibling on another of the same device."""
    base, sibling, outside = Namespace("m"), Namespace("s"), Namespace("o")
    base.ip(f"link add v0 type veth peer name v1 netns {outside.name}")
    base.ip("link set v0 up")
    outside.ip("link set v1 up")
    outside.ip("addr add 192.0.2.3/24 dev v1")
    base.ip("link add mac0 link v0 type macvlan mode bridge")
    base.ip("addr add 192.0.2.1/24 dev mac0")
    base.ip("link set mac0 up")
    base.ip("link add mac1 link v0 type macvlan mode bridge")
    base.ip(f"link set mac1 netns {sibling.name}")
    sibling.ip("addr add 192.0.2.2/24 dev mac1")
    sibling.ip("link set mac1 up")
    sibling.listen("192.0.2.2/8080")
    outside.listen("192.0.2.3/8080")
    yield base, sibling, outside
    for space in base, sibling, outside:
        space.close()


def test_a_device_that_promises_stamps_and_takes_none_places_no_loss(siblings):
    """Between macvlan siblings nothing is sent: no stamp of a sending is no loss before it."""
    client, sibling, _ = siblings
    sibling.nft("input tcp dport 8080 drop")
    report = client.probe("192.0.2.2:8080", "-c", "3", "-i", "20ms", "-W", "200ms", status=1)
    assert report["outcomes"]["lost"] == 3 and report["loss"]["egress"] == 0, report


def test_the_same_device_towards_the_outside_stamps_and_is_believed(siblings):
    client, _, outside = siblings
    client.tc("qdisc add dev mac0 root tbf rate 8mbit burst 1500 limit 1500")
    report = client.probe("192.0.2.3:8080", "-c", "3", "-i", "20ms")
    assert report["outcomes"]["open"] == 3 and report["timestamps"]["sent"] == "kernel"
    outside.nft("input tcp dport 8080 drop")
    report = client.probe("192.0.2.3:8080", "-c", "3", "-i", "20ms", "-W", "200ms", status=1)
    assert report["loss"]["network"] == 3, report


def test_a_capture_that_never_saw_an_answer_places_no_loss_in_the_network():
    """The answers come in by another device than the SYNs leave by."""
    client, peer = Namespace("c"), Namespace("p")
    try:
        for number in 0, 1:
            client.ip(f"link add c{number} type veth peer name p{number} netns {peer.name}")
            for space, device in (client, f"c{number}"), (peer, f"p{number}"):
                space.ip(f"link set {device} up")
                space.run("sysctl", "-qw", f"net.ipv4.conf.{device}.rp_filter=0", "net.ipv4.conf.all.rp_filter=0")
        client.ip("addr add 192.0.2.1/24 dev c0")
        client.ip("addr add 203.0.113.1/24 dev c1")
        peer.ip("addr add 192.0.2.2/24 dev p0")
        peer.ip("addr add 203.0.113.2/24 dev p1")
        peer.ip("rule add pref 0 lookup 100")
        peer.ip("rule del pref 0 lookup local")
        peer.ip("rule add pref 1 lookup local")
        peer.ip("route add 192.0.2.1/32 via 203.0.113.1 dev p1 table 100")
        peer.listen("192.0.2.2/8080")
        report = client.probe("192.0.2.2:8080", "-c", "5", "-i", "20ms")
        assert report["outcomes"]["open"] == 5 and "received" not in report["timestamps"], report
        peer.nft("input tcp dport 8080 tcp flags & (syn | ack) == syn numgen inc mod 2 0 drop")
        report = client.probe("192.0.2.2:8080", "-c", "20", "-i", "20ms", "-W", "300ms")
        assert report["loss"]["unknown"] >= 9 and report["loss"]["network"] <= 1, report
        verdict = client.synprobe("verify", "192.0.2.2:8080", "--loss", "30%..70%", "--where", "network", "-W", "300ms",
                                  "--max-time", "5s", "-i", "5ms")
        assert verdict.returncode == 2, verdict.stdout
    finally:
        client.close()
        peer.close()


@pytest.fixture
def filtered(web):
    """What leaves towards port 8080 is dropped by a filter of traffic control, before any queue."""
    web.client.tc("qdisc add dev c0 clsact")
    web.client.run("tc", *"filter add dev c0 egress bpf direct-action bytecode".split(), "1,6 0 0 2,")
    return web


def test_a_drop_by_a_filter_of_traffic_control_is_a_drop_and_no_full_queue(filtered):
    report = filtered.client.probe("192.0.2.2:8080", "-c", "20", "-i", "5ms", "-W", "300ms", status=1)
    assert report["attempted"] == 20 and report["loss"]["egress"] == 20, report
    assert "dropped by a filter of traffic control on c0" in report["probes"][0]["reason"]


def test_it_is_no_full_queue_either_where_this_process_is_held_up_before_it_can_look(filtered):
    run = lab.start(filtered.client, "192.0.2.2:8080", "-c", "3000", "-i", "300us", "-W", "300ms")
    for _ in range(40):
        run.send_signal(signal.SIGSTOP)
        time.sleep(0.01)
        run.send_signal(signal.SIGCONT)
        time.sleep(0.02)
    report = lab.report_of(run)
    assert report["loss"]["egress"] == report["attempted"] == 3000, (report["loss"], report["outcomes"])


def test_it_throttles_nobody_else(filtered):
    filtered.client.listen("127.0.0.1/8081")
    dropped, other = filtered.client.probe("192.0.2.2:8080", "127.0.0.1:8081", "-c", "40", "-i", "5ms", "-W", "300ms")
    assert dropped["loss"]["egress"] == 40 and other["outcomes"]["open"] == 40
    assert other["duration_ms"] < 600


def test_a_verdict_of_a_drop_by_a_filter_is_a_partition_in_the_egress(filtered):
    done = filtered.client.synprobe("verify", "192.0.2.2:8080", "--partition", "--where", "egress", "-W", "200ms",
                                    "--max-time", "20s")
    assert done.returncode == 0, done.stdout + done.stderr


CLOSER = """
import socket, struct
listener = socket.create_server(('192.0.2.2', 8090), backlog=128)
print('ready', flush=True)
while True:
    connection, _ = listener.accept()
    if {reset}:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.close()
"""


@pytest.mark.parametrize("reset", [False, True])
def test_a_listener_that_closes_at_once_is_open_with_its_round_trip(pair, reset):
    closer = pair.peer.start(PYTHON, "-c", CLOSER.format(reset=reset), stdout=subprocess.PIPE)
    assert closer.stdout.readline() == "ready\n"
    report = pair.client.probe("192.0.2.2:8090", "-c", "100", "-i", "2ms", "-m", "connect")
    assert report["outcomes"]["open"] == 100, report["outcomes"]
    assert all(probe.get("rtt_ms", 0) > 0 for probe in report["probes"])


def test_the_ingress_of_a_closed_port_is_absent_rather_than_nothing(web):
    report = web.client.probe("192.0.2.2:9", "-c", "5", "-i", "20ms", status=1)
    assert report["outcomes"]["closed"] == 5
    assert "ingress" not in report["segments_ms"] and all("ingress_ms" not in probe for probe in report["probes"])
    assert report["segments_ms"]["network"]["p50"] > 0 and report["timestamps"]["delivered"] == "kernel"


def test_a_delay_in_the_own_ingress_of_a_closed_port_is_seen(web):
    lab.through_ifb(web.client, "c0", "tbf rate 20kbit burst 60 latency 5s")
    report = web.client.probe("192.0.2.2:9", "-c", "5", "-i", "10ms", status=1)
    assert report["segments_ms"]["ingress"]["max"] > 5, report["segments_ms"]


@pytest.mark.parametrize("target", ["[::ffff:192.0.2.2]:8080"])
def test_an_ipv4_address_in_ipv6s_form_is_the_ipv4_address(web, target):
    report = web.client.probe(target, "-c", "1")
    assert report["target"]["address"] == "192.0.2.2" and report["outcomes"]["open"] == 1


def test_without_rtnetlink_mode_connect_still_measures(web):
    """As in a unit with RestrictAddressFamilies=AF_INET AF_INET6."""
    program = lab.compiled("refuse_netlink.c")
    done = web.client.run(program, lab.SYNPROBE, "192.0.2.2:8080", "-c", "3", "-i", "20ms", "-m", "connect", "-o", "json")
    report = json.loads(done.stdout)
    assert report["outcomes"]["open"] == 3 and report["source"] == "192.0.2.1"


def queue_packets(space, *rule):
    """Sends packets through a queue of 100 ms in user space."""
    queue = space.start(PYTHON, lab.HERE / "packetqueue.py", "7", "0.1", stdout=subprocess.PIPE)
    assert queue.stdout.readline() == "ready\n"
    space.run("iptables", *rule, "-j", "NFQUEUE", "--queue-num", "7")


@pytest.mark.parametrize("target, outcome", [("192.0.2.2:8080", "open"), ("192.0.2.2:9", "closed")])
def test_a_packet_queue_at_the_own_input_is_ingress(web, tmp_path, target, outcome):
    """The raw socket's stamp is that of the arrival: 100 ms of waiting must not vanish."""
    before = tmp_path / "before.json"
    before.write_text(json.dumps(web.client.probe(target, "-c", "30", "-i", "5ms", status=0 if outcome == "open" else 1)))
    queue_packets(web.client, "-A", "INPUT", "-p", "tcp", "-s", "192.0.2.2")
    report = web.client.probe(target, "-c", "10", "-i", "50ms", status=0 if outcome == "open" else 1)
    assert report["outcomes"][outcome] == 10
    assert 95 < report["segments_ms"]["ingress"]["p50"] < 150 and 95 < report["rtt_ms"]["p50"] < 150
    assert report["segments_ms"]["network"]["p50"] < 5
    verdict = web.client.synprobe("verify", target, "--added", "90ms..130ms", "--where", "ingress", "--baseline", before)
    assert verdict.returncode == 0, verdict.stdout
    assert web.client.synprobe("verify", target, "--clear", "--baseline", before).returncode == 1


def test_a_packet_queue_at_the_own_output_is_egress_and_named(web):
    queue_packets(web.client, "-A", "OUTPUT", "-p", "tcp", "-d", "192.0.2.2", "--tcp-flags", "SYN,RST", "SYN")
    report = web.client.probe("192.0.2.2:8080", "-c", "5", "-i", "50ms")
    assert report["outcomes"]["open"] == 5
    for probe in report["probes"]:
        assert probe["held_by"] == "packet queue" and 90 < probe["held_ms"] < 150, probe
        assert 90 < probe["egress_ms"] < 150 and 90 < probe["rtt_ms"] < 150

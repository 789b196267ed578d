"""Faults of the network and of the target, on the machine's own kernel."""
import math
import subprocess
import time

import lab
import pytest
from lab import PYTHON, report_of, start


def test_an_icmp_error_for_one_target_leaves_the_others_alone(web):
    web.peer.run("sysctl", "-qw", "net.ipv4.icmp_ratelimit=0")
    web.peer.nft("input tcp dport 81 reject with icmp type admin-prohibited")
    rejected, fine = web.client.probe("192.0.2.2:81", "192.0.2.2:8080", "-c", "100", "-i", "2ms")
    assert rejected["outcomes"]["filtered"] == 100
    assert fine["outcomes"]["open"] == 100


def test_a_random_loss_both_ways_is_estimated_within_its_interval(web):
    """30 % of the SYNs and 30 % of the answers: 51 % are lost; each retransmitted answer is no new probe's."""
    rule = "numgen random mod 100 < 30 drop"
    web.peer.nft(f"input tcp dport 8080 {rule}\noutput tcp sport 8080 {rule}")
    report = web.client.probe("192.0.2.2:8080", "-c", "400", "-i", "3ms", "-W", "400ms")
    lost = report["outcomes"]["lost"]
    assert report["loss"]["network"] == lost
    assert abs(lost - 400 * 0.51) <= 5.5 * math.sqrt(400 * 0.51 * 0.49)


def test_with_own_resets_filtered_the_target_repeats_itself_and_that_is_counted(web):
    web.client.nft("output tcp flags & rst == rst drop")
    report = web.client.probe("192.0.2.2:8080", "-c", "4", "-i", "700ms", "-W", "2s")
    assert report["outcomes"]["open"] == 4
    assert report["anomalies"]["retransmissions"] >= 1 and report["anomalies"]["duplicates"] == 0
    assert report["rtt_ms"]["max"] < 100


def test_ports_rotate_so_that_half_open_connections_stay_out_of_the_way(web):
    web.client.nft("output tcp flags & rst == rst drop")
    report = web.client.probe("192.0.2.2:8080", "-c", "100", "-i", "20ms")
    assert report["outcomes"]["open"] >= 99


def test_a_full_accept_queue_looks_like_loss(web):
    web.peer.start(PYTHON, "-c", """
import socket, time
listener = socket.socket(); listener.bind(('192.0.2.2', 90)); listener.listen(0)
held = [socket.create_connection(('192.0.2.2', 90)) for _ in range(1)]
print('ready', flush=True); time.sleep(60)""", stdout=subprocess.PIPE).stdout.readline()
    report = web.client.probe("192.0.2.2:90", "-c", "3", "-i", "50ms", "-W", "300ms", status=1)
    assert report["outcomes"]["lost"] == report["loss"]["network"] == 3


def test_syn_cookies_are_answers_like_others(web):
    web.peer.run("sysctl", "-qw", "net.ipv4.tcp_syncookies=2")
    assert web.client.probe("192.0.2.2:8080", "-c", "20", "-i", "5ms")["outcomes"]["open"] == 20


def test_a_live_connection_on_the_same_ports_is_answered_by_a_challenge(web):
    """The client's side of a connection vanishes without a FIN (TCP_REPAIR); the target's lives on."""
    web.peer.start(PYTHON, "-c", """
import socket, time
listener = socket.create_server(('192.0.2.2', 91)); print('ready', flush=True)
kept = listener.accept(); time.sleep(60)""", stdout=subprocess.PIPE).stdout.readline()
    web.client.run(PYTHON, "-c", """
import socket
one = socket.create_connection(('192.0.2.2', 91), source_address=('192.0.2.1', 7010))
one.setsockopt(socket.IPPROTO_TCP, 19, 1); one.close()""")
    report = web.client.probe("192.0.2.2:91", "-c", "1", "--source-port", "7010", "-W", "500ms", status=1)
    assert report["outcomes"]["unexpected"] == 1 and report["probes"][0]["flags"] == "ACK"


def test_the_smallest_mtu_takes_a_syn(web):
    for space, device in (web.client, "c0"), (web.peer, "p0"):
        space.ip(f"link set {device} mtu 68")
    assert web.client.probe("192.0.2.2:8080", "-c", "3", "-i", "20ms")["outcomes"]["open"] == 3


def test_the_subnets_broadcast_address_is_blocked(web):
    report = web.client.probe("192.0.2.255:80", "-c", "1", status=1)
    assert report["outcomes"]["blocked"] == 1 and report["probes"][0]["errno"] == "EACCES"


@pytest.fixture
def two_ways(web):
    """A second wire; answers come back by it."""
    web.client.ip(f"link add c1 type veth peer name p1 netns {web.peer.name}")
    for space, device, number in (web.client, "c1", 1), (web.peer, "p1", 2):
        space.ip(f"addr add 198.51.100.{number}/24 dev {device}")
        space.ip(f"link set {device} up")
    web.peer.ip("route add 192.0.2.1/32 dev p1 via 198.51.100.1")
    lab.wait_until(lambda: "LOWER_UP" in web.client.ip("link show c1").stdout)
    web.client.run("ping", "-c", "1", "-W", "2", "198.51.100.2", check=False)
    return web


def test_an_answer_by_another_way_is_open_without_the_segments_that_no_capture_saw(two_ways):
    report = two_ways.client.probe("192.0.2.2:8080", "-c", "5", "-i", "20ms", "-W", "500ms")
    assert report["outcomes"]["open"] == 5
    assert "received" not in report["timestamps"]
    assert report["rtt_ms"]["p50"] > 0 and "network" not in report["segments_ms"]


def test_an_answer_that_the_path_filter_drops_is_never_open(two_ways):
    for device in "all", "c1":
        two_ways.client.run("sysctl", "-qw", f"net.ipv4.conf.{device}.rp_filter=1")
    report = two_ways.client.probe("192.0.2.2:8080", "-c", "3", "-i", "20ms", "-W", "300ms", status=1)
    assert report["outcomes"]["lost"] == 3


def test_a_path_filter_behind_the_own_device_is_a_loss_in_the_ingress(two_ways):
    """The probes are bound to c0, and the target's route leads through c1: behind the tap the answers look forged."""
    two_ways.peer.ip("route del 192.0.2.1/32 dev p1")
    two_ways.client.ip("route add 192.0.2.2/32 dev c1 via 198.51.100.2")
    for device in "all", "c0":
        two_ways.client.run("sysctl", "-qw", f"net.ipv4.conf.{device}.rp_filter=1")
    report = two_ways.client.probe(
        "192.0.2.2:8080", "-I", "c0", "-c", "3", "-i", "20ms", "-W", "300ms", status=1)
    assert report["outcomes"]["lost"] == report["loss"]["ingress"] == 3


def test_an_address_that_goes_mid_run_is_replaced_by_the_next(web):
    run = start(web.client, "192.0.2.2:8080", "-c", "40", "-i", "50ms", "-W", "300ms")
    time.sleep(0.6)
    web.client.ip("addr del 192.0.2.1/24 dev c0")
    web.client.ip("addr add 192.0.2.6/24 dev c0")
    report = report_of(run)
    assert [probe["outcome"] for probe in report["probes"][-10:]] == ["open"] * 10


def test_a_device_that_goes_down_and_comes_back_is_measured_again(web):
    run = start(web.client, "192.0.2.2:8080", "-c", "50", "-i", "50ms", "-W", "300ms")
    time.sleep(0.5)
    web.client.ip("link set c0 down")
    time.sleep(0.5)
    web.client.ip("link set c0 up")
    web.warm()
    report = report_of(run)
    assert report["outcomes"]["open"] >= 20 and report["outcomes"]["blocked"] + report["outcomes"]["lost"] > 0
    last = report["probes"][-10:]
    assert [probe["outcome"] for probe in last] == ["open"] * 10
    assert all("network_ms" in probe for probe in last)


def test_a_namespace_whose_name_goes_is_still_measured_in(web):
    run = start(web.client, "192.0.2.2:8080", "-c", "20", "-i", "50ms")
    time.sleep(0.3)
    lab.sh(["ip", "netns", "del", web.client.name])
    report = report_of(run)
    assert report["outcomes"]["open"] == 20


def test_an_address_that_is_not_ready_yet_is_not_used(web):
    web.client.run("sysctl", "-qw", "net.ipv6.conf.c0.dad_transmits=10")
    web.client.ip("addr add 2001:db8::77/64 dev c0")  # Tentative for some seconds.
    report = web.client.probe("[2001:db8::2]:8080", "-c", "3", "-i", "20ms")
    assert report["source"] == "2001:db8::1" and report["outcomes"]["open"] == 3


def test_a_proxy_that_answers_for_the_target_is_measured_as_it_is(web):
    web.peer.run("nft", "-f", "-", input="""table ip proxy {
        chain before { type filter hook prerouting priority raw; tcp dport 8080 tcp flags syn notrack
        }
        chain in { type filter hook input priority filter;
          tcp dport 8080 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
          ct state invalid drop
        }
    }""")
    report = web.client.probe("192.0.2.2:8080", "-c", "5", "-i", "20ms", "-W", "500ms")
    assert report["outcomes"]["open"] == 5


def test_syns_on_the_wire_are_those_that_were_asked_for(web):
    web.client.run("nft", "-f", "-", input="""table inet count {
        counter syns {}
        chain out { type filter hook output priority 0; tcp flags & (syn|ack) == syn counter name syns
        }
    }""")
    web.client.probe("192.0.2.2:8080", "-c", "37", "-i", "5ms")
    assert "packets 37 " in web.client.run("nft", "list", "counters").stdout

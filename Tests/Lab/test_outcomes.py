"""Outcome, place and segment of each kind of target, on the machine's own kernel."""
import pytest
from lab import Namespace, through_ifb

FAST = ["-c", "4", "-i", "20ms", "-W", "300ms"]


def kinds(report):
    return {kind: count for kind, count in report["outcomes"].items() if count}


def one_segment_holds_the_time(report, slow, least_ms):
    segments = report["segments_ms"]
    assert segments[slow]["p50"] > least_ms, segments
    for name in {"egress", "network", "ingress"} - {slow}:
        assert segments[name]["p50"] < 1, segments


@pytest.mark.parametrize("target", ["192.0.2.2:8080", "[2001:db8::2]:8080"])
def test_a_listener_is_open_with_every_stamp(web, target):
    report = web.client.probe(target, *FAST)
    assert kinds(report) == {"open": 4}
    assert report["timestamps"] == {
        "queued": "kernel", "sent": "kernel", "received": "capture", "delivered": "kernel"}
    assert report["interface"] == "c0"
    for probe in report["probes"]:
        parts = probe["egress_ms"] + probe["network_ms"] + probe["ingress_ms"]
        assert abs(parts - probe["rtt_ms"]) < 1e-5
        assert probe["ttl"] == 64


@pytest.mark.parametrize("target", ["192.0.2.2:9", "[2001:db8::2]:9"])
def test_a_port_without_a_listener_is_closed(web, target):
    report = web.client.probe(target, *FAST, status=1)
    assert kinds(report) == {"closed": 4}
    assert report["rtt_ms"]["p50"] > 0


@pytest.mark.parametrize("target", ["192.0.2.1:7001", "[2001:db8::1]:7001", "127.0.0.1:7002"])
def test_an_own_address_goes_through_lo(web, target):
    web.client.listen("192.0.2.1/7001", "2001:db8::1/7001", "127.0.0.1/7002")
    report = web.client.probe(target, *FAST)
    assert kinds(report) == {"open": 4}
    assert report["interface"] == "lo"


def test_a_drop_at_own_output_is_blocked_by_the_local_firewall(web):
    web.client.nft("output tcp dport 8080 drop")
    report = web.client.probe("192.0.2.2:8080", *FAST, status=1)
    assert kinds(report) == {"blocked": 4}
    assert {probe["errno"] for probe in report["probes"]} == {"EPERM"}


def test_a_drop_at_the_peer_is_lost_in_the_network(web):
    web.peer.nft("input tcp dport 8080 drop")
    report = web.client.probe("192.0.2.2:8080", *FAST, status=1)
    assert kinds(report) == {"lost": 4}
    assert report["loss"]["network"] == 4
    assert report["loss"]["ratio"] == 1


def test_a_drop_at_own_input_is_lost_in_the_ingress(web):
    web.client.nft("input tcp sport 8080 drop")
    report = web.client.probe("192.0.2.2:8080", *FAST, status=1)
    assert kinds(report) == {"lost": 4}
    assert report["loss"]["ingress"] == 4


@pytest.mark.parametrize("rule, outcome", [
    ("reject with tcp reset", "closed"),
    ("reject with icmp type host-prohibited", "filtered"),
    ("reject with icmp type port-unreachable", "filtered"),
])
def test_a_rejected_probe_is_closed_or_filtered(web, rule, outcome):
    web.peer.nft(f"input ip daddr 192.0.2.2 tcp dport 8080 {rule}")
    report = web.client.probe("192.0.2.2:8080", *FAST, status=1)
    assert kinds(report) == {outcome: 4}
    if outcome == "filtered":
        icmp = report["probes"][0]["icmp"]
        assert icmp["from"] == "192.0.2.2" and icmp["type"] == 3


def test_an_icmpv6_reject_is_filtered(web):
    web.peer.nft("input ip6 daddr 2001:db8::2 tcp dport 8080 reject with icmpv6 type admin-prohibited")
    report = web.client.probe("[2001:db8::2]:8080", *FAST, status=1)
    assert kinds(report) == {"filtered": 4}
    assert report["probes"][0]["icmp"]["from"] == "2001:db8::2"


def test_an_absent_host_is_lost_or_unreachable_and_never_open(pair):
    report = pair.client.probe("192.0.2.77:80", "-c", "3", "-i", "100ms", "-W", "1s", status=1)
    assert set(kinds(report)) <= {"lost", "filtered", "blocked"}
    assert "rtt_ms" not in report


def test_without_a_route_a_probe_is_blocked(pair):
    report = pair.client.probe("198.51.100.1:80", *FAST, status=1)
    assert kinds(report) == {"blocked": 4}
    assert {probe["errno"] for probe in report["probes"]} == {"ENETUNREACH"}


# A SYN is 74 bytes on the wire: at 20 kbit/s one takes 30 ms, so that at one in 10 ms a queue builds up.
SLOW = "tbf rate 20kbit burst 80 latency 5s"
QUEUE = ["-c", "8", "-i", "10ms"]


def test_queueing_on_own_egress_is_in_the_egress(web):
    web.client.tc(f"qdisc add dev c0 root {SLOW}")
    report = web.client.probe("192.0.2.2:8080", *QUEUE)
    assert kinds(report) == {"open": 8}
    one_segment_holds_the_time(report, "egress", 10)


def test_queueing_on_own_ingress_is_in_the_ingress(web):
    through_ifb(web.client, "c0", SLOW)
    report = web.client.probe("192.0.2.2:8080", *QUEUE)
    assert kinds(report) == {"open": 8}
    one_segment_holds_the_time(report, "ingress", 10)


def test_queueing_at_the_peer_is_in_the_network(web):
    web.peer.tc(f"qdisc add dev p0 root {SLOW}")
    report = web.client.probe("192.0.2.2:8080", *QUEUE)
    assert kinds(report) == {"open": 8}
    one_segment_holds_the_time(report, "network", 10)


def test_a_full_queue_of_this_host_is_not_called_the_networks_loss(web):
    web.client.tc("qdisc add dev c0 root tbf rate 20kbit burst 80 limit 300")
    report = web.client.probe("192.0.2.2:8080", "-c", "20", "-i", "1ms", "-W", "1s")
    assert report["loss"]["network"] == 0
    assert report["outcomes"]["blocked"] > 0 and report["outcomes"]["open"] > 0
    assert {probe.get("errno") for probe in report["probes"]} == {None, "ENOBUFS"}


def test_a_queue_that_never_sends_is_lost_in_the_egress(web):
    web.client.tc("qdisc add dev c0 root tbf rate 200bit burst 80 limit 10000")
    report = web.client.probe("192.0.2.2:8080", "-c", "5", "-i", "1ms", "-W", "500ms")
    assert report["loss"]["network"] == 0
    assert report["loss"]["egress"] >= 3


def test_a_virtual_address_behind_own_translation_is_open(web):
    web.client.ip("addr add 203.0.113.1/32 dev lo")
    web.client.ip("route add 203.0.113.9/32 via 192.0.2.2")
    web.client.nft("output ip daddr 203.0.113.9 tcp dport 80 dnat ip to 192.0.2.2:8080")
    report = web.client.probe("203.0.113.9:80", *FAST)
    assert kinds(report) == {"open": 4}
    assert report["timestamps"]["received"] == "capture"


def test_a_virtual_address_of_the_peer_is_open(web):
    web.client.ip("route add 203.0.113.9/32 via 192.0.2.2")
    web.peer.ip("addr add 203.0.113.9/32 dev lo")
    web.peer.nft("prerouting ip daddr 203.0.113.9 tcp dport 80 dnat ip to 192.0.2.2:8080")
    assert kinds(web.client.probe("203.0.113.9:80", *FAST)) == {"open": 4}


def test_a_routed_target_names_its_device(web):
    far = Namespace("f")
    try:
        web.peer.ip(f"link add f0 type veth peer name f1 netns {far.name}")
        web.peer.ip("addr add 198.51.100.1/24 dev f0")
        web.peer.ip("link set f0 up")
        far.ip("addr add 198.51.100.2/24 dev f1")
        far.ip("link set f1 up")
        far.ip("route add 192.0.2.0/24 via 198.51.100.1")
        web.peer.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        web.client.ip("route add 198.51.100.0/24 via 192.0.2.2")
        far.listen("198.51.100.2/443")
        report = web.client.probe("198.51.100.2:443", *FAST)
        assert kinds(report) == {"open": 4}
        assert report["interface"] == "c0" and report["probes"][-1]["ttl"] == 63
        short = web.client.probe("198.51.100.2:443", *FAST, "--ttl", "1", status=1)
        assert kinds(short) == {"filtered": 4}
        assert short["probes"][0]["icmp"] == {"from": "192.0.2.2", "type": 11, "code": 0}
    finally:
        far.close()


def test_several_targets_make_an_array_and_one_open_is_enough(web):
    reports = web.client.probe("192.0.2.2:9", "192.0.2.2:8080", "[2001:db8::2]:8080", *FAST)
    assert [kinds(report) for report in reports] == [{"closed": 4}, {"open": 4}, {"open": 4}]

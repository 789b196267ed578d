"""By what in this host a probe was dropped: its own counters, before and after, without any privilege."""
import subprocess
import time

import lab
import pytest
from lab import PYTHON

TARGET = "192.0.2.2:8080"


@pytest.fixture
def quiet(web):
    """Nothing leaves but the probes: IPv6 looks for routers and neighbours."""
    web.client.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
    return web


def agreeing(report):
    return {(drop["place"], drop["what"]): drop["count"] for drop in report.get("dropped_by", [])
            if drop["evidence"] == "counts agree"}


def test_a_full_queue_of_a_shaper_is_named_with_its_number_and_device(quiet):
    quiet.client.tc("qdisc add dev c0 root handle 8001: tbf rate 20kbit burst 200 limit 400")
    report = quiet.client.probe(TARGET, "-c", "60", "-i", "2ms", "-W", "2s")
    lost = report["loss"]["egress"] + report["outcomes"]["blocked"]
    assert lost > 20 and report["outcomes"]["open"] > 0
    drops = {drop["what"]: drop["count"] for drop in report["dropped_by"]}
    # The RSTs that this host sends for the answers that came go through the same queue.
    assert lost <= drops["qdisc tbf 8001: on c0"] <= 60


def test_a_filter_of_traffic_control_that_drops_as_many_as_were_lost_is_evidence(quiet):
    quiet.client.tc("qdisc add dev c0 clsact")
    quiet.client.run("tc", *"filter add dev c0 egress bpf direct-action bytecode".split(), "1,6 0 0 2,")
    done = quiet.client.synprobe(TARGET, "-c", "20", "-i", "5ms", "-W", "300ms")
    assert "dropped by  20 lost in egress = 20 counted by qdisc clsact ffff: on c0" in done.stdout
    report = quiet.client.probe(TARGET, "-c", "20", "-i", "5ms", "-W", "300ms", status=1)
    assert agreeing(report) == {("egress", "qdisc clsact ffff: on c0"): 20}, report["dropped_by"]


def test_a_queue_within_a_discipline_has_its_class(quiet):
    quiet.client.tc("qdisc add dev c0 root handle 1: htb default 1")
    quiet.client.tc("class add dev c0 parent 1: classid 1:1 htb rate 8kbit burst 80 cburst 80")
    quiet.client.tc("qdisc add dev c0 parent 1:1 handle 30: pfifo limit 1")
    report = quiet.client.probe(TARGET, "-c", "20", "-i", "5ms", "-W", "300ms")
    # Whoever has a discipline counts what it drops, too.
    drops = {drop["what"] for drop in report["dropped_by"]}
    assert {"qdisc pfifo 30: parent 1:1 on c0", "qdisc htb 1: on c0"} <= drops, report["dropped_by"]


def test_a_reverse_path_that_is_wrong_drops_what_comes(quiet):
    """The probes are bound to c0, and the target's route leads elsewhere: the answers look forged."""
    quiet.client.ip("link add other type veth peer name beyond")
    quiet.client.ip("link set other up")
    quiet.client.ip("route add 192.0.2.2/32 dev other")
    for device in "all", "c0":
        quiet.client.run("sysctl", "-qw", f"net.ipv4.conf.{device}.rp_filter=1")
    report = quiet.client.probe(TARGET, "-I", "c0", "-c", "20", "-i", "5ms", "-W", "300ms", status=1)
    assert report["loss"]["ingress"] == 20, report["loss"]
    assert agreeing(report).get(("ingress", "TcpExtIPReversePathFilter")) == 20, report.get("dropped_by")


FULL = """
import socket, time
listener = socket.create_server(('127.0.0.1', 8090), backlog=0)
waiting = [socket.create_connection(('127.0.0.1', 8090), 1)]
print('ready', flush=True)
time.sleep(60)
"""


def test_a_full_accept_queue_of_a_local_listener_is_named(client):
    full = client.start(PYTHON, "-c", FULL, stdout=subprocess.PIPE)
    assert full.stdout.readline() == "ready\n"
    report = client.probe("127.0.0.1:8090", "-c", "20", "-i", "5ms", "-W", "300ms", status=1)
    assert report["loss"]["network"] == 20, report["loss"]
    assert agreeing(report) == {("network", "TcpExtListenOverflows"): 20}, report.get("dropped_by")


def test_other_traffic_that_is_dropped_too_is_no_evidence(quiet):
    quiet.client.tc("qdisc add dev c0 clsact")
    quiet.client.run("tc", *"filter add dev c0 egress bpf direct-action bytecode".split(), "1,6 0 0 2,")
    run = lab.start(quiet.client, TARGET, "-c", "20", "-i", "20ms", "-W", "300ms")
    time.sleep(0.3)
    quiet.client.run(PYTHON, "-c", "import socket\nfor _ in range(7): socket.socket(2, 2).sendto(b'x', ('192.0.2.2', 9))")
    report = lab.report_of(run)
    assert report["loss"]["egress"] == 20 and agreeing(report) == {}
    assert [drop for drop in report["dropped_by"] if drop["count"] >= 27 and drop["evidence"] == "counts differ"]


@pytest.mark.parametrize("mode", ["syn", "connect"])
def test_where_nothing_is_dropped_nothing_is_named(web, mode):
    report = web.client.probe(TARGET, "-c", "20", "-i", "5ms", "-m", mode)
    assert "dropped_by" not in report

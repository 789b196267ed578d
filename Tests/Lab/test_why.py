"""--why: this host's own kernel says which of its functions dropped a probe, and for what reason."""
import json
import pathlib
import subprocess

import jsonschema
import lab
import pytest
from lab import PYTHON
from test_drops import FULL
from test_python import python, run  # noqa: F401 - the fixture of the module's environment

TARGET = "192.0.2.2:8080"
SCHEMA = json.loads((lab.HERE / "golden/ping.schema.json").read_text())
CONNTRACK = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max")
NETFILTER = "netfilter (NETFILTER_DROP, "


def filter_of(direction):
    def inject(pair):
        pair.client.tc("qdisc add dev c0 clsact")
        pair.client.run("tc", *f"filter add dev c0 {direction} bpf direct-action bytecode".split(), "1,6 0 0 2,")
    return inject


def forged_path(pair):
    """The probes are bound to c0, and the target's route leads elsewhere."""
    pair.client.ip("link add other type veth peer name beyond")
    pair.client.ip("link set other up")
    pair.client.ip("route add 192.0.2.2/32 dev other")
    for device in "all", "c0":
        pair.client.run("sysctl", "-qw", f"net.ipv4.conf.{device}.rp_filter=1")


def untracked(pair):
    """An answer to a SYN that connection tracking did not see is invalid."""
    pair.client.run("nft", "table ip t { chain r { type filter hook output priority -300; tcp dport 8080 notrack; };"
                    " chain i { type filter hook input priority 0; ct state invalid drop; }; }")
    pair.client.run("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0")


# What is injected, and where the loss is, what dropped it, and the outcome.
FAULTS = {
    "nft output": (lambda pair: pair.client.nft("output tcp dport 8080 drop"), "egress", NETFILTER + "nft_do_chain)", "blocked"),
    "nft input": (lambda pair: pair.client.nft("input tcp sport 8080 drop"), "ingress", NETFILTER + "nft_do_chain)", "lost"),
    "nft prerouting": (
        lambda pair: pair.client.nft("prerouting tcp sport 8080 drop"), "ingress", NETFILTER + "nft_do_chain)", "lost"),
    "nft at the target": (
        lambda pair: pair.peer.nft("input tcp dport 8080 drop"), "network", NETFILTER + "nft_do_chain)", "lost"),
    "a filter on the way out": (
        filter_of("egress"), "egress", "a filter of traffic control (TC_EGRESS, __dev_queue_xmit)", "lost"),
    "a filter on the way in": (
        filter_of("ingress"), "ingress", "a filter of traffic control (TC_INGRESS, __netif_receive_skb_core)", "lost"),
    "reverse path": (forged_path, "ingress", "the reverse path filter (IP_RPFILTER, ip_rcv_finish_core)", "lost"),
    "conntrack invalid": (untracked, "ingress", NETFILTER + "nft_do_chain)", "lost"),
    "tbf": (
        lambda pair: pair.client.tc("qdisc add dev c0 root handle 8001: tbf rate 8kbit burst 80 limit 80"), "egress",
        "a queueing discipline (QDISC_DROP, __dev_queue_xmit)", "blocked"),
    "tbf at the target": (
        lambda pair: pair.peer.tc("qdisc add dev p0 root tbf rate 8kbit burst 80 limit 80"), "network",
        "a queueing discipline (QDISC_DROP, __dev_queue_xmit)", "lost"),
    "a full fifo": (
        lambda pair: (pair.client.tc("qdisc add dev c0 root handle 1: htb default 1"),
                      pair.client.tc("class add dev c0 parent 1: classid 1:1 htb rate 8kbit burst 80 cburst 80"),
                      pair.client.tc("qdisc add dev c0 parent 1:1 handle 30: pfifo limit 1")),
        "egress", "a queueing discipline (QDISC_DROP, __dev_queue_xmit)", "blocked"),
}


def traced(report):
    return {(drop["place"], drop["what"]): drop["count"] for drop in report.get("dropped_by", [])
            if drop["evidence"] == "traced"}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_dropped_a_probe_is_named(web, fault):
    inject, place, what, outcome = FAULTS[fault]
    inject(web)
    where = ["-I", "c0"] if fault == "reverse path" else []
    done = web.client.synprobe(TARGET, "-c", "8", "-i", "10ms", "-W", "300ms", "--why", "-o", "json", *where)
    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    lab.check_identity(report)
    count = report["outcomes"][outcome]
    assert count > 2 and traced(report) == {(place, what): count}, (report.get("dropped_by"), report["outcomes"])
    for probe in report["probes"]:
        assert ("drop" in probe) == (probe["outcome"] == outcome), probe
        if "drop" in probe:
            assert f"({probe['drop']['reason']}, {probe['drop']['function']})" in what
            assert f"dropped by {what}" in probe["reason"]


def test_a_full_table_of_connections_is_netfilters(web):
    """The limit is the whole machine's: it is set back at once."""
    web.client.nft("output ct state new accept")
    before = CONNTRACK.read_text()
    CONNTRACK.write_text("1")
    try:
        done = web.client.synprobe(TARGET, "-c", "5", "-i", "10ms", "-W", "300ms", "--why", "-o", "json")
    finally:
        CONNTRACK.write_text(before)
    report = json.loads(done.stdout)
    assert traced(report) == {("egress", NETFILTER + "nf_hook_slow)"): report["outcomes"]["blocked"]}, report


@pytest.mark.parametrize("kind", ["blackhole", "unreachable", "prohibit"])
def test_where_no_packet_was_made_none_was_dropped(web, kind):
    """A route that refuses does so before there is a packet: the system call says why."""
    web.client.ip(f"route add {kind} 192.0.2.2/32")
    done = web.client.synprobe(TARGET, "-c", "3", "-i", "10ms", "--why", "-o", "json")
    report = json.loads(done.stdout)
    assert report["outcomes"]["blocked"] == 3 and "dropped_by" not in report
    assert {probe["errno"] for probe in report["probes"]} == {
        {"blackhole": "EINVAL", "unreachable": "EHOSTUNREACH", "prohibit": "EACCES"}[kind]}


def test_a_full_accept_queue_of_a_local_listener_is_known_by_its_counter_alone(client):
    """Linux takes such a SYN for consumed, and no packet for dropped."""
    full = client.start(PYTHON, "-c", FULL, stdout=subprocess.PIPE)
    assert full.stdout.readline() == "ready\n"
    done = client.synprobe("127.0.0.1:8090", "-c", "5", "-i", "10ms", "-W", "300ms", "--why", "-o", "json")
    report = json.loads(done.stdout)
    assert report["loss"]["network"] == 5
    assert report["dropped_by"] == [
        {"place": "network", "what": "TcpExtListenOverflows", "count": 5, "evidence": "counts agree"}]


def test_answers_with_a_wrong_checksum():
    tun = lab.Tun("wrong checksum", script="tunodd.py")
    try:
        done = tun.client.synprobe("192.0.2.2:80", "-c", "3", "-i", "20ms", "-W", "200ms", "--why", "-o", "json")
    finally:
        tun.close()
    report = json.loads(done.stdout)
    assert report["outcomes"]["lost"] == 3
    (_, what), = traced(report)
    assert what.startswith("TCP, for a wrong checksum (TCP_CSUM, "), what


def test_a_healthy_path_names_nothing(web):
    done = web.client.synprobe(TARGET, "-c", "200", "-i", "1ms", "--why", "-o", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert report["outcomes"]["open"] == 200 and "dropped_by" not in report


def test_a_verdict_says_what_dropped(web):
    web.client.nft("input tcp sport 8080 drop")
    done = web.client.synprobe("verify", TARGET, "--partition", "--where", "ingress", "--why", "-W", "200ms", "--max-time", "20s",
                               "-o", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    measurement = json.loads(done.stdout)["measurement"]
    assert traced(measurement) == {("ingress", NETFILTER + "nft_do_chain)"): measurement["outcomes"]["lost"]}


def test_the_service_says_it_too(serve, web):
    service = serve("--why", "--allow", "192.0.2.2/32")
    web.client.nft("input tcp sport 8080 drop")
    answer = service.get(f"/v1/ping?target={TARGET}&count=3&interval=10ms&timeout=300ms")
    report = json.loads(answer.body)
    jsonschema.validate(report, SCHEMA)
    assert traced(report) == {("ingress", NETFILTER + "nft_do_chain)"): 3}


MISSING = {
    "the capabilities": (["setpriv", "--bounding-set=-all,+net_raw"], [], "CAP_BPF and CAP_PERFMON are missing"),
    "the ports": ([], ["-m", "connect"], "in mode connect the kernel chooses the ports"),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_it_lacks_is_said_in_one_line_and_the_probes_are_sent(web, name):
    prefix, options, words = MISSING[name]
    done = web.client.run(*prefix, lab.SYNPROBE, TARGET, "-c", "3", "-i", "10ms", "--why", *options)
    assert "3 open" in done.stdout
    line, = done.stderr.splitlines()
    assert line.startswith("synprobe: --why is left out: ") and words in line


def test_a_host_without_libbpf_is_told_what_to_install(web):
    """The library is hidden in a mount namespace of its own."""
    found = lab.sh(["ldconfig", "-p"]).stdout.split("libbpf.so.1", 1)[1].split("=> ", 1)[1].split("\n", 1)[0]
    hidden = lab.scratch() / "no library"
    hidden.touch()
    done = web.client.run("unshare", "-m", "sh", "-c",
                          f"mount --bind '{hidden}' $(realpath {found}) && exec {lab.SYNPROBE} {TARGET} -c 3 -i 10ms --why")
    assert "3 open" in done.stdout and "libbpf.so.1 is missing: install libbpf1" in done.stderr


def test_no_capability_stays_in_force(web):
    run = web.client.start(lab.SYNPROBE, TARGET, "-c", "30", "-i", "50ms", "--why", stdout=subprocess.PIPE)
    assert "SYN" in run.stdout.readline() and "open" in run.stdout.readline()
    for task in pathlib.Path(f"/proc/{run.pid}/task").iterdir():
        sets = dict(line.split(":\t") for line in (task / "status").read_text().splitlines() if line.startswith("Cap"))
        assert int(sets["CapEff"], 16) == 0 and int(sets["CapPrm"], 16) & ~(1 << 13) == 0, sets
    assert run.wait(timeout=10) == 0


def test_pythons_prober_says_it_too_and_warns_where_it_cannot(web, python):  # noqa: F811
    client = web.client
    client.nft("input tcp sport 8080 drop")
    code = """
with synprobe.Prober(why=True) as prober: r = prober.ping(HOST, PORT, count=2, interval="5ms", timeout=0.2)
assert {probe.drop for probe in r.probes} == {%s}
assert [(by.count, by.evidence) for by in r.dropped_by if by.evidence == "traced"] == %s
"""
    run(client, python, code % ('synprobe.Drop("NETFILTER_DROP", "nft_do_chain")', '[(2, "traced")]'))
    lacking = """
import warnings
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as said:
""" + "".join(f"    {line}\n" for line in (code % ("None", "[]")).strip().splitlines()) + """
assert [one.category for one in said] == [RuntimeWarning] and "CAP_BPF" in str(said[0].message), said
"""
    run(client, python, lacking, before=["setpriv", "--bounding-set=-all,+net_raw"])

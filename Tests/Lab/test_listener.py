"""A port that falls silent, and what closed ports of its host say to that: whose listener, or whose filter, it is."""
import json
import subprocess

import lab
import pytest

PING = ["ping", "192.0.2.2:8080", "-W", "300ms"]
FULL = """
import socket, time
listener = socket.create_server(("192.0.2.2", 8080), backlog=0)
clients = [socket.socket() for _ in range(3)]
for client in clients:
    client.setblocking(False)
    client.connect_ex(("192.0.2.2", 8080))
time.sleep(0.5)
print("ready", flush=True)
time.sleep(60)
"""


def fill_the_queue(pair):
    full = pair.peer.start(lab.PYTHON, "-c", FULL, stdout=subprocess.PIPE)
    assert full.stdout.readline() == "ready\n"


def test_a_full_accept_queue_is_the_listeners_own(pair):
    fill_the_queue(pair)
    report = pair.client.probe(*PING, "-c", "5", "--explain", status=1)
    listener = report["listener"]
    assert report["outcomes"]["lost"] == 5 and listener["state"] == "silent"
    assert listener["reason"] == (f"the host answers at port {listener['sibling']}, and port 8080 does not: its accept queue is"
                                  " full, or a filter drops this port alone")


def test_verify_says_it_without_being_asked(pair):
    fill_the_queue(pair)
    done = pair.client.synprobe("verify", "192.0.2.2:8080", "--partition", "-W", "300ms", "--sibling", "81", "-o", "json")
    report = json.loads(done.stdout)
    assert report["verdict"] == "confirmed" and report["measurement"]["listener"]["sibling"] == 81
    assert "the host answers at port 81, and port 8080 does not" in report["reason"]


def test_what_its_own_listener_drops_is_lost_on_no_way(pair):
    fill_the_queue(pair)
    report = pair.client.probe(*PING, "-c", "5", "--explain", "--direction", status=1)
    assert report["loss"]["undecided"] == 5
    assert "no way has lost what its own listener let go" in report["loss"]["direction"]["undecided_because"]


def test_a_silent_host_proves_nothing_and_is_said_so(web):
    web.peer.nft("input meta l4proto tcp drop")
    report = web.client.probe(*PING, "-c", "5", "--explain", status=1)
    assert report["listener"] == {"state": "unknown", "reason": (
        "8 other ports of the host stayed silent too, which proves nothing: the host may be away, or a filter drop what is sent"
        " to closed ports")}


def test_a_loss_by_chance_is_no_silence(web):
    # Of twenty eight, in runs of one to three, as chance has them.
    web.peer.nft("input tcp dport 8080 numgen inc mod 20 { 0, 1, 4, 7, 8, 9, 13, 16 } drop")
    report = web.client.probe(*PING, "-c", "60", "-i", "20ms", "--explain")
    assert report["listener"]["state"] == "answers"
    quiet = web.client.synprobe(*PING, "-c", "60", "-i", "20ms", "--explain", "-q")
    assert not any(line.startswith("listener") for line in quiet.stdout.splitlines())


@pytest.mark.parametrize("arguments", [[], ["--explain"]])
def test_a_port_that_answers_is_asked_for_no_other(web, arguments):
    web.peer.nft("input tcp dport != 8080 counter drop")
    report = web.client.probe(*PING, "-c", "5", *arguments)
    assert "listener" not in report
    assert "packets 0 " in web.peer.run("nft", "list", "ruleset").stdout


def test_without_explain_no_other_port_is_asked(web):
    web.peer.nft("input tcp dport 8080 drop\ninput tcp dport != 8080 counter drop")
    assert "listener" not in web.client.probe(*PING, "-c", "5", status=1)
    assert "packets 0 " in web.peer.run("nft", "list", "ruleset").stdout


def test_a_refusal_from_nearer_than_the_host_is_a_middleboxes():
    chain = lab.Chain()
    try:
        chain.target.listen("198.51.100.2/8080")
        chain.router.run("nft", "-f", "-", input="table inet m { chain f { type filter hook forward priority 0;"
                         " tcp dport 81 reject with tcp reset; }; }")
        run = chain.client.start(
            lab.SYNPROBE, "ping", "198.51.100.2:8080", "-c", "30", "-i", "100ms", "-W", "300ms", "--sibling", "81", "-o", "json",
            stdout=subprocess.PIPE)
        lab.time.sleep(1)
        chain.target.nft("input tcp dport 8080 drop")
        listener = json.loads(run.communicate(timeout=30)[0])["listener"]
    finally:
        chain.close()
    assert listener["state"] == "unknown"
    assert listener["reason"] == (
        "port 81 is refused from 1 hop nearer than the port, most likely by a middlebox and not by the host")


def test_the_service_asks_only_ports_that_its_policy_allows(web, serve, tmp_path):
    web.peer.nft("input tcp dport 8080 drop\ninput tcp dport 81 counter")
    file = tmp_path / "config.yaml"
    file.write_text("allow: ['192.0.2.2/32:8080,82']\n")
    service = serve("--config", file)
    path = "/v1/verify?target=192.0.2.2:8080&partition=true&timeout=300ms&max_probes=200"
    assert service.get(path + "&sibling=81").json["measurement"].get("listener") is None
    assert "packets 0 " in web.peer.run("nft", "list", "ruleset").stdout
    assert service.get(path + "&sibling=82").json["measurement"]["listener"]["sibling"] == 82


def test_a_sibling_that_is_no_port_is_refused(client):
    done = client.synprobe("verify", "192.0.2.2:8080", "--partition", "--sibling", "0")
    assert done.returncode == 64 and "--sibling" in done.stderr

"""A mesh of five nodes that probe each other, a real Prometheus that asks them to, and the alert of a fault on one link."""
import contextlib
import json
import subprocess
import types

import lab
import pytest
from mesh_prometheus import DEPLOY, MeshPrometheus
from service import Service

NAMES = ["n1", "n2", "n3", "n4", "n5"]


def address(name):
    return f"192.0.2.{10 + NAMES.index(name) + 1}"


@pytest.fixture
def mesh(tmp_path):
    """The nodes at one switch, each with an agent; Prometheus at the switch."""
    with contextlib.ExitStack() as stack:
        hub = lab.Namespace("h")
        stack.callback(hub.close)
        hub.ip("link add br0 type bridge")
        hub.ip("addr add 192.0.2.1/24 dev br0")
        hub.ip("link set br0 up")
        tokens = tmp_path / "tokens"
        tokens.write_text("a-token-of-the-mesh-of-five\n")
        config = tmp_path / "agent.yaml"
        config.write_text((DEPLOY / "agent.yaml").read_text().replace("/run/credentials/synprobe.service/tokens", str(tokens)))
        nodes, agents = {}, {}
        for name in NAMES:
            node = lab.Namespace(name)
            stack.callback(node.close)
            node.ip(f"link add eth0 type veth peer name {name} netns {hub.name}")
            hub.ip(f"link set {name} master br0 up")
            node.ip(f"addr add {address(name)}/24 dev eth0")
            node.ip("link set eth0 up")
            nodes[name] = node
        for name, node in nodes.items():
            agents[name] = Service(node, "--config", config, address=address(name), log=tmp_path / f"log-{name}")
        yield types.SimpleNamespace(hub=hub, nodes=nodes, agents=agents, folder=tmp_path, start=lambda: prometheus(hub, tmp_path))
        for agent in agents.values():
            assert agent.stop()[0] == 0


def prometheus(hub, folder):
    """As it is deployed, but twice as quick."""
    waits = {" for: 30s": " for: 9s", "keep_firing_for: 1m": "keep_firing_for: 20s"}
    return MeshPrometheus(hub, folder, "# The nodes.\n" + "".join(f"{name} {address(name)}:9115\n" for name in NAMES), 8, waits)


def firing(prometheus):
    found = [alert for alert in prometheus.ask("alerts")["alerts"] if alert["state"] == "firing"]
    return {(alert["labels"]["alertname"], alert["labels"]["from"], alert["labels"]["to"],
             alert["labels"].get("where") or alert["labels"].get("segment")): alert["annotations"]["summary"] for alert in found}


def test_a_fault_on_one_link_is_told_of_that_pair_alone_with_its_way(mesh):
    seen = mesh.start()
    lab.wait_until(lambda: len(seen.query('probe_success{job="synprobe-mesh"} == 1')) == 20, 60)
    lab.wait_until(lambda: len(seen.query("count_over_time(probe_success[1m]) >= 2")) == 20, 60)
    assert firing(seen) == {} and seen.failed_rules() == []
    # As it is said of what a mesh takes; a node and its two sides have series beside.
    per_pair = [int(seen.query(f"count({{{of}}})")[0]["value"][1]) / 20 for of in
                ('job="synprobe-mesh", __name__!~"mesh:.*|ALERTS.*"', '__name__=~"mesh:.*", __name__!~"mesh:fault:.*", from!=""')]
    assert per_pair == [47 + 5, 22]
    # Half of what n2 sends to n4 is lost; what n4 sends, and what n2 answers, is not.
    mesh.nodes["n4"].nft(f"input ip saddr {address('n2')} tcp dport 9115 tcp flags & (syn | ack) == syn numgen inc mod 2 == 0 drop")
    loss = ("SynprobeMeshLoss", "n2", "n4", "forward")
    lab.wait_until(lambda: loss in firing(seen), 90, lambda: firing(seen))
    subprocess.run(["sleep", "16"], check=True)
    found = firing(seen)
    # No way is at fault: what n2 answers to n4 arrives.
    assert set(found) == {loss}, found
    assert "n2 to n4" in found[loss] and "lost: forward" in found[loss]
    mesh.nodes["n4"].run("nft", "flush", "ruleset")
    lab.wait_until(lambda: firing(seen) == {}, 90)


def test_the_rules_are_good_and_do_what_their_own_tests_say():
    for command in (["check", "rules", "mesh.rules.yml"], ["test", "rules", "mesh.rules.test.yml", "mesh.votes.test.yml"]):
        done = subprocess.run(["promtool", *command], cwd=DEPLOY, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("text, words", [("a\n", ":1: a name and ADDRESS:PORT"), ("a 1.2.3.4:5\nb c d\n", ":2:"), ('a" 1.2.3.4:5\n', ":1:"),
                                          ("a web.example:5\n", ":1:"), ("a 2001:db8::1:5\n", ":1:"), ("a 1.2.3.4:5 s1=web:5\n", "not s1=web:5")])
def test_a_list_of_nodes_that_is_none_is_refused(tmp_path, text, words):
    (tmp_path / "nodes").write_text(text)
    done = lab.sh([DEPLOY / "mesh-targets", tmp_path / "nodes"], check=False)
    assert done.returncode == 65 and words in done.stderr


def test_a_node_that_no_other_would_probe_is_refused(tmp_path):
    (tmp_path / "nodes").write_text("a 192.0.2.1:9115 s1=192.0.2.21:9115\nb 192.0.2.2:9115 s1=192.0.2.22:9115\n\nc 192.0.2.3:9115\n")
    done = lab.sh([DEPLOY / "mesh-targets", tmp_path / "nodes"], check=False)
    assert done.returncode == 65 and done.stdout == ""
    assert done.stderr.endswith("nodes:4: c is in no network with another: name its networks as those of the others\n")


def test_a_node_more_is_a_line_more(tmp_path):
    listing = tmp_path / "nodes"
    listing.write_text("a 192.0.2.1:9115\nb [2001:db8::2]:9115\n")
    assert len(json.loads(lab.sh([DEPLOY / "mesh-targets", listing]).stdout)) == 2
    listing.write_text(listing.read_text() + "c 192.0.2.3:9115  # a new one\n")
    found = json.loads(lab.sh([DEPLOY / "mesh-targets", listing]).stdout)
    assert len(found) == 6 and {"targets": ["192.0.2.3:9115"], "labels": {"prober": "[2001:db8::2]:9115", "from": "b", "to": "c"}} in found

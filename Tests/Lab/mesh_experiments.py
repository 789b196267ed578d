"""A mesh of eight nodes that two spines join, faults drawn by a seed, and what Prometheus' rules name.

    mesh_experiments.py FAULTS QUIET [SEED]      prints a line a round, and how many were right

Prometheus asks the agents over a network of its own, as the nodes of a data centre have one: what is at fault is between nodes.
"""
import collections
import contextlib
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import lab
from mesh_prometheus import DEPLOY, MeshPrometheus, replaced
from service import Service

SPINES = {"s1": "192.0.2", "s2": "198.51.100"}
NETWORKS = {"mgmt": "203.0.113", **SPINES}
KINDS = ["node", "sends", "receives", "link", "network", "way"]
Fault = collections.namedtuple("Fault", "named, percent, pairs")  # What is to be named, and which packets are lost: (from, to, via).


class Mesh:
    """The nodes and their agents, with the spines and Prometheus in one namespace, the hub."""

    def __init__(self, folder, nodes=8):
        self.folder, self.names = folder, [f"n{number}" for number in range(1, nodes + 1)]
        self.stack = contextlib.ExitStack()
        self.hub = lab.Namespace("h")
        self.stack.callback(self.hub.close)
        for via, network in NETWORKS.items():
            self.hub.ip(f"link add {via} type bridge")
            self.hub.ip(f"addr add {network}.1/24 dev {via}")
            self.hub.ip(f"link set {via} up")
        tokens = folder / "tokens"
        tokens.write_text("a-token-of-the-mesh-of-eight\n")
        config = folder / "agent.yaml"
        settings = {"/run/credentials/synprobe.service/tokens": str(tokens), "[192.0.2.0/24]": "[192.0.2.0/24, 198.51.100.0/24]",
                    "interval: 50ms, timeout: 1s": "interval: 20ms, timeout: 500ms"}
        config.write_text(replaced((DEPLOY / "agent.yaml").read_text(), settings))
        self.nodes, self.agents = {}, {}
        for name in self.names:
            node = lab.Namespace(name)
            self.stack.callback(node.close)
            self.nodes[name] = node
            for via, network in NETWORKS.items():
                node.ip(f"link add {via} type veth peer name {name}{via} netns {self.hub.name}")
                self.hub.ip(f"link set {name}{via} master {via} up")
                node.ip(f"addr add {network}.{self.number(name)}/24 dev {via}")
                node.ip(f"link set {via} up")
            self.agents[name] = Service(node, "--config", config, address=f"203.0.113.{self.number(name)}", log=folder / f"log-{name}")
        self.start_prometheus()

    def number(self, name):
        return 11 + self.names.index(name)

    def start_prometheus(self):
        places = [(name, self.number(name)) for name in self.names]
        nodes = "".join(f"{name} 203.0.113.{number}:9115 s1=192.0.2.{number}:9115 s2=198.51.100.{number}:9115\n" for name, number in places)
        self.prometheus = MeshPrometheus(self.hub, self.folder, nodes, seconds=6)
        self.query = self.prometheus.query
        pairs = len(self.names) * (len(self.names) - 1) * len(SPINES)
        lab.wait_until(lambda: len(self.query("probe_success == 1")) == pairs, 60)

    def inject(self, fault):
        """Loses what the fault loses, at the spines."""
        chance = "" if fault.percent == 100 else f"numgen random mod 100 < {fault.percent} "
        rules = "".join(f'iifname "{a}{via}" oifname "{b}{via}" ether type ip {chance}drop\n' for a, b, via in fault.pairs)
        chain = "chain forward {\ntype filter hook forward priority 0\n" + rules + "}\n"
        self.hub.run("nft", "-f", "-", input="table bridge fault {\n" + chain + "}\n")

    def clear(self):
        self.hub.run("nft", "delete", "table", "bridge", "fault")

    @contextlib.contextmanager
    def slow(self, name, via):
        """What that node receives by a spine waits for 50 ms."""
        queue = self.nodes[name].start(lab.PYTHON, lab.HERE / "packetqueue.py", "7", "0.05", stdout=subprocess.PIPE)
        assert queue.stdout.readline() == "ready\n"
        rule = ["PREROUTING", "-i", via, "-j", "NFQUEUE", "--queue-num", "7"]
        self.nodes[name].run("iptables", "-t", "mangle", "-A", *rule)
        try:
            yield
        finally:
            self.nodes[name].run("iptables", "-t", "mangle", "-D", *rule)
            queue.kill()

    def named(self):
        """What the rules name, and name again by the next requests: an alert waits as long."""
        return self.look() & self.look()

    def look(self):
        """What the rules name once each pair was asked from now on, and the rules saw it."""
        begun = time.time()
        lab.wait_until(lambda: self.age(begun) > 0, 60)
        time.sleep(2.5)
        found = set()
        for sample in self.query('{__name__=~"mesh:fault:.*"}'):
            labels = sample["metric"]
            kind = labels["__name__"].rsplit(":", 1)[1]
            found.add((kind, *(labels[name] for name in ("node", "from", "to", "side", "via") if name in labels)))
        return found

    def age(self, begun):
        """How long after that moment the oldest of the last scrapes began, seconds."""
        oldest = self.query("min(timestamp(probe_success))")
        return float(oldest[0]["value"][1]) - begun if oldest else -1

    def close(self):
        status = [agent.stop()[0] for agent in self.agents.values()]
        self.stack.close()
        assert status == [0] * len(status)


def drawn(chance, names, kind=None):
    """A fault: what is lost both ways may be lost wholly; what is lost on one way is told by what still comes through."""
    kind = kind or chance.choice(KINDS)
    node, other = chance.sample(names, 2)
    via = chance.choice(sorted(SPINES))
    every = [(a, b, v) for a in names for b in names for v in SPINES if a != b]
    if kind == "node":
        return Fault(("node", node), chance.randint(30, 100), [one for one in every if node in one[:2]])
    if kind == "sends":
        return Fault(("side", node, "sends"), chance.randint(25, 60), [one for one in every if one[0] == node])
    if kind == "receives":
        return Fault(("side", node, "receives"), chance.randint(25, 60), [one for one in every if one[1] == node])
    if kind == "link":
        return Fault(("link", node, via), chance.randint(30, 100), [one for one in every if node in one[:2] and one[2] == via])
    if kind == "network":
        return Fault(("network", via), chance.randint(30, 100), [one for one in every if one[2] == via])
    return Fault(("way", node, other, via), chance.randint(25, 60), [(node, other, via)])


def main(faults, quiet, seed=1):
    with tempfile.TemporaryDirectory() as folder:
        mesh = Mesh(pathlib.Path(folder))
        try:
            chance = random.Random(seed)
            wrong = sum(bool(told(mesh, "quiet", set())) for _ in range(quiet))
            right = 0
            for _ in range(faults):
                fault = drawn(chance, mesh.names)
                mesh.inject(fault)
                right += not told(mesh, f"{fault.percent} %", {fault.named})
                mesh.clear()
            print(f"{right} of {faults} faults named, and nothing else; something in {wrong} of {quiet} quiet rounds")
        finally:
            mesh.close()


def told(mesh, fault, expected):
    """What is wrong of what is named."""
    found = mesh.named()
    print("right" if found == expected else "WRONG", fault, "expected", expected or "nothing", "named", found or "nothing", flush=True)
    return found ^ expected


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

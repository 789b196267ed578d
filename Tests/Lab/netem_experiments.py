"""Experiments with real netem; prints one JSON object an experiment: its name, and what each tool measured.

Runs under any kernel that has netem: the machine's own, or User-Mode Linux (scripts/in-uml).
"""
import json
import re
import sys
import tempfile

from lab import Pair, sh, through_ifb

TARGET = "192.0.2.2:8080"
TEN = ["-c", "10", "-i", "50ms"]


def hping(pair, count=3):
    done = pair.client.run("timeout", "20", "hping3", "-S", "-p", "8080", "-c", count, "192.0.2.2", check=False)
    times = sorted(float(text) for text in re.findall(r"rtt=([0-9.]+) ms", done.stdout))
    lost = re.search(r"(-?[0-9]+)% packet loss", done.stderr + done.stdout)
    # hping3 shows some of its round trips a second too long.
    return {"hping3_loss": int(lost[1]) / 100 if lost else None, "hping3_ms": times[len(times) // 2] if times else None, "hping3_least_ms": times[0] if times else None}


def mtr(pair, count=10):
    """The loss of a path of one hop, as mtr tells it."""
    done = pair.client.run("timeout", "40", "mtr", "--tcp", "-P", "8080", "-c", count, "-i", "0.1", "-n", "--csv", "192.0.2.2", check=False)
    lost = re.search(r",1,192\.0\.2\.2,([0-9.]+)", done.stdout)
    return float(lost[1]) / 100 if lost else None


def nping(pair, count=3):
    done = pair.client.run(
        "timeout", "20", "nping", "--tcp", "-p", "8080", "-c", count, "--delay", "50ms", "192.0.2.2", check=False)
    average = re.search(r"Avg rtt: ([0-9.]+)ms", done.stdout)
    return float(average[1]) if average else None


def measure(name, pair, *arguments, peers=True):
    report = json.loads(pair.client.synprobe(TARGET, *arguments, "-o", "json").stdout)
    report.pop("probes")
    row = {"name": name, "report": report}
    if peers:
        row |= {**hping(pair), "nping_ms": nping(pair), "mtr_loss": mtr(pair) if "loss" in name else None}
    print(json.dumps(row), flush=True)


def at_client(pair, netem):
    pair.client.tc(f"qdisc add dev c0 root {netem}")


def at_peer(pair, netem):
    pair.peer.tc(f"qdisc add dev p0 root {netem}")


def at_ingress(pair, netem):
    through_ifb(pair.client, "c0", netem)


def before_the_peer(pair, netem):
    through_ifb(pair.peer, "p0", netem)


def around_the_peer(pair, netem):
    before_the_peer(pair, netem)
    at_peer(pair, netem)


def no_fault(pair, netem):
    pass


def tagged(pair, netem):
    for space, device, number in (pair.client, "c0", 1), (pair.peer, "p0", 2):
        space.ip(f"link add link {device} name {device}.7 type vlan id 7")
        space.ip(f"addr flush dev {device}")
        space.ip(f"addr add 192.0.2.{number}/24 dev {device}.7")
        space.ip(f"link set {device}.7 up")
    pair.peer.tc(f"qdisc add dev p0 root {netem}")


def dropped_by_own_tc(pair, netem):
    pair.client.tc("qdisc add dev c0 ingress")
    pair.client.tc("filter add dev c0 parent ffff: protocol ip u32 match u32 0 0 action drop")


DIRECTION = ["-c", "600", "-i", "5ms", "-W", "500ms", "--direction"]
EXPERIMENTS = [
    ("nowhere", no_fault, "", TEN, True),
    ("delay 30ms at own egress", at_client, "netem delay 30ms", TEN, True),
    ("delay 30ms at the peer", at_peer, "netem delay 30ms", TEN, True),
    ("delay 30ms at own ingress", at_ingress, "netem delay 30ms", TEN, True),
    ("loss 30% at the peer", at_peer, "netem loss 30%", ["-c", "300", "-i", "3ms", "-W", "500ms"], False),
    ("loss 30% at own egress", at_client, "netem loss 30%", ["-c", "300", "-i", "3ms", "-W", "500ms"], False),
    ("loss 30% at own ingress", at_ingress, "netem loss 30%", ["-c", "300", "-i", "3ms", "-W", "500ms"], False),
    ("duplicate 50% at the peer", at_peer, "netem duplicate 50%", ["-c", "100", "-i", "5ms", "-W", "500ms"], False),
    ("corrupt 30% at the peer", at_peer, "netem corrupt 30%", ["-c", "100", "-i", "5ms", "-W", "500ms"], False),
    ("delay 2s over a timeout of 1s", at_peer, "netem delay 2s", ["-c", "10", "-i", "300ms", "-W", "1s"], False),
    ("delay 30ms at the peer, over a VLAN", tagged, "netem delay 30ms", TEN, False),
    ("loss 20% there", before_the_peer, "netem loss 20%", DIRECTION, True),
    ("loss 20% back", at_peer, "netem loss 20%", DIRECTION, True),
    ("loss 20% each way", around_the_peer, "netem loss 20%", ["-c", "1000", *DIRECTION[2:]], True),
    ("drop by own traffic control", dropped_by_own_tc, "", ["-c", "4", "-i", "20ms", "-W", "300ms"], False),
]


def compare(name, inject):
    """A baseline, a fault, and what is said of the way on which it adds a delay."""
    pair = Pair()
    try:
        pair.peer.listen("192.0.2.2/8080")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(pair.client.synprobe(TARGET, "-c", "40", "-i", "60ms", "-o", "json").stdout)
            file.flush()
            inject(pair)
            done = pair.client.synprobe("verify", TARGET, "--baseline", file.name, "--added-forward=-1000ms..1000ms",
                                        "--max-probes", "150", "--max-time", "20s", "--where", "forward", "-o", "json")
        report = json.loads(done.stdout)
        claims = {claim["claim"]: claim for claim in report["claims"]}
        print(json.dumps({"name": name, "added": report["added_ms"], "place": claims["where"]["estimate"],
                          "report": report["measurement"]}), flush=True)
    finally:
        pair.close()


def delays(there, back):
    def inject(pair):
        if there:
            before_the_peer(pair, f"netem delay {there}ms")
        if back:
            at_peer(pair, f"netem delay {back}ms")
    return inject


WAYS = [("delay 37ms there", delays(37, 0)), ("delay 37ms back", delays(0, 37)), ("delay 3ms there", delays(3, 0)),
        ("delay 20ms there, 10ms back", delays(20, 10)), ("delay 10ms there, 20ms back", delays(10, 20))]


def main():
    for name, inject in WAYS:
        if not sys.argv[1:] or any(word in name for word in sys.argv[1:]):
            compare(name, inject)
    for name, place, netem, arguments, peers in EXPERIMENTS:
        if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
            continue
        pair = Pair()
        try:
            if place is tagged:
                place(pair, netem)
                pair.peer.listen("192.0.2.2/8080")
            else:
                pair.peer.listen("192.0.2.2/8080")
                place(pair, netem)
            measure(name, pair, *arguments, peers=peers)
        finally:
            pair.close()


if __name__ == "__main__":
    main()

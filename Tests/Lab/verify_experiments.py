"""Faults injected by real netem and nftables, and what `synprobe verify` says of them.

    verify_experiments.py netem|nft [WORD ...]      experiments whose name has one of the words, or all of the kind

Prints one JSON object a verdict: the fault, what was expected, the report, and what hping3 and nping read beside it.
netem needs a kernel that has it: the machine's own, or User-Mode Linux (scripts/in-uml).
"""
import json
import pathlib
import re
import sys
import tempfile

from lab import Pair, through_ifb

TARGET = "192.0.2.2:8080"
CONFIRMED, MISMATCH = "confirmed", "mismatch"


# What is injected -----------------------------------------------------------------------------------------------------

def peer(netem):
    return lambda pair: pair.peer.tc(f"qdisc add dev p0 root netem {netem}")


def egress(netem):
    return lambda pair: pair.client.tc(f"qdisc add dev c0 root netem {netem}")


def ingress(netem):
    return lambda pair: through_ifb(pair.client, "c0", f"netem {netem}")


def ingress_of_peer(netem):
    return lambda pair: through_ifb(pair.peer, "p0", f"netem {netem}")


def both(netem):
    return lambda pair: (peer(netem)(pair), egress(netem)(pair))


def peer_nft(rule):
    return lambda pair: pair.peer.nft(rule)


def client_nft(rule):
    return lambda pair: pair.client.nft(rule)


def nothing(pair):
    pass


def one_port(netem):
    """Only what goes to port 8080, as Chaos Mesh does it for a target."""
    def inject(pair):
        pair.client.tc("qdisc add dev c0 root handle 1: prio")
        pair.client.tc(f"qdisc add dev c0 parent 1:3 netem {netem}")
        pair.client.tc("filter add dev c0 parent 1: protocol ip prio 1 u32 match ip dport 8080 0xffff flowid 1:3")
    return inject


def removed(netem):
    def inject(pair):
        peer(netem)(pair)
        pair.peer.tc("qdisc del dev p0 root")
    return inject


def used_and_removed(netem):
    """The target is left with half-open connections of the probes whose answers were lost."""
    def inject(pair):
        peer(netem)(pair)
        pair.client.synprobe(TARGET, "-c", "1500", "-i", "2ms", "-W", "500ms", "-q")
        pair.peer.tc("qdisc del dev p0 root")
    return inject


def half_removed(netem):
    def inject(pair):
        both(netem)(pair)
        pair.client.tc("qdisc del dev c0 root")
    return inject


# Each fault, and claims about it with their verdicts ------------------------------------------------------------------

def meant(netem, path, *more):
    return ["--netem", netem, "--path", path, "--baseline", "BASELINE", *more]


# Of what netem draws by chance one verdict in twenty may be wrong at the usual confidence: too many for a test.
FAST = ["-i", "3ms", "-W", "500ms", "--confidence", "99.9%", "--max-probes", "8000"]
QUICK = ["-W", "300ms", "--max-time", "5s"]
JITTER, GEMODEL, REORDER = "delay 100ms 20ms distribution normal", "loss gemodel 10% 60%", "delay 50ms reorder 25% gap 3"
BEFORE = ["--baseline", "BASELINE"]
ADDED = ["--added", "90ms..110ms"]
CONTROL = ["--control", "192.0.2.2:8081"]
DELAY = "delay 100ms"

NETEM = [
    ("no fault", nothing, [(meant(DELAY, "peer"), MISMATCH), (["--partition", *QUICK], MISMATCH),
                           (["--refused"], MISMATCH), (["--loss", "5%..", *QUICK], MISMATCH)]),
    ("delay at the peer", peer(DELAY), [
        (meant(DELAY, "peer"), CONFIRMED), (meant(DELAY, "egress"), MISMATCH), (meant("delay 300ms", "peer"), MISMATCH),
        (["--qdisc", "QDISC", "--path", "peer", *BEFORE], CONFIRMED), (["--network-chaos", "CHAOS", *BEFORE], CONFIRMED),
        ([*ADDED, *CONTROL], MISMATCH)]),
    ("delay at own egress", egress(DELAY), [(meant(DELAY, "egress"), CONFIRMED), (meant(DELAY, "peer"), MISMATCH)]),
    ("delay at own ingress", ingress(DELAY), [
        ([*ADDED, *BEFORE, "--where", "ingress"], CONFIRMED), (meant(DELAY, "peer"), MISMATCH)]),
    ("delay at both", both(DELAY), [(meant(DELAY, "both"), CONFIRMED), ([*ADDED, *BEFORE], MISMATCH)]),
    ("delay for one port", one_port(DELAY), [
        ([*ADDED, *CONTROL, "--where", "egress"], CONFIRMED), ([*ADDED, *CONTROL, "--where", "network"], MISMATCH)]),
    ("jitter", peer(JITTER), [(meant(JITTER, "peer"), CONFIRMED), (["--jitter", "..2ms"], MISMATCH)]),
    ("rate", peer("rate 64kbit"), [
        (meant("rate 64kbit", "peer"), CONFIRMED), (meant("rate 16kbit", "peer"), MISMATCH)]),
    # A user-mode kernel takes up to 500 us for a SYN: a link that is to be seen takes longer.
    ("a wider rate", peer("rate 250kbit"), [
        (["--netem", "rate 250kbit", "--path", "peer"], CONFIRMED), (["--rate", "100kbit..150kbit"], MISMATCH),
        (["--rate", "220kbit..280kbit", "--where", "back"], CONFIRMED)]),
    ("a rate on the way there", ingress_of_peer("rate 1mbit"), [
        (["--rate", "0.85mbit..1.15mbit", "--where", "forward"], CONFIRMED), (["--rate", "2mbit..3mbit"], MISMATCH)]),
    ("a rate here", egress("rate 5mbit"), [(["--netem", "rate 5mbit", "--path", "egress"], CONFIRMED)]),
    ("loss at the peer", peer("loss 5%"), [
        (meant("loss 5%", "peer", *FAST), CONFIRMED), (meant("loss 25%", "peer", *FAST), MISMATCH)]),
    ("loss at own egress", egress("loss 5%"), [
        (meant("loss 5%", "egress", *FAST), CONFIRMED), (["--where", "network", "--loss", "1%..", *FAST], MISMATCH)]),
    ("loss in bursts", peer(GEMODEL), [
        (meant(GEMODEL, "peer", *FAST), CONFIRMED),
        (["--loss", "60%..", *FAST], MISMATCH)]),
    ("loss by netem's own limit", peer("delay 100ms limit 4"), [
        (meant("delay 100ms limit 4", "peer", "--loss", "..1%"), MISMATCH)]),
    ("duplicates", peer("duplicate 5%"), [
        (meant("duplicate 5%", "peer", *FAST), CONFIRMED), (meant("duplicate 25%", "peer", *FAST), MISMATCH)]),
    ("damage", peer("corrupt 5%"), [
        (meant("corrupt 5%", "peer", *FAST), CONFIRMED), (["--corrupt", "40%..", *FAST], MISMATCH)]),
    ("reordering", peer(REORDER), [
        (meant(REORDER, "peer", "--confidence", "99.9%"), CONFIRMED), (["--reorder", "..1%"], MISMATCH)]),
    # Thirty seconds of ten probes a second would decide that two in a hundred may be slow only if none of them is.
    ("delay removed", removed(DELAY), [(["--clear", *BEFORE, "-i", "10ms"], CONFIRMED), (meant(DELAY, "peer"), MISMATCH)]),
    ("delay half removed", half_removed("delay 50ms"), [(["--clear", *BEFORE], MISMATCH)]),
    ("loss removed", removed("loss 20%"), [(["--clear", *BEFORE, "-i", "10ms"], CONFIRMED)]),
    ("loss used and gone", used_and_removed("loss 60%"), [(["--clear", *BEFORE, "-i", "10ms"], CONFIRMED)]),
    ("loss half removed", half_removed("loss 20%"), [(["--clear", *BEFORE, *FAST], MISMATCH)]),
]

NFT = [
    ("partition at the peer, inwards", peer_nft("input tcp dport 8080 drop"), [
        (["--partition", "--where", "network", *QUICK], CONFIRMED), (["--loss", "..20%", *QUICK], MISMATCH)]),
    ("partition at the peer, outwards", peer_nft("output tcp sport 8080 drop"), [
        (["--partition", "--where", "network", *QUICK], CONFIRMED),
        (["--partition", *CONTROL, *QUICK], CONFIRMED)]),
    ("partition here, outwards", client_nft("output tcp dport 8080 drop"), [
        (["--partition", "--where", "egress", *QUICK], CONFIRMED), (["--where", "network", "--partition", *QUICK], MISMATCH)]),
    ("partition here, inwards", client_nft("input tcp sport 8080 drop"), [
        (["--partition", "--where", "ingress", *QUICK], CONFIRMED), (["--where", "network", "--partition", *QUICK], MISMATCH)]),
    ("partition of the control too", client_nft("input tcp sport { 8080, 8081 } drop"), [
        (["--partition", *CONTROL, *QUICK], "inconclusive")]),
    ("refused", peer_nft("input tcp dport 8080 reject with tcp reset"), [
        (["--refused"], CONFIRMED), (["--partition", *QUICK], MISMATCH)]),
    ("partition removed", nothing, [(["--clear", *BEFORE, "-i", "10ms"], CONFIRMED), (["--partition", *QUICK], MISMATCH)]),
]

NETWORK_CHAOS = """apiVersion: chaos-mesh.org/v1alpha1
kind: NetworkChaos
metadata: {name: web-delay, namespace: shop}
spec:
  action: delay
  mode: one
  selector: {namespaces: [shop], labelSelectors: {app: web}}
  delay: {latency: "100ms"}
  direction: to
  duration: "60s"
"""


# What the peers read --------------------------------------------------------------------------------------------------

def hping(pair, count, interval):
    """hping3 writes its replies to stdout and its count, of which it may be wrong, to stderr."""
    done = pair.client.run("timeout", "20", "hping3", "-S", "-p", "8080", "-c", count, "-i", f"u{interval}000",
                           "192.0.2.2", check=False)
    times = sorted(float(text) for text in re.findall(r"rtt=([0-9.]+) ms", done.stdout))
    loss = re.search(r"(-?\d+)% packet loss", done.stderr)
    return {"ms": times[len(times) // 2] if times else None, "loss": int(loss[1]) / 100 if loss else None}


def nping(pair, count, interval):
    done = pair.client.run("timeout", "20", "nping", "--tcp", "-p", "8080", "-c", count, "--delay", f"{interval}ms",
                           "192.0.2.2", check=False)
    average = re.search(r"Avg rtt: ([0-9.]+)ms", done.stdout)
    loss = re.search(r"Lost: \d+ \((-?[0-9.]+)%\)", done.stdout)
    return {"ms": float(average[1]) if average else None, "loss": float(loss[1]) / 100 if loss else None}


def readings(pair, name):
    """Few and far apart for a delay, many and close together for a share."""
    settings = (50, 20) if re.search("loss|duplicates|damage|reordering", name) else (4, 250)
    return {"hping3": hping(pair, *settings), "nping": nping(pair, *settings)}


def verify(pair, files, arguments):
    words = [str(files.get(one, one)) for one in arguments]
    done = pair.client.synprobe("verify", TARGET, "--max-time", "30s", *words, "-o", "json", timeout=60)
    report = json.loads(done.stdout)
    report["measurement"].pop("probes")
    return {"claims": " ".join(arguments), "status": done.returncode, "sentence": done.stderr.splitlines()[-1],
            "report": report}


def run(folder, name, inject, claims):
    pair = Pair()
    try:
        pair.peer.listen("192.0.2.2/8080", "192.0.2.2/8081")
        files = {word: folder / word.lower() for word in ("BASELINE", "CHAOS", "QDISC")}
        files["CHAOS"].write_text(NETWORK_CHAOS)
        files["BASELINE"].write_text(pair.client.synprobe(TARGET, "-o", "json", "-c", "30", "-i", "10ms").stdout)
        inject(pair)
        files["QDISC"].write_text(pair.peer.run("tc", "-j", "qdisc", "show", "dev", "p0").stdout)
        beside = None
        for arguments, expected in claims:
            row = {"name": name, "expected": expected, **verify(pair, files, arguments)}
            beside = beside or readings(pair, name)
            print(json.dumps({**row, **beside}), flush=True)
    finally:
        pair.close()


def main(kind, *words):
    with tempfile.TemporaryDirectory() as folder:
        for name, inject, claims in {"netem": NETEM, "nft": NFT}[kind]:
            if not words or any(word in name for word in words):
                run(pathlib.Path(folder), name, inject, claims)


if __name__ == "__main__":
    main(*sys.argv[1:])

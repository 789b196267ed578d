"""Lines of netem drawn by a seed, and what `synprobe identify` says of each.

    identify_experiments.py [SEED]

Prints one JSON object a line: the line that was set, its side, and the report. It needs a kernel that has netem.
"""
import json
import pathlib
import random
import sys
import tempfile

from lab import Pair, through_ifb

TARGET = "192.0.2.2:8080"
SEED = 20
# How often each kind is drawn.
KINDS = ["delay"] * 3 + ["jitter"] * 3 + ["normal"] * 2 + ["pareto", "paretonormal"] + ["loss"] * 3 + [
    "gemodel", "duplicate", "corrupt", "reorder", "rate", "delay and loss", "jitter and loss"]


def draw(kind, chance):
    """A line of this kind, and its numbers by their names in the report."""
    delay = chance.choice([5, 20, 50, 100])
    jitter = delay // 5
    loss = chance.choice([5, 10, 20])
    match kind:
        case "delay":
            return f"delay {delay}ms", {"delay": delay}
        case "jitter":
            return f"delay {delay}ms {jitter}ms", {"delay": delay, "jitter": jitter}
        case "normal" | "pareto" | "paretonormal":
            return f"delay {delay}ms {jitter}ms distribution {kind}", {"delay": delay, "jitter": jitter}
        case "loss":
            return f"loss {loss}%", {"loss": loss / 100}
        case "gemodel":
            return "loss gemodel 5% 25%", {"loss_p": 0.05, "loss_r": 0.25}
        case "duplicate":
            return f"duplicate {loss}%", {"duplicate": loss / 100}
        case "corrupt":
            return "corrupt 20%", {"corrupt": 0.2}
        case "reorder":
            return f"delay {delay}ms reorder 25%", {"delay": delay, "reorder": 0.25}
        case "rate":
            return "rate 250kbit", {"rate": 250_000}
        case "delay and loss":
            return f"delay {delay}ms loss {loss}%", {"delay": delay, "loss": loss / 100}
        case "jitter and loss":
            return f"delay {delay}ms {jitter}ms loss {loss}%", {"delay": delay, "jitter": jitter, "loss": loss / 100}


def inject(pair, side, line):
    match side:
        case "egress":
            pair.client.tc(f"qdisc add dev c0 root netem {line}")
        case "back":
            pair.peer.tc(f"qdisc add dev p0 root netem {line}")
        case "forward":
            through_ifb(pair.peer, "p0", f"netem {line}")


def run(kind, side, line, numbers):
    pair = Pair()
    try:
        pair.warm()
        pair.peer.listen("192.0.2.2/8080")
        with tempfile.TemporaryDirectory() as folder:
            baseline = pathlib.Path(folder, "before.json")
            baseline.write_text(pair.client.synprobe(TARGET, "-c", "60", "-i", "5ms", "-o", "json").stdout)
            inject(pair, side, line)
            done = pair.client.synprobe("identify", TARGET, "--baseline", str(baseline), "--max-probes", "500", "-i", "8ms",
                                        "-W", "400ms", "-o", "json", timeout=60)
        report = json.loads(done.stdout)
        refused = [line["line"] for line in report["lines"] if pair.peer.run(
            "tc", "qdisc", "replace", "dev", "lo", "root", "netem", *line["line"].split(), check=False).returncode]
        return {"kind": kind, "refused": refused, "line": line, "side": side, "numbers": numbers, "status": done.returncode,
                "report": report}
    finally:
        pair.close()


def main():
    chance = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else SEED)
    for kind in KINDS:
        side = chance.choice(["egress", "back", "forward"])
        # What is damaged or copied on the way there is lost, or answered once.
        if kind in ("corrupt", "duplicate"):
            side = "back"
        line, numbers = draw(kind, chance)
        print(json.dumps(run(kind, side, line, numbers)), flush=True)


main()

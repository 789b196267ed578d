"""Probes from inside a VRF; prints one JSON object a way of being there: how, and the report. Under scripts/in-uml."""
import glob
import json

from lab import SYNPROBE, Pair, sh


def load(module):
    file, = glob.glob(f"/usr/lib/uml/modules/*/kernel/**/{module}.ko", recursive=True)
    sh(["busybox", "insmod", file])


def main():
    for module in "crc-ccitt", "ipv6", "vrf":
        load(module)
    sh("mkdir -p /run/cgroup")
    sh("mount -t cgroup2 none /run/cgroup")
    pair = Pair()
    try:
        pair.peer.listen("192.0.2.2/8080")
        pair.client.ip("link add red type vrf table 10")
        pair.client.ip("link set red up")
        pair.client.ip("link set c0 master red")
        inside = ["ip", "vrf", "exec", "red"]
        for how, before, after in ("ip vrf exec", inside, []), ("-I", [], ["-I", "red"]), ("outside", [], []):
            for mode in "syn", "connect":
                done = pair.client.run(*before, SYNPROBE, "192.0.2.2:8080", "-c3", "-i20ms", "-W1s", "-m", mode,
                                       "-o", "json", *after, check=False)
                print(json.dumps({"how": f"{how}, {mode}", "report": json.loads(done.stdout)}), flush=True)
    finally:
        pair.close()


if __name__ == "__main__":
    main()

"""A monitor while real netem is switched on and off; prints one JSON object a fault: when it began and ended, and the history.

Runs under any kernel that has netem: the machine's own, or User-Mode Linux (scripts/in-uml).
"""
import json
import pathlib
import tempfile
import time

from lab import Pair, through_ifb
from service import Service

FAULTS = {
    "delay 100ms at own egress": ("c0", "delay 100ms"), "delay 100ms at the peer": ("p0", "delay 100ms"),
    "delay 100ms at own ingress": ("ifb", "delay 100ms"), "loss 40% at the peer": ("p0", "loss 40%"),
    "jitter at the peer": ("p0", "delay 20ms 20ms"),
}


def switch(pair, place, netem):
    """Replaces what the place has, so that nothing else changes there."""
    if place == "ifb":
        pair.client.tc(f"qdisc replace dev ifb0 root netem {netem}")
    else:
        (pair.client if place == "c0" else pair.peer).tc(f"qdisc replace dev {place} root netem {netem}")


def main():
    pair = Pair()
    with tempfile.TemporaryDirectory() as folder:
        try:
            pair.peer.listen("192.0.2.2/8080")
            through_ifb(pair.client, "c0", "netem delay 0ms")
            service = Service(pair.client, log=pathlib.Path(folder) / "log")
            body = {"target": "192.0.2.2:8080", "interval": "50ms", "timeout": "500ms", "window": "5s"}
            monitor = service.request("POST", "/v1/monitors", body=json.dumps(body)).json["id"]
            time.sleep(16)
            for name, (place, netem) in FAULTS.items():
                last = service.get(f"/v1/monitors/{monitor}/history").json["history"][-1]["at"]
                began = time.time()
                switch(pair, place, netem)
                time.sleep(5)
                ended = time.time()
                switch(pair, place, "delay 0ms")
                time.sleep(6)
                entries = service.get(f"/v1/monitors/{monitor}/history?since={last}").json["history"]
                print(json.dumps({"name": name, "began": began, "ended": ended, "entries": entries,
                                  "open": service.get(f"/v1/monitors/{monitor}/check").json["open"]}), flush=True)
            service.stop()
        finally:
            pair.close()


main()

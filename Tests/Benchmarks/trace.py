"""Traces over six routers beside those of tcptraceroute, mtr and traceroute: how long they take, and what they find."""
import contextlib
import re
import statistics
import time

from table import Table, lab
from test_trace import Chain

TARGET, PORT, RUNS = "198.51.100.26", 8080, 5
COMMANDS = {
    "synprobe": [lab.SYNPROBE, "trace", f"{TARGET}:{PORT}", "-q", 3, "-W", "1s", "-m", 12],
    "tcptraceroute": ["tcptraceroute", "-n", "-q", 3, "-w", 1, "-m", 12, TARGET, PORT],
    "mtr": ["mtr", "--tcp", "-P", PORT, "-n", "-r", "-c", 3, "-m", 12, TARGET],
    "traceroute": ["traceroute", "-T", "-p", PORT, "-n", "-q", 3, "-w", 1, "-m", 12, TARGET],
}


def all_answer(_):
    pass


def one_is_silent(chain):
    chain.routers[2].nft("output icmp type time-exceeded drop")


def none_answers(chain):
    for router in chain.routers:
        router.nft("output icmp type time-exceeded drop")
    chain.peer.nft(f"input tcp dport {PORT} drop")


def run(chain, command):
    """Seconds, and how many of the seven hops are named on a line of their own."""
    began = time.monotonic()
    done = chain.client.run(*command, check=False, timeout=120)
    took = time.monotonic() - began
    named = {int(hop) for hop, address in re.findall(r"^\s*(\d+)[.|\-\s]+(?:\|-- )?([0-9.]+)\s", done.stdout, re.M)
             if address == chain.address(int(hop))}
    return took, len(named)


def main():
    table = Table("trace", [f"six routers, three SYNs a hop, median of {RUNS}", "path", "seconds:", "of synprobe's:", "hops named:"])
    for name, inject in ("all answer", all_answer), ("the third hop is silent", one_is_silent), ("none answers", none_answers):
        with contextlib.closing(Chain()) as chain:
            inject(chain)
            runs = {tool: [run(chain, command) for _ in range(RUNS)] for tool, command in COMMANDS.items()}
        own = statistics.median(took for took, _ in runs["synprobe"])
        for tool, seen in runs.items():
            took = statistics.median(took for took, _ in seen)
            table.row(tool, name, f"{took:.2f}", f"{took / own:.1f}", min(named for _, named in seen), runs=seen)
    table.end("tcptraceroute", "mtr", "traceroute")


main()

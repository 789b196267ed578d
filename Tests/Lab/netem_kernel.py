"""Runs the experiments that need netem: in this machine's kernel, or side by side in User-Mode Linux where it has none."""
import concurrent.futures
import functools
import json

from lab import PYTHON, ROOT, SYNPROBE, Namespace, sh

# The scripts of experiments with their arguments, and how long each may take.
EXPERIMENTS = {"netem": (["netem_experiments.py"], 300), "identify": (["identify_experiments.py"], 560),
               "verify": (["verify_experiments.py", "netem"], 560), "monitors": (["monitor_experiments.py"], 200)}
# What runs beside what: a guest has one processor, and this machine two at least.
GUESTS = [["identify", "monitors"], ["verify", "netem"]]


@functools.cache
def kernel_has_netem():
    space = Namespace("n")
    try:
        return not space.run("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms", check=False).returncode
    finally:
        space.close()


def run(kind, apart):
    (script, *arguments), seconds = EXPERIMENTS[kind]
    command = [PYTHON, str(ROOT / "Tests/Lab" / script), *arguments]
    if apart:
        command = [str(ROOT / "scripts/in-uml"), "-t", str(seconds), "env", f"SYNPROBE={SYNPROBE}"] + command
    return [json.loads(line) for line in sh(command, timeout=seconds + 20).stdout.splitlines()]


@functools.cache
def all_rows():
    """Each guest has a kernel and networks of its own."""
    apart = not kernel_has_netem()
    with concurrent.futures.ThreadPoolExecutor(len(GUESTS) if apart else 1) as pool:
        running = [pool.submit(lambda kinds: {kind: run(kind, apart) for kind in kinds}, kinds) for kinds in GUESTS]
        return {kind: lines for one in running for kind, lines in one.result().items()}


def rows(kind):
    """What the experiments of a kind printed, one object a line."""
    return all_rows()[kind]

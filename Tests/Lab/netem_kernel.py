"""Runs the experiments that need netem: in this machine's kernel, or side by side in User-Mode Linux where it has none.

They mostly wait, and so do most tests: they run beside them.
"""
import concurrent.futures
import functools
import json

from lab import PYTHON, ROOT, SYNPROBE, Namespace, sh

# The scripts of experiments with their arguments, and how long each may take.
EXPERIMENTS = {"netem": (["netem_experiments.py"], 300), "identify": (["identify_experiments.py"], 560),
               "verify": (["verify_experiments.py", "netem"], 560)}
# What runs beside what: a guest has one processor, and this machine two at least.
GUESTS = [["netem", "identify"], ["verify"]]


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


_found = {}


def start(kinds):
    """Begins the experiments of these kinds: guests run beside the tests, each with a kernel and networks of its own."""
    apart = not kernel_has_netem()
    pool = concurrent.futures.ThreadPoolExecutor(len(GUESTS) if apart else 1)
    for guest in GUESTS:
        wanted = [kind for kind in guest if kind in kinds]
        for kind in wanted:
            _found[kind] = concurrent.futures.Future()
        if wanted:
            pool.submit(run_all, wanted, apart)


def run_all(kinds, apart):
    """Runs them one after the other."""
    for kind in kinds:
        try:
            _found[kind].set_result(run(kind, apart))
        except BaseException as error:
            _found[kind].set_exception(error)


def rows(kind):
    """What the experiments of a kind printed, one object a line."""
    return _found[kind].result()

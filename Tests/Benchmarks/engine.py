"""What one probe costs the engine while so many others wait, without a kernel or a clock. Prints Markdown.

Nanoseconds are the least of some runs; allocations and instructions are those of a run of twice the probes less those of a
run of once, so that neither start nor filling counts.
"""
import os
import pathlib
import re
import subprocess
import tempfile

from table import Table, lab

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = lab.ROOT / ".build/release/SynBench"
IN_FLIGHT = 1, 1_000, 100_000, 1_000_000
RUNS = 5
PROBES = 500_000
COUNTED = 20_000


def run(waiting, probes, before=(), program=PROGRAM, **environment):
    return subprocess.run([*before, program, str(waiting), str(probes)], env=os.environ | environment, timeout=900,
                          capture_output=True, text=True, check=True)


def allocations(counter, waiting, probes):
    return int(re.search(r"allocations=(\d+)", run(waiting, probes, LD_PRELOAD=str(counter)).stderr)[1])


def instructions(waiting, probes):
    with tempfile.TemporaryDirectory() as folder:
        # valgrind 3.19 gives up on the debugging information.
        bare = pathlib.Path(folder) / "bare"
        lab.sh(["strip", "-g", "-o", bare, PROGRAM])
        done = run(waiting, probes, ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"], bare)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def difference(count):
    return (count(2 * COUNTED) - count(COUNTED)) / COUNTED


def main():
    lab.sh([lab.ROOT / "scripts/release", "SynBench"], timeout=1200)
    table = Table("engine", ["probes in flight:", "ns a probe:", "of those with one:", "instructions a probe:", "allocations a probe:",
                             "octets each in flight:"])
    with tempfile.TemporaryDirectory() as folder:
        counter = pathlib.Path(folder) / "count.so"
        lab.sh(["gcc", "-O2", "-shared", "-fPIC", "-o", counter, HERE / "count_allocations.c"])
        first = None
        for waiting in IN_FLIGHT:
            told = [[float(word) for word in run(waiting, PROBES).stdout.split()] for _ in range(RUNS)]
            spent = min(one[0] for one in told)
            first = first or spent
            octets = f"{min(one[1] for one in told):.0f}" if waiting >= 100_000 else ""
            table.row(f"{waiting:,}".replace(",", " "), f"{spent:.0f}", f"{spent / first:.2f}",
                      f"{difference(lambda probes: instructions(waiting, probes)):.0f}",
                      f"{difference(lambda probes: allocations(counter, waiting, probes)):.3f}", octets)
    table.end(notes=["Submission, three stamps, the answer in the capture and at the socket, the outcome: two turns of the engine."])


main()

"""What a start costs: whole processes of one probe, beside hping3's, and the first probe of a Python process."""
import compileall
import json
import re
import statistics
import subprocess
import tempfile
import time

from table import Table, lab
from tapped import records, tap

RUNS = 60
PORT = 8080
PYTHON = """
import time
begun = time.time_ns()
import synprobe
called = time.time_ns()
synprobe.ping("{target}", 8080, count=1)
print(begun, called)
"""


def commands(target, module):
    return {
        "synprobe ping -c 1": f"{lab.SYNPROBE} ping {target}:{PORT} -c 1",
        "hping3 -S -c 1": f"hping3 -S -p {PORT} -c 1 {target}",
        "nping --tcp -c 1": f"nping --tcp --flags syn -p {PORT} -c 1 {target}",
        "python: synprobe.ping(count=1)": f"env PYTHONPATH={module} {lab.PYTHON} {module}/one.py",
        "python: pass": f"{lab.PYTHON} -c pass",
        "synprobe --help": f"{lab.SYNPROBE} --help",
    }


def peak_megabytes(space, command):
    """The greatest resident set of one run, as wait4(2) gives it to time(1)."""
    done = space.run("/usr/bin/time", "-f", "peak=%M", *command.split(), timeout=30)
    return int(re.search(r"peak=(\d+)", done.stderr)[1]) / 1024


def first_syns(space, path, command):
    """How long after the start of a process its first SYN leaves, and after each moment that it prints, the medians of 20 in ms."""
    moments = []
    with tap(space, "lo", path, f"tcp dst port {PORT} and tcp[tcpflags] == tcp-syn"):
        for _ in range(20):
            start = time.time_ns()
            done = subprocess.run(["ip", "netns", "exec", space.name, *command.split()], capture_output=True, text=True, check=True,
                                  timeout=30)
            moments.append([start, *(map(int, done.stdout.split()) if done.stdout[:1].isdigit() else ())])
    sent = [moment for moment, _ in records(path)]
    first = [min(moment for moment in sent if moment > start) for start, *_ in moments]
    return [statistics.median(syn - moment for syn, moment in zip(first, column)) / 1e6 for column in zip(*moments)]


def install(folder, target):
    """The wheel as an installer leaves it, compiled, with a program of one probe."""
    wheel = lab.sh([lab.ROOT / "scripts/build-wheel"], timeout=1200).stdout.split()[-1]
    lab.sh([lab.PYTHON, "-m", "zipfile", "-e", wheel, folder])
    with open(f"{folder}/one.py", "w") as file:
        file.write(PYTHON.format(target=target))
    compileall.compile_dir(folder, quiet=1)


def main():
    pair = lab.Pair()
    try:
        with tempfile.TemporaryDirectory() as module, tempfile.NamedTemporaryFile(suffix=".json") as results, \
                tempfile.NamedTemporaryFile(suffix=".pcap") as seen:
            pair.client.listen(f"127.0.0.1/{PORT}")
            install(module, "127.0.0.1")
            table = Table("start", [f"a whole process, {RUNS} runs, loopback", "median ms:", "least ms:", "user ms:", "system ms:",
                                    "peak MB:", "of hping3's:", "first SYN after ms:"])
            rows = commands("127.0.0.1", module)
            pair.client.run("hyperfine", "-N", "--warmup", 5, "--runs", RUNS, "--export-json", results.name, *rows.values(),
                            timeout=600)
            times = dict(zip(rows, json.load(results)["results"]))
            other = times["hping3 -S -c 1"]["median"]
            for name, command in rows.items():
                one = times[name]
                sends = name != "synprobe --help" and name != "python: pass"
                first, *later = [f"{span:.1f}" for span in first_syns(pair.client, seen.name, command)] if sends else [""]
                spans = [f"{one[key] * 1000:.1f}" for key in ("median", "min", "user", "system")]
                table.row(name, *spans, f"{peak_megabytes(pair.client, command):.0f}", f"{one['median'] / other:.2f}", first,
                          seconds=one["times"])
                for words, span in zip(("from its import of synprobe on", "from its call on"), later):
                    table.row(f"{name}, {words}", *[""] * (len(spans) + 2), span)
            table.end("hping3", "nping")
    finally:
        pair.close()


main()

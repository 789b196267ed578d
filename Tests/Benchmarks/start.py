"""What a start costs: whole processes of one probe, beside hping3's, and the first probe of a Python process."""
import json
import re
import tempfile

from table import Table, lab

RUNS = 60
PORT = 8080
PYTHON = """
import synprobe
print(synprobe.ping("{target}", 8080, count=1).outcomes.open)
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


def install(folder, target):
    """The wheel, unpacked, with a program of one probe."""
    wheel = lab.sh([lab.ROOT / "scripts/build-wheel"], timeout=1200).stdout.split()[-1]
    lab.sh([lab.PYTHON, "-m", "zipfile", "-e", wheel, folder])
    with open(f"{folder}/one.py", "w") as file:
        file.write(PYTHON.format(target=target))


def main():
    pair = lab.Pair()
    try:
        with tempfile.TemporaryDirectory() as module, tempfile.NamedTemporaryFile(suffix=".json") as results:
            pair.client.listen(f"127.0.0.1/{PORT}")
            install(module, "127.0.0.1")
            table = Table("start", [f"a whole process, {RUNS} runs, loopback", "median ms:", "least ms:", "user ms:", "system ms:",
                                    "peak MB:", "of hping3's:"])
            rows = commands("127.0.0.1", module)
            pair.client.run("hyperfine", "-N", "--warmup", 5, "--runs", RUNS, "--export-json", results.name, *rows.values(),
                            timeout=600)
            times = dict(zip(rows, json.load(results)["results"]))
            other = times["hping3 -S -c 1"]["median"]
            for name, command in rows.items():
                one = times[name]
                spans = [f"{one[key] * 1000:.1f}" for key in ("median", "min", "user", "system")]
                table.row(name, *spans, f"{peak_megabytes(pair.client, command):.0f}", f"{one['median'] / other:.2f}",
                          seconds=one["times"])
            table.end("hping3", "nping")
    finally:
        pair.close()


main()

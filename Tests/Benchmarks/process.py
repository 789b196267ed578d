"""One probe as a whole process, beside hping3's: its time by hyperfine, and the peak of its memory. Prints Markdown."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Lab"))

import lab  # noqa: E402

TARGET, PORT = "192.0.2.2", 8080
COMMANDS = {
    "synprobe": f"{lab.SYNPROBE} ping {TARGET}:{PORT} -c 1",
    "hping3": f"hping3 -S -p {PORT} -c 1 {TARGET}",
}
RUNS = 50


def peak_kilobytes(space, command):
    """The greatest resident set of one run, as wait4(2) gives it to time(1)."""
    done = space.run("/usr/bin/time", "-f", "peak=%M", *command.split(), timeout=30)
    return int(re.search(r"peak=(\d+)", done.stderr)[1])


def main():
    pair = lab.Pair()
    try:
        pair.peer.listen(f"{TARGET}/{PORT}")
        with tempfile.NamedTemporaryFile(suffix=".json") as results:
            pair.client.run(
                "hyperfine", "-N", "--warmup", 5, "--runs", RUNS, "--export-json", results.name, *COMMANDS.values(), timeout=300
            )
            times = json.load(results)["results"]
        print(f"\n| one probe as a process, {RUNS} runs | mean ms | deviation ms | user ms | system ms | peak MB |")
        print("|---|--:|--:|--:|--:|--:|")
        for (name, command), row in zip(COMMANDS.items(), times):
            peak = peak_kilobytes(pair.client, command) / 1024
            spans = [row[key] * 1000 for key in ("mean", "stddev", "user", "system")]
            print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in (*spans, peak)) + " |")
        print(f"\nsynprobe takes {times[0]['mean'] / times[1]['mean']:.2f} times hping3's time.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"process: {error}\n{error.stderr}")
    finally:
        pair.close()


main()

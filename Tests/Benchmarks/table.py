"""One Markdown table of a benchmark, as it grows, and its raw numbers as JSON beside it."""
import datetime
import json
import os
import pathlib
import platform
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Lab"))
import lab  # noqa: E402

FOLDER = pathlib.Path(os.environ.get("BENCH_FOLDER", lab.ROOT / ".build/bench"))
# How each peer is asked for its version.
VERSIONS = {
    "synprobe": [lab.SYNPROBE, "--version"], "hping3": ["hping3", "-v"], "nping": ["nping", "--version"],
    "zmap": ["zmap", "--version"], "masscan": ["masscan", "--version"], "mtr": ["mtr", "--version"],
    "traceroute": ["traceroute", "--version"], "tcptraceroute": ["tcptraceroute", "-v"],
    "blackbox_exporter": ["prometheus-blackbox-exporter", "--version"], "wrk": ["wrk", "-v"],
}


def version(tool):
    done = lab.sh(VERSIONS[tool], check=False)
    found = re.search(r"\d+\.\d+[\w.-]*", done.stdout + done.stderr)
    return f"{tool} {found[0]}" if found else tool


def processor():
    names = re.findall(r"^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return f"{len(names)} × {names[0]}" if names else platform.machine()


class Table:
    """Columns are names, with a `:` behind those that hold numbers."""

    def __init__(self, name, columns):
        self.name, self.columns, self.rows = name, [one.rstrip(":") for one in columns], []
        print("\n| " + " | ".join(self.columns) + " |")
        print("|" + "|".join("--:" if one.endswith(":") else "---" for one in columns) + "|", flush=True)

    def row(self, *cells, **raw):
        """Prints a row; `raw` is kept beside it."""
        self.rows.append(dict(zip(self.columns, cells)) | raw)
        print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)

    def end(self, *peers, notes=()):
        """Says where and with what it was measured, and writes the numbers down."""
        where = {"machine": processor(), "kernel": platform.release(),
                 "date": datetime.date.today().isoformat(), "versions": [version(one) for one in ("synprobe", *peers)]}
        for note in notes:
            print(f"\n{note}")
        print(f"\n{where['machine']}, Linux {where['kernel']}, {where['date']}; {', '.join(where['versions'])}.", flush=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{self.name}.json").write_text(
            json.dumps(where | {"rows": self.rows, "notes": list(notes)}, indent=1))

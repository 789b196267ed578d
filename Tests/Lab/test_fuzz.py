"""Everything that parses, fed with ten million inputs; `scripts/fuzz` runs it for longer, and guided by coverage."""
import subprocess

import pytest
from lab import ROOT

pytestmark = pytest.mark.anyone
PROGRAM = ROOT / ".build/release/SynFuzz"
INPUTS = 5_000_000


def test_ten_million_inputs_trap_nowhere(capsys):
    runs = [
        subprocess.Popen([PROGRAM, str(INPUTS), str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for seed in (1, 2)]
    totals = {}
    for run in runs:
        output, errors = run.communicate(timeout=300)
        assert run.returncode == 0, f"a trap: {errors.splitlines()[-1:]}"
        for line in output.splitlines():
            name, taken, accepted = line.split()
            before = totals.get(name, (0, 0))
            totals[name] = before[0] + int(taken), before[1] + int(accepted)
    # Of the frames.
    errors = totals.pop("icmp")
    assert errors[1] > errors[0] / 20
    assert sum(taken for taken, _ in totals.values()) == 2 * INPUTS
    with capsys.disabled():
        print("\n" + "\n".join(f"{name:14}{taken:>9} inputs, {accepted:>8} accepted" for name, (taken, accepted) in totals.items()))
    for name, (taken, accepted) in totals.items():
        assert taken > 50_000 and accepted > taken / 20, name

"""Real netem switched on and off under a monitor: onset and recovery, when, how much, and where."""
import lab
import netem_kernel
import pytest


@pytest.fixture(scope="module")
def rows():
    return {row["name"]: row for row in netem_kernel.rows("monitors")}


def changes(row, within=0.5):
    found = [entry for entry in row["entries"] if entry["kind"] in ("onset", "recovery") and lab.instant(entry["at"]) > row["began"] - 1]
    # Changes of something else may be beside those that are looked for: a loss takes answers, too.
    onset = next(entry for entry in found if entry["kind"] == "onset")
    recovery = next(entry for entry in found if entry.get("onset_at") == onset["at"])
    assert row["open"] == [], row
    # A probe leaves every 50 ms.
    assert abs(lab.instant(onset["at"]) - row["began"]) < within and abs(lab.instant(recovery["at"]) - row["ended"]) < within, row
    return onset, recovery


@pytest.mark.parametrize("place, segment", [("own egress", "egress"), ("the peer", "network"), ("own ingress", "ingress")])
def test_a_delay_is_an_onset_within_a_second_and_in_its_own_segment(rows, place, segment):
    onset, recovery = changes(rows[f"delay 100ms at {place}"])
    # 1 s at 50 ms is 20 probes.
    assert onset["what"] == "rtt" and onset["where"] == segment and onset["probes"] <= 20, onset
    # Netem at the peer delays what it sends, and the target's clock tells.
    assert recovery.get("way") == ("back" if segment == "network" else None), recovery
    assert abs(onset["change_ms"] - 100) < 5 and abs(recovery["change_ms"] - 100) < 1, (onset, recovery)


def test_a_loss_is_an_onset_of_loss(rows):
    # The first that is lost may be the tenth probe, one in a hundred times, and the thirtieth once in two million.
    onset, recovery = changes(rows["loss 40% at the peer"], within=1.5)
    assert onset["what"] == "loss" and onset["where"] == "network" and 0.2 < recovery["change_ratio"] < 0.6


def test_a_jitter_is_a_change_of_the_spread(rows):
    onset, recovery = changes(rows["jitter at the peer"])
    # An even 20 ms about 20 is a change of the level as well, and the first six probes of it may lie close together. What it
    # was is known when it is gone.
    assert onset["what"] in ("spread", "rtt") and onset["where"] == "network", onset
    assert recovery["what"] == "spread" and 24 < recovery["change_ms"] < 40, recovery

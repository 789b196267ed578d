"""identify: twenty lines of real netem, each named with its side and its numbers."""
import json

import jsonschema
import lab
import netem_kernel
import pytest

SCHEMA = json.loads((lab.HERE / "golden/identify.schema.json").read_text())
SEGMENT = {"egress": "egress", "forward": "network", "back": "network"}
# Of each number the room that clocks, and packets that are damaged where nobody looks, take: of its size, and beside it.
ROOM = {"delay": (0.01, 0.5), "jitter": (0.1, 0.3), "corrupt": (0.2, 0.02), "reorder": (0.1, 0.02), "rate": (0.05, 0)}


def estimate(parameter):
    return next(parameter[key] for key in ("estimate_ms", "estimate_ratio", "estimate_bps") if key in parameter)


def interval(parameter):
    return next((parameter[key] for key in ("interval_ms", "interval_ratio", "interval_bps") if key in parameter), None)


def holds(parameter, truth):
    share, beside = ROOM.get(parameter["name"], (0, 0))
    lower, upper = interval(parameter) or (estimate(parameter), estimate(parameter))
    room = truth * share + beside
    return lower - room <= truth <= upper + room


@pytest.fixture(scope="module")
def rows(pytestconfig):
    found = netem_kernel.rows("identify")
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{'netem':44} {'side':8} identified")
        for row in found:
            lines = "; ".join(f"{line['line']} ({line.get('side', '')})" for line in row["report"]["lines"][:2])
            print(f"{row['line']:44} {row['side']:8} {lines or row['report']['reason']}")
    return found


def test_twenty_lines_that_a_seed_drew_are_identified_with_their_side_and_numbers(rows):
    assert len(rows) == 20
    wrong = []
    for row in rows:
        jsonschema.validate(row["report"], SCHEMA)
        lines = row["report"]["lines"]
        numbers = row["numbers"]
        # Where two shapes are alike the right one is among those that are named.
        right = [line for line in lines if {one["name"] for one in line["parameters"]} - {"reorder"} == set(numbers) - {"reorder"}
                 and all(holds(one, numbers[one["name"]]) for one in line["parameters"])]
        # The way of a delay is not told by the probes of one run; what was copied has no place.
        wanted = {row["side"]} if set(numbers) & {"loss", "loss_p", "rate"} else {row["side"], SEGMENT[row["side"]], None}
        if row["status"] != 0 or not right or right[0].get("side") not in wanted:
            wrong.append((row["line"], row["side"], row["report"]["reason"], lines[:1]))
    assert len(wrong) <= 1, wrong


def test_tc_takes_the_words_of_each_line(rows):
    assert [row["refused"] for row in rows] == [[]] * len(rows)

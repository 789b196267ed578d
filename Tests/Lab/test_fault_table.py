"""The fault table names every row once, and tests that there are."""
import pathlib
import re

import pytest
from lab import HERE, ROOT

pytestmark = pytest.mark.anyone
SIZES = {"I": 15, "N": 4, "W": 29, "K": 24, "P": 10, "H": 8, "T": 20, "S": 12}
ROWS = re.findall(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \|$", (HERE / "faults.md").read_text(), re.M)


def test_every_row_is_there_once():
    expected = [f"{letter}{number}" for letter, size in SIZES.items() for number in range(1, size + 1)]
    assert sorted(row[0] for row in ROWS) == sorted(expected)


@pytest.mark.parametrize("number, fault, where", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_names_tests_that_exist_or_says_why_there_is_none(number, fault, where):
    if where.startswith("untestable: "):
        assert len(where) > 30
        return
    swift = "\n".join(path.read_text() for path in pathlib.Path(ROOT / "Tests").rglob("*.swift"))
    for name in where.split(", "):
        if name.startswith("Swift: "):
            assert re.search(rf"\bfunc {name.removeprefix('Swift: ')}\(", swift), name
        else:
            file, test = name.split("::")
            assert re.search(rf"^def {test}\(", (HERE / file).read_text(), re.M), name

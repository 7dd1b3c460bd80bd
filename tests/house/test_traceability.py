"""Every row of the source document is covered, planned, or no behaviour for a reason."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.house.traceability import ROWS, Row, Wrong, collect, read_rows, render

TWO = [Row("S-001", "Water is wet", ""), Row("S-002", "A name", "a name")]


def test_there_are_169_rows_in_order() -> None:
    rows = read_rows(ROWS.read_text())
    assert [row.name for row in rows] == [f"S-{n:03d}" for n in range(1, 170)]


def test_the_table_is_current_and_cites_only_rows_that_exist() -> None:
    command = [sys.executable, "-m", "tests.house.traceability", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_row_is_covered_planned_or_no_behaviour() -> None:
    assert "| S-001 | Water is wet | planned |" in render(TWO, {})
    table = render(TWO, {"S-001": ["b.py::t", "a.py::t"]})
    assert "| S-001 | Water is wet | `a.py::t`<br>`b.py::t` |" in table
    assert "| S-002 | A name | not a behaviour: a name |" in table
    assert "2 rows: 1 covered, 0 planned, 1 not a behaviour." in table


@pytest.mark.parametrize(
    ("row", "why"), [("S-999", "is not a row"), ("S-002", "said to be no behaviour")]
)
def test_a_contradiction_between_rows_and_marks_is_refused(row: str, why: str) -> None:
    with pytest.raises(Wrong, match=why):
        render(TWO, {row: ["a.py::t"]})


@pytest.mark.parametrize(
    "text", ["S-001 one space", "S-001  text | not a behaviour: ", "S-001  a\nS-001  b", "S-1  a"]
)
def test_a_malformed_row_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        read_rows(text)


def test_marks_are_read_from_parametrized_and_slow_tests_alike(tmp_path: Path) -> None:
    (tmp_path / "test_marked.py").write_text(
        "import pytest\n"
        "pytestmark = pytest.mark.seed('S-003')\n"
        "one = pytest.param(1, marks=pytest.mark.seed('S-001', 'S-002'))\n"
        "@pytest.mark.slow\n"
        "@pytest.mark.parametrize('x', [one])\n"
        "def test_one(x): pass\n"
    )
    command = (
        "import sys; from tests.house.traceability import collect; print(collect(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(f"'{row}': " in done.stdout for row in ("S-001", "S-002", "S-003"))
    assert done.stdout.count("::test_one") == 3


def test_a_suite_that_cannot_be_collected_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(Wrong, match="nothing_of_this_name"):
        collect(str(tmp_path))

"""What notices each mutant of the model: `python -m tests.house.mutants` writes it (`make
mutants`), asking only for what changed, or with `--all` for everything: by which run a mutant is
caught depends on the random runs, too. A test checks that it is current, and asks some of it again.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from specs.catalogue import CCR, SMALL
from specs.mutation.assumptions import CONSTRAINT, assumed
from specs.mutation.outcomes import SHIPPED, Row, Texts, read, write
from specs.mutation.score import score

KEPT = Path(".ccr")
"""What was judged is kept here too, if it is interrupted."""


def told(label: str, done: int, of: int) -> None:
    """A line per rule."""
    print(f"{done} of {of}: {label}", file=sys.stderr)


if __name__ == "__main__":
    shelves = {"folder": None, "shipped": None} if "--all" in sys.argv else {"folder": KEPT}
    jobs = os.cpu_count() or 1
    found = score(CCR, SMALL, list(CCR.rules), jobs=jobs, on_rule=told, **shelves)
    rows: dict[str, list[Row]] = {}
    for one in found.told:
        rows.setdefault(one.mutant.original.name, []).append(one.row)
    kept = assumed(CCR, SMALL, {}, [read(SHIPPED)])
    weaker = [(said.label, row) for said, row in kept if said.kind == CONSTRAINT]
    write(SHIPPED, Texts(CCR), rows, weaker)
    print(found.counts(), found.hows())

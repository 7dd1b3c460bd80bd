"""What notices each mutant of the model: `python -m tests.house.mutants` writes it (`make
mutants`), asking only for what changed; a test checks that it is current, and asks some of it
again.
"""

from __future__ import annotations

import os
import sys

from specs.catalogue import CCR, SMALL
from specs.mutation.outcomes import SHIPPED, Texts, write
from specs.mutation.score import score

if __name__ == "__main__":
    texts = Texts(CCR)
    found = score(
        CCR, SMALL, list(CCR.rules), jobs=os.cpu_count() or 1,
        on_rule=lambda label, done, of: print(f"{done} of {of}: {label}", file=sys.stderr),
    )  # fmt: skip
    rows: dict[str, list] = {}
    for told in found.told:
        rows.setdefault(told.mutant.original.name, []).append(told.row)
    write(SHIPPED, texts, rows)
    print(found.counts(), found.hows())

"""The generated references that ship with the packages. `python -m tests.house.references` writes
them (`make docs`); a test checks that each is current.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import specs.catalogue
from cli.frame.reference import reference
from models.ccr.model import CCR
from models.language.document import properties_markdown, rules_markdown
from models.language.show import show
from specs.catalogue.responses import RESPONSES
from specs.mutation.outcomes import Row, carried, every_guard
from specs.simulation.response import BOUND
from tests.house.sources import ROOT

SHOWN = 6
"""How many of the guards that carry a property are named."""


def evidence() -> dict[str, str]:
    """Which guards carry each property: those without which a mutant was seen to break it."""
    found = {}
    for number, guards in carried(specs.catalogue.CCR).items():
        more = f"; and {len(guards) - SHOWN} more" if len(guards) > SHOWN else ""
        found[number] = f"broken without: {'; '.join(guards[:SHOWN])}{more}"
    return found


def _use(row: Row | None) -> str:
    """What a guard is for, in words."""
    if row is None:
        return "not asked since the rule was changed"
    if row.outcome == "redundant":
        return f"redundant, a reason to be told: implied by {', '.join(row.implied_by)}"
    if row.outcome == "caught":
        return f"needed: without it {', '.join(row.by[:SHOWN])} would break"
    if row.outcome == "noticed":
        return f"needed: without it the story of {', '.join(row.by)} goes another way"
    if row.outcome == "invalid":
        return f"needed: without it {', '.join(row.implied_by)}"
    return "nothing notices that it is left out"


def uses() -> str:
    """The section of PROPERTIES.md that says of each guard what it is for."""
    lines = ["", "## What each guard is for", ""]
    lines += [
        "`(...)` is a generic obligation, asked of every rule; see `ccr verify --mutants`.",
        "",
    ]
    label = ""
    for rule, guard, row in every_guard(specs.catalogue.CCR):
        if rule != label:
            label = rule
            lines += ["", f"{rule}:", ""]
        lines.append(f"- {guard}: {_use(row)}")
    return "\n".join(lines) + "\n"


def in_time() -> str:
    """The section of PROPERTIES.md on what comes about in time: proved, or tried only."""
    lines = ["", "## What comes about in time", "", BOUND]
    for r in RESPONSES:
        lines += ["", f"### {r.label}", "", r.sentence, "", f"*Within:* `{show(r.within)}`."]
        how = f"Proved by {', '.join(r.proved)}" if r.proved else "Tried, not proved"
        lines += ["", f"*{how}:* {r.why}"] if r.why else []
        lines += ["", f"*Source:* {r.source}. `ccr verify --liveness {r.number}`"]
    return "\n".join(lines) + "\n"


def _properties() -> str:
    return properties_markdown(specs.catalogue.CCR, evidence()) + in_time() + uses()


REFERENCES: dict[str, Callable[[], str]] = {
    "models/RULES.md": lambda: rules_markdown(CCR),
    "specs/PROPERTIES.md": lambda: _properties(),
    "cli/REFERENCE.md": reference,
}


def current(name: str) -> bool:
    """Whether the file says what the code says."""
    path: Path = ROOT / name
    return path.is_file() and path.read_text(encoding="utf-8") == REFERENCES[name]()


if __name__ == "__main__":
    for name, write in REFERENCES.items():
        (ROOT / name).write_text(write(), encoding="utf-8")

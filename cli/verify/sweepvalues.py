"""The values of a sweep: as they are typed, and as they are shown.

A parameter that is a time is given in seconds unless a unit is written (ms, s, m, h, d), as people
write timers; any other is a plain number. Imports no prover.
"""

from __future__ import annotations

import re

from cli.frame.errors import BadSweep
from cli.frame.output import duration
from cli.session.subject import subject
from cli.verify.pinning import unknown_name
from models.language.settings import counted
from specs.verdict import HOLDS, UNKNOWN, VIOLATED

UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MOST = 200
_SWEEP = re.compile(r"(\w+)=([\d.]+)(\w*)\.\.([\d.]+?)(ms|s|m|h|d)?(?:/([\d.]+)(\w*))?")
MARKS = {HOLDS: "o", VIOLATED: "x", UNKNOWN: "?"}
COLOURS = {HOLDS: "#2e7d32", VIOLATED: "#c62828", UNKNOWN: "#f9a825"}


def values_of(text: str) -> tuple[str, list[int]]:
    """`head_start=0..12` as the parameter and its values (ms for a time), every unit or every
    `/STEP`. Raises `BadSweep`.
    """
    found = _SWEEP.fullmatch(text)
    hint = "Write head_start=0..12, or with a unit and a step head_start=7s..9s/500ms"
    if found is None:
        raise BadSweep(f"{text!r} is not PARAMETER=FROM..TO", hint)
    name, first, first_unit, last, last_unit, step, step_unit = found.groups()
    model = subject().model
    if name not in model.schema.parameters and counted(model, name) is None:
        raise unknown_name(name, BadSweep)
    unit = last_unit or first_unit or ("s" if is_time(name) else "")
    low, high = _number(first, first_unit or unit), _number(last, unit)
    every = _number(step, step_unit or unit) if step else UNITS.get(unit, 1)
    if low is None or high is None or not every or high < low:
        raise BadSweep(f"{text!r} has no values", hint)
    values = list(range(low, high + 1, every))
    if len(values) > MOST:
        raise BadSweep(f"{text!r} has {len(values)} values; at most {MOST}", "Write a wider step")
    return name, values


def is_time(name: str) -> bool:
    """Whether a parameter is a length of time: its description begins with its unit."""
    _, about = subject().model.schema.parameters.get(name, (0, ""))
    return about.startswith("ms ")


def _number(text: str, unit: str) -> int | None:
    try:
        return round(float(text) * UNITS[unit]) if unit else int(text)
    except (ValueError, KeyError):
        return None


def said(name: str, value: int) -> str:
    """A value as people say it."""
    return duration(value) if is_time(name) else str(value)

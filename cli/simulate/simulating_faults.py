"""What `ccr simulate --liveness` does: random faults, repair, and whether service returns in time.

Imports no z3.
"""

from __future__ import annotations

import click

from cli.explain.runwords import run_lines
from cli.frame.errors import UnknownProperty
from cli.frame.output import answer, document, duration, faint, strong
from cli.session.subject import subject
from cli.simulate.simulating import Asked, parameters
from models.language.model import Instance
from specs.catalogue.responses import RESPONSES
from specs.report import run_as_json
from specs.simulation.random_faults import Tried, try_faults


def run_faults(asked: Asked, as_json: bool) -> None:
    """`ccr simulate --liveness`. Raises `UnknownProperty` or `BadConfig`."""
    known = {n: r for r in RESPONSES for n in (r.number, r.name)}
    for name in asked.names:
        if name not in known:
            raise UnknownProperty(
                f"there is no response {name}", f"There are {', '.join(r.label for r in RESPONSES)}"
            )
    chosen = subject()
    instance = Instance(
        chosen.instance.members, parameters(chosen.model, chosen.instance, asked.changed)
    )
    wanted = {known[n].number for n in asked.names} or {r.number for r in RESPONSES}
    found = [
        try_faults(
            chosen.model, instance, r, seed=asked.seed, faults=asked.faults or 6,
            first=asked.first, runs=asked.runs,
        )
        for r in RESPONSES
        if r.number in wanted
    ]  # fmt: skip
    if as_json:
        document("simulation.liveness", {"responses": [_body(asked, t) for t in found]})
    else:
        for tried in found:
            _show(asked, tried)
    if any(t.run is not None for t in found):
        raise click.exceptions.Exit(1)


def _show(asked: Asked, t: Tried) -> None:
    if t.run is None:
        answer(f"{t.response.label}: {t.runs} runs of random faults, {t.events:,} events: in time")
        if t.slowest is not None:
            after = "; ".join(t.slowest.after)
            answer(faint(f"  slowest {duration(t.slowest.ms)} after the last repair: {after}"))
        answer(faint("  this proves nothing of other runs"))
        return
    answer(strong(f"{t.response.label} is broken by run {t.number} of seed {asked.seed}: {t.late}"))
    for line in run_lines(subject().model, t.run):
        answer(line)


def _body(asked: Asked, t: Tried) -> dict[str, object]:
    return {
        "number": t.response.number,
        "verdict": "nothing found" if t.run is None else "violated",
        "seed": asked.seed,
        "runs": t.runs,
        "events": t.events,
        "slowest_ms": t.slowest.ms if t.slowest else None,
        "first_broken": t.number,
        "late": t.late,
        "run": None if t.run is None else run_as_json(t.run),
    }

"""What `ccr simulate` does: choose model and properties, play, and tell what came of it.

Imports no z3.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from ccr_es.errors import BadConfig
from cli.explain.runwords import run_lines
from cli.explain.wording import wrapped
from cli.frame.base import settings
from cli.frame.errors import OtherModel, UnknownProperty
from cli.frame.output import answer, document, faint, say, strong
from cli.frame.pairs import pairs_of_numbers
from cli.session.subject import subject
from cli.verify.runforms import check_forms, write_runs
from models.language.canonical import fingerprint
from models.language.model import ALWAYS, STEP, Instance, Model, Property
from specs.report import run_as_json
from specs.simulation.fleet import Simulated, simulate
from specs.simulation.simulation import Settings


@dataclass(frozen=True)
class Asked:
    """What the options say."""

    names: Sequence[str]
    seed: int
    runs: int
    first: int
    steps: int
    faults: int | None
    stories: bool
    jobs: int | None
    changed: Sequence[str]
    fingerprint: str | None

    def again(self, stamp: str, number: int) -> str:
        """The command that plays one run again, exactly."""
        words = ["ccr", "simulate", *self.names, "--seed", str(self.seed), "--first", str(number)]
        words += ["--runs", "1", "--steps", str(self.steps)]
        words += [] if self.faults is None else ["--faults", str(self.faults)]
        words += [] if self.stories else ["--from-start"]
        words += [w for pair in self.changed for w in ("--set", pair)]
        model = settings().model
        words += [] if model is None else ["--model", str(model)]
        return shlex.join([*words, "--fingerprint", stamp[:12]])


def run_simulation(asked: Asked, uncovered: bool, as_json: bool) -> None:
    """`ccr simulate`. Raises `OtherModel`, `UnknownProperty` or `BadConfig`."""
    chosen = subject()
    stamp = fingerprint(chosen.model)
    if asked.fingerprint is not None and not stamp.startswith(asked.fingerprint.lower()):
        raise OtherModel(
            f"the rules of {chosen.model.name} have the fingerprint {stamp[:12]},"
            f" not {asked.fingerprint[:12]}",
            "See `ccr explain CCR212`",
        )
    instance = Instance(
        chosen.instance.members, parameters(chosen.model, chosen.instance, asked.changed)
    )
    check_forms()
    how = Settings(asked.seed, asked.steps, asked.faults, asked.stories)
    found = simulate(
        chosen.model, instance, properties(chosen.model, asked.names), how,
        first=asked.first, runs=asked.runs, jobs=asked.jobs or os.cpu_count() or 1,
    )  # fmt: skip
    if found.run is not None:
        write_runs({found.broken[0].number: found.run})
    if as_json:
        document("simulation", _body(asked, found, stamp))
    else:
        _show(asked, found, stamp, uncovered)
    if found.run is not None:
        raise click.exceptions.Exit(1)


def properties(model: Model, names: Sequence[str]) -> list[Property]:
    """The named promises, or all of them. Raises `UnknownProperty`."""
    every = [p for p in model.properties if p.kind in (ALWAYS, STEP)]
    for name in names:
        if not any(name in (p.number, p.name) for p in every):
            raise UnknownProperty(
                f"there is no promise {name} about states or steps", "See `ccr verify --list`"
            )
    return [p for p in every if not names or p.number in names or p.name in names]


def parameters(model: Model, instance: Instance, pairs: Sequence[str]) -> dict[str, int]:
    """Those of the instance with these changes. Raises `BadConfig` or `BadPair`."""
    changed = pairs_of_numbers(pairs)
    for name in changed:
        if name not in model.schema.parameters:
            known = ", ".join(model.schema.parameters)
            raise BadConfig(f"there is no parameter {name}", f"There are {known}")
    return {**instance.parameters, **changed}


def _show(asked: Asked, found: Simulated, stamp: str, uncovered: bool) -> None:
    if found.run is not None and found.number is not None:
        names = " and ".join(p.label for p in found.broken)
        head = f"run {found.number} of seed {asked.seed} breaks {names} at its step {found.played}"
        answer(strong(f"{head}; made smaller, {len(found.run)} steps:"))
        for line in run_lines(subject().model, found.run):
            answer(line)
        answer(f"again     {asked.again(stamp, found.number)}")
    else:
        runs = "1 run" if found.runs == 1 else f"{found.runs:,} runs"
        answer(f"{runs}, {found.events:,} events: none broke {_what(asked)}")
        answer(faint("          this proves nothing of other runs: `ccr verify` does"))
        _covered(found, uncovered)
    rate = found.events / max(found.seconds, 0.001)
    if sys.stderr.isatty():
        say(faint(f"speed     {found.seconds:.1f} s, {rate:,.0f} events a second"))


def _covered(found: Simulated, uncovered: bool) -> None:
    """What was seen: of all runs, so that it is the same for any number of workers."""
    rules = found.coverage.rules
    silent = [name for name, count in rules.items() if not count]
    pairs = f"{found.coverage.pairs:,} pairs of a rule and a control state"
    answer(f"coverage  {len(rules) - len(silent)} of {len(rules)} rules fired, {pairs}")
    if uncovered:
        for line in wrapped(", ".join(silent) or "every rule fired", "          "):
            answer(line)


def _what(asked: Asked) -> str:
    return " or ".join(asked.names) or "a promise"


def _body(asked: Asked, found: Simulated, stamp: str) -> dict[str, object]:
    rules = found.coverage.rules
    return {
        "model": subject().model.name,
        "fingerprint": stamp,
        "verdict": "nothing found" if found.run is None else "violated",
        "seed": asked.seed,
        "runs": found.runs,
        "events": found.events,
        "seconds": round(found.seconds, 3),
        "broken": [p.number for p in found.broken],
        "number": found.number,
        "again": None if found.number is None else asked.again(stamp, found.number),
        "run": None if found.run is None else run_as_json(found.run),
        "coverage": {"rules": rules, "pairs": found.coverage.pairs},
    }

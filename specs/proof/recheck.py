"""A second opinion: the scripts of a certificate, answered by another solver.

What is confirmed must be `unsat` again, from a script that is byte for byte what was written. What
is not leaves its property unknown, and every property that leans on it: two solvers that contradict
each other prove nothing. Frames are checked again on the terms, without a solver.

Runs the solver as a process. Imports no z3.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from models.language.model import Instance, Model

from ..report import Opinion, Report
from ..verdict import BY_INDUCTION, BY_K, BY_SPACER, HOLDS, Obligation
from .certificate import EXPECTED, Listed, read
from .frames import wrong_frames
from .refuting import with_refuted
from .settling import distrusted

ANSWERS = ("sat", "unsat", "unknown")
SECONDS = 120.0
"""How long a solver may think about one script."""
CERTIFIED = ("init", BY_INDUCTION, BY_K, BY_SPACER)


@dataclass(frozen=True)
class Solver:
    """A program that reads SMT-LIB: what to run, and what it says it is."""

    command: tuple[str, ...]
    version: str

    @staticmethod
    def at(path: str) -> Solver:
        """The solver at a path. Raises `OSError` if it cannot be run."""
        options = ("--incremental",) if "cvc" in Path(path).name else ()
        said = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=False, timeout=SECONDS
        ).stdout
        found = re.search(r"\d+\.\d+[\w.]*", said)
        name = Path(path).name
        return Solver((path, *options), f"{name} {found[0]}" if found else name)

    def run(self, path: Path, seconds: float) -> str:
        """What it prints about a script; what it had printed when its time was up."""
        try:
            found = subprocess.run(
                [*self.command, str(path)], capture_output=True, check=False, timeout=seconds
            )
            return found.stdout.decode(errors="replace")
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b"").decode(errors="replace")


def answers(script: Listed, said: str) -> dict[str, str]:
    """The answer for each property of a script, from what a solver printed; none if there is none.

    A property is printed before its answer; whatever else is printed is no answer.
    """
    wanted = {c.number for c in script.claims}
    found: dict[str, str] = {}
    current = ""
    for line in said.splitlines():
        word = line.strip().strip('"')
        if word in wanted:
            current = word
        elif word in ANSWERS and current:
            found[current] = word
            current = ""
    return found


def recheck(
    report: Report, folder: Path, model: Model, instance: Instance, solver: Solver,
    jobs: int = 1, seconds: float = SECONDS, on_script: Callable[[Listed], None] = lambda _: None,
) -> Report:  # fmt: skip
    """`report` with the opinion of another solver on the certificate in `folder`.

    Raises `Damaged` if there is no certificate to read.
    """
    manifest, scripts = read(folder)
    model = with_refuted(model, report)
    opinion = Opinion(solver.version, same=solver.version.split()[-1] == manifest["z3"])
    confirmed: set[tuple[str, str]] = set()
    for script, found in _asked(scripts, solver, jobs, seconds):
        on_script(script)
        for claim in script.claims:
            answer = found.get(claim.number, "" if script.text is not None else None)
            place = (script.rule, claim.number)
            if answer == EXPECTED and place not in opinion.against:
                confirmed.add(place)
            elif place not in opinion.against:
                opinion.against[place] = _why(solver, answer)
    wanted = [o for o in report.obligations if o.verdict == HOLDS]
    for o in wanted:
        place = (o.rule, o.property)
        if o.method in CERTIFIED and place not in confirmed:
            opinion.against.setdefault(place, "the certificate does not have it")
    framed = [o for o in wanted if o.method == "frame"]
    opinion.against.update(wrong_frames(model, instance, framed))
    opinion.against.update(_still(model, framed, confirmed))
    opinion.confirmed, opinion.frames = len(confirmed - set(opinion.against)), len(framed)
    return replace(distrusted(report, opinion.against), opinion=opinion)


def _asked(
    scripts: Sequence[Listed], solver: Solver, jobs: int, seconds: float
) -> Iterator[tuple[Listed, dict[str, str]]]:
    def ask(script: Listed) -> dict[str, str]:
        return answers(script, solver.run(script.path, seconds)) if script.text is not None else {}

    with ThreadPoolExecutor(min(jobs, os.cpu_count() or 1)) as pool:
        yield from zip(scripts, pool.map(ask, scripts), strict=True)


def _why(solver: Solver, answer: str | None) -> str:
    if answer is None:
        return "the script is not what was written"
    if not answer:
        return f"{solver.version} gives no answer"
    return f"z3 says unsat, {solver.version} says {answer}"


def _still(
    model: Model, framed: Sequence[Obligation], confirmed: set[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Step properties whose frames need that a step that changes nothing has them."""
    steps = {p.number for p in model.properties if p.kind == "step"}
    kept = {number for rule, number in confirmed if rule == "(no change)"}
    return {
        (o.rule, o.property): "not confirmed for a step that changes nothing"
        for o in framed
        if o.property in steps - kept
    }

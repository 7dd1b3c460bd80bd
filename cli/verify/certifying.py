"""`ccr verify --recheck`: the certificate of a proof, answered by another solver; `--emit`: its
obligations as a work queue for many.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ccr_es.errors import FileUnreadable
from cli.frame.errors import CertificateUnreadable, QueueInTheWay, SolverMissing
from cli.frame.output import answer
from cli.session.subject import subject
from models.language.model import SOMETIMES, Property
from specs.verdict import BY_K, LADDER

if TYPE_CHECKING:
    from specs.options import Options
    from specs.report import Report

SOLVERS = ("cvc5", "z3")
"""In the order in which they are looked for: the proof was by z3."""
COMMANDS = {"cvc5": "cvc5 --incremental", "z3": "z3"}
"""How a script of a queue is answered; an answer says itself by whom."""

MOST = 10
"""Of what is not confirmed, so many are shown."""


def rechecked(report: Report, solver: str | None, jobs: int) -> Report:
    """`report` with the second opinion. Raises `SolverMissing` or `CertificateUnreadable`."""
    from specs.proof.certificate import Damaged
    from specs.proof.recheck import Solver, recheck

    path = _path(solver)
    try:
        found = Solver.at(path)
    except OSError as error:
        raise SolverMissing(
            f"{path}: {error.strerror}", "Name a program that reads SMT-LIB"
        ) from None
    if report.place is None:
        raise CertificateUnreadable("the certificate could not be written", "Write to .ccr")
    try:
        return recheck(report, report.place, subject().model, subject().instance, found, jobs)
    except Damaged as error:
        raise CertificateUnreadable(str(error), f"Delete {report.place} and verify again") from None


def _path(solver: str | None) -> str:
    wanted = (solver,) if solver else SOLVERS
    for name in wanted:
        if os.sep in name:
            return name
        found = shutil.which(name)
        if found is not None:
            return found
    raise SolverMissing(f"there is no {' or '.join(wanted)} here", "Run: apt-get install cvc5")


def opinion_lines(report: Report) -> list[str]:
    """What came of the second opinion, and where the certificate is."""
    opinion = report.opinion
    assert opinion is not None
    assert report.place is not None
    same = ", which is what proved it: no second opinion" if opinion.same else ""
    lines = [
        f"{opinion.solver}{same}: {opinion.confirmed:,} obligations confirmed, and "
        f"{opinion.frames:,} that hold by their frames, from {shown_path(report.place)}"
    ]
    return lines + _against("not confirmed", opinion.against)


def _against(what: str, against: Mapping[tuple[str, str], str]) -> list[str]:
    """A line for each of the first that something speaks against, and how many more there are."""
    shown = list(against.items())
    lines = [f"{what}: {number} at {rule}: {why}" for (rule, number), why in shown[:MOST]]
    return [*lines, f"{what}: {len(shown) - MOST} more"] if len(shown) > MOST else lines


def merged_lines(report: Report) -> list[str]:
    """Who vouches for the answers to a work queue, and what is not answered."""
    found = report.merged
    assert found is not None
    by = f" ({' and '.join(sorted(found.solvers))})" if found.solvers else ""
    total = found.agreed + found.again + found.alone + found.missing + len(found.against)
    same = ", the same" if found.solvers == {found.here} else ""
    lines = [
        f"{total:,} questions: {found.agreed:,} agreed on by two solvers{by}, {found.again:,} "
        f"answered by one and again here (by {found.here}{same}), {found.alone:,} by one only, "
        f"{found.missing:,} missing"
    ]
    return lines + _against("contradicted", found.against)


def shown_path(path: Path) -> str:
    """A path as it is typed from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def emit(
    asked: Sequence[Property] | None,
    parameters: Mapping[str, int] | None,
    options: Options,
    folder: Path,
) -> None:
    """`ccr verify --emit`: write the work queue. Raises `QueueInTheWay`, and `BadRule` for a rung
    that stays here.
    """
    from specs.report import promised
    from specs.verify import Verifier

    if folder.exists() and any(folder.iterdir()):
        raise QueueInTheWay(f"{folder} is not empty", "Name a new folder")
    model = subject().model
    every = promised(model.properties) if asked is None else tuple(asked)
    verifier = Verifier(model, subject().instance, every, parameters, options)
    try:
        count = verifier.emit(folder)
    except OSError as error:
        raise FileUnreadable(f"{folder}: {error.strerror}", "Name a folder to write to") from None
    answer(f"{count} scripts in {folder / 'tasks'}. Have two solvers answer them, on any machines:")
    answer()
    for name, command in COMMANDS.items():
        answer(f"  cd {folder} && ls tasks | xargs -P 8 -I{{}} sh -c \\")
        answer(f"    '{command} tasks/{{}} > answers/{name}-{{}}.out'")
    answer()
    method = "" if options.method == LADDER else f" --method {options.method}"
    answer(f"Then: ccr verify --collect {folder}{method}, with the same properties and options")
    answer()
    answer(
        "What two solvers agree on counts; what one says is asked again here; what two contradict"
    )
    answer("each other on is unknown, as is what nobody answered")
    answer()
    if options.method == BY_K:
        answer("The scripts are k-induction, each property by itself")
        return
    possible = sum(p.kind == SOMETIMES for p in every)
    answer("The scripts are the induction. What it leaves open --collect searches for, as for")
    answer(f"runs that show what is possible ({possible})")

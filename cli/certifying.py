"""`ccr verify --recheck`: the certificate of a proof, answered by another solver."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors import CertificateUnreadable, SolverMissing
from cli.subject import subject

if TYPE_CHECKING:
    from specs.report import Report

SOLVERS = ("cvc5", "z3")
"""In the order in which they are looked for: the proof was by z3."""


def rechecked(report: Report, solver: str | None, jobs: int) -> Report:
    """`report` with the second opinion. Raises `SolverMissing` or `CertificateUnreadable`."""
    from specs.certificate import Damaged
    from specs.recheck import Solver, recheck

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
    shown = list(opinion.against.items())
    lines += [f"not confirmed: {number} at {rule}: {why}" for (rule, number), why in shown[:10]]
    if len(shown) > 10:
        lines.append(f"not confirmed: {len(shown) - 10} more")
    return lines


def shown_path(path: Path) -> str:
    """A path as it is typed from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)

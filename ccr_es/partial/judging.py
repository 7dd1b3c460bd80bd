"""The audit of one partial record, from its first line to its report. On top of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from models.language.model import Model

from ..errors import UnknownRule
from ..errors_audit import PartialMalformed, Undeclared
from ..record.following import Lines
from . import pausing
from .answering import Asked
from .declared import WIDTH_MAX, Declared, declared_in
from .engine import Audit
from .pausing import PausedPart
from .record import bring, lines, opened
from .report import PartialReport

Noted = Callable[[int, Callable[[], PausedPart]], None]
"""Told how many lines were taken since, and of what makes a note of how far it is."""


def audit_partial(
    name: str,
    raw: Iterable[bytes],
    model: Model,
    declared: Declared | None = None,
    asked: Sequence[Asked] = (),
    *,
    by_given: bool = False,
    width_max: int = WIDTH_MAX,
    begun: PausedPart | None = None,
    noted: Noted | None = None,
) -> PartialReport:
    """Judge a partial record; what is not declared here, the record must declare itself.

    It goes on where `begun` was put aside; `noted` is told now and then how far it is.

    Raises `Undeclared`, `PartialMalformed` for a line that cannot be used, `BadQuestion` for a
    question about no fact of the model, `UnknownRule` for a kind that it has not, `ProgressStale`.
    """
    followed = Lines(raw)
    stream = iter(raw) if begun is None and noted is None else followed
    record = opened(stream, model, by_given)
    by_itself = declared is None
    declared = declared or declared_in(record.attributes, width_max)
    if declared is None:
        raise undeclared(name)
    audit = Audit(name, record, declared, asked)
    audit.report.declared = declares(declared, by_itself)
    for question in audit.asked:
        question.check(audit.reader.layout)
    first = 2
    if begun is not None:
        followed.go_to(begun.place, name, partial(bring, record))
        pausing.go_on(audit, begun)
        first = begun.place.lines + 1
    if noted is not None:
        audit.between = lambda taken: noted(
            taken, lambda: pausing.paused(audit, followed.place(record.brought, but_last=True))
        )
    report = audit.run(lines(stream, record, declared.unknown, first=first))
    known_kinds(audit, by_itself)
    return report


def undeclared(name: str) -> Undeclared:
    """What to say of a record that declares nothing."""
    return Undeclared(
        f"{name} does not say which kinds of event it has completely",
        "Use --not-logged RULE,... or --complete EVENT,... (all: only fields are missing)",
    )


def known_kinds(audit: Audit, by_itself: bool) -> None:
    """Whether everything that was declared is a kind of event of some model of the record. Raises
    `PartialMalformed` or `UnknownRule`.
    """
    if not audit.strange:
        return
    names = ", ".join(sorted(audit.strange))
    if by_itself:
        raise PartialMalformed(f"line 1 declares {names}: no kind of event of the model"[:200])
    raise UnknownRule(f"the model has no rule or event {names}"[:200], "See `ccr explain`")


def declares(declared: Declared, by_itself: bool) -> str:
    """What is declared beside the rules that are not logged, in words."""
    said = ["by its first line"] if by_itself else []
    if declared.parties:
        said.append(f"everything of {', '.join(sorted(declared.parties))} is logged")
    if declared.unknown:
        said.append(f"not known: {', '.join(sorted(declared.unknown))}")
    return "; ".join(said)

"""The audit of a record that is in several parts: whose events each has, and in which order.

Parts whose lines have numbers are put together by them, which is the causal order. Where no line
has one, every order is tried that the rules, the clocks and each part's own order allow
(`weaving`). On top of this folder.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from models.language.model import Model

from ..errors_audit import PartialMalformed, PartsApart
from .answering import Asked
from .declared import WIDTH_MAX, Declared, declared_in
from .engine import Audit
from .judging import declares, known_kinds, undeclared
from .placing import ANY, Clocks
from .record import Beside, Record, Seen, lines, opened
from .report import PartialReport
from .weaving import Weaving

Stream = Iterator[Seen | Beside]


def audit_together(
    parts: Mapping[str, Iterable[bytes]],
    model: Model,
    declared: Declared | None = None,
    asked: Sequence[Asked] = (),
    *,
    by_given: bool = False,
    width_max: int = WIDTH_MAX,
    clocks: Clocks = ANY,
) -> PartialReport:
    """Judge the parts of one record, by their names; what is not declared here, the parts must
    declare themselves. `clocks` is assumed of parts without numbers.

    Raises what `audit_partial` raises, `PartsApart`, `PartsTooLong`, `PartsUntimed`.
    """
    raws = {name: iter(raw) for name, raw in parts.items()}
    heads = {name: opened(raw, model, by_given) for name, raw in raws.items()}
    record = _one(heads)
    name, by_itself = " + ".join(parts), declared is None
    declared = declared or _declared(heads, width_max)
    streams = {n: lines(raw, record, declared.unknown, n) for n, raw in raws.items()}
    numbered, streams = _numbered(streams)
    if numbered:
        audit = Audit(name, record, declared, asked)
        report = audit.run(_by_number(list(streams.values())))
    else:
        audit = weaving = Weaving(record, declared, asked, streams, clocks)
        report = weaving.woven()
    report.parts = tuple(parts)
    said = (declares(declared, by_itself), *(() if numbered else clocks.words()))
    report.declared = "; ".join(s for s in said if s)
    known_kinds(audit, by_itself)
    return report


def _one(heads: Mapping[str, Record]) -> Record:
    """The record that all of them are parts of."""
    (first, record), *others = heads.items()
    for name, other in others:
        if (other.created, other.fingerprint) != (record.created, record.fingerprint):
            raise PartsApart(
                f"{name} begins with another creation than {first}", "Judge them one by one"
            )
        record.models |= other.models
    return record


def _declared(heads: Mapping[str, Record], width_max: int) -> Declared:
    """What all parts together declare: what one of them may lack, another one may have only if it
    says that it has everything of that party.
    """
    told = []
    for name, head in heads.items():
        found = declared_in(head.attributes, width_max)
        if found is None:
            raise undeclared(name)
        told.append(found)
    first, *others = told
    for other in others:
        if (other.not_logged, other.complete) != (first.not_logged, first.complete):
            raise PartsApart(
                f"{' and '.join(heads)} declare other kinds of event as missing",
                "Declare the same in each, or use --not-logged or --complete",
            )
    return replace(
        first,
        parties=frozenset().union(*(d.parties for d in told)),
        unknown=frozenset().union(*(d.unknown for d in told)),
    )


def _numbered(streams: Mapping[str, Stream]) -> tuple[bool, dict[str, Stream]]:
    """Whether the first line of each part has a number; and the lines, as they were."""
    found, every = {}, True
    for name, stream in streams.items():
        first = next(stream, None)
        every = every and (first is None or first.number is not None)
        found[name] = _again(first, stream)
    return every, found


def _again(first: Seen | Beside | None, rest: Stream) -> Stream:
    if first is not None:
        yield first
        yield from rest


def _by_number(streams: Sequence[Stream]) -> Stream:
    """All lines by number; one that is in several parts comes once, if they agree."""
    last: Seen | Beside | None = None
    for _, _, seen in heapq.merge(*(_with_number(i, s) for i, s in enumerate(streams))):
        if last is not None and last.number == seen.number and _alike(last, seen):
            continue
        last = seen
        yield seen


def _with_number(index: int, stream: Stream) -> Iterator[tuple[int, int, Seen | Beside]]:
    for seen in stream:
        if seen.number is None:
            said = f"{seen.where} has no number, but those before it have"
            raise PartialMalformed(said, "Take the numbers out of all lines, or out of none")
        yield seen.number, index, seen


def _alike(one: Seen | Beside, other: Seen | Beside) -> bool:
    if isinstance(one, Seen) and isinstance(other, Seen):
        return one.rule is other.rule and one.args == other.args
    return isinstance(one, Beside) and isinstance(other, Beside)

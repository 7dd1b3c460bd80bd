"""What `ccr audit --partial` does: a record in which events or fields are missing, judged by what
is possible. Imports no z3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from ccr_es.errors import FileUnreadable, PointNotFound
from ccr_es.errors_audit import BadQuestion
from ccr_es.partial import (
    Asked,
    Clocks,
    Declared,
    PartialReport,
    audit_partial,
    audit_together,
)
from ccr_es.partial.answering import steps_of
from ccr_es.partial.frontier import Run
from ccr_es.partial.report import Trouble
from ccr_es.state.points import duration_ms
from cli.audit.logsources import first_line
from cli.audit.longpart import LongPart
from cli.audit.records import NOTHING, Assumed
from cli.session.subject import subject
from models.plain.layout import Value

SKEW_MAX, DRIFT_MAX = 1e9, 1e5
"""From here on an assumed skew (s) or drift (ppm) is no clock's."""


@dataclass(frozen=True)
class PartialWanted:
    """What the options say of a partial record."""

    not_logged: tuple[str, ...]
    complete: tuple[str, ...]
    width: int
    ask: tuple[str, ...]
    as_of: str | None
    today: bool
    assumed: Assumed = NOTHING
    resume: bool = False


def audit_records(paths: Sequence[Path], wanted: PartialWanted) -> list[PartialReport]:
    """The report on each record; files that are parts of one are judged as one."""
    assumed = wanted.assumed
    if assumed.mapping is not None or assumed.leads or assumed.least_skew:
        raise click.UsageError(
            "--mapping, --lead and --least-skew are for records of other systems, not for --partial"
        )
    groups: dict[object, list[Path]] = {}
    for path in paths:
        first = first_line(path)
        part = first is not None and first.part
        name = (first.cluster, first.created) if first is not None and part else path
        groups.setdefault(name, []).append(path)
    if assumed != NOTHING and all(len(found) == 1 for found in groups.values()):
        raise click.UsageError(
            "--skew-max and --drift are about several clocks: name all parts of the record"
        )
    return [
        audit_joined(found, wanted) if len(found) > 1 else audit_part(found[0], wanted)
        for found in groups.values()
    ]


def audit_joined(paths: Sequence[Path], wanted: PartialWanted) -> PartialReport:
    """The report on a record in several parts. Raises what `audit_together` raises,
    `FileUnreadable`.
    """
    if wanted.resume:
        raise click.UsageError(
            "--resume is for a partial record in one file: several are judged from their beginning"
        )
    if wanted.as_of is not None:
        raise click.UsageError("--as-of is for a record in one file: ask of several at their end")
    skew, drift = wanted.assumed.skew_max, wanted.assumed.drift or 0.0
    if not 0 <= (skew or 0) < SKEW_MAX or not 0 <= drift < DRIFT_MAX:
        raise click.UsageError("--skew-max is in seconds, --drift in parts per million: from 0 up")
    clocks = Clocks(None if skew is None else round(skew * 1000), drift)
    given = _declared(wanted) if wanted.complete or wanted.not_logged else None
    try:
        with ExitStack() as stack:
            return audit_together(
                {str(path): stack.enter_context(path.open("rb")) for path in paths},
                subject().model,
                given,
                [_asked(text, None, None) for text in wanted.ask],
                by_given=wanted.today or subject().path is not None,
                width_max=wanted.width,
                clocks=clocks,
            )
    except OSError as error:
        raise FileUnreadable(
            f"{error.filename}: {error.strerror}", "Name files that can be read"
        ) from None


def audit_part(path: Path, wanted: PartialWanted) -> PartialReport:
    """The report on one partial record. Raises `PartialMalformed`, `FileUnreadable`,
    `UnknownRule`, `BadQuestion`.
    """
    model = subject().model
    declared = None
    if wanted.complete or wanted.not_logged:
        declared = _declared(wanted)
    by_given = wanted.today or subject().path is not None
    try:
        line = _line_of(path, wanted.as_of) if wanted.as_of else None
        asked = [_asked(text, line, wanted.as_of) for text in wanted.ask]
        with path.open("rb") as file:
            judge = partial(
                audit_partial,
                *(str(path), file, model, declared, asked),
                by_given=by_given,
                width_max=wanted.width,
            )
            long = LongPart(path, _in_words(declared, asked, wanted, by_given), model)
            return long.report(
                lambda begun, noted: judge(begun=begun, noted=noted), resume=wanted.resume
            )
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file that can be read") from None


def _in_words(
    declared: Declared | None, asked: Sequence[Asked], wanted: PartialWanted, by_given: bool
) -> str:
    """Everything that was asked about a record."""
    names = (declared.not_logged, declared.complete) if declared else ()
    kinds = [None if kinds is None else sorted(kinds) for kinds in names]
    return repr((kinds, list(asked), wanted.width, by_given))


def _declared(wanted: PartialWanted) -> Declared:
    """What the options declare."""
    if wanted.complete and wanted.not_logged:
        raise click.UsageError("--not-logged and --complete: one follows from the other")
    names = (n.strip() for text in wanted.complete or wanted.not_logged for n in text.split(","))
    kinds = frozenset(name for name in names if name)
    if wanted.complete and wanted.complete != ("all",):
        return Declared(width_max=wanted.width, complete=kinds)
    return Declared(kinds if wanted.not_logged else frozenset(), wanted.width)


def _asked(text: str, line: int | None, point: str | None) -> Asked:
    key, equals, value = text.partition("=")
    if not equals:
        raise BadQuestion(f"{text!r} is not FIELD=VALUE", "Write node.A.cms=ONLINE")
    return Asked(key.strip(), _value(value.strip()), line, point or "the end")


def _value(text: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    if text == "nobody":
        return ""
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 17 else text


def _line_of(path: Path, point: str) -> int:
    """The line of a point: an event's number (else the line's), a time, or Event~n."""
    found: list[tuple[int, dict[str, Any], str]] = []
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            try:
                read = json.loads(text)
                found.append((number, dict(read["data"]), str(read["type"]).removeprefix("ccr:")))
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
    lines = [n for n, data, event in found if _at(point, n, data, event)]
    name, _, back = point.partition("~")
    if any(event == name for _, _, event in found):
        which = int(back) if back.isdecimal() and len(back) < 10 else 1
        lines = lines[: len(lines) - which + 1] if which else []
    if not lines:
        raise PointNotFound(f"{path} has nothing at {point}", "Write 42, 90s or NodeFailed~1")
    return lines[-1]


def _at(point: str, line: int, data: Mapping[str, Any], event: str) -> bool:
    if point.isdecimal():
        return bool(data.get("number", line) == int(point))
    if point[0].isdigit():
        return type(data.get("time")) is int and data["time"] <= duration_ms(point)
    return event == point.partition("~")[0]


def body_of_part(report: PartialReport) -> dict[str, Any]:
    """The `--json` form of the report."""
    return {
        "verdict": report.verdict,
        "said": report.said,
        "source": report.source,
        "cluster": report.cluster,
        "events": report.events,
        "judged_by": report.judged_by,
        "not_logged": list(report.unlogged),
        "declared": report.declared,
        "parts": list(report.parts),
        "clocks": {n: {"least_ms": a, "most_ms": b} for n, (a, b) in report.clocks.items()},
        "width": report.width,
        "findings": [_finding(t) for t in report.troubles],
        "not_exhausted": list(report.doubts),
        "to_log": report.to_log,
        "answers": [
            {
                "fact": a.key,
                "value": a.value,
                "as_of": a.where,
                "answer": a.answer,
                "values": list(a.values),
                "run": _steps(a.run),
            }
            for a in report.answers
        ],
        "unchecked": report.unchecked,
    }


def _finding(trouble: Trouble) -> dict[str, Any]:
    return {
        "line": trouble.line,
        "where": trouble.where,
        "kind": trouble.kind,
        "text": trouble.text,
        "certain": trouble.certain,
        "states": [dict(s) for s in trouble.states],
        "candidates": [
            {"rule": a.rule, "args": dict(a.args), "guard": a.guard, "facts": dict(a.facts)}
            for a in trouble.against
        ],
        "nearest": trouble.nearest,
        "run": _steps(trouble.run),
    }


def _steps(run: Run | None) -> Sequence[dict[str, Any]]:
    return [
        {
            "line": s.line,
            "part": s.of,
            "logged": s.logged,
            "rule": s.step.rule,
            "args": dict(s.step.args),
        }
        for s in steps_of(run)
    ]

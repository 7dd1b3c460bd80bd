"""What `ccr audit --partial` does: a record in which events or fields are missing, judged by what
is possible. Imports no z3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ccr_es.errors import FileUnreadable, PointNotFound
from ccr_es.errors_audit import BadQuestion
from ccr_es.partial import Answer, Asked, Declared, PartialReport, audit_partial
from ccr_es.partial.answering import steps_of
from ccr_es.partial.frontier import Run
from ccr_es.partial.report import Trouble
from ccr_es.state.points import duration_ms
from cli.explain.wording import wrapped
from cli.frame.output import answer, faint, tint
from cli.session.refusals import shown
from cli.session.subject import subject
from models.plain.layout import Value

SHOWN = 8
"""Lines of each kind that the text shows; `--json` has them all."""


FACTS_SHOWN = 6
TO_LOG_SHOWN = 12


@dataclass(frozen=True)
class PartialWanted:
    """What the options say of a partial record."""

    not_logged: tuple[str, ...]
    complete: tuple[str, ...]
    width: int
    ask: tuple[str, ...]
    as_of: str | None
    today: bool


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
            return audit_partial(
                str(path), file, model, declared, asked, by_given=by_given, width_max=wanted.width
            )
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file that can be read") from None


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


def show_part(report: PartialReport) -> None:
    """The report as people read it."""
    said = f"{tint(report.verdict)} ({report.said})"
    answer(f"{report.source}: {said}, {report.events} events, partly logged")
    stamps = ", ".join(stamp[:12] for stamp in report.judged_by)
    answer(faint(f"  by the rules of {stamps} and what is promised of them"))
    names = ", ".join(report.unlogged[:SHOWN]) or "nothing"
    more = len(report.unlogged) - SHOWN
    _say(f"may have happened unseen: {names}{f' and {more} more' if more > 0 else ''}")
    if report.declared:
        _say(f"declared {report.declared}")
    _say(f"at most {report.width} states were possible at once")
    for trouble in report.troubles:
        _trouble(trouble)
    for doubt in list(report.doubts)[:SHOWN]:
        _say(f"not exhausted: {doubt}")
    for found in report.answers:
        _answer(found)
    if report.to_log:
        more = len(report.to_log) - TO_LOG_SHOWN
        others = f" and {more} more; see --json" if more > 0 else ""
        _say(f"to know, log: {', '.join(report.to_log[:TO_LOG_SHOWN])}{others}")
    if report.unchecked:
        _say(f"not judged: {report.unchecked}")


def _say(text: str, indent: str = "  ") -> None:
    for line in wrapped(text, indent):
        answer(line)


def _trouble(trouble: Trouble) -> None:
    head = "" if trouble.certain else "as far as was looked: "
    _say(f"{head}{trouble.where}: {trouble.text}")
    for against in trouble.against:
        args = ", ".join(f"{n}={shown(v)}" for n, v in against.args.items())
        _say(f"as {against.rule}({args}): not so: {against.guard}", "    ")
        for key, value in list(against.facts.items())[:4]:
            answer(f"      {key} = {shown(value)}")
    if len(trouble.states) > 1:
        for state in trouble.states:
            facts = [f"{k}={shown(v)}" for k, v in state.items() if k[0] != "?"]
            left = f" and {len(facts) - FACTS_SHOWN} more" if len(facts) > FACTS_SHOWN else ""
            _say(f"still possible: {', '.join(facts[:FACTS_SHOWN])}{left}", "    ")
    if trouble.nearest:
        _say(f"nearest step that would have passed: {trouble.nearest}", "    ")
    _run(trouble.run)


def _answer(found: Answer) -> None:
    fact = f"{found.key} = {shown(found.value)} as of {found.where}"
    answer(f"  {fact}: {tint(found.answer)}")
    others = [shown(v) for v in found.values if v != found.value]
    if others:
        _say(f"it may have been {' or '.join(others)}", "    ")
    _run(found.run)


def _run(run: Run | None) -> None:
    steps = steps_of(run)
    for step in steps[-SHOWN:]:
        args = ", ".join(f"{n}={shown(v)}" for n, v in step.step.args.items())
        place = f"at line {step.line}" if step.logged else f"before line {step.line}"
        answer(f"    by {step.step.rule}({args}) {place}")


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
        {"line": s.line, "logged": s.logged, "rule": s.step.rule, "args": dict(s.step.args)}
        for s in steps_of(run)
    ]

"""A file in words: a run step by step, an event file by its head, a record by what it says of
itself. Sits below `explaining`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ccr_es.errors import FileUnreadable, LogTruncated
from ccr_es.observations import audit_observations, is_observations
from ccr_es.record.book import Book
from ccr_es.record.interchange import Reading, lines_of
from cli.cluster.injecting import read_run
from cli.explain.runwords import run_lines
from cli.explain.wording import wrapped
from cli.frame.output import strong
from cli.session.events import line
from cli.session.subject import subject
from cli.verify.runfile import is_run
from cli.verify.runforms import write_runs
from models.language.model import SOMETIMES, Property
from specs.catalogue import CCR
from specs.runs import Run, confirm
from specs.search.causes import Cause, borrowed, causes

Words = tuple[dict[str, Any], list[str]]
EVENTS_SHOWN = 10


def file_lines(path: Path, full: bool = False) -> Words:
    """The JSON body and the lines for a file. Raises `FileUnreadable` or what reading it raises."""
    try:
        if is_run(path):
            return _run(path, full)
        return _record(path) if is_observations(path) else _events(path)
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file that can be read") from None


def _run(path: Path, full: bool) -> Words:
    """What a run says of itself, and its steps."""
    run = read_run(path, subject().model)
    notes = {str(k): v for k, v in run.notes.items()}
    out = [strong(f"{path}: a run of {len(run)} steps")]
    out += [line for k, v in notes.items() for line in wrapped(f"{k}: {v}", "  ")]
    out += run_lines(subject().model, run)
    body: dict[str, Any] = {"format": "run", "steps": len(run), "notes": notes}
    number = notes.get("shows")
    if isinstance(number, str) and subject().model.numbered(number) is not None:
        write_runs({number: run})
        stopped = _stopped(run, number, full)
        out += ["", strong("what would have stopped it:"), *_cause_lines(stopped)]
        body["causes"] = [asdict(c) for c in stopped]
    out.append(f"take it in with: ccr log import {path}")
    return body, out


def _stopped(run: Run, number: str, full: bool) -> list[Cause]:
    """What would have stopped a run that breaks a promise; nothing for another run."""
    model = subject().model
    prop = model.numbered(number)
    if not isinstance(prop, Property) or prop.kind == SOMETIMES:
        return []
    if confirm(model, run, prop) is None:
        return []
    found = causes(model, run, prop, CCR)
    return [*found, *borrowed(model, run, prop)] if full else found


def _cause_lines(found: Sequence[Cause]) -> list[str]:
    """One line a cause; what to type where there is none."""
    out = []
    for c in found:
        head = f"step {c.step}, {c.rule}: guard '{c.guard}'" if c.rule else c.guard
        out += wrapped(f"{head}: {c.detail}", "  ")
    return out or wrapped("no parameter and no guard known here; --full tries other rules'", "  ")


def _events(path: Path) -> Words:
    """The first and the last events, and how many there are."""
    reading = Reading(Book())
    events = []
    with path.open("rb") as file:
        for found in lines_of(file):
            reading.take_models(found)
            events.append(reading.event(found).event)
    if not events:
        raise LogTruncated(f"{path}: there is no event in it")
    name = events[0].cluster
    out = [strong(f"{path}: {len(events)} events of cluster {name}")]
    out += [line(e, subject().model) for e in events[:EVENTS_SHOWN]]
    if len(events) > EVENTS_SHOWN:
        out.append(f"        and {len(events) - EVENTS_SHOWN} more")
    out += [f"judge it with: ccr audit {path}", f"take it in with: ccr log import {path}"]
    return {"format": "events", "cluster": name, "events": len(events)}, out


def _record(path: Path) -> Words:
    """Where a record of another system comes from."""
    report = audit_observations(path)
    record, count = report.record, len(report.observations)
    parties = ", ".join(report.parties)
    out = [strong(f"{path}: {count} observations of {record.system} by {parties}")]
    out += wrapped(record.source) + wrapped(record.about)
    out.append(f"judge it with: ccr audit {path}")
    body = {
        "format": "observations",
        "system": record.system,
        "source": record.source,
        "parties": list(report.parties),
        "observations": count,
    }
    return body, out

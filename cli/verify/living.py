"""What `ccr verify --liveness` does: try each response after every sequence of so many faults."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from cli.explain.runwords import run_lines
from cli.explain.wording import wrapped
from cli.frame.errors import UnknownProperty
from cli.frame.output import answer, document, faint, strong, tint
from cli.session.subject import subject
from cli.verify.runforms import check_forms, write_runs
from models.language.misuse import ModelError
from specs.catalogue.responses import RESPONSES
from specs.report import run_as_json
from specs.simulation.response import Answered, Response, respond
from specs.verdict import HOLDS, VIOLATED


def show_responses(names: Sequence[str], faults: int, as_json: bool) -> None:
    """`ccr verify --liveness`: exit 1 if a response is late, or does not last."""
    asked = [_named(name) for name in names] or list(RESPONSES)
    check_forms()
    found = [_tried(r, faults) for r in asked]
    broken = {a.response.number: a.run for a in found if a.run is not None}
    write_runs(broken)
    if as_json:
        verdict = VIOLATED if broken else HOLDS
        document("verify.liveness", {"verdict": verdict, "responses": [_body(a) for a in found]})
    else:
        for answered in found:
            _show(answered)
    if broken:
        raise click.exceptions.Exit(1)


def _named(name: str) -> Response:
    for response in RESPONSES:
        if name in (response.number, response.name):
            return response
    known = ", ".join(r.number for r in RESPONSES)
    raise UnknownProperty(f"there is no response {name}", f"There are {known}")


def _tried(response: Response, faults: int) -> Answered:
    def said(count: int) -> None:
        if sys.stderr.isatty() and count % 10 == 0:
            sys.stderr.write(f"\r{f'{response.label}: {count} situations'[:78]:<78}")

    try:
        found = respond(subject().model, subject().instance, response, faults, on_situation=said)
    except (ModelError, KeyError) as error:
        raise UnknownProperty(
            f"{response.label} is about the CCR model: {error}", "Try it on a variant of that"
        ) from None
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{'':<78}\r")
    return found


def _body(a: Answered) -> dict[str, object]:
    return {
        "number": a.response.number,
        "name": a.response.name,
        "verdict": HOLDS if a.run is None else VIOLATED,
        "faults": a.faults,
        "situations": a.situations,
        "within_ms": a.within,
        "slowest_ms": None if a.slowest is None else a.slowest.ms,
        "slowest_after": [] if a.slowest is None else list(a.slowest.after),
        "late": a.late,
        "run": None if a.run is None else run_as_json(a.run),
    }


def _show(a: Answered) -> None:
    verdict = HOLDS if a.run is None else VIOLATED
    what = f"after every sequence of up to {a.faults} faults" if a.run is None else a.late
    answer(f"{a.response.number}  {tint(verdict)}  {a.response.name}: {what}")
    for line in wrapped(a.response.sentence, "     "):
        answer(faint(line))
    bound = f"{a.situations} situations, each within {a.within / 1000:g} s; a bound, no proof"
    answer(f"     {bound}")
    if a.slowest is not None:
        after = " then ".join(a.slowest.after)
        answer(f"     slowest {a.slowest.ms / 1000:g} s, after {after}")
    if a.run is not None:
        answer(strong("     This run breaks it:"))
        for line in run_lines(subject().model, a.run):
            answer(line)

"""What `ccr explain` finds behind a word: a message, a rule, a property, or a file. Imports no
z3.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from ccr_es.partial.declared import declaration
from cli.audit.mappings import explain_mapping
from cli.explain.wording import property_lines, rule_lines, wrapped
from cli.frame.errors import NothingToExplain
from cli.frame.messages import Message, catalogue
from cli.frame.output import answer, document, strong
from cli.session.subject import subject
from models.language.model import Property
from models.language.rule import Rule
from models.language.show import show
from specs.catalogue.responses import RESPONSES
from specs.simulation.response import BOUND, Response

PARTIAL = "partial"
_EXITS = {1: "refused or violated", 2: "usage", 4: "unusable input"}


def explain_it(what: str, full: bool, as_json: bool) -> None:
    """Print what `what` is. Raises `NothingToExplain`."""
    if explain_mapping(what, as_json):
        return
    if what == PARTIAL:
        text = declaration()
        _tell("partial", {"text": text}, text.splitlines(), as_json)
        return
    message = catalogue().get(what.upper())
    found = subject().model.numbered(what)
    if message is not None:
        _tell("message", _message(message), _message_lines(message), as_json)
    elif isinstance(found, Rule):
        _tell("rule", _rule(found), rule_lines(found), as_json)
    elif isinstance(found, Property):
        _tell("property", _property(found), property_lines(subject().model, found, full), as_json)
    elif (response := _responses().get(what)) is not None:
        _tell("response", _response(response), _response_lines(response), as_json)
    elif Path(what).is_file():
        _file(Path(what), full, as_json)
    else:
        raise NothingToExplain(f"there is no rule, property, code or file {what}", _near(what))


def _tell(kind: str, body: dict[str, Any], lines: list[str], as_json: bool) -> None:
    if as_json:
        document(f"explain.{kind}", body)
        return
    for line in lines:
        answer(line)


def _near(what: str) -> str:
    model = subject().model
    known = [*model.rules, *(r.event for r in model.rules.values())]
    known += [p.name for p in model.properties]
    found = difflib.get_close_matches(what, known, 3)
    return f"Nearest: {', '.join(found)}" if found else "Try R101, P01 or CCR120"


def _message(message: Message) -> dict[str, Any]:
    return {
        "code": message.code,
        "exit_code": message.exit_code,
        "name": message.name,
        "about": message.about,
    }


def _message_lines(message: Message) -> list[str]:
    said = f"exit code {message.exit_code}, {_EXITS[message.exit_code]}"
    return [strong(f"{message.code} {message.name}") + f"  ({said})", *wrapped(message.about)]


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "number": f"R{rule.number:03d}",
        "name": rule.name,
        "event": rule.event,
        "trigger": rule.trigger,
        "actor": rule.actor.name,
        "phase": rule.phase,
        "source": rule.source,
        "title": rule.title,
        "why": rule.why,
        "arguments": {n: s.name for n, s in rule.params},
        "guards": {n: show(t) for n, t in rule.guards.items()},
        "effects": {show(f): show(v) for f, v in rule.effects},
    }


def _property(prop: Property) -> dict[str, Any]:
    return {
        "number": prop.number,
        "name": prop.name,
        "kind": prop.kind,
        "source": prop.source,
        "sentence": prop.sentence,
        "why": prop.why,
        "term": show(prop.term),
    }


def _responses() -> dict[str, Response]:
    """What is promised of the CCR model about time, by number and name."""
    return {name: r for r in RESPONSES for name in (r.number, r.name)}


def _response(response: Response) -> dict[str, Any]:
    return {
        "number": response.number,
        "name": response.name,
        "source": response.source,
        "sentence": response.sentence,
        "bound": BOUND,
        "why": response.why,
        "proved": list(response.proved),
        "goal": show(response.goal),
        "within": show(response.within),
    }


def _response_lines(response: Response) -> list[str]:
    """What comes about in time: how it is proved, or why it is not, and how far it was tried."""
    kind, tail = "bounded", f"  try     ccr verify --liveness {response.number}"
    out = [strong(response.label), *wrapped(response.sentence), ""]
    if response.proved:
        kind = "proved, for runs of any length"
        tail = f"  prove   ccr verify {response.number}\n{tail}"
        out += [*wrapped(f"Proved ({', '.join(response.proved)}). {response.why}"), ""]
    out += wrapped(BOUND)
    out += ["", *wrapped(response.why)] if response.why and not response.proved else []
    within = wrapped(f"within    {show(response.within)}", "  ")
    return [*out, "", f"  kind    response: {kind}", *within, f"  source  {response.source}", tail]


def _file(path: Path, full: bool, as_json: bool) -> None:
    """A run step by step, an event file by its head, a record by what it says of itself."""
    from cli.explain.filewords import file_lines

    body, lines = file_lines(path, full)
    _tell("file", body, lines, as_json)

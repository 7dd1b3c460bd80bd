"""What `ccr can` answers: the open commands and faults, or one rule with the reasons against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ccr_es.cluster.options import Option, enabled, options
from cli.frame.output import answer, document, table
from cli.frame.pairs import read_pairs
from cli.session import refusals
from cli.session.acting import next_lines
from cli.session.acts import ACTS, spelled
from cli.session.session import Session, reading
from models.language.misuse import BadRule
from models.language.rule import Rule
from models.plain.layout import Value
from models.plain.reader import Refusal, Step


def show_open(as_of: str | None, as_json: bool) -> None:
    """Every command and fault that may fire, as a person would type it."""
    with reading(as_of) as session:
        rules = session.reader.model.rules
        found = enabled(session.reader, session.state)
        number = session.fold.number
    if as_json:
        document("can", {"event": number, "enabled": [_as_json(rules[o.rule], o) for o in found]})
        return
    table(
        ("rule", "kind", "type this"),
        [(f"R{rules[o.rule].number:03d}", rules[o.rule].trigger, _spelled(o)) for o in found],
    )


def _as_json(rule: Rule, option: Option) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "number": rule.number,
        "event": rule.event,
        "trigger": rule.trigger,
        "args": option.args,
        "missing": list(option.missing),
        "command": _spelled(option),
    }


def _spelled(option: Option) -> str:
    """The command, with dots for what somebody must choose (`ccr workload` chooses by itself)."""
    line = spelled(Step(option.rule, option.args))
    return line if option.rule in ACTS else line + "".join(f" {n}=..." for n in option.missing)


def show_one(name: str, pairs: Sequence[str], as_of: str | None, as_json: bool) -> None:
    """One rule under every binding that `pairs` leave open. Exit 1 if it may fire under none."""
    with reading(as_of) as session:
        rule = session.cluster.rule(name)
        given = read_pairs(rule, pairs, session.reader.layout)
        judged = [_judged(session, rule, given, b) for b in _bindings(session, rule, given)]
    if as_json:
        document(
            "can.rule",
            {"rule": rule.label, "allowed": any(x["allowed"] for x in judged), "cases": judged},
        )
    else:
        for case in judged:
            _print(rule, case)
    if not any(x["allowed"] for x in judged):
        raise click.exceptions.Exit(1)


def _bindings(session: Session, rule: Rule, given: dict[str, Value]) -> list[dict[str, str]]:
    every = session.reader.layout.groundings(rule.keyed)
    return [b for b in every if all(given.get(n, v) == v for n, v in b.items())]


def _judged(
    session: Session, rule: Rule, given: dict[str, Value], binding: dict[str, str]
) -> dict[str, Any]:
    """Whether the rule may fire under this binding, and the reasons if not."""
    args = {**given, **binding}
    try:
        step = session.reader.complete(session.state, rule.name, args)
    except BadRule:
        return _partly(session, rule, args)
    refusal = session.reader.check(session.state, step)
    case: dict[str, Any] = {"args": step.args, "allowed": refusal is None, "command": spelled(step)}
    return case if refusal is None else {**case, **_reasons(session, refusal)}


def _partly(session: Session, rule: Rule, args: dict[str, Value]) -> dict[str, Any]:
    """A rule with an argument that somebody must choose: only the guards that do not read it are
    looked at.
    """
    found = options(session.reader, session.state, rule.name)
    option = next(o for o in found if all(args.get(n, v) == v for n, v in o.args.items()))
    missing = [n for n in option.missing if n not in args]
    chosen = Option(rule.name, args, None, tuple(missing))
    case = {"args": args, "allowed": option.refusal is None, "command": _spelled(chosen)}
    case["missing"] = missing
    return case if option.refusal is None else {**case, **_reasons(session, option.refusal)}


def _reasons(session: Session, refusal: Refusal) -> dict[str, Any]:
    found = refusals.reasons(session.reader, session.state, refusal, session.setter)
    return {
        "reasons": [
            {
                "guard": r.guard,
                "text": r.text,
                "facts": [
                    {"key": f.key, "value": f.value, "set_by": f.number or None} for f in r.facts
                ],
                "try": [spelled(s) for s in r.remedies],
            }
            for r in found
        ],
        "lines": [*refusals.lines(found, spelled), *next_lines(session, refusal, found)],
    }


def _print(rule: Rule, case: dict[str, Any]) -> None:
    args = ", ".join(f"{k}={refusals.shown(v)}" for k, v in case["args"].items())
    head = f"{rule.label}({args})"
    if case["allowed"]:
        answer(f"{head} may fire: {case['command']}")
        return
    answer(f"{head} may not fire")
    for line in case["lines"]:
        answer(line)

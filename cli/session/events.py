"""Recorded events as people read them: one line each, and a long run of the same kind folded into a
count.

Must not import the store: it is given events. Sits below the commands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ccr_es.record.events import DESCRIBED, OF_THE_CLUSTER, Event, Recorded
from cli.explain.wording import wrapped
from cli.frame.output import answer, clock, faint, strong
from models.language.model import Model
from models.plain.layout import Value

WIDTH = 79
"""Columns of a line; `ccr log show` and `--json` have what did not fit."""
FOLD_ABOVE = 3
"""More events of one kind than this, in one answer, are folded into a count."""


def line(event: Event[Any], model: Model) -> str:
    """`  12  +00:00:10.000  LockGranted        node.A      after 11`."""
    row = event.row if event.event not in OF_THE_CLUSTER else event.cluster
    head = f"{event.number:5}  {clock(event.time)}  {event.event:<23} {row:<11}"
    return f"{head} {because(event, model, WIDTH - len(head) - 1)}".rstrip()


def heading() -> str:
    """The columns of `line`."""
    return strong(f"{'EVENT':>5}  {'TIME':<13}  {'WHAT':<23} {'WHERE':<11} WHY")


def because(event: Event[Any], model: Model, room: int) -> str:
    """Why it happened: an operator's reason, or the event it follows from; its arguments if they
    fit.
    """
    if event.reason:
        said = f'"{event.reason}"'
        return said if len(said) <= room else f'{said[: room - 2]}…"'
    parts = [f"after {event.caused_by}"] if event.caused_by is not None else []
    for said in (arguments(event, model), arguments(event, model, newcomer=True)):
        whole = "; ".join([*parts, *filter(None, [said])])
        if len(whole) <= room:
            return whole
    return "; ".join(parts)


def arguments(event: Event[Any], model: Model, *, newcomer: bool = False) -> str:
    """The arguments that the row's name does not show already; or only the first that names a
    member of an open sort, which nothing else shows.
    """
    if event.event == DESCRIBED:
        return " ".join(f"{k}={v}" for k, v in event.args.facts.items())
    if event.event in OF_THE_CLUSTER:
        return ""
    rule = model.rules.get(event.rule)
    if rule is not None and rule.trigger == "time":
        return ""
    if not newcomer:
        return arguments_of(event.step.args, event.row)
    shown = _apart(event.step.args, event.row)
    opened = [n for n, s in rule.params if s.open and n in shown] if rule is not None else []
    return arguments_of({n: shown[n] for n in opened[:1]}, event.row)


def arguments_of(args: Mapping[str, Value], row: str) -> str:
    """Arguments that a row's name does not show already."""
    return " ".join(f"{k}={_value(v)}" for k, v in _apart(args, row).items())


def _apart(args: Mapping[str, Value], row: str) -> dict[str, Value]:
    keys = set(row.split(".")[1:])
    return {n: v for n, v in args.items() if v not in keys}


def _value(value: object) -> str:
    if value == "":
        return "nobody"
    return str(value).lower() if isinstance(value, bool) else str(value)


def folded(events: Sequence[Recorded], model: Model) -> tuple[list[Event[Any]], Counter[str]]:
    """The events worth a line each, and how many there are of each kind that is folded.

    Time passing and renewals are never worth a line in an answer; `ccr log list` shows them all.
    """
    routine = {r.event for r in model.rules.values() if r.trigger in ("time", "beat")}
    counted = Counter(r.event.event for r in events if r.event.event not in routine)
    often = Counter({e: n for e, n in counted.items() if n > FOLD_ABOVE})
    shown = [r.event for r in events if r.event.event not in {*routine, *often}]
    return shown, often


def tell(events: Sequence[Recorded], model: Model) -> None:
    """Print what happened: lines, and counts of what happened often."""
    shown, often = folded(events, model)
    for event in shown:
        answer(line(event, model))
    if often:
        counts = ", ".join(f"{n}\N{NO-BREAK SPACE}x\N{NO-BREAK SPACE}{e}" for e, n in often.items())
        for text in wrapped(counts, "     "):
            answer(faint(text.replace("\N{NO-BREAK SPACE}", " ")))


def as_json(recorded: Recorded) -> dict[str, Any]:
    """An event as `--json` gives it: the stored fields and the hash."""
    event = recorded.event
    args = event.step.args if event.event not in OF_THE_CLUSTER else created_json(event)
    return {
        "number": event.number,
        "time": event.time,
        "event": event.event,
        "rule": event.rule,
        "rule_number": event.rule_number,
        "row": event.row,
        "args": args,
        "actor": event.actor,
        "reason": event.reason,
        "caused_by": event.caused_by,
        "hash": recorded.hash,
    }


def created_json(event: Event[Any]) -> dict[str, Any]:
    """The arguments of an event that no rule stands behind."""
    created = event.args
    return {name: getattr(created, name) for name in created.__struct_fields__}

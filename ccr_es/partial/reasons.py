"""Why nothing explains a line: the states still possible, what each candidate lacked there, and the
nearest step that would have passed. Sits above `frontier`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from models.plain.agenda import CLOCK
from models.plain.layout import State, Value
from models.plain.reader import Reader

from .frontier import Frontier, Way
from .record import Line, Seen
from .report import Against, Trouble
from .steps import Ready, Steps

STATES_SHOWN = 3
CANDIDATES_SHOWN = 4
TIMED = "its time is the recorded one"


def unexplained(
    seen: Seen, frontier: Frontier, candidates: list[Ready], steps: Steps, certain: bool
) -> Trouble:
    """The trouble with a line that no possible state explains."""
    reader = steps.reader
    ways = frontier.ways[:STATES_SHOWN]
    against = [a for way in ways for a in _against(frontier.full(way), seen, candidates, reader)]
    against.sort(key=lambda a: a.false)
    unique = {(a.rule, tuple(a.args.items()), a.guard): a for a in against}
    return Trouble(
        seen.line,
        seen.where,
        "step",
        f"{seen.rule.label} cannot have happened here",
        certain,
        tuple(_differing(frontier, way) for way in ways),
        tuple(list(unique.values())[:CANDIDATES_SHOWN]),
        next(_nearest(seen, frontier, ways, steps), ""),
        ways[0].run if ways else None,
    )


def stuck(
    waiting: Sequence[tuple[Seen, list[Ready]]], frontier: Frontier, steps: Steps, certain: bool
) -> Trouble:
    """The trouble where the next lines of all parts are such as no possible state explains."""
    # Which time a line was recorded at is another matter by each order: it is left out.
    found = [unexplained(replace(s, time=None), frontier, r, steps, certain) for s, r in waiting]
    if len(found) == 1:
        return found[0]
    names = " and ".join(f"{seen.rule.label} ({seen.where})" for seen, _ in waiting)
    against = [
        replace(a, guard="the clocks allow it by then") if a.guard == TIMED else a
        for a in sorted((a for t in found for a in t.against), key=lambda a: a.false)
    ]
    return replace(
        found[0],
        where=waiting[0][0].where,
        text=f"in no order can the parts go on from here: next are {names}",
        against=tuple(against[:CANDIDATES_SHOWN]),
    )


def _differing(frontier: Frontier, way: Way) -> State:
    """What is said of a state: a mark of a broken property is in some states only."""
    full = frontier.full(way)
    return {key: full[key] for key in sorted(frontier.open) if key in full}


def misnumbered(seen: Line, before: int, count: int) -> Trouble:
    """The trouble with a line whose number cannot follow the one before it; `count` are missing."""
    text = f"number {seen.number} follows number {before}"
    if count > 0:
        text += ", and every kind of event is declared complete"
    return Trouble(seen.line, seen.where, "step", text, certain=True)


def _against(
    state: State, seen: Seen, candidates: Iterable[Ready], reader: Reader
) -> Iterator[Against]:
    for ready in candidates:
        g = ready.g
        if seen.time is not None and CLOCK not in ready.writes and state[CLOCK] != seen.time:
            facts: dict[str, Value] = {CLOCK: state[CLOCK]}
            said = f"it is recorded at {seen.time} ms"
            yield Against(g.rule.label, {**g.binding, **seen.args}, said, facts, 0)
            continue
        passed = None
        if g.rule.trigger == "time" and seen.time is not None:
            passed = seen.time - int(state[CLOCK])
        for values in ready.values(state, seen.args, passed):
            args = {**g.binding, **dict(zip(g.names, values, strict=True))}
            false = [n for n in g.rule.guards if not g.guards[n](state, *values)]
            if false:
                first = false[0]
                facts = g.facts(g.rule.guards[first], state, args)
                yield Against(g.rule.label, args, first, facts, len(false))
            else:
                yield Against(g.rule.label, args, TIMED, {}, 1)


def _nearest(seen: Seen, frontier: Frontier, ways: list[Way], steps: Steps) -> Iterator[str]:
    """Steps that would have passed: the same rule for other members, then others of that row."""
    row = seen.row or next(iter(steps.of(seen.rule, seen.args))).g.row
    rules = [seen.rule]
    rules += [r for r in steps.reader.model.rules.values() if r is not seen.rule]
    for rule in rules:
        for ready in steps.of(rule, {}):
            if rule is not seen.rule and ready.g.row != row:
                continue
            for way in ways:
                state = frontier.full(way)
                for values in ready.values(state, {}):
                    if ready.g.attempt(state, *values) is not None and rule.trigger != "time":
                        args = {**ready.g.binding, **dict(zip(ready.g.names, values, strict=True))}
                        said = ", ".join(f"{n}={args[n] or 'nobody'}" for n, _ in rule.params)
                        yield f"{rule.label}({said})"

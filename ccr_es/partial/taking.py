"""The steps that a line may stand for in one possible state. Sits above `steps` and `record`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from models.plain.agenda import CLOCK
from models.plain.layout import State, Value
from models.plain.reader import Step

from .record import Seen
from .steps import Ready


def possible(
    seen: Seen, candidates: Iterable[Ready], state: State, doubts: dict[str, str]
) -> Iterator[tuple[Ready, Step, dict[str, Value]]]:
    """Every step that a line may stand for in a state, and what it changes; `doubts` is told of
    numbers that had to be guessed.
    """
    passed = None
    if seen.rule.trigger == "time" and seen.time is not None:
        passed = seen.time - int(state[CLOCK])
    for ready in candidates:
        guessed = [n for n in ready.free if n not in seen.args and passed is None]
        for values in ready.values(state, seen.args, passed):
            changes = ready.g.attempt(state, *values)
            if changes is None:
                continue
            if seen.time is not None and changes.get(CLOCK, state[CLOCK]) != seen.time:
                continue
            known = {**ready.g.binding, **dict(zip(ready.g.names, values, strict=True))}
            step = Step(seen.rule.name, {n: known[n] for n, _ in seen.rule.params})
            yield ready, step, changes
        for name in guessed:
            said = f"{name} of {seen.rule.label}"
            doubts[f"{name} at {seen.where}"] = said

"""Stories: what somebody does and how long they wait; the driver fills in what follows. A story
told is a run.

A line is `wait MS` or `RULE name=value ...`, with arguments that guards bind left out. Stories show
what is too many steps away for a search; the run is confirmed like any other. Sits above `runs`;
imports no z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from models.language.misuse import ModelError
from models.language.model import Instance, Model, Property
from models.plain.driver import LIMIT, Driver, Refused
from models.plain.layout import Value
from models.plain.reader import Reader, Step

from ..runs import BadRun, Run, confirm


def tell(
    model: Model,
    instance: Instance,
    lines: Iterable[str],
    seed: int = 0,
    reader: Reader | None = None,
    limit: int = LIMIT,
) -> Run:
    """The run of a story; a `reader` of this model and instance may be used for many.

    Raises `BadRun` naming the line that is refused or cannot be read, and `Unsettled` after `limit`
    consequences at one instant.
    """
    reader = reader or Reader(model, instance)
    driver = Driver(reader, reader.initial(), seed)
    steps: list[Step] = []
    for line in lines:
        word, *rest = line.split()
        try:
            if word == "wait":
                fired = driver.wait(int(rest[0]), limit)
            else:
                step = reader.complete(driver.state, word, _arguments(rest))
                fired = driver.fire(step) + driver.settle(limit)
        except (Refused, ValueError) as error:
            raise BadRun(f"story line {line!r}: {error}") from None
        steps += [f.step for f in fired]
    return Run(Instance(instance.members, dict(reader.layout.parameters)), tuple(steps))


def shown_by(
    model: Model, instance: Instance, prop: Property, reader: Reader | None = None
) -> Run | None:
    """The property's own story up to where it shows, confirmed; None if it has none, or it does not
    show it any more.
    """
    if not prop.story:
        return None
    try:
        run = tell(model, instance, prop.story, reader=reader)
    except ModelError:
        return None
    found = confirm(model, run, prop, reader)
    return None if found is None else replace(run, steps=run.steps[: found.step])


def _arguments(words: Iterable[str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for word in words:
        name, _, value = word.partition("=")
        number = value.lstrip("-").isdigit()
        found[name] = (
            int(value) if number else value == "true" if value in ("true", "false") else value
        )
    return found

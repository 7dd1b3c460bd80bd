"""Stories: what somebody does and how long they wait; the driver fills in what follows. A story
told is a run.

A line is `wait MS`, `RULE name=value ...`, with arguments that guards bind left out, or
`first RULE name=value ...`, which comes before what follows from the line before has begun; or
`refused RULE name=value ...`, which is tried and must not be possible. The first line may be
`with NAME=VALUE ...`: parameters, or the members of a sort, that differ from the instance. A value
may be in proportion to a parameter, `NAME=PARAMETER*N/M`, rounded up. Stories show what is too many
steps away for a search; the run is confirmed like any other. Sits above `runs`; imports no z3,
never `ccr_es` or `cli`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice, pairwise

from models.language.misuse import ModelError
from models.language.model import Instance, Model, Property
from models.plain.driver import LIMIT, Driver, Fired, Refused
from models.plain.layout import Value
from models.plain.reader import Reader, Step

from ..runs import BadRun, Run, confirm

WITH, FIRST, REFUSED = "with", "first", "refused"


def apart(lines: Iterable[str]) -> bool:
    """Whether a story is told under parameters or members of its own."""
    return any(line.startswith(f"{WITH} ") for line in lines)


def set_up(instance: Instance, lines: Iterable[str]) -> Instance:
    """The instance under which a story is told."""
    members, parameters = dict(instance.members), dict(instance.parameters)
    for line in lines:
        word, *rest = line.split()
        for name, _, value in (x.partition("=") for x in rest if word == WITH):
            if name in members:
                members[name] = tuple(value.split(","))
            else:
                parameters[name] = int(value)
    return Instance(members, parameters)


def tell(
    model: Model,
    instance: Instance,
    lines: Iterable[str],
    seed: int = 0,
    limit: int = LIMIT,
    driver: Driver | None = None,
    most: int = LIMIT,
) -> Run:
    """The run of a story; a `driver` of this model and instance, which begins anew, may be used for
    many: most of the time of a story goes into making one.

    Raises `BadRun` naming the line that is refused, or is not and should be, or cannot be read, or
    takes more than `most` steps, and `Unsettled` after `limit` consequences at one instant.
    """
    lines = tuple(lines)
    if apart(lines):
        instance, driver = set_up(instance, lines), None
    driver = driver or driver_of(model, instance)
    reader, driver.seed = driver.reader, seed
    driver.rewind(reader.initial(), 0)
    steps: list[Step] = []
    told = [line for line in lines if not line.startswith(f"{WITH} ")]
    for line, after in pairwise((*told, "")):
        try:
            steps += [f.step for f in _told(driver, line, limit, most)]
            if not after.startswith(f"{FIRST} "):
                steps += [f.step for f in driver.settle(limit)]
        except (Refused, ValueError) as error:
            raise BadRun(f"story line {line!r}: {error}") from None
    return Run(Instance(instance.members, dict(reader.layout.parameters)), tuple(steps))


def _told(driver: Driver, line: str, limit: int, most: int) -> list[Fired]:
    """What comes about in one line of a story, but for what follows from it."""
    word, *rest = line.split()
    if word == "wait":
        found = list(islice(driver.waiting(int(rest[0]), limit), most + 1))
        if len(found) > most:
            raise BadRun(f"story line {line!r}: it takes more than {most} steps")
        return found
    if word == REFUSED:
        return _refused(driver, line, rest)
    return driver.fire(_step(driver, rest if word == FIRST else [word, *rest]))


def _step(driver: Driver, words: list[str]) -> Step:
    rule, *rest = words
    return driver.reader.complete(
        driver.state, rule, _arguments(rest, driver.reader.layout.parameters)
    )


def _refused(driver: Driver, line: str, words: list[str]) -> list[Fired]:
    """Try a step that must not be possible: nothing comes about. Raises `BadRun` if it is."""
    if driver.reader.check(driver.state, _step(driver, words)) is None:
        raise BadRun(f"story line {line!r}: it is not refused")
    return []


def driver_of(model: Model, instance: Instance) -> Driver:
    """One for many stories."""
    reader = Reader(model, instance)
    return Driver(reader, reader.initial())


def shown_by(
    model: Model, instance: Instance, prop: Property, driver: Driver | None = None
) -> Run | None:
    """The property's own story up to where it shows, confirmed; None if it has none, or it does not
    show it any more.
    """
    if not prop.story:
        return None
    try:
        run = tell(model, instance, prop.story, driver=driver)
    except ModelError:
        return None
    reader = None if driver is None or apart(prop.story) else driver.reader
    found = confirm(model, run, prop, reader)
    return None if found is None else replace(run, steps=run.steps[: found.step])


_PROPORTION = re.compile(r"(\w+)\*(\d+)/(\d+)")


def _arguments(words: Iterable[str], parameters: Mapping[str, int]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for word in words:
        name, _, value = word.partition("=")
        part = _PROPORTION.fullmatch(value)
        if part is not None:
            value = str(-(-parameters[part[1]] * int(part[2]) // int(part[3])))
        number = value.lstrip("-").isdigit()
        found[name] = (
            int(value) if number else value == "true" if value in ("true", "false") else value
        )
    return found

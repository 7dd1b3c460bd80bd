"""What brings the service back when nobody has a majority: every repair, and forcing quorum.

Found by doing it: each repair is fired on a copy of the state, and time passes until everything
that follows has happened. So it says who would serve, what would be lost as far as anybody can
know, and whether both nodes would serve at some moment. Pure. Sits above `foresight` and `places`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cli.frame.output import duration
from cli.health.foresight import Stand, horizon
from cli.places import places as at
from cli.places.places import Places
from cli.session import views
from cli.session.acts import spelled
from models.plain.driver import Driver
from models.plain.layout import State
from models.plain.reader import Step

FORCE = "force_quorum"
SPLIT = "BOTH SERVE"
POINTER = "no node has a majority, nor gets one by itself: see ccr quorum advice"


@dataclass(frozen=True)
class WayBack:
    """One repair and what comes of it.

    `command` is what to type. `after` is in ms until somebody serves; None if nobody will. `lost`
    says for each storage group how many logs the last failover lost, as `views.loss` does; `split`
    is whether both nodes serve at some moment.
    """

    command: str
    forces: str | None
    serving: str | None
    after: int | None
    lost: dict[str, str]
    dismounted: tuple[str, ...]
    split: bool

    @property
    def words(self) -> str:
        """`B serves in 15s`."""
        if self.split:
            return SPLIT
        if self.serving is None or self.after is None:
            return "nobody serves"
        when = f"in {duration(self.after)}" if self.after else "at once"
        away = f", {' and '.join(self.dismounted)} dismounted" if self.dismounted else ""
        return f"{self.serving} serves {when}{away}"

    @property
    def loss(self) -> str:
        """The logs lost, of one storage group after another."""
        found = [f"{g} {n}" if len(self.lost) > 1 else n for g, n in self.lost.items() if n]
        return ", ".join(found) or "0"

    @property
    def json(self) -> dict[str, Any]:
        """For a `--json` document."""
        return {**asdict(self), "dismounted": list(self.dismounted)}


def forced(stand: Stand) -> list[str]:
    """The nodes that act on an operator's word which the note board does not hold yet."""
    return [n for n in stand.lens.nodes if stand.state[f"node.{n}.view"] == "FORCED"]


def stuck(stand: Stand) -> bool:
    """Nobody has a majority, and it does not come back by itself; not so if the CMS was stopped."""
    lens, state = stand.lens, stand.state
    if lens.controller(state) or lens.serving(state) or lens.intent_stopped(state):
        return False
    driver = stand.light().driver()
    driver.wait(horizon(stand.reader))
    return not lens.controller(driver.state)


def pointer(stand: Stand) -> list[str]:
    """The line that leads to the advice, where a node is up and cannot help itself."""
    up = any(stand.state[f"node.{n}.power"] == "UP" for n in stand.lens.nodes)
    return [POINTER] if up and stuck(stand) else []


def ways_back(stand: Stand, places: Places) -> list[WayBack]:
    """Every way that does something, each once; those that force quorum are the last."""
    found: list[WayBack] = []
    known: list[list[Step]] = []
    for command, steps in _repairs(stand, places):
        todo = [s for s in steps if stand.reader.check(stand.state, s) is None]
        if todo and not any(_same(todo, other) for other in known):
            known.append(todo)
            found.append(_way(stand, command, todo))
    return found


def _same(steps: Sequence[Step], others: Sequence[Step]) -> bool:
    return len(steps) == len(others) and all(s in others for s in steps)


def _repairs(stand: Stand, places: Places) -> Iterator[tuple[str, list[Step]]]:
    """Each repair there may be, with the command that makes it."""
    lens = stand.lens
    for site in places.sites:
        yield f"ccr site restore {site}", at.restores(places, site)
    for line in places.lines:
        yield f"ccr site heal {line[0]} {line[1]}", at.heals(lens, places, line)
    alone = [Step("power_on", {"n": n}) for n in lens.nodes]
    alone += [Step("restore_share", {}), *(Step("heal_share", {"n": n}) for n in lens.nodes)]
    yield from ((spelled(step), [step]) for step in alone)
    for w in lens.networks:
        yield (
            f"ccr network heal {w}",
            [Step("heal_network", {"w": w, "n": n}) for n in lens.nodes],
        )
    for n in lens.nodes:
        step = Step(FORCE, {"n": n})
        yield spelled(step), [step]


def _way(stand: Stand, command: str, steps: Sequence[Step]) -> WayBack:
    """Take the steps on a copy of the state, and let time pass."""
    lens = stand.lens
    driver = stand.driver()
    before, began = driver.state.copy(), driver.now
    for step in steps:
        driver.fire(step)
    split, after = False, None
    for serving in _served(stand, driver):
        split = split or len(serving) > 1
        if not serving:
            after = None
        elif after is None:
            after = driver.now - began
    then = driver.state
    return WayBack(
        command,
        next((str(s.args["n"]) for s in steps if s.rule == FORCE), None),
        next(iter(lens.serving(then)), None),
        after,
        {g: _lost(stand, before, then, g) for g in lens.groups},
        tuple(g for g in lens.groups if lens.mounted_on(then, g) is None),
        split,
    )


def _served(stand: Stand, driver: Driver) -> Iterator[list[str]]:
    """Who serves now, and after everything that happens until the horizon."""
    yield stand.lens.serving(driver.state)
    for _ in driver.waiting(horizon(stand.reader)):
        yield stand.lens.serving(driver.state)
    yield stand.lens.serving(driver.state)


def _lost(stand: Stand, before: State, then: State, group: str) -> str:
    """What is lost, as the new active knows it; nothing if the same stream goes on."""
    lens = stand.lens
    to = lens.mounted_on(then, group)
    if to is None or lens.source(before, group) == to:
        return ""
    return views.loss(views.storage_group(lens, then, group))

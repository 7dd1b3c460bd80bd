"""How a network is shared between logs and clients, and how long a copy needs until it has caught
up (S-093, S-096).

The share is max-min fair: a backlog takes what clients leave, but at least half. How long it takes
is found by letting it happen on a copy of the state. Pure; writes nothing. Sits above `session`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.health.idle_mail import without
from cli.session.session import Session
from cli.session.views import Lens
from models.plain.driver import Driver
from models.plain.layout import State
from models.plain.reader import Reader, Step

LOG_KB = 1_024
"""Size of a log file (S-078), in kB."""
STEPS_MAX = 60_000
"""Steps after which a forecast gives up: some 15,000 logs."""
PATIENCE_MS = 90 * 86_400_000


@dataclass(frozen=True)
class Share:
    """Who gets what of a network while logs wait to be copied, in kB a second."""

    bandwidth: int
    clients: int

    @property
    def logs(self) -> int:
        """What all storage groups together get."""
        return max(self.bandwidth - self.clients, self.bandwidth // 2)

    @property
    def clients_get(self) -> int:
        """What clients get meanwhile."""
        return min(self.clients, self.bandwidth - self.logs)

    @property
    def starved_percent(self) -> int:
        """How much of what clients ask for they do not get meanwhile."""
        return 100 - self.clients_get * 100 // self.clients if self.clients else 0

    def log_time(self, groups: int) -> int:
        """Ms for one log of each of `groups` storage groups, which share it evenly."""
        return -(-LOG_KB * groups * 1_000 // max(1, self.logs))


def bandwidth_of(session: Session, network: str) -> Share:
    """A network's share, as set; without that, what copy_time means."""
    state, parameters = session.state, session.reader.layout.parameters
    said = int(state[f"interface.{network}.bandwidth"])
    usual = LOG_KB * 1_000 // max(1, parameters["copy_time"])
    return Share(said or usual, int(state[f"interface.{network}.clients"]) if said else 0)


def log_time(session: Session, network: str) -> int:
    """Ms that a log takes over a network."""
    said = int(session.state[f"interface.{network}.log_time"])
    return said or session.reader.layout.parameters["copy_time"]


def resynchronized(
    session: Session, groups: Sequence[str], *, extra: int = 0, over: str | None = None
) -> dict[str, int | None]:
    """For each storage group the ms until its passive copy has replayed all that is generated now,
    and `extra` logs that it alone has more, if nothing else happens; None if it never does, or not
    within `STEPS_MAX` steps. A node that is off is started first.

    `over` says which network it fetches them over; None: the one that it would.
    """
    lens = session.lens
    runs: dict[tuple[str, str], list[_Copy]] = {}
    for g in groups:
        source = lens.source(session.state, g)
        copy = _Copy(source, lens.peer(source), g)
        runs.setdefault((copy.target, g if extra else ""), []).append(copy)
    found: dict[str, int | None] = {}
    for copies in runs.values():
        found |= _caught_up(session, copies, extra, over)
    return {g: found[g] for g in groups}


@dataclass(frozen=True)
class _Copy:
    """A passive copy: where its logs are closed, where it is, of which storage group."""

    source: str
    target: str
    group: str


def _caught_up(
    session: Session, copies: Sequence[_Copy], extra: int, over: str | None
) -> dict[str, int | None]:
    """The same, of copies on one node that nothing is changed about, or of one alone."""
    reader, state = session.reader, dict(session.state)
    for copy in copies if extra else ():
        for name in ("top", "replayed"):
            key = f"copy.{copy.source}.{copy.group}.{name}"
            state[key] = int(state[key]) + extra
    if over is not None:
        _forced_onto(state, session.lens, copies[0].target, over)
    if not session.created.seed:
        try:
            return _run(session, *without(reader, state, hubs=True), copies, stop_at_mounts=True)
        except _Mounted:
            pass
    return _run(session, reader, state, copies)


class _Mounted(Exception):
    """A database was mounted on the way: what it lost may be delivered again."""


def _run(
    session: Session, reader: Reader, state: State, copies: Sequence[_Copy],
    *, stop_at_mounts: bool = False,
) -> dict[str, int | None]:  # fmt: skip
    """Let it happen. Raises `_Mounted`, if it is to stop there."""
    driver = Driver(reader, state, session.created.seed, last=session.fold.number)
    began, target = driver.now, copies[0].target
    goals = {c: int(state[f"copy.{c.source}.{c.group}.top"]) for c in copies}
    found = dict[str, int | None].fromkeys(c.group for c in copies)
    if state[f"node.{target}.power"] != "UP":
        driver.fire(Step("power_on", {"n": target}))
    left = _not_done(driver, goals, began, found)
    for steps, fired in enumerate(driver.waiting(PATIENCE_MS) if left else ()):
        if stop_at_mounts and any(key.endswith(".active_epoch") for key in fired.changes):
            raise _Mounted
        left = _not_done(driver, left, began, found)
        if not left or steps > STEPS_MAX:
            break
    return found


def _not_done(
    driver: Driver, goals: Mapping[_Copy, int], began: int, found: dict[str, int | None]
) -> dict[_Copy, int]:
    """The copies that have not caught up; those that have are noted."""
    done = [c for c, goal in goals.items() if _done(driver.state, c, goal)]
    found.update((c.group, driver.now - began) for c in done)
    return {c: goal for c, goal in goals.items() if c not in done}


def _forced_onto(state: State, lens: Lens, target: str, over: str) -> None:
    """Leave only the names on `over`, so that it is the one used throughout."""
    public = bool(state[f"interface.{over}.public"])
    for w in lens.networks:
        state[f"shipping.{target}.uses.{w}"] = w == over and not public
        for n in lens.nodes if w != over else ():
            state[f"interface.{w}.host.{n}"] = "NONE"
    state[f"shipping.{target}.public"] = public


def _done(state: State, copy: _Copy, goal: int) -> bool:
    """It has replayed all up to `goal` of the source's stream."""
    here, there = (f"copy.{n}.{copy.group}" for n in (copy.source, copy.target))
    one = state[f"{here}.lineage"] == state[f"{there}.lineage"]
    same = one and state[f"{here}.lineage_by"] == state[f"{there}.lineage_by"]
    return same and state[f"{there}.state"] == "HEALTHY" and int(state[f"{there}.replayed"]) >= goal

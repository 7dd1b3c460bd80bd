"""How a network is shared between logs and clients, and how long a copy needs until it has caught
up (S-093, S-096).

The share is max-min fair: a backlog takes what clients leave, but at least half. How long it takes
is found by letting it happen on a copy of the state. Pure; writes nothing. Sits above `session`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cli.session.session import Session
from cli.session.views import Lens
from models.plain.driver import Driver
from models.plain.layout import State
from models.plain.reader import Step

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


def resynchronized_in(
    session: Session, group: str, *, extra: int = 0, over: str | None = None
) -> int | None:
    """Ms until the passive copy has replayed all that is generated now, and `extra` logs more, if
    nothing else happens; None if it never does, or not within `STEPS_MAX` steps. A node that is off
    is started first.

    `over` says which network it fetches them over; None: the one that it would.
    """
    lens, state = session.lens, dict(session.state)
    source = lens.source(state, group)
    target = lens.peer(source)
    for name in ("top", "replayed"):
        state[f"copy.{source}.{group}.{name}"] = int(state[f"copy.{source}.{group}.{name}"]) + extra
    if over is not None:
        _forced_onto(state, lens, target, over)
    goal = int(state[f"copy.{source}.{group}.top"])
    driver = Driver(session.reader, state, session.created.seed, last=session.fold.number)
    began = driver.now
    if state[f"node.{target}.power"] != "UP":
        driver.fire(Step("power_on", {"n": target}))
    if _done(driver.state, source, target, group, goal):
        return 0
    for steps, _ in enumerate(driver.waiting(PATIENCE_MS)):
        if _done(driver.state, source, target, group, goal):
            return driver.now - began
        if steps > STEPS_MAX:
            return None
    return None


def _forced_onto(state: State, lens: Lens, target: str, over: str) -> None:
    """Leave only the names on `over`, so that it is the one used throughout."""
    public = bool(state[f"interface.{over}.public"])
    for w in lens.networks:
        state[f"shipping.{target}.uses.{w}"] = w == over and not public
        for n in lens.nodes if w != over else ():
            state[f"interface.{w}.host.{n}"] = "NONE"
    state[f"shipping.{target}.public"] = public


def _done(state: State, source: str, target: str, group: str, goal: int) -> bool:
    """It has replayed all up to `goal` of the source's stream."""
    here, there = f"copy.{source}.{group}", f"copy.{target}.{group}"
    one = state[f"{here}.lineage"] == state[f"{there}.lineage"]
    same = one and state[f"{here}.lineage_by"] == state[f"{there}.lineage_by"]
    return same and state[f"{there}.state"] == "HEALTHY" and int(state[f"{there}.replayed"]) >= goal

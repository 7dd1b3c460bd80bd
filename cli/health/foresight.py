"""The next failure: for every single further fault, whether service goes on and what would be lost.

Found by doing it: the fault is fired on a copy of the state, by the model's own driver, and time
passes until everything that follows has happened. So it says what the commands would do. Pure;
writes nothing. Sits above `views`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cli.frame.output import duration
from cli.health.idle_mail import names_hubs, without
from cli.places.places import Places
from cli.places.places import faults as site_faults
from cli.session.views import Lens
from models.ccr import phrases
from models.plain.driver import Driver, Refused
from models.plain.layout import State
from models.plain.reader import Reader, Step

_TIMERS = (
    "peer_limit",
    "arbitration_max",
    "claim_defer",
    "head_start",
    "lock_lease",
    "share_expiry",
    "copy_retry",
)

CONTINUES, INTERRUPTED, FAILS_OVER = "goes on", "interrupted", "fails over"
STOPS, NOTHING = "stops", "nobody serves"


@dataclass(frozen=True)
class Outlook:
    """What one fault would do.

    `service` is one of goes on, interrupted (and back where it was), fails over, stops, or nobody
    serves (neither now nor then). `outage` is in ms until all that is mounted now is mounted again;
    None if it never is. `lost_logs` are closed logs that the new active would not have,
    `lost_records` those of the open logs; `dismounted` are the storage groups that would stay so.
    """

    fault: str
    service: str
    serving: str | None
    outage: int | None
    lost_logs: int
    lost_records: int
    dismounted: tuple[str, ...]

    @property
    def words(self) -> str:
        """`fails over in 15s, loses 3 logs`."""
        said = self.without_outage
        if not self.outage:
            return said
        how = "for" if self.service == INTERRUPTED else "in"
        return said.replace(self.service, f"{self.service} {how} {duration(self.outage)}", 1)

    @property
    def without_outage(self) -> str:
        """`fails over, loses 3 logs`."""
        said = [self.service]
        if self.dismounted and self.serving:
            said.append(f"{' and '.join(self.dismounted)} stays dismounted")
        if self.lost_logs:
            said.append(f"loses {_count(self.lost_logs, 'log')}")
        if self.lost_records:
            said.append(f"loses {_count(self.lost_records, 'record')} of open logs")
        return ", ".join(said)

    @property
    def json(self) -> dict[str, Any]:
        """For a `--json` document."""
        return {**asdict(self), "dismounted": list(self.dismounted)}


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def faults(lens: Lens, places: Places) -> Iterator[tuple[str, list[Step]]]:
    """Every single fault: either node, the witness host, each network both ways, each site, and
    each line between two sites.
    """
    for n in lens.nodes:
        yield n, [Step("fail_node", {"n": n})]
    yield "witness", [Step("fail_share", {})]
    for w in lens.networks:
        yield w, [Step("cut_network", {"w": w, "n": n}) for n in lens.nodes]
    yield from site_faults(lens, places)


@dataclass
class Stand:
    """Where things stand now: what faults are tried on. `last` is the newest event."""

    lens: Lens
    reader: Reader
    state: State
    seed: int
    last: int
    _driver: Driver | None = None
    _light: Stand | None = None
    _begin: tuple[State, int] = field(default_factory=lambda: ({}, 0))

    def driver(self) -> Driver:
        """A run on a copy of the state, after what is due at once; the one before it is over."""
        if self._driver is None:
            self._driver = Driver(self.reader, self.state, self.seed, last=self.last)
            self._driver.settle()
            self._begin = self._driver.state.copy(), self._driver.last
        else:
            self._driver.rewind(*self._begin)
        return self._driver

    def light(self, *blows: Sequence[Step]) -> Stand:
        """The same without idle mail, if that is enough for these blows: for a single one, where
        the seed does not draw among what follows, and no database is mounted at once (what it lost
        is asked for before the blow).
        """
        if self.seed or len(blows) > 1 or any(map(names_hubs, blows)):
            return self
        if self._light is None:
            reader, state = without(self.reader, self.state)
            made = Stand(self.lens, reader, state, self.seed, self.last)
            then = made.driver().state
            mounts = any(k.endswith(".active_epoch") and then[k] != v for k, v in state.items())
            self._light = self if mounts else made
        return self._light

    def after(self, name: str, *blows: Sequence[Step]) -> Outlook | None:
        """What comes of one blow, or of several, each once the one before has had its effect.

        None if a blow finds nothing left to break.
        """
        driver = self.light(*blows).driver()
        now = driver.state.copy()
        for steps in blows[:-1]:
            if not _fire(driver, steps):
                return None
            driver.wait(horizon(self.reader))
        return _outlook(self.lens, driver, name, now) if _fire(driver, blows[-1]) else None


def outlooks(stand: Stand, places: Places) -> list[Outlook]:
    """The outlook for every fault that has not happened already."""
    # The failure of a node changes most: it comes last, so that least is put back in between.
    each = reversed(list(faults(stand.lens, places)))
    found = [stand.after(name, steps) for name, steps in each]
    return [outlook for outlook in reversed(found) if outlook is not None]


def line(found: list[Outlook]) -> str:
    """`A: fails over in 15s, loses 3 logs; B, witness, LAN: goes on`."""
    said: dict[str, list[str]] = {}
    for outlook in found:
        said.setdefault(outlook.words, []).append(outlook.fault)
    return "; ".join(f"{', '.join(names)}: {words}" for words, names in said.items())


def horizon(reader: Reader) -> int:
    """Ms after which all that follows from a fault has happened, with these timers."""
    found = reader.layout.parameters
    return 60_000 + 2 * sum(found[name] for name in _TIMERS)


def _fire(driver: Driver, steps: Sequence[Step]) -> bool:
    """Whether any of the fault's steps could happen."""
    fired = False
    for step in steps:
        try:
            driver.fire(step)
            fired = True
        except Refused:
            continue
    return fired


def _outlook(lens: Lens, driver: Driver, name: str, now: State) -> Outlook:
    began = driver.now
    host = next(iter(lens.serving(now)), None)
    was = [g for g in lens.groups if host and lens.mounted_on(now, g) == host]
    broken, back = False, None
    mounted = _Mounted(lens, driver.state, was)
    for changes in _instants(driver):
        mounted.changed(changes, driver.state)
        if mounted.missing or not lens.serving(driver.state):
            broken, back = True, None
        elif back is None:
            back = driver.now
    then = driver.state
    serving = next(iter(lens.serving(then)), None)
    if serving is None:
        service = STOPS if host else NOTHING
    else:
        service = CONTINUES if not broken else FAILS_OVER if serving != host else INTERRUPTED
    outage = 0 if service == CONTINUES else None if back is None else back - began
    logs, records = _lost(lens, now, then)
    away = tuple(g for g in was if lens.mounted_on(then, g) is None)
    return Outlook(name, service, serving, outage, logs, records, away)


def _instants(driver: Driver) -> Iterator[Iterable[str]]:
    """Now, and after everything that happens until the horizon; the keys that changed."""
    yield ()
    for fired in driver.waiting(horizon(driver.reader)):
        yield fired.changes
    yield ()


class _Mounted:
    """Which of some storage groups are not mounted, as a state changes; there may be many."""

    def __init__(self, lens: Lens, state: State, groups: Sequence[str]) -> None:
        self._lens = lens
        self._of: dict[str, list[str]] = {}
        for g in groups:
            for n in lens.nodes:
                for key in lens.reads(phrases.mounted, n, g):
                    self._of.setdefault(key, []).append(g)
        self.missing = {g for g in groups if lens.mounted_on(state, g) is None}

    def changed(self, keys: Iterable[str], state: State) -> None:
        """These keys of the state have other values."""
        for g in {g for key in keys for g in self._of.get(key, ())}:
            self.missing.discard(g)
            if self._lens.mounted_on(state, g) is None:
                self.missing.add(g)


def _lost(lens: Lens, now: State, then: State) -> tuple[int, int]:
    """Closed logs and records of open logs that the stream mounted then does not have."""
    logs = records = 0
    for g in lens.groups:
        old, new = lens.source(now, g), lens.source(then, g)
        if old == new or lens.mounted_on(then, g) is None:
            continue
        fork = int(then[f"copy.{new}.{g}.fork"])
        logs += max(0, int(then[f"copy.{old}.{g}.top"]) - fork)
        records += int(then[f"copy.{old}.{g}.open_records"])
    return logs, records

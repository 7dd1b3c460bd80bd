"""One call's open cluster: the state asked for (now, or `--as-of`), what sets it, and the lens to
read it through.

The one place where the command line hands the CCR model to the service. Must not import z3 or the
properties.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from ccr_es.cluster.cluster import Cluster
from ccr_es.record.events import ClusterCreatedArgs, Recorded
from ccr_es.state.fold import Fold
from ccr_es.store.store import Store
from cli.frame.base import settings
from cli.frame.errors import UnknownMember
from cli.frame.output import say
from cli.health.foresight import Stand
from cli.session.views import Lens
from models.ccr.model import CCR
from models.language.model import Model
from models.plain.driver import Driver, Fired
from models.plain.layout import State, Value
from models.plain.reader import Reader


class Seen(Protocol):
    """A state to be looked at: a session's, or that of a log that was only read."""

    @property
    def fold(self) -> Fold:
        """The state with its number, hash, time and setters."""

    @property
    def state(self) -> State:
        """The flat state."""

    @property
    def reader(self) -> Reader:
        """The plain reader of the state's model."""

    @property
    def lens(self) -> Lens:
        """The model's phrases on this cluster's members."""


class Folded(ABC):
    """What is read of a fold, for whoever has one."""

    @property
    @abstractmethod
    def fold(self) -> Fold:
        """The state with its number, hash, time and setters."""

    @property
    def state(self) -> State:
        """The flat state."""
        return self.fold.state

    @property
    def reader(self) -> Reader:
        """The plain reader of the state's model."""
        return self.fold.reader


@dataclass
class Session(Folded):
    """An open cluster, and the past state that it is looked at in (None: its newest one)."""

    cluster: Cluster
    past: Fold | None = None
    _stand: Stand | None = None

    @property
    def fold(self) -> Fold:
        """The state with its number, hash, time and setters."""
        return self.past or self.cluster.now

    @property
    def created(self) -> ClusterCreatedArgs:
        """What the cluster was created with."""
        return self.fold.created

    @cached_property
    def lens(self) -> Lens:
        """The model's phrases on this cluster's members."""
        return Lens(self.reader)

    @property
    def stand(self) -> Stand:
        """What faults and repairs are tried on: a copy of the state, and what belongs to it."""
        fold = self.fold
        if self._stand is None or self._stand.state is not fold.state:
            seed = self.created.seed
            self._stand = Stand(self.lens, self.reader, fold.state, seed, fold.number)
        return self._stand

    def event(self, number: int) -> Recorded:
        """One recorded event."""
        return next(self.cluster.events(number, number))

    def setter(self, key: str) -> tuple[int, str]:
        """Number and name of the event that last changed a flat key; 0 and no name if none did."""
        number = self.fold.set_by.get(key, 0)
        return number, self.event(number).event.event if number else ""

    def member(self, sort: str, name: str) -> str:
        """`name`, if it is a member of an id sort. Raises `UnknownMember`."""
        known = self.reader.instance.members[sort]
        if name not in known:
            words = {"Node": "node", "Network": "network", "Group": "storage group"}
            raise UnknownMember(
                f"cluster {self.cluster.name} has no {words.get(sort, sort)} {name}",
                f"It has {', '.join(known)}",
            )
        return name

    def forecast(self, until: Callable[[State], bool], patience_ms: int) -> int | None:
        """How many ms from now `until` first holds if nothing else happens; None if not in time."""
        for state, _, passed in self._ahead(patience_ms):
            if until(state):
                return passed
        return None

    def falls_due(self, rule: str, keys: Mapping[str, Value], patience_ms: int) -> int | None:
        """How many ms from now a rule fires by itself for these members; None if not in time."""
        for _, fired, passed in self._ahead(patience_ms):
            if fired is not None and fired.step.rule == rule:
                if all(fired.step.args[n] == v for n, v in keys.items()):
                    return passed
        return None

    def _ahead(self, patience_ms: int) -> Iterator[tuple[State, Fired | None, int]]:
        """What would happen: each state, the step that led to it, and the ms passed until then."""
        fold = self.fold
        driver = Driver(
            self.reader, fold.state, self.created.seed, last=fold.number, wrote=fold.set_by
        )
        begin = driver.now
        yield driver.state, None, 0
        for fired in driver.waiting(patience_ms):
            yield driver.state, fired, driver.now - begin


def model_in_use() -> Model:
    """The CCR model, or the one of `--model`. Raises what running a model file raises."""
    if settings().model is None:
        return CCR
    from cli.session.subject import subject

    return subject().model


@contextmanager
def reading(as_of: str | None = None) -> Iterator[Session]:
    """The cluster that the options name, to look at."""
    chosen = settings()
    with Store.open(chosen.store) as store:
        cluster = Cluster.open(store, chosen.cluster, model_in_use())
        session = Session(cluster, None if as_of is None else cluster.at(as_of))
        _tell_passed_over(cluster)
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """The cluster that the options name, to act on; with `--dry-run` only to try it."""
    chosen = settings()
    with Store.open(chosen.store, write=not chosen.trial) as store:
        cluster = Cluster.open(store, chosen.cluster, model_in_use(), trial=chosen.trial)
        _tell_passed_over(cluster)
        yield Session(cluster)
    if chosen.trial:
        say("a dry run: nothing was written")


def _tell_passed_over(cluster: Cluster) -> None:
    """Say which kept states were not fit to go on from."""
    if not cluster.passed_over:
        return
    from ccr_es.errors_audit import KeptStateUnfit

    (number, reason), more = next(iter(cluster.passed_over.items())), len(cluster.passed_over) - 1
    others = f" (and {more} more)" if more else ""
    text = f"the state kept after event {number} was passed over: {reason}{others}"
    say(f"ccr: {KeptStateUnfit.code}: {text}. See `ccr store checkpoint`")

"""The cluster service: create, open, decide, let time pass, look. The command line's only door to
this layer. Generic: the model is a value that is passed in.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from models.language.misuse import ModelError
from models.language.model import Model
from models.language.rule import Rule
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

from ..errors import BadArgument, UnknownRule
from ..record.book import model_bytes
from ..record.events import (
    CLUSTER_ROW,
    NO_HASH,
    TOPIC_PREFIX,
    ClusterCreated,
    Recorded,
    of_the_cluster,
    seal,
)
from ..state.aggregates import Aggregate, Aggregates
from ..state.fold import Fold
from ..state.machines import Machines
from ..state.points import number_of
from ..state.slicing import FieldName, sliced
from ..state.stream import Stream
from ..store.recorder import Batch, Head
from ..store.store import Store
from .config import ClusterConfig
from .options import Option, options
from .plan import CHECKPOINT_EVERY, OPERATOR, By
from .writer import Act, Outcome, Pause, Writer

__all__ = ["OPERATOR", "Act", "By", "Cluster", "Option", "Outcome", "Pause"]


class Cluster:
    """One cluster of a store, read and driven under a model; a `trial` saves nothing."""

    def __init__(self, store: Store, name: str, model: Model, *, trial: bool = False) -> None:
        self.store, self.name, self.model = store, name, model
        self._stream = Stream(store, name, model, trial=trial)
        self._writer = Writer(self._stream, self.complete)

    @classmethod
    def create(
        cls,
        store: Store,
        config: ClusterConfig,
        model: Model,
        actor: str = OPERATOR,
        reason: str = "",
    ) -> Cluster:
        """Write event 1 of a new cluster.

        Raises `BadConfig`, `ClusterExists` or a store error; then nothing was written.
        """
        codec = store.book.add(model)
        data = model_bytes(model)
        event = of_the_cluster(
            ClusterCreated,
            config.created(model, sha256(data).hexdigest()),
            actor=actor,
            cluster=config.name,
            model=codec.fingerprint,
            number=1,
            previous=NO_HASH,
            reason=reason,
            row=CLUSTER_ROW,
            time=0,
            version=1,
        )
        models = {codec.fingerprint: data}
        store.append(Batch(config.name, Head(), (seal(event),), models))
        return cls(store, config.name, model)

    @classmethod
    def open(cls, store: Store, name: str | None, model: Model, *, trial: bool = False) -> Cluster:
        """The named cluster, or the store's only one. In a `trial` all that is done is decided on
        what was decided before, and nothing is saved.

        Raises `ClusterUnknown`, `ClusterNotNamed`, or what reading a log raises.
        """
        return cls(store, store.chosen(name), model, trial=trial)

    @property
    def head(self) -> Head:
        """Where the stream ends, as far as this object has read it."""
        return self._stream.head

    @property
    def now(self) -> Fold:
        """The newest state with all that belongs to it; it is not to be changed.

        `state`, `number`, `hash`, `time` (ms), `set_by` (key to event), `created`, `described`,
        `reader`.
        """
        return self._stream.catch_up()

    @property
    def passed_over(self) -> dict[int, str]:
        """The kept states that were not fit to go on from, by their event, and why."""
        return self._stream.passed_over

    def keep_again(self) -> tuple[int, ...]:
        """Read the whole log and keep its states anew; after which events.

        Raises as reading does; then what was kept stays.
        """
        return self._stream.keep_again(CHECKPOINT_EVERY)

    @property
    def reader(self) -> Reader:
        """The plain reader of the model under this cluster's instance."""
        return self._stream.fold.reader

    @property
    def machines(self) -> Machines:
        """The model's state machines."""
        return self._writer.machines

    def state(self, at: int | None = None) -> State:
        """The flat state now, or after event number `at`."""
        return dict(self.now.state if at is None else self._stream.fold_to(at).state)

    def number(self, point: str) -> int:
        """The number of the event that a point in time stands for.

        Raises `PointMalformed` or `PointNotFound`.
        """
        now = self.now
        return number_of(self.store, self.name, point, now.created.starts, now.time)

    def at(self, point: str | None) -> Fold:
        """The cluster as it was at a point in time, or now. Raises as `number` does."""
        return self.now if point is None else self._stream.fold_to(self.number(point))

    def events(self, start: int = 1, stop: int | None = None) -> Iterator[Recorded]:
        """The recorded events from number `start` to `stop`, both included."""
        return self._stream.events(start, stop)

    def of_row(self, row: str, first: int, last: int) -> list[Recorded]:
        """The recorded events of an aggregate from version `first` to `last`, both included."""
        return self._stream.of_row(row, first, last)

    def of_events(self, names: Iterable[str], start: int, stop: int) -> Iterator[Recorded]:
        """The recorded events of these names from number `start` to `stop`, both included."""
        return self._stream.of_topics([TOPIC_PREFIX + name for name in names], start, stop)

    def sliced(self, fields: Iterable[FieldName], stop: int) -> Iterator[tuple[Recorded, State]]:
        """The events that may change some fields, with these after each."""
        return sliced(self._stream, fields, stop)

    def folds_at(self, numbers: Iterable[int]) -> Iterator[Fold]:
        """The cluster after each of these events, which are in order; one fold, that moves on."""
        return self._stream.folds_at(numbers)

    def aggregate(self, row: str, version: int | None = None) -> Aggregate:
        """One aggregate, now or after `version` of its events, by the library's repository."""
        book = self.store.book
        found = Aggregates(self.name, self.now.created, lambda stamp: book.codec(stamp).model)
        return found.get(self.store.repository, row, self._stream.codec.fingerprint, version)

    def rule(self, name: str) -> Rule:
        """A rule by its name, number or event. Raises `UnknownRule`, with the nearest names."""
        found = self.model.numbered(name)
        if isinstance(found, Rule):
            return found
        known = [*self.model.rules, *(r.event for r in self.model.rules.values())]
        near = difflib.get_close_matches(name, known, 3)
        hint = f"Nearest: {', '.join(near)}" if near else "See `ccr can` for what there is"
        raise UnknownRule(f"the model {self.model.name} has no rule or event {name}", hint)

    def complete(self, rule: str, args: Mapping[str, Value], state: State | None = None) -> Step:
        """The step of a rule with every argument; those that guards bind are read from a state.

        Raises `UnknownRule` or `BadArgument`.
        """
        name = self.rule(rule).name
        try:
            return self.reader.complete(state or self.now.state, name, args)
        except ModelError as error:
            raise BadArgument(str(error)) from None

    def can(self, rule: str | None = None) -> list[Option]:
        """The commands and faults (or one rule) under every binding, with why not.

        Raises `UnknownRule`.
        """
        now = self.now
        return list(options(now.reader, now.state, self.rule(rule).name if rule else None))

    def do(
        self,
        rule: str,
        args: Mapping[str, Value] | None = None,
        *,
        actor: str = "",
        reason: str = "",
        caused_by: int | None = None,
        dry_run: bool = False,
    ) -> Outcome:
        """Fire one rule if its guards hold; not what follows from it (see `settle`).

        Beats that it cuts short are recorded before it. Raises `UnknownRule`, `BadArgument`,
        `ConflictPersists` or a store error.
        """
        act = Act(rule, args or {}, By(actor, reason, caused_by), settle=False)
        return self._writer.do(act, dry_run)

    def describe(
        self, facts: Mapping[str, str], actor: str = OPERATOR, reason: str = ""
    ) -> list[Recorded]:
        """Record what stands around the cluster; no rule reads it. An empty value takes it back.

        Raises `ConflictPersists` or a store error.
        """
        return self._writer.describe(facts, By(actor, reason))

    def settle(self) -> list[Recorded]:
        """Fire the consequences that are due now, and theirs, until there are none."""
        return self._writer.settle()

    def wait(self, ms: int) -> list[Recorded]:
        """Let simulated time pass, and consequences happen.

        Saved in batches: an interrupt keeps those already saved.
        """
        return self._writer.wait(ms)

    def run(self, acts: Iterable[Act | Pause]) -> Iterator[Outcome]:
        """Do many things in batches; stops after the first refusal, which it gives."""
        return self._writer.run(acts)

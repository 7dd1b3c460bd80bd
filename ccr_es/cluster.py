"""The cluster service: create, open, decide, save, let time pass, look. The command line's only door to this layer.

A step is decided on the head of the cluster's stream and saved only if that has not moved; if it has, it is decided again,
a bounded number of times. Generic: the model is a value that is passed in.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from models.language.misuse import ModelError
from models.language.model import Model, Property
from models.language.show import show
from models.language.terms import Term, walk
from models.plain.driver import Driver, Fired, Refused
from models.plain.ground import Grounded
from models.plain.layout import State, Value
from models.plain.reader import FalseGuard, Reader, Refusal, Step

from .aggregates import Aggregate, Aggregates
from .book import model_bytes
from .config import ClusterConfig
from .errors import BadArgument, Conflict, ConflictPersists, UnknownRule
from .events import CREATED, CREATED_ROW, CREATED_RULE, NO_HASH, ClusterCreated, Recorded, seal
from .fold import Fold
from .machines import Machines
from .plan import By, Plan
from .points import number_of
from .recorder import Batch, Head
from .store import Store
from .upcast import SCHEMA_VERSION

ATTEMPTS = 16
"""How often a step is decided again when other writers move the stream."""
BATCH = 500
"""Events saved in one transaction while time passes."""
OPERATOR = "operator"
_T = TypeVar("_T")


@dataclass(frozen=True)
class Outcome:
    """What came of a command: the events (saved, unless it was a dry run), or why it was refused."""

    events: tuple[Recorded, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Option:
    """A command or fault with its arguments, and why it is refused now (None: it is enabled).

    `missing` are arguments that somebody must choose; then only the guards that do not read them were looked at.
    """

    rule: str
    args: dict[str, Value]
    refusal: Refusal | None
    missing: tuple[str, ...] = ()


class Cluster:
    """One cluster of a store, read and driven under a model."""

    def __init__(self, store: Store, name: str, model: Model) -> None:
        self.store, self.name, self.model = store, name, model
        self._codec = store.book.add(model)
        self._head = self._catch_up(self.fold_to(store.head(name).number))
        self._machines = Machines(self._head.reader)
        self._driver: Driver | None = None

    @classmethod
    def create(
        cls, store: Store, config: ClusterConfig, model: Model, actor: str = OPERATOR, reason: str = ""
    ) -> Cluster:
        """Write event 1 of a new cluster. Raises `BadConfig` or `ClusterExists`; then nothing was written."""
        codec = store.book.add(model)
        event = ClusterCreated(
            actor=actor, args=config.created(model), caused_by=None, cluster=config.name, event=CREATED,
            model=codec.fingerprint, number=1, previous=NO_HASH, reason=reason, row=CREATED_ROW, rule=CREATED_RULE,
            rule_number=0, schema=SCHEMA_VERSION, time=0, version=1,
        )  # fmt: skip
        store.append(Batch(config.name, Head(), (seal(event),), {codec.fingerprint: model_bytes(model)}))
        return cls(store, config.name, model)

    @classmethod
    def open(cls, store: Store, name: str | None, model: Model) -> Cluster:
        """The named cluster, or the store's only one. Raises `ClusterUnknown` or `ClusterNotNamed`."""
        return cls(store, store.chosen(name), model)

    @property
    def head(self) -> Head:
        """Where the stream ends, as far as this object has read it."""
        return Head(self._head.number, self._head.hash)

    @property
    def now(self) -> Fold:
        """The newest state with what belongs to it: number, hash, time, `set_by`, `created`, `reader`. Do not change it."""
        self._catch_up(self._head)
        return self._head

    @property
    def reader(self) -> Reader:
        """The plain reader of the model under this cluster's instance."""
        return self._head.reader

    @property
    def machines(self) -> Machines:
        """The model's state machines."""
        return self._machines

    def state(self, at: int | None = None) -> State:
        """The flat state now, or after event number `at`."""
        return dict(self.now.state if at is None else self.fold_to(at).state)

    def number(self, point: str) -> int:
        """The number of the event that a point in time stands for. Raises `PointMalformed` or `PointNotFound`."""
        now = self.now
        return number_of(self.store, self.name, point, now.created.starts, now.time)

    def at(self, point: str | None) -> Fold:
        """The cluster as it was at a point in time, or now. Raises `PointMalformed` or `PointNotFound`."""
        return self.now if point is None else self.fold_to(self.number(point))

    def fold_to(self, number: int) -> Fold:
        """The cluster as it was after event `number`, from the newest kept state before it."""
        kept = self.store.checkpoint(self.name, number)
        fold = Fold.from_bytes(self.store.book, *kept) if kept else Fold(self.store.book)
        for recorded in self.events(fold.number + 1, number):
            fold.apply(recorded)
        return fold

    def events(self, start: int = 1, stop: int | None = None) -> Iterator[Recorded]:
        """The recorded events from `start` to `stop`, both included."""
        book = self.store.book
        for stored in self.store.read(self.name, start, stop):
            event = book.read(stored.topic, stored.state, f"event {stored.number}")
            yield Recorded(event, stored.state, stored.hash)

    def aggregate(self, row: str, version: int | None = None) -> Aggregate:
        """One aggregate, read through the library's repository."""
        found = Aggregates(self.name, self.now.created, lambda stamp: self.store.book.codec(stamp).model)
        return found.get(self.store.repository, row, self._codec.fingerprint, version)

    def can(self, rule: str | None = None) -> Iterator[Option]:
        """Every command and fault (or one rule of any kind) under every binding, with why it is refused now."""
        now = self.now
        wanted = {self._rule(rule)} if rule is not None else None
        for g in now.reader.all_grounded():
            if (g.rule.name in wanted) if wanted is not None else g.rule.trigger in ("command", "fault"):
                yield self._option(now, g)

    def _option(self, now: Fold, g: Grounded) -> Option:
        missing = tuple(n for n in g.names if n not in g.rule.bindings)
        if missing:
            false = tuple(
                FalseGuard(name, show(term), g.facts(term, now.state, g.binding))
                for name, term in g.rule.guards.items()
                if not mentions(term, g.names) and not g.guards[name](now.state, *(0 for _ in g.names))
            )
            refusal = Refusal(g.rule.label, dict(g.binding), false) if false else None
            return Option(g.rule.name, dict(g.binding), refusal, missing)
        step = now.reader.complete(now.state, g.rule.name, g.binding)
        return Option(g.rule.name, step.args, now.reader.check(now.state, step))

    def _rule(self, name: str) -> str:
        """The name of a rule given by name, number or event. Raises `UnknownRule`."""
        found = self.model.numbered(name)
        if found is None or isinstance(found, Property):
            near = difflib.get_close_matches(name, [*self.model.rules, *(r.event for r in self.model.rules.values())], 3)
            hint = f"Nearest: {', '.join(near)}" if near else "See `ccr can` for what there is"
            raise UnknownRule(f"the model {self.model.name} has no rule or event {name}", hint)
        return found.name

    def complete(self, rule: str, args: Mapping[str, Value]) -> Step:
        """The step of a rule (by name, number or event) with every argument. Raises `UnknownRule` or `BadArgument`."""
        name = self._rule(rule)
        try:
            return self.reader.complete(self._head.state, name, args)
        except ModelError as error:
            raise BadArgument(str(error)) from None

    def do(
        self, rule: str, args: Mapping[str, Value] | None = None, *, actor: str = "", reason: str = "",
        caused_by: int | None = None, dry_run: bool = False,
    ) -> Outcome:  # fmt: skip
        """Fire one rule if its guards hold; nothing that follows from it. Beats that it cuts short come before it.

        Raises `UnknownRule`, `BadArgument`, `ConflictPersists` or a store error.
        """
        by = By(actor, reason, caused_by)

        def attempt() -> Outcome:
            plan, driver = self._begin()
            try:
                *beats, fired = driver.fire(self.complete(rule, args or {}))
            except Refused as refused:
                self._driver = driver
                return Outcome((), refused.refusal)
            for beat in beats:
                plan.take(beat)
            plan.take(fired, by)
            if not dry_run:
                self._save(plan)
                self._driver = driver
            return Outcome(tuple(plan.recorded))

        return self._until_saved(attempt)

    def settle(self) -> list[Recorded]:
        """Fire the consequences that are due now, and theirs, until there are none. Raises `ConflictPersists`."""
        return self._saved(lambda driver: driver.settling())

    def wait(self, ms: int) -> list[Recorded]:
        """Let simulated time pass and consequences happen. Saved in batches: an interrupt keeps those already saved."""
        end = self.now.time + ms
        return self._saved(lambda driver: driver.waiting(max(0, end - driver.now)))

    def _saved(self, happening: Callable[[Driver], Iterator[Fired]]) -> list[Recorded]:
        """Save what happens, in batches; on a conflict go on from the new head."""
        done: list[Recorded] = []

        def attempt() -> list[Recorded]:
            plan, driver = self._begin()
            for fired in happening(driver):
                plan.take(fired)
                if len(plan.recorded) >= BATCH:
                    self._save(plan)
                    done.extend(plan.recorded)
                    plan = Plan(self.name, self._head, self._codec, self._machines)
            self._save(plan)
            self._driver = driver
            return [*done, *plan.recorded]

        return self._until_saved(attempt)

    def _begin(self) -> tuple[Plan, Driver]:
        """A plan on the present head and the driver that goes on from there; it is kept again once all is saved."""
        head = self.now
        if self._driver is None or self._driver.last != head.number:
            self._driver = Driver(head.reader, head.state, head.created.seed, last=head.number, wrote=head.set_by)
        driver, self._driver = self._driver, None
        return Plan(self.name, head, self._codec, self._machines), driver

    def _until_saved(self, attempt: Callable[[], _T]) -> _T:
        """Try, and on a conflict read on and try again, a bounded number of times."""
        for _ in range(ATTEMPTS):
            try:
                return attempt()
            except Conflict:
                continue
        raise ConflictPersists(f"cluster {self.name} changed before each of {ATTEMPTS} attempts", "Try again")

    def _save(self, plan: Plan) -> None:
        if plan.recorded:
            self.store.append(plan.batch())
            self._head = plan.fold

    def _catch_up(self, fold: Fold) -> Fold:
        """Apply what other writers have added, and read on under today's model."""
        if self.store.head(self.name).number > fold.number:
            for recorded in self.events(fold.number + 1):
                fold.apply(recorded)
        if fold.model != self._codec.fingerprint:
            fold.under(self._codec.fingerprint)
        return fold


def mentions(term: Term, names: tuple[str, ...]) -> bool:
    """Whether `term` reads one of these arguments."""
    return any(t.op == "arg" and t.value in names for t in walk(term))

"""The fold: a cluster's state from its events, each applied by the rules of the model it was
written under.

Guards are not looked at (history is history); `audit` does that. Beside the state, the fold keeps
which event last changed each key, how many events each aggregate has, and the head. Sits above
`book`; must not import the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from models.language.misuse import ModelError
from models.language.model import Instance, Model
from models.language.schema import Schema
from models.plain.layout import Layout, State, Value
from models.plain.reader import Reader

from ..errors import ChainBroken, EventMalformed, ModelMismatch
from ..record.book import Book
from ..record.events import ADOPTED, CREATED, DESCRIBED, NO_HASH, ClusterCreatedArgs, Recorded

_KIND = {"bool": bool, "int": int}


class Fold:
    """A cluster after some number of its events; `apply` takes the next one."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.number = 0
        self.hash = NO_HASH
        self.model = ""
        """The fingerprint of the model that `state` and `reader` are of."""
        self.written = ""
        """The fingerprint that the newest event was written under."""
        self.state: State = {}
        self.set_by: dict[str, int] = {}
        self.versions: dict[str, int] = {}
        self.kept = 0
        """The event after which this state was last kept."""
        self.described: dict[str, str] = {}
        """What was said of the surroundings, as names and values; no rule reads it."""
        self._created: ClusterCreatedArgs | None = None
        self._reader: Reader | None = None

    @property
    def created(self) -> ClusterCreatedArgs:
        """What the cluster was created with."""
        assert self._created is not None
        return self._created

    @property
    def reader(self) -> Reader:
        """The reader of the model of the newest event."""
        assert self._reader is not None
        return self._reader

    @property
    def time(self) -> int:
        """Simulated time, in ms."""
        return int(self.state.get("clock.now", 0))

    def apply(self, recorded: Recorded) -> None:
        """Take the next event.

        Raises `ChainBroken` if it does not follow the one before, `EventMalformed` if its step
        cannot be applied, `ModelMismatch`, or what a book raises.
        """
        event = recorded.event
        if event.previous != self.hash or event.number != self.number + 1:
            raise ChainBroken(
                f"event {event.number} is not chained to event {self.number} as that is on record",
                "See `ccr audit`",
            )
        self.take(recorded)

    def take(self, recorded: Recorded) -> None:
        """Take an event as the next one, whatever it says of the one before.

        Raises `EventMalformed` if its step cannot be applied, `ModelMismatch`, or what a book
        raises.
        """
        event = recorded.event
        if event.event == CREATED:
            self.begin(recorded)
            return
        if event.model != self.model:
            self.under(event.model)
        if event.event in (ADOPTED, DESCRIBED):
            self.advance(recorded, {})
            return
        try:
            changes = self.reader.changes(self.state, event.step)
        except (ModelError, KeyError, TypeError) as error:
            raise EventMalformed(f"event {event.number} ({event.event}): {error}") from None
        self.advance(recorded, changes)

    def begin(self, recorded: Recorded) -> None:
        """Take event 1. Raises `ModelMismatch`, or what a book raises."""
        self._created = recorded.event.args
        self.under(recorded.event.model)
        self.advance(recorded, {})

    def advance(self, recorded: Recorded, changes: dict[str, Value]) -> None:
        """Take the next event, whose changes are known."""
        event = recorded.event
        state, set_by = self.state, self.set_by
        if changes:
            self.reader.fill(state)
        for key, value in changes.items():
            if state[key] != value:
                state[key] = value
                set_by[key] = event.number
        if event.event == DESCRIBED:
            told = {**self.described, **event.args.facts}
            self.described = {name: told[name] for name in sorted(told) if told[name]}
        self.versions[event.row] = event.version
        self.written = event.model
        self.number, self.hash = event.number, recorded.hash

    def under(self, stamp: str, joined: Sequence[tuple[str, str]] | None = None) -> None:
        """Read on by the model with this fingerprint: fields it adds begin at their initial values,
        others go. `joined` are the members of open sorts, if others than now.
        """
        model = self.book.codec(stamp).model
        before = self._reader
        if before is not None and joined is None and self._turned(before.layout, model):
            self.model = stamp
            return
        self.read_by(reader_of(model, self.created), joined)
        old = before.layout if before is not None else None
        self.state = carried(self.state, old, self.reader.layout)
        self.set_by = {k: number for k, number in self.set_by.items() if k in self.state}
        self.model = stamp

    def _turned(self, layout: Layout, model: Model) -> bool:
        """Read on by a model with the same keys, if it is one: all values stay. Raises as
        `reader_of` does.
        """
        instance = _instance_of(model, self.created)
        made = layout.under(model.schema, instance)
        if made is None or len(made.births) != len(self.joined):
            return False
        self._reader = Reader(model, instance, made)
        self.state = dict(self.state)
        self._reader.fill(self.state)
        return True

    def copy(self) -> Fold:
        """A fold that goes on by itself from here."""
        made = copy(self)
        made.state, made.set_by, made.versions = (
            dict(self.state),
            dict(self.set_by),
            dict(self.versions),
        )
        return made

    def apart(self) -> Fold:
        """`copy` with a reader of its own: members that join one do not join the other."""
        made = self.copy()
        made._reader = None if self._reader is None else self._reader.copy()
        return made

    @property
    def joined(self) -> list[tuple[str, str]]:
        """The members of open sorts (sort and name) that an event changed something of."""
        if self._reader is None:
            return []
        layout = self._reader.layout
        found = layout.touched(self.set_by) if layout.births else ()
        return [(s.name, member) for s, member in layout.births if (s.name, member) in found]

    def read_by(self, reader: Reader, joined: Sequence[tuple[str, str]] | None = None) -> None:
        """Read on by a reader of a model of this behaviour, to which the members of open sorts
        join.
        """
        joined = self.joined if joined is None else joined
        self._reader = reader
        sorts = {s.name: s for s in self.reader.model.schema.identities if s.open}
        for name, member in joined:
            if name in sorts:
                self.reader.join(sorts[name], member)

    def go_on_from(
        self,
        created: ClusterCreatedArgs,
        stamp: str,
        joined: Sequence[tuple[str, str]],
        state: State,
    ) -> None:
        """Be at a state that was kept under the model with this fingerprint.

        Raises `ModelMismatch` if it is not one of that model, and what a book raises.
        """
        self._created = created
        self.read_by(reader_of(self.book.codec(stamp).model, created), joined)
        layout = self.reader.layout
        self.state = {**layout.initial, **state}
        if len(self.state) != len(layout.initial):
            raise ModelMismatch("it has keys that the model does not have")
        self.model = self.written = stamp


def carried(state: State, old: Layout | None, layout: Layout) -> State:
    """A state as another model reads it: fields that this one adds begin at their initial values,
    others go. Raises `ModelMismatch` for a value that it has not.
    """
    found = {k: state.get(k, first) for k, first in layout.initial.items()}
    if old is None or not _same_sorts(old.schema, layout.schema):
        for key, value in found.items():
            _fits(layout, key, value)
    return found


def reader_of(model: Model, created: ClusterCreatedArgs) -> Reader:
    """The plain reader of a cluster's model.

    Raises `ModelMismatch` if the cluster lacks what the model needs.
    """
    return Reader(model, _instance_of(model, created))


def _instance_of(model: Model, created: ClusterCreatedArgs) -> Instance:
    missing = [
        s.name for s in model.schema.identities if s.name not in created.members and not s.open
    ]
    known = {k: v for k, v in created.parameters.items() if k in model.schema.parameters}
    if missing:
        raise ModelMismatch(
            f"the cluster {created.name} has no {', '.join(missing)}, which {model.name} needs"
        )
    members = {
        s.name: created.members[s.name]
        for s in model.schema.identities
        if s.name in created.members
    }
    return Instance(members, known)


def _same_sorts(old: Schema, new: Schema) -> bool:
    """What is of both has the same sort in both, so that whatever fitted one fits the other."""
    both = [(old.records[n], new.records[n]) for n in new.records if n in old.records]
    return all(
        mine.keys == theirs.keys
        and all(
            f.sort == theirs.fields[n].sort for n, f in mine.fields.items() if n in theirs.fields
        )
        for theirs, mine in both
    )


def _fits(layout: Layout, key: str, value: Any) -> None:
    sort = layout.fields[key].sort
    good = type(value) is _KIND.get(sort.kind, str)
    if good and sort.kind == "enum":
        good = value in sort.members
    if good and sort.kind == "id":
        good = value == "" or value in layout.members(sort)
    if not good:
        raise ModelMismatch(f"{key} is {value!r}, which is not a {sort.name} of this model")

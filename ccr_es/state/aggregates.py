"""Aggregates: one per row of the schema (`node.A`, `copy.A.SG1`, `witness`), read back through the
library.

An aggregate's fields evolve by the effects of the rules that write its row. Effects read the own
row, the arguments, the clock and the parameters only, so an event stands alone; the clock's value
is the event's time (for the clock's own row, which `tick` writes, it is what that row says). Ghosts
belong to the whole history, not to an aggregate, and are left out. Must not import the store: it is
given a repository.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from eventsourcing.application import AggregateNotFoundError, Repository

from models.language.model import Model
from models.language.rule import CONTENT, GHOST
from models.plain.layout import State, Value
from models.plain.reader import Reader

from ..errors import ChainBroken
from ..record.events import OF_THE_CLUSTER, ClusterCreatedArgs, Recorded
from .fold import reader_of

CLOCK = "clock.now"


@dataclass
class Aggregate:
    """One row of a cluster after `version` events of its own.

    `fields` are keyed as in a state: `node.A.view`.
    """

    id: str
    row: str
    version: int
    fields: State

    def apply(self, recorded: Recorded, reader: Reader) -> None:
        """Take the row's next event, by the effects of its rule.

        Raises `ChainBroken` if it is not the next one.
        """
        event = recorded.event
        if event.version != self.version + 1:
            raise ChainBroken(f"{self.id}: version {event.version} follows version {self.version}")
        state: dict[str, Value] = {CLOCK: event.time, **self.fields}
        self.fields = {**self.fields, **reader.changes(state, event.step)}
        self.version = event.version


class Aggregates:
    """The aggregates of one cluster. `model_of` gives the model with a fingerprint."""

    def __init__(
        self, cluster: str, created: ClusterCreatedArgs, model_of: Callable[[str], Model]
    ) -> None:
        self.cluster, self.created = cluster, created
        self._model_of = model_of
        self._readers: dict[str, Reader] = {}

    def get(
        self, repository: Repository[str], row: str, stamp: str, version: int | None = None
    ) -> Aggregate:
        """The aggregate `row`, by the library's repository, now or after `version` of its events.

        `stamp` is the fingerprint of the model whose fields it has. An aggregate without an event
        yet is as the model begins.
        """
        name = f"{self.cluster}/{row}"

        def project(given: Aggregate | None, events: Iterable[Recorded]) -> Aggregate | None:
            made = given
            for recorded in events:
                made = made or self._initial(name, row, recorded.event.model)
                if recorded.event.event in OF_THE_CLUSTER:
                    made.version = recorded.event.version
                else:
                    made.apply(recorded, self._reader(recorded.event.model))
            return made

        try:
            return repository.get(name, version=version, projector_func=project)
        except AggregateNotFoundError:
            return self._initial(name, row, stamp)

    def _initial(self, name: str, row: str, stamp: str) -> Aggregate:
        layout = self._reader(stamp).layout
        ghosts = {k for k, f in layout.fields.items() if f.owner in (GHOST, CONTENT)}
        fields = {
            k: v for k, v in layout.initial.items() if layout.rows[k] == row and k not in ghosts
        }
        return Aggregate(name, row, 0, fields)

    def _reader(self, stamp: str) -> Reader:
        found = self._readers.get(stamp)
        if found is None:
            found = self._readers[stamp] = reader_of(
                without_ghosts(self._model_of(stamp)), self.created
            )
        return found


def without_ghosts(model: Model) -> Model:
    """The model whose rules leave the ghosts alone."""
    return replace(model, rules={n: r.changed(ghost=()) for n, r in model.rules.items()})

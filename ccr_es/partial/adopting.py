"""The possible states as another model reads them, where a cluster goes by another one.

Each is carried over as a store carries its one state: fields that the new model adds begin at their
initial values, others go, and a state with a value that the new model has not cannot have been
there. What a state remembers (broken properties, facts that were asked about) stays with it. Sits
above `frontier`.
"""

from __future__ import annotations

from models.plain.layout import Layout
from models.plain.reader import Reader

from ..errors import ModelMismatch
from ..state.fold import carried, reader_of
from .frontier import Frontier, Way
from .promises import MARK
from .record import Record


def turned(record: Record, under: str, old: Layout) -> Reader:
    """The reader of the model that a record goes on under, with the members that joined so far.

    Raises `ModelMismatch` if the cluster lacks what the model needs.
    """
    record.model, record.fingerprint = record.models[under], under
    reader = reader_of(record.model, record.created)
    sorts = {s.name: s for s in record.model.schema.identities if s.open}
    for sort, member in old.births:
        if sort.name in sorts:
            reader.join(sorts[sort.name], member)
    record.layout = reader.layout
    return reader


def carried_over(frontier: Frontier, old: Layout, layout: Layout) -> Frontier | None:
    """The states in a new layout; None if none of them fits it."""
    found: list[Way] = []
    for way in frontier.ways:
        full = frontier.full(way)
        try:
            state = carried(full, old, layout)
        except ModelMismatch:
            continue
        marks = {key: value for key, value in full.items() if key.startswith(MARK)}
        found.append(Way({**state, **marks}, way.run))
    if not found:
        return None
    made = Frontier({k: v for k, v in found[0].own.items() if not k.startswith(MARK)})
    made.settle([Way(made.onward({}, way.own), way.run) for way in found])
    return made

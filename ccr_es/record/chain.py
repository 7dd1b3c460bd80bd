"""The chain: what must hold between an event and those before it, whatever the rules say.

Number, hash, link, aggregate version, aggregate, rule, cluster, time, cause. Used by the audit,
which reports every problem, and by the import, which refuses at the first. Sits above `fold`; must
not import the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from models.language.misuse import ModelError
from models.plain.reader import Reader

from ..cluster.options import FROM_OUTSIDE
from ..cluster.plan import actor_of
from ..errors import CcrError, ChainBroken, EventMalformed
from ..state.fold import Fold
from .events import BRINGS_MODEL, CLUSTER_ROW, CREATED, OF_THE_CLUSTER, Event, Recorded


class Problem(NamedTuple):
    """One thing that does not fit: its kind (`chain`, `sequence`, `record`) and a sentence."""

    kind: str
    text: str


def problems(fold: Fold, recorded: Recorded, topic: str, reader: Reader | None) -> list[Problem]:
    """What does not fit between an event and the fold of those before it.

    `reader` is that of the event's model, None for event 1.
    """
    event, found = recorded.event, list[Problem]()
    computed = sha256(recorded.state).hexdigest()
    if computed != recorded.hash:
        text = f"its bytes hash to {computed[:12]}, on record is {recorded.hash[:12]}"
        found.append(Problem("chain", text))
    if event.previous != fold.hash:
        text = f"it is chained to {event.previous[:12]}, but the one before is {fold.hash[:12]}"
        found.append(Problem("chain", text))
    found += _sequence_problems(fold, event)
    if topic != event.topic:
        found.append(Problem("record", f"it is stored as {topic}, but says {event.topic}"))
    if (fold.number == 0) != (event.event == CREATED):
        found.append(Problem("record", f"event {event.number} is {event.event}"))
    if fold.number and event.cluster != fold.created.name:
        text = f"it belongs to cluster {event.cluster}, not {fold.created.name}"
        found.append(Problem("record", text))
    if event.event not in BRINGS_MODEL and fold.number and event.model != fold.written:
        found.append(Problem("record", f"the model {event.model[:12]} was not adopted before it"))
    return found + [Problem("record", text) for text in _rule_problems(event, reader)]


def _sequence_problems(fold: Fold, event: Event[Any]) -> list[Problem]:
    """Number, version, time and cause, against what came before."""
    found = []
    if event.number != fold.number + 1:
        found.append(f"number {event.number} follows number {fold.number}")
    before = fold.versions.get(event.row, 0)
    if event.version != before + 1:
        found.append(f"{event.row} version {event.version} follows version {before}")
    if event.caused_by is not None and not 0 < event.caused_by < event.number:
        found.append(f"it says that event {event.caused_by} caused it")
    return [Problem("sequence", text) for text in found]


def _rule_problems(event: Event[Any], reader: Reader | None) -> Iterator[str]:
    """What the event says of its rule, against the model."""
    if event.event in OF_THE_CLUSTER or reader is None:
        rule_name = OF_THE_CLUSTER.get(event.event, "")
        if (event.row, event.rule, event.rule_number) != (CLUSTER_ROW, rule_name, 0):
            yield f"it is recorded on {event.row} by {event.rule}, not on the cluster"
        if event.event == CREATED and event.time != 0:
            yield f"a cluster is created at time 0, not at {event.time}"
        return
    step = event.step
    try:
        grounded = reader.grounded(event.rule, step.args)
    except ModelError as error:
        yield str(error)
        return
    rule = grounded.rule
    if (event.event, event.rule_number) != (rule.event, rule.number):
        said = f"R{event.rule_number:03d} {event.event}"
        yield f"it says {said}, but {rule.label} is {rule.event}"
    if event.row != grounded.row:
        yield f"it is recorded on {event.row}, but {rule.label} writes {grounded.row}"
    if rule.trigger not in FROM_OUTSIDE and event.actor != actor_of(rule, step):
        yield f"its actor is {event.actor}, but {rule.label} is done by {actor_of(rule, step)}"


def model_problem(event: Event[Any], data: bytes | None) -> str | None:
    """What does not fit between an event that brings a model in and what is kept of that model."""
    if event.event not in BRINGS_MODEL:
        return None
    if data is None:
        return f"the model {event.model[:12]} that it brings in is not kept"
    if sha256(data).hexdigest() != event.args.model_hash:
        return f"the data kept of the model {event.model[:12]} is not what was recorded with it"
    return None


def refuse(where: str, found: list[Problem]) -> None:
    """Raise the error for the first problem, if there is one."""
    if found:
        kind: type[CcrError] = EventMalformed if found[0].kind == "record" else ChainBroken
        raise kind(f"{where}: {found[0].text}")

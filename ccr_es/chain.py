"""The chain: what must hold between an event and those before it, whatever the rules say.

Number, hash, link, aggregate version, aggregate, rule, cluster, time, cause. Used by the audit, which reports every problem,
and by the import, which refuses at the first. Sits above `fold`; must not import the store.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from models.language.misuse import ModelError
from models.plain.reader import Reader

from .errors import CcrError, ChainBroken, EventMalformed
from .events import CREATED, CREATED_ROW, CREATED_RULE, TOPIC_PREFIX, Recorded
from .fold import Fold
from .plan import actor_of


class Problem(NamedTuple):
    """One thing that does not fit: its kind (`chain`, `sequence`, `record`) and a sentence."""

    kind: str
    text: str


def problems(fold: Fold, recorded: Recorded, topic: str, reader: Reader | None) -> list[Problem]:
    """What does not fit between an event and the fold of those before it. `reader` is that of its model, None for event 1."""
    event = recorded.event
    found: list[Problem] = []

    def expect(kind: str, good: bool, text: str) -> None:
        if not good:
            found.append(Problem(kind, text))

    computed = sha256(recorded.state).hexdigest()
    expect("chain", computed == recorded.hash, f"its bytes hash to {computed[:12]}, on record is {recorded.hash[:12]}")
    expect(
        "chain", event.previous == fold.hash,
        f"it is chained to {event.previous[:12]}, but event {fold.number} has the hash {fold.hash[:12]}",
    )  # fmt: skip
    expect("sequence", event.number == fold.number + 1, f"number {event.number} follows number {fold.number}")
    before = fold.versions.get(event.row, 0)
    expect("sequence", event.version == before + 1, f"{event.row} version {event.version} follows version {before}")
    expect("sequence", event.time >= fold.time, f"its time {event.time} is before {fold.time}")
    expect("sequence", (event.caused_by or 0) < event.number, f"it says event {event.caused_by} caused it")
    expect("record", topic == TOPIC_PREFIX + event.event, f"it is stored as {topic}, but says {event.event}")
    expect("record", (fold.number == 0) == (event.event == CREATED), f"{event.event} is event {event.number}")
    if fold.number:
        name = fold.created.name
        expect("record", event.cluster == name, f"it belongs to cluster {event.cluster}, not {name}")
    found += _rule_problems(recorded, reader)
    return found


def _rule_problems(recorded: Recorded, reader: Reader | None) -> list[Problem]:
    """What the event says of its rule, against the model."""
    event = recorded.event
    if event.event == CREATED or reader is None:
        good = (event.row, event.rule, event.rule_number, event.time) == (CREATED_ROW, CREATED_RULE, 0, 0)
        return [] if good else [Problem("record", "event 1 is not of the cluster, at time 0, by create_cluster")]
    try:
        grounded = reader.grounded(event.rule, event.step.args)
    except ModelError as error:
        return [Problem("record", str(error))]
    rule = grounded.rule
    found = []
    if (event.event, event.rule_number) != (rule.event, rule.number):
        found.append(Problem("record", f"it says R{event.rule_number:03d} {event.event}, but {rule.label} is {rule.event}"))
    if event.row != grounded.row:
        found.append(Problem("record", f"it is recorded on {event.row}, but {rule.label} writes {grounded.row}"))
    if rule.trigger not in ("command", "fault") and event.actor != actor_of(rule, event.step):
        found.append(Problem("record", f"its actor is {event.actor}, but {rule.label} is done by {actor_of(rule, event.step)}"))
    return found


def refuse(where: str, found: list[Problem]) -> None:
    """Raise the error for the first problem, if there is one."""
    if found:
        kind: type[CcrError] = EventMalformed if found[0].kind == "record" else ChainBroken
        raise kind(f"{where}: {found[0].text}")

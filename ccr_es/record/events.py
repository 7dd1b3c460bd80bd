"""Events: what every one of them records, its canonical bytes and its hash.

An event is a fact: the step that was taken (a rule with all its arguments), when, by whom, why, and
where it stands in the chain. Its canonical bytes are JSON with keys in alphabetical order and no
white space (what RFC 8785 gives for our values), so that the hash, SHA-256 over these bytes, can be
computed by anyone in any language. `previous` is the hash of the event before it.

The class for each rule of a model is made in `codec`; the kinds that no rule stands behind are
here. Imports `models` and msgspec; must not import the store.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Generic, NamedTuple, TypeVar, cast

import msgspec

from models.plain.reader import Step

from .upcast import SCHEMA_VERSION

NO_HASH = "0" * 64
"""The `previous` of event 1."""

TOPIC_PREFIX = "ccr:"
INTEGER_MAX = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

A = TypeVar("A")


class Event(msgspec.Struct, Generic[A], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every event records.

    Fields are in alphabetical order: that is their order in the canonical bytes.

    `time` is simulated ms since the cluster was created; `version` counts the events of `row`, its
    aggregate.
    """

    actor: str
    args: A
    caused_by: int | None
    cluster: str
    event: str
    model: str
    number: int
    previous: str
    reason: str
    row: str
    rule: str
    rule_number: int
    schema: int
    time: int
    version: int

    @property
    def topic(self) -> str:
        """`ccr:NodeFailed`."""
        return TOPIC_PREFIX + self.event

    @property
    def step(self) -> Step:
        """The rule with its arguments, as the plain reader takes it."""
        return Step(self.rule, msgspec.structs.asdict(cast(msgspec.Struct, self.args)))


class Recorded(NamedTuple):
    """An event, the bytes it is stored as, and the hash over these bytes (hex)."""

    event: Event[Any]
    state: bytes
    hash: str

    @property
    def originator_id(self) -> str:
        """The aggregate, as the library names it: `cluster/row`."""
        return f"{self.event.cluster}/{self.event.row}"

    @property
    def originator_version(self) -> int:
        """The event's place among those of its aggregate, from 1."""
        return self.event.version


class ClusterCreatedArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a cluster is made of.

    `starts` is the date of simulated time 0 (RFC 3339, UTC); `model_hash` is SHA-256 over the data
    of the model as it is kept, words and properties included. Fields in alphabetical order.
    """

    members: dict[str, tuple[str, ...]]
    model_hash: str
    name: str
    networks: dict[str, str]
    parameters: dict[str, int]
    preset: str
    seed: int
    starts: str
    witness: str


class ClusterCreated(
    Event[ClusterCreatedArgs], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Event 1 of every cluster: the instance that the model is read with."""


class ModelAdoptedArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which model the cluster goes on under; `model_hash` as in `ClusterCreatedArgs`."""

    model_hash: str
    name: str


class ModelAdopted(Event[ModelAdoptedArgs], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From here on the cluster is decided under the model of this event's fingerprint."""


class ClusterDescribedArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands around a cluster, as names and values; an empty value takes a fact back."""

    facts: dict[str, str]


class ClusterDescribed(
    Event[ClusterDescribedArgs], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Somebody said where things stand and what they are: facts that no rule reads."""


CREATED, ADOPTED, DESCRIBED = "ClusterCreated", "ModelAdopted", "ClusterDescribed"
CLUSTER_ROW = "cluster"
BRINGS_MODEL = (CREATED, ADOPTED)
"""The events that name a model which the log goes on under."""
OF_THE_CLUSTER = {
    CREATED: "create_cluster",
    ADOPTED: "adopt_model",
    DESCRIBED: "describe_cluster",
}
"""The events that no rule of a model stands behind, and what is recorded as their rule."""


def of_the_cluster(kind: type[Event[Any]], args: Any, **envelope: Any) -> Event[Any]:
    """An event that no rule stands behind."""
    return kind(
        args=args,
        caused_by=None,
        event=kind.__name__,
        rule=OF_THE_CLUSTER[kind.__name__],
        rule_number=0,
        schema=SCHEMA_VERSION,
        **envelope,
    )


def seal(event: Event[Any]) -> Recorded:
    """The event with its canonical bytes and hash."""
    state = msgspec.json.encode(event)
    return Recorded(event, state, sha256(state).hexdigest())

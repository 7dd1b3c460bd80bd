"""Events: one class per rule of a model, with an explicit topic, a schema version and a canonical
encoding.

An event is a fact: the step that was taken (a rule with all its arguments), when, by whom, why, and
where it stands in the chain. Its canonical bytes are JSON with keys in alphabetical order and no
white space (what RFC 8785 gives for our values), so that the hash, SHA-256 over these bytes, can be
computed by anyone in any language. `previous` is the hash of the event before it.

Classes belong to a `Codec`, not to a process-wide register: several models may live in one process,
each with its own `NodeFailed`. Imports `models` and msgspec; must not import the store.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Generic, NamedTuple, TypeVar, cast

import msgspec

from models.language.misuse import BadRule
from models.language.model import Model
from models.language.rule import Rule
from models.plain.layout import Value
from models.plain.reader import Step

from .errors import BadArgument, EventMalformed, ForeignSchema, UnknownEvent
from .upcast import SCHEMA_VERSION, upcast

NO_HASH = "0" * 64
"""The `previous` of event 1."""

TOPIC_PREFIX = "ccr:"
INTEGER_MAX = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

A = TypeVar("A")
_TYPES: Mapping[str, type] = {"int": int, "bool": bool}


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


CREATED, ADOPTED = "ClusterCreated", "ModelAdopted"
CLUSTER_ROW = "cluster"
OF_THE_CLUSTER = {CREATED: "create_cluster", ADOPTED: "adopt_model"}
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


class Codec:
    """The event classes of one model, and how their bytes are read."""

    def __init__(self, model: Model, fingerprint: str) -> None:
        self.model, self.fingerprint = model, fingerprint
        classes = {r.event: _event_class(r) for r in model.rules.values()}
        if classes.keys() & OF_THE_CLUSTER.keys():
            raise BadRule(f"no rule's event may be called {' or '.join(OF_THE_CLUSTER)}")
        self.classes: dict[str, type[Event[Any]]] = {
            CREATED: ClusterCreated,
            ADOPTED: ModelAdopted,
            **classes,
        }
        self._args = {e: c.__annotations__["args"] for e, c in classes.items()}
        self._rules = {r.event: r for r in model.rules.values()}
        self._decoders = {
            TOPIC_PREFIX + e: msgspec.json.Decoder(c).decode for e, c in self.classes.items()
        }

    def new(self, step: Step, **envelope: Any) -> Event[Any]:
        """The event of `step`. Raises `BadArgument` for a number too large to record."""
        rule = self.model.rule(step.rule)
        for name, value in step.args.items():
            if type(value) is int and not -INTEGER_MAX <= value <= INTEGER_MAX:
                raise BadArgument(
                    f"{rule.label}: {name}={value} is too large to record",
                    f"Use at most {INTEGER_MAX}",
                )
        return self.classes[rule.event](
            args=self._args[rule.event](**step.args), event=rule.event, model=self.fingerprint,
            rule=rule.name, rule_number=rule.number, schema=SCHEMA_VERSION, **envelope,
        )  # fmt: skip

    def try_decode(self, topic: str, state: bytes) -> Event[Any] | None:
        """The event behind stored bytes of today's schema, or None: the fast way for a long log."""
        decoder = self._decoders.get(topic)
        try:
            found: Event[Any] | None = decoder(state) if decoder is not None else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return found if found is not None and found.schema == SCHEMA_VERSION else None

    def decode(self, topic: str, state: bytes, where: str) -> Event[Any]:
        """The event behind stored bytes, upcast if they are of an older schema; `where` names it in
        errors.

        Raises `UnknownEvent`, `ForeignSchema` or `EventMalformed`. The caller compares `model` with
        the fingerprint.
        """
        decoder = self._decoders.get(topic)
        if decoder is None:
            raise UnknownEvent(
                f"{where}: the model has no event {topic.removeprefix(TOPIC_PREFIX)}"
            )
        try:
            found: Event[Any] = decoder(state)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self._older(state, where, str(error))
        return found if found.schema == SCHEMA_VERSION else self._older(state, where, "its schema")

    def _older(self, state: bytes, where: str, error: str) -> Event[Any]:
        """Bytes that are not of today's schema: of an older one, of a newer one, or of none."""
        try:
            data = msgspec.json.decode(state)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise EventMalformed(f"{where}: {error}") from None
        version = data.get("schema") if isinstance(data, dict) else None
        if type(version) is not int or version < 1:
            raise EventMalformed(f"{where}: {error}")
        if version > SCHEMA_VERSION:
            raise ForeignSchema(
                f"{where} has schema version {version}, this program reads up to {SCHEMA_VERSION}",
                "Use a newer version of ccr",
            )
        if version == SCHEMA_VERSION:
            raise EventMalformed(f"{where}: {error}")
        try:
            newer = upcast(data)
            event = newer["event"]
            found: Event[Any] = msgspec.convert(newer, self.classes[event])
        except (KeyError, msgspec.ValidationError) as worse:
            raise EventMalformed(f"{where}: schema version {version}: {worse}") from None
        return found


def _event_class(rule: Rule) -> type[Event[Any]]:
    """The class of a rule's event: the envelope with the rule's arguments, typed by their sorts."""
    args = msgspec.defstruct(
        f"{rule.event}Args",
        sorted((name, _TYPES.get(sort.kind, str)) for name, sort in rule.params),
        frozen=True, kw_only=True, forbid_unknown_fields=True,
    )  # fmt: skip
    made = types.new_class(
        rule.event,
        (Event[args],),  # type: ignore[valid-type]
        {"frozen": True, "kw_only": True, "forbid_unknown_fields": True},
        lambda body: body.update(
            __module__=__name__, __doc__=rule.title, TOPIC=TOPIC_PREFIX + rule.event
        ),
    )
    made.__annotations__["args"] = args
    return made


def args_of(event: Event[Any]) -> dict[str, Value]:
    """The arguments of an event by name."""
    return event.step.args

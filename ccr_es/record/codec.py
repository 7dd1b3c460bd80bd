"""The event classes of a model: one per rule, made from its arguments, with an explicit topic.

Classes belong to a `Codec`, not to a process-wide register: several models may live in one process,
each with its own `NodeFailed`. A class is made when it is first needed. Sits above `events`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from models.language.misuse import BadRule
from models.language.model import Model
from models.language.rule import Rule
from models.plain.reader import Step

from ..errors import BadArgument, EventMalformed, ForeignSchema, UnknownEvent
from .events import (
    ADOPTED,
    CREATED,
    DESCRIBED,
    INTEGER_MAX,
    OF_THE_CLUSTER,
    TOPIC_PREFIX,
    ClusterCreated,
    ClusterDescribed,
    Event,
    ModelAdopted,
)
from .upcast import SCHEMA_VERSION, upcast

_TYPES: Mapping[str, type] = {"int": int, "bool": bool}
Decode = Callable[[bytes], Event[Any]]


class Codec:
    """The event classes of one model, and how their bytes are read."""

    def __init__(self, model: Model, fingerprint: str) -> None:
        self.model, self.fingerprint = model, fingerprint
        self._rules = {r.event: r for r in model.rules.values()}
        if self._rules.keys() & OF_THE_CLUSTER.keys():
            raise BadRule(f"no rule's event may be called {' or '.join(OF_THE_CLUSTER)}")
        self._classes: dict[str, type[Event[Any]]] = {
            CREATED: ClusterCreated,
            ADOPTED: ModelAdopted,
            DESCRIBED: ClusterDescribed,
        }
        self._decoders: dict[str, Decode] = {}

    @property
    def topics(self) -> list[str]:
        """Every topic: `ccr:` and the event's name."""
        return [TOPIC_PREFIX + event for event in (*OF_THE_CLUSTER, *self._rules)]

    def class_of(self, event: str) -> type[Event[Any]]:
        """The class of the events of this name. Raises `KeyError` if the model has none."""
        found = self._classes.get(event)
        if found is None:
            found = self._classes[event] = _event_class(self._rules[event])
        return found

    def new(self, step: Step, **envelope: Any) -> Event[Any]:
        """The event of `step`. Raises `BadArgument` for a number too large to record."""
        rule = self.model.rule(step.rule)
        for name, value in step.args.items():
            if type(value) is int and not -INTEGER_MAX <= value <= INTEGER_MAX:
                raise BadArgument(
                    f"{rule.label}: {name}={value} is too large to record",
                    f"Use at most {INTEGER_MAX}",
                )
        made = self.class_of(rule.event)
        return made(
            args=made.__annotations__["args"](**step.args),
            event=rule.event,
            model=self.fingerprint,
            rule=rule.name,
            rule_number=rule.number,
            schema=SCHEMA_VERSION,
            **envelope,
        )

    def try_decode(self, topic: str, state: bytes) -> Event[Any] | None:
        """The event behind stored bytes of today's schema, or None: the fast way for a long log."""
        try:
            found = (self._decoders.get(topic) or self._decoder(topic))(state)
        except (KeyError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return found if found.schema == SCHEMA_VERSION else None

    def decode(self, topic: str, state: bytes, where: str) -> Event[Any]:
        """The event behind stored bytes, upcast if they are of an older schema.

        `where` names it in errors. Raises `UnknownEvent`, `ForeignSchema` or `EventMalformed`. The
        caller compares `model` with the fingerprint.
        """
        try:
            decoder = self._decoder(topic)
        except KeyError:
            name = topic.removeprefix(TOPIC_PREFIX)
            raise UnknownEvent(f"{where}: the model has no event {name}") from None
        try:
            found = decoder(state)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self._older(state, where, str(error))
        return found if found.schema == SCHEMA_VERSION else self._older(state, where, "its schema")

    def _decoder(self, topic: str) -> Decode:
        found = self._decoders.get(topic)
        if found is None:
            if not topic.startswith(TOPIC_PREFIX):
                raise KeyError(topic)
            made = self.class_of(topic.removeprefix(TOPIC_PREFIX))
            found = self._decoders[topic] = msgspec.json.Decoder(made).decode
        return found

    def _older(self, state: bytes, where: str, error: str) -> Event[Any]:
        """Bytes that are not of today's schema: of an older one, of a newer one, or of none."""
        try:
            data = msgspec.json.decode(state)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise EventMalformed(f"{where}: {error}") from None
        version = data.get("schema") if isinstance(data, dict) else None
        if type(version) is int and version > SCHEMA_VERSION:
            raise ForeignSchema(
                f"{where} has schema version {version}, this program reads up to {SCHEMA_VERSION}",
                "Use a newer version of ccr",
            )
        if type(version) is not int or not 1 <= version < SCHEMA_VERSION:
            raise EventMalformed(f"{where}: {error}")
        try:
            newer = upcast(data)
            found: Event[Any] = msgspec.convert(newer, self.class_of(newer["event"]))
        except (KeyError, TypeError, msgspec.ValidationError) as worse:
            raise EventMalformed(f"{where}: schema version {version}: {worse}") from None
        return found


def _event_class(rule: Rule) -> type[Event[Any]]:
    """The class of a rule's event: the envelope with the rule's arguments, typed by their sorts."""
    strict: dict[str, Any] = {"frozen": True, "kw_only": True, "forbid_unknown_fields": True}
    fields = sorted((name, _TYPES.get(sort.kind, str)) for name, sort in rule.params)
    args = msgspec.defstruct(f"{rule.event}Args", fields, **strict)
    named = {"__module__": __name__, "__doc__": rule.title, "TOPIC": TOPIC_PREFIX + rule.event}
    bases = (Event[args],)  # type: ignore[valid-type]
    made = types.new_class(rule.event, bases, strict, lambda body: body.update(named))
    made.__annotations__["args"] = args
    return made

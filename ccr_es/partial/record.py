"""A partial record, line by line: NDJSON as `ccr log export` writes it, with events left out and
fields left out of events.

The first line is the cluster's creation with its model, whole. Of every other line only `type` is
needed; arguments (`data.args`), time (`data.time`, ms), number, row and actor are used where they
are there. Hashes are not looked at: a partial record has no chain. Must not import a store.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.language.misuse import ModelError
from models.language.model import Model
from models.language.rule import Rule
from models.plain.layout import Layout, Value

from ..errors import CcrError
from ..errors_audit import PartialMalformed
from ..record.book import Book
from ..record.events import (
    ADOPTED,
    CREATED,
    DESCRIBED,
    INTEGER_MAX,
    TOPIC_PREFIX,
    ClusterCreatedArgs,
)
from ..record.interchange import Reading, line_of
from ..record.strict import decoded

_KINDS: dict[str, type] = {"int": int, "bool": bool}
_HINT = "Nothing was judged"


@dataclass(slots=True)
class Seen:
    """One line: the rule that it says was fired, and what is known of the event."""

    line: int
    rule: Rule
    args: dict[str, Value]
    time: int | None = None
    number: int | None = None
    row: str = ""
    actor: str = ""

    @property
    def where(self) -> str:
        """`line 42`, or `event 97 (line 42)`."""
        return f"line {self.line}" if self.number is None else f"event {self.number}"


@dataclass
class Record:
    """The head of a partial record: what its cluster was made of, and the rules by event."""

    created: ClusterCreatedArgs
    model: Model
    fingerprint: str
    rules: dict[str, Rule] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Those of the first line: what the record declares of itself."""


def opened(raw: Iterator[bytes], given: Model, by_given: bool) -> Record:
    """Read the first line. Raises `PartialMalformed`."""
    first = next(raw, None)
    if first is None:
        raise PartialMalformed("line 1: there is no event in it", _HINT)
    reading = Reading(Book())
    try:
        line = line_of(1, first)
        reading.book.add(given)
        reading.take_models(line)
        event = reading.event(line).event
    except (CcrError, ModelError) as error:
        raise PartialMalformed(f"line 1: {error}".rstrip("."), "It must be the creation") from None
    if event.event != CREATED:
        raise PartialMalformed(f"line 1 is {event.event}: a record begins with {CREATED}", _HINT)
    # Of the same fingerprint the given model is used: its properties and words may be newer.
    book = Book()
    own = book.add(given)
    model = given if by_given or own.fingerprint == event.model else None
    if model is None:
        model = reading.book.codec(event.model).model
    stamp = own.fingerprint if model is given else event.model
    rules = {r.event: r for r in model.rules.values()}
    return Record(event.args, model, stamp, rules, line.attributes)


def lines(
    raw: Iterable[bytes], record: Record, layout: Layout, unknown: Collection[str] = ()
) -> Iterator[Seen]:
    """The other lines, without the fields that are `unknown`.

    Raises `PartialMalformed` for one that cannot be used.
    """
    known: dict[str, dict[str, Any]] = {}
    for number, text in enumerate(raw, 2):
        found = _decoded(number, text)
        data = found.get("data", {})
        topic = found.get("type")
        if not isinstance(topic, str) or not isinstance(data, dict):
            raise PartialMalformed(f"line {number} lacks its type or has no data", _HINT)
        if unknown:
            data = _known(data, unknown)
        event = topic.removeprefix(TOPIC_PREFIX)
        if event == DESCRIBED:
            continue
        if event == ADOPTED:
            raise PartialMalformed(
                f"line {number}: from here on the cluster goes by another model; what is possible"
                " by one is not carried over to another",
                "Judge the lines before it by themselves, or export the whole log: `ccr audit`"
                " judges each event by the rules it was written under",
            )
        rule = record.rules.get(event)
        if rule is None:
            raise PartialMalformed(f"line {number}: the model has no event {event}"[:200], _HINT)
        if event not in known:
            known[event] = dict(rule.params)
        args = _args(number, rule, known[event], data.get("args", {}), layout)
        yield Seen(
            number,
            rule,
            args,
            _whole(number, data, "time"),
            _whole(number, data, "number"),
            _text(number, data, "row"),
            _text(number, data, "actor"),
        )


def _known(data: dict[str, Any], unknown: Collection[str]) -> dict[str, Any]:
    """The fields of an event without those that are not known: `time`, `args`, `args.n`."""
    found = {k: v for k, v in data.items() if k not in unknown}
    if isinstance(found.get("args"), dict):
        found["args"] = {k: v for k, v in found["args"].items() if f"args.{k}" not in unknown}
    return found


def _decoded(number: int, text: bytes) -> dict[str, Any]:
    try:
        found = decoded(text)
    except (ValueError, RecursionError) as error:
        raise PartialMalformed(f"line {number} is not JSON: {error}"[:200], _HINT) from None
    if not isinstance(found, dict):
        raise PartialMalformed(f"line {number} is not a JSON object", _HINT)
    return found


def _args(
    number: int, rule: Rule, sorts: dict[str, Any], given: Any, layout: Layout
) -> dict[str, Value]:
    if not isinstance(given, dict):
        raise PartialMalformed(f"line {number}: its arguments are no JSON object", _HINT)
    for name, value in given.items():
        sort = sorts.get(name)
        if sort is None:
            text = f"line {number}: {rule.label} has no argument {name}"
            raise PartialMalformed(text[:200], _HINT)
        good = type(value) is _KINDS.get(sort.kind, str)
        if good and type(value) is int:
            good = -INTEGER_MAX <= value <= INTEGER_MAX
        if good and sort.kind in ("enum", "id") and not getattr(sort, "open", False):
            good = value == "" or value in layout.members(sort)
        if not good:
            text = f"line {number}: {name}={value!r} is no {sort.name} of this cluster"
            raise PartialMalformed(text[:200], _HINT)
    return given


def _whole(number: int, data: dict[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value is not None and (type(value) is not int or not 0 <= value <= INTEGER_MAX):
        raise PartialMalformed(f"line {number}: {name} is {value!r}, no whole number"[:200], _HINT)
    return value


def _text(number: int, data: dict[str, Any], name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise PartialMalformed(f"line {number}: {name} is {value!r}, no text"[:200], _HINT)
    return value

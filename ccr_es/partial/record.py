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

import msgspec

from models.language.misuse import ModelError
from models.language.model import Model
from models.language.rule import Rule
from models.plain.layout import Layout, Value

from ..errors import CcrError, ModelMissing
from ..errors_audit import PartialMalformed
from ..record.book import Book, model_from_bytes
from ..record.events import (
    ADOPTED,
    CREATED,
    DESCRIBED,
    INTEGER_MAX,
    TOPIC_PREFIX,
    ClusterCreatedArgs,
)
from ..record.interchange import MODEL_DATA, Reading, line_of, stamp_of
from ..record.strict import decoded
from ..state.fold import reader_of

_KINDS: dict[str, type] = {"int": int, "bool": bool}
_HINT = "Nothing was judged"
_WHICH_MODEL = (
    "It stands on that line in what `ccr log export` writes (data.model is its fingerprint,"
    " data.model_data the model); --by-today judges every line by today's rules instead"
)


@dataclass(slots=True)
class Line:
    """One line: when its event happened, and its number, if they are known."""

    line: int
    time: int | None
    number: int | None
    of: str = field(default="", kw_only=True)
    """The part that it is in, if there are several."""

    @property
    def where(self) -> str:
        """`line 42`, `a.ndjson line 42`, or `event 97`."""
        said = f"line {self.line}" if self.number is None else f"event {self.number}"
        return f"{self.of} {said}".lstrip()


@dataclass(slots=True)
class Seen(Line):
    """A line of a rule that it says was fired, and what is known of that."""

    rule: Rule
    args: dict[str, Value]
    row: str = ""
    actor: str = ""


@dataclass(slots=True)
class Beside(Line):
    """A line of an event that changes no fact: from here on the cluster may go by another model."""

    under: str = ""
    """That model's fingerprint."""


@dataclass
class Record:
    """A partial record as far as it was read: what its cluster was made of, the model that its next
    line is of, and all models that came along.
    """

    created: ClusterCreatedArgs
    model: Model
    fingerprint: str
    models: dict[str, Model]
    layout: Layout
    by_given: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Those of the first line: what the record declares of itself."""
    brought: list[int] = field(default_factory=list)
    """The lines from which on the cluster went by another model."""


def opened(raw: Iterator[bytes], given: Model, by_given: bool) -> Record:
    """Read the first line. Raises `PartialMalformed`."""
    first = next(raw, None)
    if first is None:
        raise PartialMalformed("line 1: there is no event in it", _HINT)
    reading = Reading(Book())
    own = reading.book.add(given).fingerprint
    try:
        line = line_of(1, first)
        reading.take_models(line)
        if by_given:  # whichever it was written under is not needed
            reading.book.put(stamp_of(line), given)
        event = reading.event(line).event
    except ModelMissing:
        said = "line 1: the model that the cluster was created under, is not in the record"
        raise PartialMalformed(said, _WHICH_MODEL) from None
    except (CcrError, ModelError) as error:
        raise PartialMalformed(f"line 1: {error}".rstrip("."), "It must be the creation") from None
    if event.event != CREATED:
        raise PartialMalformed(f"line 1 is {event.event}: a record begins with {CREATED}", _HINT)
    # Of the same fingerprint the given model is used: its properties and words may be newer.
    stamp = own if by_given else event.model
    models = {event.model: reading.book.codec(event.model).model, own: given}
    layout = reader_of(models[stamp], event.args).layout
    return Record(event.args, models[stamp], stamp, models, layout, by_given, line.attributes)


def lines(
    raw: Iterable[bytes],
    record: Record,
    unknown: Collection[str] = (),
    of: str = "",
    first: int = 2,
) -> Iterator[Seen | Beside]:
    """The other lines, without the fields that are `unknown`; each by the model that the record is
    at when it is asked for. `of` names the part that they are, `first` is the number of the first.

    Raises `PartialMalformed` for one that cannot be used.
    """
    rules: dict[str, tuple[Rule, dict[str, Any]]] = {}
    by: Model | None = None
    for number, text in enumerate(raw, first):
        found = _decoded(number, text)
        data = found.get("data", {})
        topic = found.get("type")
        if not isinstance(topic, str) or not isinstance(data, dict):
            raise PartialMalformed(f"line {number} lacks its type or has no data", _HINT)
        brings = data.get(MODEL_DATA)
        if unknown:
            data = _known(data, unknown)
        event = topic.removeprefix(TOPIC_PREFIX)
        when = _whole(number, data, "time"), _whole(number, data, "number")
        if event in (DESCRIBED, ADOPTED):
            under = ""
            if event == ADOPTED:
                under = _adopted(number, data, brings, record)
                record.brought.append(number)
            yield Beside(number, *when, under, of=of)
            continue
        if by is not record.model:
            by = record.model
            rules = {r.event: (r, dict(r.params)) for r in by.rules.values()}
        if event not in rules:
            raise PartialMalformed(f"line {number}: the model has no event {event}"[:200], _HINT)
        rule, sorts = rules[event]
        args = _args(number, rule, sorts, data.get("args", {}), record.layout)
        row, actor = _text(number, data, "row"), _text(number, data, "actor")
        yield Seen(number, *when, rule, args, row, actor, of=of)


def _adopted(number: int, data: dict[str, Any], brings: Any, record: Record) -> str:
    """The fingerprint of the model that the cluster goes by from here on; empty if that changes
    nothing.
    """
    stamp = _text(number, data, "model")
    if record.by_given or (stamp and stamp == record.fingerprint):
        return ""
    if stamp not in record.models:
        if brings is None or not stamp:
            said = "from here on the cluster goes by another model, which the record has not"
            raise PartialMalformed(f"line {number}: {said}", _WHICH_MODEL)
        try:
            kept = msgspec.json.encode(brings, order="sorted")
            record.models[stamp] = model_from_bytes(kept, stamp)
        except (CcrError, RecursionError) as error:
            raise PartialMalformed(f"line {number}: {error}".rstrip("."), _WHICH_MODEL) from None
    return stamp


def bring(record: Record, number: int, text: bytes) -> None:
    """Take the model that a line brought in which was judged before. Raises `PartialMalformed`."""
    data = _decoded(number, text).get("data", {})
    _adopted(number, data, data.get(MODEL_DATA), record)
    record.brought.append(number)


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

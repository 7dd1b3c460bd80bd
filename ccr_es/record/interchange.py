"""Interchange: a cluster's log as CloudEvents 1.0, one JSON object per line, and back.

`data` is the event as it is hashed, so an import gives the same chain and the same head. The first
event under a model also carries that model in `data.model_data`; the first line carries the head
(`ccrhead`), so that a file that lost its end is noticed. An import is one transaction: with an
error in any line nothing is written. Must not import the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec

from models.language.misuse import ModelError

from ..cluster.config import starts_at
from ..cluster.plan import CHECKPOINT_EVERY
from ..errors import CcrError, ClusterExists, LineMalformed, LogTruncated
from ..state import keeping
from ..state.fold import Fold
from ..store.recorder import Batch, Head
from ..store.store import Store
from .book import Book, model_from_bytes
from .chain import model_problem, problems, refuse
from .events import BRINGS_MODEL, CREATED, OF_THE_CLUSTER, TOPIC_PREFIX, Event, Recorded
from .strict import decoded

MODEL_DATA = "model_data"
HEAD = "ccrhead"
PART = "ccrpart"
"""On the first line of a part of a log: whose part it is."""
_TYPE = b'"type":"'
IMPORT_BATCH = 1_000


@dataclass(frozen=True)
class Line:
    """One line of an event file, taken apart.

    `model_data` is there on the first event under a model.
    """

    number: int
    attributes: dict[str, Any]
    topic: str
    state: bytes
    hash: str
    model_data: bytes | None

    @property
    def where(self) -> str:
        """`line 42`."""
        return f"line {self.number}"


def export(
    store: Store,
    cluster: str,
    part: str = "",
    belongs: Callable[[Event[Any]], bool] | None = None,
    declares: Mapping[str, str] | None = None,
) -> Iterator[bytes]:
    """The cluster's log as lines, each with its newline. Raises what reading a store raises.

    With `part`, only the events that `belongs` takes, and those that bring in a model: a part of a
    log, which says on its first line whose it is, and what it `declares`.
    """
    head = store.head(cluster)
    seen: set[str] = set()
    starts = ""
    for stored in store.read(cluster, 1, head.number):
        event = store.book.read(stored.topic, stored.state, f"event {stored.number}")
        starts = event.args.starts if event.event == CREATED else starts
        attributes = attributes_of(event, stored.hash, starts)
        if event.number == 1:
            attributes[HEAD] = f"{head.number}:{head.hash}"
            if part:
                attributes |= {PART: part, **(declares or {})}
        elif belongs and event.event not in OF_THE_CLUSTER and not belongs(event):
            continue
        data = stored.state
        if event.event in BRINGS_MODEL and event.args.model_hash not in seen:
            seen.add(event.args.model_hash)
            model = store.model_as_recorded(event.args.model_hash) or b"null"
            data = b'%s,"%s":%s}' % (data[:-1], MODEL_DATA.encode(), model)
        yield msgspec.json.encode({**attributes, "data": msgspec.Raw(data)}) + b"\n"


@lru_cache(maxsize=8)
def _instant(starts: str, time_ms: int) -> str:
    """Simulated time as a date. Events that follow each other often share it."""
    when = starts_at(starts) + timedelta(milliseconds=time_ms)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def attributes_of(event: Event[Any], digest: str, starts: str) -> dict[str, Any]:
    """The CloudEvents attributes of an event; all of them follow from the event."""
    return {
        "specversion": "1.0",
        "id": str(event.number),
        "source": f"/clusters/{event.cluster}",
        "type": event.topic,
        "subject": event.row,
        "time": _instant(starts, event.time),
        "datacontenttype": "application/json",
        "sequence": f"{event.number:020d}",
        "ccrhash": digest,
    }


def lines_of(raw: Iterable[bytes]) -> Iterator[Line]:
    """The lines of a file, taken apart.

    Raises `LineMalformed` with the line number. Empty lines are not allowed.
    """
    for number, text in enumerate(raw, 1):
        yield line_of(number, text)


def line_of(number: int, text: bytes) -> Line:
    """One line, taken apart. Raises `LineMalformed`."""
    try:
        found = decoded(text)
    except (ValueError, RecursionError) as error:
        raise LineMalformed(f"line {number} is not JSON: {error}"[:200]) from None
    if not isinstance(found, dict) or found.get("specversion") != "1.0":
        raise LineMalformed(
            f"line {number} is not a CloudEvents 1.0 object", "Nothing was imported"
        )
    data, topic, digest = found.pop("data", None), found.get("type"), found.get("ccrhash")
    if not isinstance(data, dict) or not isinstance(topic, str) or not isinstance(digest, str):
        raise LineMalformed(f"line {number} lacks type, ccrhash or data")
    if not topic.startswith(TOPIC_PREFIX):
        raise LineMalformed(
            f"line {number} is an event of another kind, {topic}", "Nothing was imported"
        )
    model = data.pop(MODEL_DATA, None)
    kept = msgspec.json.encode(model, order="sorted") if model is not None else None
    return Line(number, found, topic, msgspec.json.encode(data, order="sorted"), digest, kept)


def as_written(text: bytes, book: Book, starts: str) -> Recorded | None:
    """The recorded event of a line, if the line is byte for byte what `export` writes for it under
    the model of the event before; None for any other, which `line_of` takes apart.
    """
    head, found, data = text.partition(b',"data":')
    begin = head.find(_TYPE) + len(_TYPE)
    if not found or begin < len(_TYPE) or data[-2:] != b"}\n":
        return None
    state = data[:-2]
    topic = head[begin : head.find(b'"', begin)].decode("ascii", "replace")
    event = book.at_once(topic, state)
    if event is None or event.event in OF_THE_CLUSTER or msgspec.json.encode(event) != state:
        return None
    digest = sha256(state).hexdigest()
    if msgspec.json.encode(attributes_of(event, digest, starts)) != head + b"}":
        return None
    return Recorded(event, state, digest)


def different(line: Line, expected: dict[str, Any]) -> str | None:
    """The first attribute that does not follow from the event, in words; None if all do."""
    for name, value in expected.items():
        if line.attributes.get(name) != value:
            return f"{name} is {line.attributes.get(name)!r}, but its event says {value!r}"
    return None


class Reading:
    """Reads a file's lines as recorded events, with a book of the models that came along, folding
    as it goes.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.fold = Fold(book)
        self._models: dict[str, bytes] = {}
        self.promised: str | None = None

    def take_models(self, line: Line) -> None:
        """Keep the model that a line brings along. Raises `ModelUnreadable`."""
        if line.model_data is not None:
            stamp = stamp_of(line)
            self.book.put(stamp, model_from_bytes(line.model_data, stamp))
            self._models[sha256(line.model_data).hexdigest()] = line.model_data
        if line.number == 1:
            self.promised = line.attributes.get(HEAD)

    def model_of(self, event: Event[Any], line: Line) -> bytes | None:
        """The data of the model that an event brings in: on its line, or on an earlier one."""
        if event.event not in BRINGS_MODEL:
            return None
        return line.model_data or self._models.get(event.args.model_hash)

    def brought_in(self, wording: str) -> bytes | None:
        """The data of a model that came along, by its hash."""
        return self._models.get(wording)

    def event(self, line: Line) -> Recorded:
        """The recorded event of a line. Raises what `Book.read` raises."""
        return Recorded(self.book.read(line.topic, line.state, line.where), line.state, line.hash)

    def missing_end(self) -> str | None:
        """What is wrong with the file's end, in words; None if it ends at the head that its first
        line promised.
        """
        if self.fold.number == 0:
            return "there is no event in it"
        if self.promised == f"{self.fold.number}:{self.fold.hash}":
            return None
        promised = str(self.promised).partition(":")[0]
        return f"it ends at event {self.fold.number}, its first line promised {promised}"


def stamp_of(line: Line) -> str:
    """The fingerprint of the model that a line is of. Raises `LineMalformed`."""
    found = msgspec.json.decode(line.state).get("model")
    if not isinstance(found, str):
        raise LineMalformed(f"{line.where} names no model")
    return found


def import_log(store: Store, raw: Iterable[bytes]) -> tuple[str, Head]:
    """Write a whole log as a new cluster, in one transaction; its name and head.

    Raises `LineMalformed`, `ChainBroken`, `LogTruncated`, `ForeignSchema`, `ClusterExists` or
    another error of this layer; then nothing was written.
    """
    reading = Reading(Book())
    store.append_all(_batches(store, reading, raw))
    fold = reading.fold
    return fold.created.name, Head(fold.number, fold.hash)


def _batches(store: Store, reading: Reading, raw: Iterable[bytes]) -> Iterator[Batch]:
    """The batches of an import, each line checked before it is in one."""
    fold, ready = reading.fold, list[Recorded]()
    models: dict[str, bytes] = {}
    kept: dict[int, bytes] = {}
    at = Head()
    for line in lines_of(raw):
        try:
            recorded = checked(reading, line)
        except (CcrError, ModelError) as error:
            if isinstance(error, CcrError) and line.where in str(error):
                raise
            raise LineMalformed(
                f"{line.where}: {error}".rstrip("."), "Nothing was imported"
            ) from None
        ready.append(recorded)
        if line.number == 1 and recorded.event.cluster in store.clusters():
            raise ClusterExists(f"{store.path} has a cluster {recorded.event.cluster} already")
        if line.model_data is not None:
            models[recorded.event.model] = line.model_data
        if keeping.is_due(fold, CHECKPOINT_EVERY):
            fold.kept = fold.number
            kept[fold.number] = keeping.to_bytes(fold)
        if len(ready) >= IMPORT_BATCH:
            yield Batch(fold.created.name, at, ready, models, kept)
            at, ready, models, kept = Head(fold.number, fold.hash), [], {}, {}
    wrong = reading.missing_end()
    if wrong is not None:
        raise LogTruncated(f"the file is not whole: {wrong}")
    if ready:
        yield Batch(fold.created.name, at, ready, models, kept)


def checked(reading: Reading, line: Line) -> Recorded:
    """The event of a line that fits all those before it; the fold has taken it."""
    fold = reading.fold
    reading.take_models(line)
    recorded = reading.event(line)
    event = recorded.event
    if fold.number and event.model != fold.model:
        fold.under(event.model)
    reader = fold.reader if fold.number else None
    refuse(line.where, problems(fold, recorded, line.topic, reader))
    other = model_problem(event, reading.model_of(event, line))
    if other is not None:
        raise LineMalformed(f"{line.where}: {other}")
    fold.apply(recorded)
    wrong = different(
        line, attributes_of(event, sha256(line.state).hexdigest(), fold.created.starts)
    )
    if wrong is not None:
        raise LineMalformed(f"{line.where}: {wrong}")
    return recorded

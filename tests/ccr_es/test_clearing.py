"""Clearing many events at once never changes what the audit says: the same report, word for word,
as when each event is judged step by step.
"""

from __future__ import annotations

import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from ccr_es.audit.audit import HOLDS, VIOLATED, AuditReport, StoreSource, audit
from ccr_es.audit.cases import Sight
from ccr_es.audit.clearing import Clearing
from ccr_es.store.store import Store
from models.ccr.model import CCR as RULES
from models.language.model import Model
from models.plain.layout import Value
from specs.catalogue import CCR
from tests.ccr_es.making import forge, in_segments, made, opened
from tests.ccr_es.test_ccr import started, stirred
from tests.models.teaching import BROKEN, MODEL

CHANGES = ("argument", "member", "actor", "time", "version", "cause", "row", "drop", "swap")


@contextmanager
def step_by_step() -> Iterator[None]:
    """Nothing is cleared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Clearing, "clear", lambda *_: 0)
        yield


def both(path: Path, model: Model = MODEL, *, by_given: bool = False) -> AuditReport:
    """The report, which is the same both ways."""
    with Store.open(path) as store:
        name = store.clusters()[0]
        found = audit(StoreSource(store, name), model, by_given=by_given)
        with step_by_step():
            assert audit(StoreSource(store, name), model, by_given=by_given) == found
    assert by_given or in_segments(path, name, model) == found
    return found


@pytest.fixture(name="worth", params=["case by case", "compiled"])
def _worth(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    worth = 0 if request.param == "compiled" else 10**9
    monkeypatch.setattr(sys.modules[Sight.__module__], "WORTH", worth)


@pytest.fixture(name="log", scope="module")
def _log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "ccr.db"
    with Store.create(path) as store:
        stirred(started(store), 5, 20)
    return path


def test_most_events_of_a_sound_log_are_cleared(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[int] = []
    real = Clearing.clear
    monkeypatch.setattr(
        Clearing,
        "clear",
        lambda *a: cleared.append(real(*a)) or cleared[-1],  # type: ignore[func-returns-value]
    )
    with Store.open(log) as store:
        report = audit(StoreSource(store, "exch"), CCR)
    assert report.verdict == HOLDS
    with step_by_step():
        assert both(log, CCR).events == report.events
    # What is left: event 1, and the first of each rule and binding.
    with opened(log, model=RULES) as cluster:
        steps = [r.event.step for r in cluster.events(2)]
        met = {id(cluster.reader.grounded(s.rule, s.args)) for s in steps}
    assert sum(cleared) == report.events - 1 - len(met)


@pytest.fixture(name="short", scope="module")
def _short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = made(tmp_path_factory.mktemp("short") / "ccr.db")
    with opened(path) as cluster:
        for _ in range(4):
            for rule, n in (("boot", "A"), ("cut", "B"), ("heal", "B"), ("crash", "A")):
                cluster.do(rule, {"n": n})
                cluster.settle()
            cluster.wait(1_000)
    return path


@pytest.mark.usefixtures("worth")
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_was_chained_again_is_told_in_the_same_words(
    short: Path, tmp_path: Path, change: str, seed: int
) -> None:
    path = tmp_path / "ccr.db"
    path.write_bytes(short.read_bytes())
    draw = random.Random(seed)
    while not rewritten(path, draw, change):
        pass
    report = both(path)
    assert report.verdict == VIOLATED or change in ("argument", "member", "actor")


@pytest.mark.usefixtures("worth")
def test_a_property_that_breaks_is_told_in_the_same_words(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster:
        for rule, n in (("boot", "A"), ("cut", "B"), ("heal", "B"), ("claim_lock", "A")) * 3:
            step = cluster.complete(rule, {"n": n})
            forge(cluster, step)
    report = both(path)
    assert {f.kind for f in report.findings} >= {"guard"}
    assert both(path, BROKEN, by_given=True).verdict == VIOLATED


# What an event may say other than another one like it: its bytes before, and instead.
SAID = (
    (b'"reason":""', b'"reason":"so"'),
    (b'"reason":""', b'"reason": ""'),
    (b'"reason":""', b'"reason":"","reason":""'),
    (b'"reason":"",', b""),
    (b'"rule":"', b'"rule":"\\u0063'),
    (b'"schema":2', b'"schema":2.0'),
    (b'"schema":2', b'"schema":1'),
    (b'"caused_by":null', b'"caused_by":0'),
    (b'"caused_by":null', b'"caused_by":-1'),
    (b'"caused_by":null', b'"caused_by":1'),
    (b'"caused_by":null', b'"caused_by":9999'),
    (b'"number":', b'"number":0'),
    (b'"number":', b'"number":1'),
    (b'"previous":"', b'"previous":"0'),
    (b'"event":"', b'"event":"X'),
    (b'{"actor":', b'{"a":1,"actor":'),
    (b'"dt":', b'"dt":1'),
    (b'"dt":', b'"dt":-'),
)


@pytest.mark.parametrize(("old", "new"), SAID)
def test_an_event_that_says_something_else_than_those_like_it_is_told_in_the_same_words(
    short: Path, tmp_path: Path, old: bytes, new: bytes
) -> None:
    path = tmp_path / "ccr.db"
    path.write_bytes(short.read_bytes())
    connection = sqlite3.connect(path)
    with connection:
        _said_otherwise(connection, old, new)
    connection.close()
    both(path)


def _said_otherwise(connection: sqlite3.Connection, old: bytes, new: bytes) -> None:
    """Change the bytes of the last event but two that says the old ones; chain all that follow
    again.
    """
    chosen = "FROM ccr_stream e JOIN stored_events s ON s.rowid = e.position ORDER BY e.number"
    rows = connection.execute(f"SELECT e.number, e.position, e.hash, s.state {chosen}").fetchall()
    number = [n for n, _, _, state in rows if old in state][-3]
    digest = hashed = b"none"
    for at, position, recorded, state in rows[number - 1 :]:
        data = state.replace(old, new, 1) if at == number else state
        data = data.replace(hashed.hex().encode(), digest.hex().encode())
        hashed, digest = recorded, sha256(data).digest()
        connection.execute("UPDATE stored_events SET state=? WHERE rowid=?", (data, position))
        connection.execute("UPDATE ccr_stream SET hash=? WHERE number=?", (digest, at))
    connection.execute("UPDATE ccr_heads SET hash=?", (digest,))


def rewritten(path: Path, draw: random.Random, change: str) -> bool:
    """Change one event of a store and chain all that follow it again."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT e.number, e.position, s.state FROM ccr_stream e JOIN stored_events s"
        " ON s.rowid = e.position ORDER BY e.number"
    ).fetchall()
    events = [msgspec.json.decode(state) for _, _, state in rows]
    at = draw.randrange(len(events) // 3, len(events) - 1)
    if not _changed(events, at, change, draw):
        return False
    previous = events[at - 1]["previous"]
    for number, position, _ in rows[at - 1 : len(events)]:
        event = events[number - 1] | {"previous": previous, "number": number}
        state = msgspec.json.encode(event, order="sorted")
        previous = sha256(state).hexdigest()
        connection.execute("UPDATE stored_events SET state=? WHERE rowid=?", (state, position))
        connection.execute(
            "UPDATE ccr_stream SET hash=? WHERE number=?", (bytes.fromhex(previous), number)
        )
    connection.execute("UPDATE ccr_heads SET hash=?", (bytes.fromhex(previous),))
    connection.commit()
    connection.close()
    return True


def _changed(
    events: list[dict[str, Value | dict[str, Value]]], at: int, change: str, draw: random.Random
) -> bool:
    event = events[at]
    args = event["args"]
    assert isinstance(args, dict)
    numbers = [n for n, v in args.items() if type(v) is int]
    members = [n for n, v in args.items() if v in ("A", "B")]
    if change == "argument" and numbers:
        args[draw.choice(numbers)] += draw.choice((-1, 1, 100_000))  # type: ignore[operator]
    elif change == "member" and members:
        name = draw.choice(members)
        args[name] = "B" if args[name] == "A" else "A"
    elif change in ("time", "version"):
        event[change] += 1  # type: ignore[operator]
    elif change in ("actor", "row"):
        event[change] = f"{event[change]}x"
    elif change == "cause":
        event["caused_by"] = event["number"]
    elif change in ("drop", "swap"):
        other = events[at + 1] if change == "swap" else events[at - 1]
        events[at], events[at + 1 if change == "swap" else at - 1] = other, event
    else:
        return False
    return True

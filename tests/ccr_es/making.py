"""Small stores for tests: a cluster of the teaching model after a failover, and ways to hurt it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest

from ccr_es.audit.audit import AuditReport
from ccr_es.audit.crew import Crew
from ccr_es.audit.segments import Desk
from ccr_es.audit.working import LogAt
from ccr_es.cluster import plan as planning
from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.cluster.plan import actor_of
from ccr_es.record.events import seal
from ccr_es.record.interchange import export
from ccr_es.store.recorder import Batch
from ccr_es.store.store import Store
from models.language.model import Model
from models.plain.reader import Step
from tests.models.teaching import MODEL

NAME = "exch"


def failover(cluster: Cluster) -> None:
    """A serves, crashes, and B takes over once the lease has run out: eleven events in all."""
    cluster.settle()
    cluster.wait(1_000)
    cluster.do("crash", {"n": "A"}, actor="alice", reason="a test of the plug")
    cluster.settle()
    cluster.wait(60_000)


def made(path: Path, name: str = NAME) -> Path:
    """A store with one cluster after a failover; or that cluster, added to a store."""
    if path.exists():
        _fill(path, name)
    else:
        path.write_bytes(_template(name, planning.CHECKPOINT_EVERY))
    return path


def _fill(path: Path, name: str) -> None:
    with Store.create(path) as store:
        failover(Cluster.create(store, ClusterConfig(name), MODEL))


@cache
def _template(name: str, _checkpoint_every: int) -> bytes:
    """What such a store is made of: always the same, so it is made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ccr.db"
        _fill(path, name)
        return path.read_bytes()


@contextmanager
def opened(path: Path, write: bool = True, model: Model = MODEL) -> Iterator[Cluster]:
    """The only cluster of a store."""
    with Store.open(path, write=write) as store:
        yield Cluster.open(store, None, model)


def exported(path: Path, name: str = NAME) -> list[bytes]:
    """The lines of a cluster's export."""
    with Store.open(path) as store:
        return list(export(store, name))


def in_segments(
    path: Path,
    name: str = NAME,
    model: Model = MODEL,
    *,
    jobs: int = 1,
    head: str | None = None,
) -> AuditReport:
    """The audit of a log that is cut into as many segments as its kept states allow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[Desk.__module__], "SEGMENT", 1)
        crew = Crew(model, jobs)
        try:
            where = LogAt(f"{path}: cluster {name}", str(path), name, head=head)
            return next(iter(crew.judge([where])))
        finally:
            crew.close()


def digest(path: Path) -> str:
    """What is in the file, and which files lie beside it."""
    beside = sorted(p.name for p in path.parent.iterdir())
    return sha256(path.read_bytes()).hexdigest() + " ".join(beside)


def meddle(path: Path, statement: str, *values: object) -> None:
    """Change a store behind our back."""
    connection = sqlite3.connect(path)
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def forge(cluster: Cluster, step: Step, /, **other: object) -> int:
    """Append an event that nobody decided: well chained, whatever the rules say. Its number."""
    fold = cluster.now
    codec = cluster.store.book.add(cluster.model)
    grounded = fold.reader.grounded(step.rule, step.args)
    time = fold.reader.changes(fold.state, step).get("clock.now", fold.time)
    envelope = {
        "actor": actor_of(grounded.rule, step),
        "caused_by": None,
        "cluster": cluster.name,
        "number": fold.number + 1,
        "previous": fold.hash,
        "reason": "",
        "row": grounded.row,
        "time": time,
        "version": fold.versions.get(grounded.row, 0) + 1,
    }
    event = codec.new(step, **{**envelope, **{k: v for k, v in other.items() if k in envelope}})
    late = {k: v for k, v in other.items() if k not in envelope}
    recorded = seal(msgspec.structs.replace(event, **late))
    head = cluster.store.append(Batch(cluster.name, cluster.head, (recorded,)))
    return head.number

"""Small stores for tests: a cluster of the teaching model after a failover, and ways to hurt it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from ccr_es.cluster import Cluster
from ccr_es.config import ClusterConfig
from ccr_es.interchange import export
from ccr_es.store import Store
from models.language.model import Model
from tests.models.teaching import MODEL

NAME = "exch"


def failover(cluster: Cluster) -> None:
    """A serves, crashes, and B takes over once the lease has run out: eleven events in all."""
    cluster.settle()
    cluster.wait(1_000)
    cluster.do("crash", {"n": "A"}, actor="alice", reason="a test of the plug")
    cluster.settle()
    cluster.wait(60_000)


def made(path: Path, model: Model = MODEL, name: str = NAME) -> Path:
    """A store with one cluster after a failover."""
    with Store.create(path) as store:
        failover(Cluster.create(store, ClusterConfig(name), model))
    return path


@contextmanager
def opened(path: Path, write: bool = True, model: Model = MODEL) -> Iterator[Cluster]:
    """The only cluster of a store."""
    with Store.open(path, write=write) as store:
        yield Cluster.open(store, None, model)


def exported(path: Path, name: str = NAME) -> list[bytes]:
    """The lines of a cluster's export."""
    with Store.open(path) as store:
        return list(export(store, name))


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

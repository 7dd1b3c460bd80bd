"""A cluster's days, by its own rules: clients write, logs are shipped, nodes fail and come back.

A log of any length for the audit to judge, with the CCR model and its properties.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ccr_es.cluster.cluster import Act, Cluster, Pause
from ccr_es.cluster.config import ClusterConfig
from ccr_es.store.store import Store
from specs.catalogue import CCR

NAME = "days"
CONFIG = ClusterConfig(
    NAME, networks={"LAN": "public", "HB": "private"}, storage_groups=("SG1",), seed=6
)
WRITES = 60
"""Times that clients write between two faults."""


def serving(cluster: Cluster) -> str:
    """The node that serves; A if none does."""
    state = cluster.state()
    return next((n for n in "AB" if state[f"node.{n}.cms"] == "ONLINE"), "A")


def lap(cluster: Cluster) -> Iterator[Act | Pause]:
    """Clients write for a while, then the serving node fails and is started again."""
    node = serving(cluster)
    for _ in range(WRITES):
        yield Act("write_records", {"n": node, "g": "SG1", "records": 100})
        yield Pause(500)
    yield Act("fail_node", {"n": node})
    yield Pause(120_000)
    yield Act("power_on", {"n": node})
    yield Pause(300_000)


def recorded_days(path: Path, events: int) -> Path:
    """A store with a log of at least `events` events."""
    with Store.create(path) as store:
        cluster = Cluster.create(store, CONFIG, CCR)
        for node in "AB":
            cluster.do("power_on", {"n": node})
        cluster.wait(60_000)
        while cluster.head.number < events:
            for outcome in cluster.run(lap(cluster)):
                assert outcome.refusal is None, outcome.refusal
    return path

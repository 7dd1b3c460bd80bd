"""A cluster's days, by its own rules: clients write, logs are shipped, nodes fail and come back.

A log of any length for the audit to judge, with the CCR model and its properties. The first days
are simulated; after that, days pass like the newest ones: their steps are taken again, each by its
rule (every guard is asked, every argument bound anew), which is faster than looking for what
happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from ccr_es.cluster.cluster import Act, Cluster, Pause
from ccr_es.cluster.config import ClusterConfig
from ccr_es.cluster.plan import Plan
from ccr_es.record.events import Recorded
from ccr_es.store.store import Store
from models.plain.agenda import CLOCK
from models.plain.driver import Fired
from models.plain.ground import Grounded
from models.plain.layout import Value
from models.plain.reader import Step
from specs.catalogue import CCR

NAME = "days"
CONFIG = ClusterConfig(
    NAME, networks={"LAN": "public", "HB": "private"}, storage_groups=("SG1",), seed=6
)
WRITES = 60
"""Times that clients write between two faults."""
SIMULATED = 20
"""Laps that are simulated, an even number: then the same node serves as before the last two."""
BATCH = 5_000
"""Events saved at a time when days are repeated."""


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


def simulate(cluster: Cluster, laps: int) -> None:
    """So many laps."""
    for _ in range(laps):
        for outcome in cluster.run(lap(cluster)):
            assert outcome.refusal is None, outcome.refusal


@dataclass(frozen=True)
class Again:
    """A step to be taken again: `before` is by how much its cause came before it."""

    grounded: Grounded
    args: dict[str, Value]
    before: int | None

    def fired(self, plan: Plan) -> Fired:
        """The step, taken by its rule where a plan stands."""
        g, state, number = self.grounded, plan.fold.state, plan.fold.number + 1
        bound = g.bind(state) if g.bind is not None else ()
        args = {**self.args, **dict(zip(g.names, bound, strict=False))}
        changes = g.attempt(state, *[args[n] for n in g.names])
        assert changes is not None, (number, g.rule.name, args)
        new = {k: (state[k], v) for k, v in changes.items() if state[k] != v}
        time = plan.fold.time + int(changes.get(CLOCK, state[CLOCK])) - int(state[CLOCK])
        cause = None if self.before is None else number - self.before
        return Fired(number, Step(g.rule.name, args), g.row, new, time, cause)


def again(cluster: Cluster, recorded: Recorded) -> Again:
    """A recorded step, to be taken again."""
    event = recorded.event
    before = None if event.caused_by is None else event.number - event.caused_by
    grounded = cluster.reader.grounded(event.rule, event.step.args)
    return Again(grounded, event.step.args, before)


def repeat(store: Store, cluster: Cluster, first: int, events: int) -> None:
    """Take the steps from event `first` on again, until there are so many events."""
    steps = cycle([again(cluster, r) for r in cluster.events(first)])
    fold, codec = cluster.now, store.book.add(CCR)
    while fold.number < events:
        plan = Plan(NAME, fold, codec, cluster.machines)
        for _ in range(BATCH):
            plan.take(next(steps).fired(plan))
        store.append(plan.batch())
        fold = plan.fold


def recorded_days(path: Path, events: int) -> Path:
    """A store with a log of at least `events` events."""
    with Store.create(path) as store:
        cluster = Cluster.create(store, CONFIG, CCR)
        for node in "AB":
            cluster.do("power_on", {"n": node})
        cluster.wait(60_000)
        simulate(cluster, SIMULATED - 2)
        first = cluster.head.number + 1
        simulate(cluster, 2)
        repeat(store, cluster, first, events)
    return path

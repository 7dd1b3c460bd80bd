"""A plan: steps decided on a cluster's head, sealed as events, and not yet saved.

Saving one is `Store.append`.

The driver takes the steps; the plan turns what it fired into events, in its own fold, so that the
fold after the last one is the new head once they are saved. Sits above `fold` and `machines`; must
not write to the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from models.language.rule import Rule
from models.plain.driver import Fired
from models.plain.layout import Value
from models.plain.reader import Step

from ..record.book import model_bytes
from ..record.codec import Codec
from ..record.events import (
    CLUSTER_ROW,
    ClusterDescribed,
    ClusterDescribedArgs,
    ModelAdopted,
    ModelAdoptedArgs,
    Recorded,
    of_the_cluster,
    seal,
)
from ..state import keeping
from ..state.fold import Fold
from ..state.machines import Machines
from ..store.recorder import Batch, Head

CHECKPOINT_EVERY = 1_000
"""Events between two kept states; more if the state is a large one."""


@dataclass(frozen=True)
class By:
    """Who acts, why, and which event it follows from. An empty actor is the rule's own."""

    actor: str = ""
    reason: str = ""
    caused_by: int | None = None


OPERATOR = "operator"
"""Who acts when nobody is named."""
NOBODY_ELSE = By()
"""What happens by itself: the rule's actor, caused by what the driver says."""


class Plan:
    """Events on top of `fold` (which is left as it is), under the model of `codec`."""

    def __init__(self, cluster: str, fold: Fold, codec: Codec, machines: Machines) -> None:
        self.cluster, self.codec, self.machines = cluster, codec, machines
        self.expected = Head(fold.number, fold.hash)
        self.fold = fold.copy()
        self.recorded: list[Recorded] = []
        self._checkpoints: dict[int, bytes] = {}
        self._models: dict[str, bytes] = {}
        if fold.written != codec.fingerprint:
            self._adopt()
        self._before = len(self.recorded)

    @property
    def empty(self) -> bool:
        """No step was taken: there is nothing to save."""
        return len(self.recorded) == self._before

    def _adopt(self) -> None:
        """Record that the cluster goes on under another model, and bring that along."""
        data = model_bytes(self.codec.model)
        self._models[self.codec.fingerprint] = data
        args = ModelAdoptedArgs(model_hash=sha256(data).hexdigest(), name=self.codec.model.name)
        envelope = self._envelope(CLUSTER_ROW, self.fold.time, By(OPERATOR))
        self.fold.under(self.codec.fingerprint)
        model = self.codec.fingerprint
        self._append(seal(of_the_cluster(ModelAdopted, args, model=model, **envelope)), {})

    def take(self, fired: Fired, by: By = NOBODY_ELSE) -> Recorded:
        """Seal the event of a step that the driver took, and go on from it.

        Its moves must be arrows of the state machines too: if guards and machines disagree, that is
        a bug.
        """
        fold, step = self.fold, fired.step
        fold.reader.fill(fold.state)
        if not self.machines.accept(fold.state, step):
            raise AssertionError(
                f"{step}: the guards allow a move that the state machine does not have"
            )
        rule = self.codec.model.rule(step.rule)
        who = By(by.actor or actor_of(rule, step), by.reason)
        envelope = self._envelope(fired.row, fired.time, who)
        envelope["caused_by"] = fired.cause if by.caused_by is None else by.caused_by
        recorded = seal(self.codec.new(step, **envelope))
        self._append(recorded, {key: new for key, (_, new) in fired.changes.items()})
        return recorded

    def describe(self, facts: Mapping[str, str], by: By) -> None:
        """Record facts about the surroundings; no rule stands behind them."""
        who = By(by.actor or OPERATOR, by.reason)
        envelope = self._envelope(CLUSTER_ROW, self.fold.time, who)
        args = ClusterDescribedArgs(facts=dict(sorted(facts.items())))
        model = self.codec.fingerprint
        self._append(seal(of_the_cluster(ClusterDescribed, args, model=model, **envelope)), {})

    def _envelope(self, row: str, time_ms: int, by: By) -> dict[str, Any]:
        fold = self.fold
        return {
            "actor": by.actor,
            "cluster": self.cluster,
            "number": fold.number + 1,
            "previous": fold.hash,
            "reason": by.reason,
            "row": row,
            "time": time_ms,
            "version": fold.versions.get(row, 0) + 1,
        }

    def _append(self, recorded: Recorded, changes: dict[str, Value]) -> None:
        self.fold.advance(recorded, changes)
        self.recorded.append(recorded)
        if keeping.is_due(self.fold, CHECKPOINT_EVERY):
            self.fold.kept = self.fold.number
            self._checkpoints[self.fold.number] = keeping.to_bytes(self.fold)

    def batch(self) -> Batch:
        """What is to be saved."""
        kept = dict(self._checkpoints)
        return Batch(self.cluster, self.expected, tuple(self.recorded), self._models, kept)


def actor_of(rule: Rule, step: Step) -> str:
    """The rule's own actor: `cluster service on A`, `environment`."""
    if rule.actor.on is None:
        return rule.actor.name
    return f"{rule.actor.name} on {step.args[rule.params[0][0]]}"

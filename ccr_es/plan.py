"""A plan: steps decided on a cluster's head, sealed as events, and not yet saved.

Saving one is `Store.append`.

The driver takes the steps; the plan turns what it fired into events, in its own fold, so that the
fold after the last one is the new head once they are saved. Sits above `fold` and `machines`; must
not write to the store.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.language.rule import Rule
from models.plain.driver import Fired
from models.plain.reader import Step

from .book import model_bytes
from .events import Codec, Event, Recorded, seal
from .fold import Fold
from .machines import Machines
from .recorder import Batch, Head

CHECKPOINT_EVERY = 1_000
"""Events between two kept states: a point in time is at most this many events from one."""


@dataclass(frozen=True)
class By:
    """Who acts, why, and which event it follows from. An empty actor is the rule's own."""

    actor: str = ""
    reason: str = ""
    caused_by: int | None = None


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
        self._new_model = fold.written != codec.fingerprint

    def take(self, fired: Fired, by: By = NOBODY_ELSE) -> Recorded:
        """Seal the event of a step that the driver took, and go on from it.

        Its moves must be arrows of the state machines too: if guards and machines disagree, that is
        a bug.
        """
        fold, step = self.fold, fired.step
        if not self.machines.accept(fold.state, step):
            raise AssertionError(
                f"{step}: the guards allow a move that the state machine does not have"
            )
        rule = self.codec.model.rule(step.rule)
        event: Event[object] = self.codec.new(
            step,
            actor=by.actor or actor_of(rule, step),
            caused_by=fired.cause if by.caused_by is None else by.caused_by,
            cluster=self.cluster,
            number=fold.number + 1,
            previous=fold.hash,
            reason=by.reason,
            row=fired.row,
            time=fired.time,
            version=fold.versions.get(fired.row, 0) + 1,
        )
        recorded = seal(event)
        fold.advance(recorded, {key: new for key, (_, new) in fired.changes.items()})
        self.recorded.append(recorded)
        if fold.number % CHECKPOINT_EVERY == 0:
            self._checkpoints[fold.number] = fold.to_bytes()
        return recorded

    def batch(self) -> Batch:
        """What is to be saved; with the model that the steps were decided under, if the cluster is
        new to it.
        """
        models = {self.codec.fingerprint: model_bytes(self.codec.model)} if self._new_model else {}
        return Batch(
            self.cluster, self.expected, tuple(self.recorded), models, dict(self._checkpoints)
        )


def actor_of(rule: Rule, step: Step) -> str:
    """The rule's own actor: `cluster service on A`, `environment`."""
    if rule.actor.on is None:
        return rule.actor.name
    return f"{rule.actor.name} on {step.args[rule.params[0][0]]}"

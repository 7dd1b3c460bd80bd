"""The part of a model that is enough for a few properties, tried before everything is read.

Kept are the invariants that speak only of records of which the properties speak, and the rules that
write a field that any of these reads. A rule that is left out writes nothing that is read: it keeps
all of them by its frame. Less is assumed than may be, so what is proved here is proved; what is not
is asked of the whole model. Most of the time from the start to a verdict goes into reading rules.

Sits on `proving`; imports z3 through it, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from models.language.model import ALWAYS, LEMMA, STEP, Model, Property
from models.language.rule import Rule
from models.language.terms import Term, walk

from ..reading.grounding import bindings, canonical, label_of
from ..reading.symbolic import Reading
from ..verdict import HOLDS, Obligation
from .proving import Prover
from .settling import OnResult, Result

FEW = 0.6
"""The part of the rules above which it is not worth while."""
Names = set[tuple[str, str]]
"""Records' and fields' names."""


class _NotAll(Exception):
    """Something was asked that does not hold."""


@dataclass(frozen=True)
class Narrow:
    """A part of a model, and the rules that were left out."""

    model: Model
    left: tuple[Rule, ...]

    def prove(
        self, prover: Prover, wanted: Iterable[Property], say: OnResult
    ) -> list[Result] | None:
        """Every obligation of these properties and of what they lean on, the frames of the rules
        that were left out too. None, given up at the first that does not hold.
        """

        def strictly(result: Result) -> None:
            if result.obligation.verdict != HOLDS:
                raise _NotAll
            say(result)

        prover.stumbles = 0
        try:
            results = prover.prove(wanted, strictly)
        except _NotAll:
            return None
        if not all(prover.engine.still.values()):
            return None  # a step that writes nothing that is read may break it
        proved = {r.obligation.property for r in results}
        properties = [p for p in self.model.properties if p.number in proved]
        frames = self._frames(prover.engine.reading, properties)
        return [*results, *(Result(obligation) for obligation in frames)]

    def _frames(self, reading: Reading, properties: list[Property]) -> Iterator[Obligation]:
        for rule in self.left:
            wanted = [p for p in properties if not p.at or rule.name in p.at]
            if not wanted:
                continue
            for binding in bindings(reading, rule.keyed, siblings=True):
                if canonical(reading, rule.keyed, binding):
                    label = label_of(rule, binding)
                    yield from (Obligation(label, p.number, "frame", HOLDS) for p in wanted)


def narrowed(model: Model, wanted: Iterable[Property]) -> Narrow | None:
    """What is enough, perhaps; None if that is nearly everything."""
    asked = {p.number for p in wanted}
    read = {p.number: _fields(p.term) for p in model.properties}
    records = {record for number in asked for record, _ in read[number]}
    kept = tuple(
        p
        for p in model.properties
        if p.number in asked
        or (p.kind in (ALWAYS, LEMMA) and {record for record, _ in read[p.number]} <= records)
    )
    fields = Names().union(*(read[p.number] for p in kept))
    named = {name for p in kept for name in p.at if p.kind == STEP}
    near, left = dict[str, Rule](), list[Rule]()
    for name, rule in model.rules.items():
        if name in named or any(field.value[:2] in fields for field, _ in rule.effects):
            near[name] = rule
        else:
            left.append(rule)
    if len(near) > FEW * len(model.rules):
        return None
    return Narrow(replace(model, properties=kept, rules=near), tuple(left))


def _fields(term: Term) -> Names:
    return {t.value[:2] for t in walk(term) if t.op in ("field", "next")}

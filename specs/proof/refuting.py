"""What can never be shown: a `sometimes` is refuted by proving its opposite, like any `always`.

The opposite is a property of its own, with a number of its own (`not-S23`), so that its proof is
in the report and in the certificate, and a second opinion on it counts. Imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from models.language.model import ALWAYS, SOMETIMES, Model, Property
from models.language.terms import negate

from ..report import Report
from ..verdict import BY_INDUCTION, HOLDS, SEARCH, VIOLATED, Obligation
from .settling import Result

PREFIX = "not-"
DETAIL = "no run of any length shows it"


def opposite(prop: Property) -> Property:
    """That no state is what `prop` says some state is."""
    term = negate(prop.term)
    return replace(prop, number=PREFIX + prop.number, kind=ALWAYS, term=term, story=())


def beside(model: Model, props: Iterable[Property]) -> Model:
    """The model with the opposites of these properties."""
    return replace(model, properties=(*model.properties, *map(opposite, props)))


def with_refuted(model: Model, report: Report) -> Model:
    """The model with the opposites that the report has obligations on."""
    numbers = {o.property for o in report.obligations}
    some = [p for p in model.properties if p.kind == SOMETIMES]
    return beside(model, [p for p in some if PREFIX + p.number in numbers])


def note_refuted(report: Report, prop: Property, results: Iterable[Result]) -> Obligation | None:
    """Put into the report that `prop` is never so, and why; None if that is not proved."""
    found = [r.obligation for r in results]
    number = PREFIX + prop.number
    mine = [o for o in found if o.property == number]
    if any(o.verdict != HOLDS for o in mine):
        return None
    known = {(o.rule, o.property) for o in report.obligations}
    report.obligations += [o for o in found if (o.rule, o.property) not in known]
    seconds = sum(o.seconds for o in mine)
    said = Obligation(SEARCH, prop.number, BY_INDUCTION, VIOLATED, seconds, DETAIL, (number,))
    report.obligations.append(said)
    return said

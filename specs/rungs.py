"""The rungs of the ladder above induction: what k-induction and Spacer say of one property, put
into a report. Sits below `verify`; imports z3 through its engines.
"""

from __future__ import annotations

from models.language.model import Instance, Model, Property

from .proof.kinduction import Ask, KInduction
from .proof.spacer import Spacer
from .reading.asking import Deadline
from .report import Report
from .verdict import BY_K, BY_SPACER, HOLDS, SEARCH, Obligation


def unroll(
    report: Report, model: Model, instance: Instance, prop: Property, deadline: Deadline,
    ask: Ask | None = None,
) -> Obligation:  # fmt: skip
    """Try k-induction, with everything that is proved; `ask` answers instead of z3, and then with
    nothing that is proved, as the questions were written before anything was.
    """
    proved = [p for p in model.properties if report.proved(p.number)] if ask is None else []
    found = KInduction(
        model, instance, prop, report.parameters, proved=proved, deadline=deadline, ask=ask
    ).prove()
    if found.verdict == HOLDS:
        report.certificates[prop.number] = found.detail
        report.queries[prop.number] = found.queries
    return searched(prop, BY_K, found.verdict, found.seconds, found.detail)


def certify(
    report: Report, model: Model, instance: Instance, prop: Property, deadline: Deadline, limit: int
) -> Obligation:
    """Let Spacer look for an invariant."""
    found = Spacer(
        model, instance, prop, report.parameters, rlimit=limit, deadline=deadline
    ).prove()
    if found.verdict == HOLDS:
        report.certificates[prop.number] = found.invariant
        report.queries[prop.number] = found.queries
    return searched(prop, BY_SPACER, found.verdict, found.seconds, found.detail)


def searched(prop: Property, method: str, verdict: str, seconds: float, detail: str) -> Obligation:
    """What a search or a proof of a whole property said."""
    return Obligation(SEARCH, prop.number, method, verdict, seconds, detail)

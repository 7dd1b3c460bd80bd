"""A run judged like a log: each guard of each step, the moves, and every property on the way.

Sits above `injecting`; imports no z3.
"""

from __future__ import annotations

from pathlib import Path

from ccr_es.audit.audit import AuditReport, Finding
from ccr_es.audit.judge import Broken, Fact, Judge
from cli.cluster.injecting import read_run
from cli.session.subject import subject
from models.language.canonical import fingerprint
from models.plain.layout import State
from models.plain.reader import Reader


def audit_run(path: Path) -> AuditReport:
    """The report on a run file under the subject's model; the number of an event is its step."""
    model = subject().model
    run = read_run(path, model)
    reader = Reader(model, run.instance)
    judge, state = Judge(reader, model.properties), reader.initial()
    report = AuditReport(str(path), path.stem, judged_by=[fingerprint(model)])
    report.head = f"{len(run)}:"
    for broken in judge.begin(state):
        report.add(_property(0, broken, state))
    for number, step in enumerate(run.steps, 1):
        label = model.rule(step.rule).label
        for guard in judge.guards(state, step):
            text = f"{label} fired although it was not so that {guard.name}"
            facts = tuple(Fact(k, v, None) for k, v in guard.facts.items())
            report.add(Finding(number, "guard", text, "", label, guard.name, facts=facts))
        for text in judge.moves(state, step):
            report.add(Finding(number, "move", text, "", label))
        old, state = state, reader.evolve(state, step)
        changed = [k for k, v in state.items() if old[k] != v]
        for broken in judge.properties(step.rule, old, changed, state):
            report.add(_property(number, broken, state, label))
        report.events += 1
    return report


def _property(number: int, broken: Broken, state: State, rule: str = "") -> Finding:
    facts = tuple(Fact(k, state[k], None) for k in broken.keys)
    label = broken.prop.label
    return Finding(number, "property", broken.text, "", rule, property=label, facts=facts)

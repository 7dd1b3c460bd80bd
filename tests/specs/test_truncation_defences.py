"""Each guard of truncation, dropped on its own, gives a confirmed run in which a log is deleted
that somebody needs.

A rule that lost a guard is left to an operator (a command), who deletes what it then allows; that
it deletes as much as it may is no defence and is dropped too. With the guard the promise is proved.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from models.language.model import Instance, Model
from models.plain.reader import Step
from specs.catalogue import CCR, SMALL
from specs.proof.induction import Induction
from specs.runs import Run, confirm
from specs.search.story import tell
from specs.verdict import HOLDS

FORMED = ("power_on n=A", "power_on n=B", "wait 20000")
GREEDY = "as many as may be"
BY_HAND = ("delete_logs", "delete_passive_logs", "advance_checkpoint")
"""Rules that say by their guards how far they go: without one a person says it."""


def logs(count: int) -> tuple[str, ...]:
    """Close `count` logs of one record each on A, and let them be shipped."""
    return (*("write_records n=A g=SG1 records=1",) * count, "wait 2000")


def begun(kind: str, of: str, n: str = "A") -> str:
    """A backup begins."""
    return f"begin_backup n={n} g=SG1 kind={kind} of={of}"


def deleted(upto: int, n: str = "A") -> str:
    """The active node deletes its logs up to a generation."""
    return f"delete_logs n={n} g=SG1 generation={upto}"


def passive_deleted(upto: int, n: str = "B") -> str:
    """The passive node deletes its logs up to a generation."""
    return f"delete_passive_logs n={n} g=SG1 generation={upto}"


BEHIND = ("enable_standby t=DR g=SG1 lag=0 truncation=0 spacing=0", "cut_target t=DR n=A")
"""A standby target that can fetch nothing."""
FULL_OF_PASSIVE = (*FORMED, *logs(4), begun("FULL", "B"), "wait 601000", *logs(3))
"""Four logs in a full backup, and three more."""
AHEAD = (*FORMED, *logs(4), begun("FULL", "A"), *logs(3), "wait 599000", *logs(1))
"""As before, but both database files are written beyond what is backed up."""
TWICE = (*AHEAD, begun("INCREMENTAL", "A"), "wait 60000")
"""Then an incremental backup, which the passive copy has not heard of yet."""
DIVERGED = (
    *AHEAD, "write_records n=A g=SG1 records=1", "fail_node n=A", "wait 60000", "power_on n=A",
    "wait 60000",
)  # fmt: skip
"""Then a lossy failover to B; the copy on A has failed."""
RESEEDED = (
    *DIVERGED,
    "begin_seed n=A g=SG1 delete=true manual=false",
    "wait 70000",
    "request_move n=B",
    "wait 20000",
)
"""Then A is reseeded and active again: logs older than its seed are not there."""


@dataclass(frozen=True)
class Case:
    """What a guard is for, where it is dropped, which promise then breaks, and how."""

    says: str
    drops: dict[str, tuple[str, ...]]
    number: str
    story: tuple[str, ...]
    settings: dict[str, int] = field(default_factory=dict)
    cut: str = ""
    """Where the story is cut: after its last step of this rule; then `steps` are taken."""
    steps: tuple[Step, ...] = ()


def active(*guards: str) -> dict[str, tuple[str, ...]]:
    """Drop guards of the active node's rule."""
    return {"delete_logs": (*guards, GREEDY)}


def passive(*guards: str) -> dict[str, tuple[str, ...]]:
    """Drop guards of the passive node's rule."""
    return {"delete_passive_logs": (*guards, GREEDY)}


MISSING = {
    "begin_backup": ("no log that it needs is missing there",),
    "finish_backup": ("no log that it needs went missing there",),
}
CASES = [
    Case(
        "a log that is not backed up stays",
        active("they are backed up"), "P44", (*AHEAD, deleted(5)),
        {"tracked_generation": 5},
    ),
    Case(
        "a log that crash recovery needs stays",
        active("they are older than the checkpoint"), "P40", (*FULL_OF_PASSIVE, deleted(4)),
        {"tracked_generation": 4, "llr_depth": 9},
    ),
    Case(
        "a log that the passive copy has not replayed stays",
        active("passive copy has them in its database"), "P41",
        (*FORMED, *logs(4), begun("FULL", "A"), "wait 601000", deleted(1)),
        {"copy_time": 10_000_000},
    ),
    Case(
        "a failed passive copy pins every log",
        active("passive copy answers and is healthy"), "P43",
        (*DIVERGED, begun("FULL", "B", n="B"), "wait 700000", deleted(5, n="B")),
        {"tracked_generation": 5},
    ),
    Case(
        "a log that a standby target has not inspected stays",
        active("every standby target has inspected them"), "P62",
        (*FORMED, *BEHIND, *logs(4), begun("FULL", "B"), "wait 601000", *logs(3), deleted(1)),
    ),
    Case(
        "only the store that has it mounted deletes logs of an active copy",
        active("storage group is mounted here"), "P43",
        (*FULL_OF_PASSIVE, "stop_cms n=A", "wait 3000", deleted(1)),
        {"llr_depth": 1, "copy_retry": 1},
    ),
    Case(
        "a log that a running backup of the active copy takes stays",
        active("no backup is running"), "P47",
        (*TWICE, begun("DIFFERENTIAL", "A"), *logs(2), deleted(5)),
        {"tracked_generation": 5},
    ),
    Case(
        "the passive copy keeps what its own header does not call backed up",
        passive("they are backed up"), "P44", (*TWICE, passive_deleted(5)),
        {"tracked_generation": 5},
    ),
    Case(
        "the passive copy keeps what its own recovery needs",
        passive("they are older than the checkpoint", "they are deleted on the active node"),
        "P40", FULL_OF_PASSIVE, {"tracked_generation": 4}, "adopt_header",
        (Step("delete_passive_logs", {"n": "B", "g": "SG1", "generation": 4}),),
    ),
    Case(
        "the passive copy keeps what the active one keeps",
        passive("they are deleted on the active node"), "P48",
        (*FULL_OF_PASSIVE, passive_deleted(1)), {"llr_depth": 9},
    ),
    Case(
        "a source that does not answer allows nothing",
        passive("copy follows its source"), "P48", FULL_OF_PASSIVE, {}, "delete_logs",
        (
            Step("cut_network", {"w": "net1", "n": "A"}),
            Step("delete_passive_logs", {"n": "B", "g": "SG1", "generation": 1}),
        ),
    ),
    Case(
        "a log that a running backup of the passive copy takes stays",
        passive("no backup is running"), "P47",
        (*TWICE, begun("DIFFERENTIAL", "B"), *logs(2), passive_deleted(5)),
        {"tracked_generation": 5},
    ),
    Case(
        "a checkpoint is what is written to the file",
        {"advance_checkpoint": ("its changes are in the file",)}, "P40",
        (*FULL_OF_PASSIVE, "advance_checkpoint n=A g=SG1 generation=99"),
    ),
    Case(
        "an incremental backup is refused where logs are missing",
        MISSING, "P45",
        (*RESEEDED, begun("INCREMENTAL", "A"), "wait 60000"),
        {"tracked_generation": 5},
    ),
    Case(
        "the header comes with the log that carries its change",
        {"adopt_header": ("log with the change is replayed",)}, "P49",
        (*FORMED, *logs(4), begun("FULL", "B"), "wait 600000"),
    ),
    Case(
        "a node without a lease records no backup",
        {"finish_backup": ("lease is valid",)}, "P49",
        (*FORMED, *logs(4), begun("FULL", "A"), "freeze_node n=A", "wait 600000", "thaw_node n=A"),
        {}, "thaw_node", (Step("finish_backup", {"n": "A", "g": "SG1", "of": "A"}),),
    ),
]  # fmt: skip


def weakened(drops: dict[str, tuple[str, ...]]) -> Model:
    """The model without these guards."""
    model = CCR
    for rule, guards in drops.items():
        for guard in guards:
            model = model.without_guard(rule, guard)
        if rule == "finish_backup":
            model = model.without_rule("fail_backup")
        if rule in BY_HAND:
            model = model.with_rule(model.rule(rule).changed(trigger="command"))
    return model


def breaking_run(case: Case, model: Model) -> Run:
    """The run that the case tells."""
    settings = {"log_capacity": 1, "llr_depth": 0, **case.settings}
    run = tell(model, Instance(SMALL.members, settings), case.story)
    if not case.steps:
        return run
    last = max(i for i, step in enumerate(run.steps) if step.rule == case.cut)
    return Run(run.instance, (*run.steps[: last + 1], *case.steps))


def promise(model: Model, number: str) -> Any:
    """A promise of the model."""
    found = model.numbered(number)
    assert found is not None
    return found


@pytest.mark.seed("S-028", "S-031", "S-033")
@pytest.mark.parametrize("case", CASES, ids=[c.says for c in CASES])
def test_without_this_guard_a_log_is_deleted_that_is_needed(case: Case) -> None:
    model = weakened(case.drops)
    run = breaking_run(case, model)
    assert confirm(model, run, promise(model, case.number)) is not None
    assert confirm(CCR, FULL_RUN, promise(CCR, case.number)) is None


FULL_RUN = tell(CCR, SMALL, (*FORMED, begun("FULL", "B"), "wait 700000"))


@pytest.mark.parametrize("case", CASES[:3], ids=[c.says for c in CASES[:3]])
def test_without_this_guard_the_proof_is_open(case: Case) -> None:
    model = weakened(case.drops)
    engine = Induction(model, SMALL)
    engine.steps = [s for s in engine.steps if s.rule.name in case.drops]
    results = engine.first_pass([promise(model, case.number)])
    assert {r.obligation.verdict for r in results} != {HOLDS}


def test_every_guard_of_truncation_is_shown_to_be_needed() -> None:
    dropped = {(rule, guard) for c in CASES for rule, guards in c.drops.items() for guard in guards}
    needed = {
        (name, guard)
        for name in ("delete_logs", "delete_passive_logs")
        for guard in {**CCR.rule(name).requires, **CCR.rule(name).given}
        if not guard.startswith("its node") and guard != "there are such logs"
    }
    assert needed <= dropped

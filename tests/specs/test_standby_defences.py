"""Each defence of a standby target, dropped on its own, gives a confirmed run that breaks a
promise; wordings that were found false keep the run that refutes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from models.ccr.phrases import serving
from models.ccr.phrases_standby import forked_off
from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_standby import Standby, Target
from models.language.model import ALWAYS, Instance, Model, Property, property_for
from models.language.terms import Term, all_of, implies
from models.plain.reader import Step
from specs.catalogue import CCR, SMALL
from specs.runs import Run, confirm
from specs.search.story import tell

FORMED = ("power_on n=A", "power_on n=B", "wait 20000")
TWO = {**SMALL.members, "Target": ("DR", "DR2")}
SETTINGS = {"log_capacity": 1, "llr_depth": 0, "scr_floor": 3}


def enabled(lag: int = 0, truncation: int = 0, t: str = "DR") -> str:
    """SCR of SG1 is enabled."""
    return f"enable_standby t={t} g=SG1 lag={lag} truncation={truncation} spacing={lag // 4}"


def logs(count: int) -> tuple[str, ...]:
    """Close `count` logs of one record each on A, and let them be shipped."""
    return (*("write_records n=A g=SG1 records=1",) * count, "wait 2000")


BACKED_UP = ("begin_backup n=A g=SG1 kind=FULL of=B", "wait 601000")
LOSSY = (
    "write_records n=A g=SG1 records=1", "wait 50", "cut_network w=net1 n=B", "wait 500",
    "heal_network w=net1 n=B", *logs(1), "fail_node n=A", "wait 60000",
)  # fmt: skip
"""A failover to B, which could not fetch two logs that the target had inspected."""
STOPPED = ("stop_cms n=A", "wait 10000")


@dataclass(frozen=True)
class Case:
    """What a guard is for, where it is dropped, which promise then breaks, and how."""

    says: str
    drops: dict[str, tuple[str, ...]]
    number: str
    story: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    settings: dict[str, int] = field(default_factory=dict)
    by_hand: tuple[str, ...] = ()
    """Rules that are left to a person, because a guard said how far they go."""
    cut: str = ""
    """Where the story is cut: after its last step of this rule."""


ROW = {"t": "DR", "g": "SG1"}
CASES = [
    Case(
        "fifty newer logs are inspected before one is replayed",
        {"replay_standby_log": ("the floor of newer logs is inspected",)}, "P60",
        (*FORMED, enabled(), *logs(3)),
    ),
    Case(
        "without the floor a lossy failover leaves the target ahead",
        {"replay_standby_log": ("the floor of newer logs is inspected",)}, "P63",
        (*FORMED, enabled(), *logs(5), *LOSSY),
    ),
    Case(
        "a log younger than the lag is not replayed",
        {"replay_standby_log": ("log is older than the replay lag",)}, "P60",
        (*FORMED, enabled(lag=1000), *logs(5)),
        settings={"tracked_generation": 2},
    ),
    Case(
        "a note of age is what shows a log to be old",
        {"let_age": ("a note of age shows it",)}, "P60",
        (*FORMED, enabled(lag=3_600_000), *logs(5)),
        (Step("let_age", {**ROW, "generation": 2}), Step("replay_standby_log", ROW)),
        by_hand=("let_age",),
    ),
    Case(
        "what a target replayed is in the stream that it follows",
        {
            "follow_stream": ("nothing replayed is lacking there",),
            "replay_standby_log": ("the floor of newer logs is inspected",),
        },
        "P61", (*FORMED, enabled(), *logs(5), *LOSSY),
    ),
    Case(
        "a target starts only where the next log is",
        {"follow_stream": ("next log is there",)}, "P62",
        (*FORMED, *logs(4), *BACKED_UP, *logs(2), enabled()),
    ),
    Case(
        "the slowest target counts, not the fastest",
        {"delete_logs_inspected": ("every standby target has inspected them",)}, "P62",
        (
            *FORMED, enabled(), enabled(t="DR2"), "cut_target t=DR2 n=A", *logs(2),
            "cut_target t=DR n=A", *logs(4), *BACKED_UP, *logs(2),
        ),
    ),
    Case(
        "a truncation lag is waited for",
        {"delete_standby_logs": ("truncation lag has passed",)}, "P64",
        (*FORMED, enabled(truncation=3_600_000), *logs(8), *BACKED_UP, *logs(2)),
    ),
    Case(
        "without force the last log has to be here",
        {"restore_standby": ("last log is inspected here",)}, "P65",
        (*FORMED, enabled(), *logs(2), "write_records n=A g=SG1 records=1", *STOPPED[:1]),
        (Step("restore_standby", {**ROW, "n": "A", "final": 3}),),
        settings={"tracked_record": 3},
    ),
    Case(
        "without force an operator has to stop the source",
        {"restore_standby": ("an operator stopped the CMS",)}, "P65",
        (*FORMED, enabled(), *logs(2), "request_move n=A", "wait 1000"),
        (Step("restore_standby", {**ROW, "n": "A", "final": 2}),), cut="close_last_log",
    ),
    Case(
        "without the floor a restore of a stand-alone source leaves the target ahead",
        {"replay_remote_log": ("the floor of newer logs is inspected",)}, "P63",
        (
            "install_server v=MBX", "create_local v=MBX h=SG1", "enable_lcr v=MBX h=SG1",
            "wait 60000", "enable_remote t=DR v=MBX h=SG1 lag=0 truncation=0 spacing=0",
            "suspend_lcr v=MBX h=SG1", "write_local v=MBX h=SG1 records=1", "wait 1000",
            "lose_local_disks v=MBX h=SG1", "restore_lcr v=MBX h=SG1",
        ),
    ),
    Case(
        "what a target replayed is in the server's stream that it follows",
        {
            "follow_server": ("nothing replayed is lacking there",),
            "replay_remote_log": ("the floor of newer logs is inspected",),
        },
        "P61",
        (
            "install_server v=MBX", "create_local v=MBX h=SG1", "enable_lcr v=MBX h=SG1",
            "wait 60000", "enable_remote t=DR v=MBX h=SG1 lag=0 truncation=0 spacing=0",
            "suspend_lcr v=MBX h=SG1", "write_local v=MBX h=SG1 records=1", "wait 1000",
            "lose_local_disks v=MBX h=SG1", "restore_lcr v=MBX h=SG1",
        ),
    ),
    Case(
        "a suspended target copies nothing",
        {"copy_standby_log": ("copy replicates",)}, "P66",
        (*FORMED, enabled(), *logs(2), "suspend_standby t=DR g=SG1", *logs(1)),
    ),
    Case(
        "everything is replayed before it is mounted",
        {"activate_by_portability": ("everything inspected is replayed",)}, "P67",
        (
            *FORMED, enabled(), *logs(5), *STOPPED, "restore_standby t=DR n=A g=SG1",
            "activate_by_portability t=DR g=SG1",
        ),
    ),
]  # fmt: skip


def weakened(case: Case) -> Model:
    """The model without these guards."""
    model = CCR
    for rule, guards in case.drops.items():
        for guard in guards:
            model = model.without_guard(rule, guard)
    for rule in case.by_hand:
        model = model.with_rule(model.rule(rule).changed(trigger="command"))
    return model


def instance_of(case: Case) -> Instance:
    """One target, or two, with small numbers."""
    members = TWO if any("DR2" in line for line in case.story) else SMALL.members
    return Instance(members, {**SETTINGS, **case.settings})


def breaking_run(case: Case, model: Model) -> Run:
    """The run that the case tells."""
    told = tell(model, instance_of(case), case.story)
    ends = [i for i, step in enumerate(told.steps, 1) if step.rule == case.cut]
    return Run(told.instance, (*told.steps[: ends[-1] if ends else None], *case.steps))


def promise(model: Model, number: str) -> Any:
    """A promise of the model."""
    found = model.numbered(number)
    assert found is not None
    return found


@pytest.mark.seed("S-034", "S-166", "S-168")
@pytest.mark.parametrize("case", CASES, ids=[c.says for c in CASES])
def test_without_this_guard_a_promise_about_standby_copies_breaks(case: Case) -> None:
    model = weakened(case)
    assert confirm(model, breaking_run(case, model), promise(model, case.number)) is not None


def test_with_every_guard_the_same_stories_break_nothing() -> None:
    for case in CASES:
        if not case.steps and not case.by_hand and "activate" not in case.story[-1]:
            run = tell(CCR, instance_of(case), case.story)
            assert confirm(CCR, run, promise(CCR, case.number)) is None


@pytest.mark.seed("S-168")
def test_a_standby_copy_is_restored_and_mounted_by_commands_only() -> None:
    ends = {"RESTORED", "ACTIVE"}
    rules = [
        rule
        for rule in CCR.rules.values()
        for move in rule.moves
        if rule.record in ("standby", "remote") and move.target.value in ends
    ]
    assert len(rules) == 9
    assert {rule.trigger for rule in rules} == {"command"}


wording = property_for(SCHEMA)


@wording(
    "W63", kind=ALWAYS, source="T8",
    story=(*FORMED, *logs(1), enabled(), "suspend_standby t=DR g=SG1",
           "begin_standby_seed t=DR n=A g=SG1 delete=true", "wait 50000", *LOSSY[:-2],
           "wait 9000", "fail_node n=A", "wait 60000"),
)  # fmt: skip
def a_target_is_never_ahead_of_the_new_source(s: Any, t: Target, n: Node, g: Group) -> Term:
    """A target that follows has replayed nothing that a new active copy lacks."""
    mine = s.standby[t, g]
    forked = all_of(s.copy[n, g].state == Copy.ACTIVE, forked_off(s, t, n, g))
    return implies(
        all_of(mine.state == Standby.HEALTHY, forked), mine.replayed <= s.copy[n, g].fork
    )


@wording(
    "W61", kind=ALWAYS, source="I17", story=(*FORMED, enabled(), *logs(5), *LOSSY)
)  # fmt: skip
def replay_is_always_behind_by_the_floor(s: Any, t: Target, g: Group) -> Term:
    """What a target replayed is scr_floor logs behind what it inspected, at every instant."""
    mine = s.standby[t, g]
    behind = mine.replayed <= mine.top - s.p.scr_floor
    return implies(all_of(mine.state == Standby.HEALTHY, mine.replayed > 0), behind)


@wording(
    "W65", kind=ALWAYS, source="S-168",
    story=(*FORMED, enabled(), *logs(2), "cut_target t=DR n=A", "cut_target t=DR n=B",
           "force_standby t=DR g=SG1", "wait 1000", "activate_by_portability t=DR g=SG1"),
)  # fmt: skip
def an_activated_target_is_alone(s: Any, t: Target, n: Node, g: Group) -> Term:
    """While a standby copy is mounted no node of the cluster serves."""
    return implies(s.standby[t, g].state == Standby.ACTIVE, ~serving(s, n))


REFUTED = [
    a_target_is_never_ahead_of_the_new_source,
    replay_is_always_behind_by_the_floor,
    an_activated_target_is_alone,
]


@pytest.mark.seed("S-168")
@pytest.mark.parametrize("prop", REFUTED, ids=[p.name for p in REFUTED])
def test_the_old_wording_is_refuted(prop: Property) -> None:
    run = tell(CCR, Instance(SMALL.members, SETTINGS), prop.story)
    assert confirm(CCR.promising([prop]), run, prop) is not None

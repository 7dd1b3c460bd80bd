"""Each defence of a server outside the cluster, dropped on its own, gives a confirmed run that
breaks a promise: what its logs are kept for, and whose name a standby server takes over.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from models.language.model import Instance, Model
from models.plain.reader import Step
from specs.catalogue import CCR, SMALL
from specs.runs import Run, confirm
from specs.search.story import tell
from tests.specs.test_standby_defences import SETTINGS, promise

ALONE = ("install_server v=MBX", "create_local v=MBX h=SG1")
SHARED = ("install_scc v=MBX", "create_local v=MBX h=SG1")
LCR = ("enable_lcr v=MBX h=SG1", "wait 61000")
TARGET = "enable_remote t=DR v=MBX h=SG1 lag=0 truncation=3600000 spacing=0"
GREEDY = "as many as may be"
BY_HAND = ("delete_local_logs", "delete_remote_logs", "advance_local_checkpoint")
"""Rules that say by their guards how far they go: without one a person says it."""
ROW = {"v": "MBX", "h": "SG1"}


def logs(count: int) -> tuple[str, ...]:
    """Close `count` logs of one record each, and let them be copied."""
    return (*("write_local v=MBX h=SG1 records=1",) * count, "wait 2000")


def begun(kind: str) -> str:
    """A backup begins."""
    return f"begin_local_backup v=MBX h=SG1 kind={kind}"


def deleted(upto: int) -> Step:
    """The server deletes its logs up to a generation."""
    return Step("delete_local_logs", {**ROW, "generation": upto})


MAILED = (
    "add_hub h=HUB1 skew=0",
    *ALONE,
    *LCR,
    "submit_post h=HUB1 m=m1 v=MBX k=SG1 count=1 size=1 records=1",
)
MAIL = {"h": "HUB1", "m": "m1", "v": "MBX", "k": "SG1"}
"""One lot of mail is in the open log of a server with a local copy."""
DISKS = ("lose_local_disks v=MBX h=SG1", "restore_lcr v=MBX h=SG1", "mount_local v=MBX h=SG1")
FULL = (begun("FULL"), "wait 601000")
LOST = ("fail_server v=MBX", "force_remote t=DR v=MBX h=SG1", "wait 1000")


@dataclass(frozen=True)
class Case:
    """What a guard is for, where it is dropped, which promise then breaks, and how."""

    says: str
    drops: dict[str, tuple[str, ...]]
    number: str
    story: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    generation: int = 1


CASES = [
    Case(
        "a node that is left would run what was recovered elsewhere",
        {"recover_scc": ("none of its nodes is up",)}, "P76",
        (*SHARED, "form_standby_cluster t=DR", TARGET, *logs(2), *LOST,
         "recover_scc t=DR v=MBX h=SG1"),
    ),
    Case(
        "a server that is not clustered is not recovered as a clustered one",
        {"recover_scc": ("lost server was clustered",)}, "P76",
        (*ALONE, "form_standby_cluster t=DR", TARGET, *logs(2), *LOST,
         "recover_scc t=DR v=MBX h=SG1"),
    ),
    Case(
        "a clustered server is not recovered as a stand-alone one",
        {"recover_server": ("lost server was not clustered",)}, "P76",
        (*SHARED, TARGET, *logs(2), *LOST, "recover_server t=DR v=MBX h=SG1"),
    ),
    Case(
        "a log that is not backed up stays",
        {"delete_local_logs": ("they are backed up", GREEDY)}, "P77",
        (*ALONE, *logs(1), *FULL, *logs(1)),
        (Step("advance_local_checkpoint", {**ROW, "generation": 2}), deleted(2)), 2,
    ),
    Case(
        "a log that a crash recovery needs stays",
        {"delete_local_logs": ("they are older than the checkpoint", GREEDY)}, "P77",
        (*ALONE, *logs(1), *FULL), (deleted(1),),
    ),
    Case(
        "a log that the local copy has not copied stays",
        {"delete_local_logs": ("local copy has them in its database", GREEDY)}, "P77",
        (*ALONE, *LCR, "suspend_lcr v=MBX h=SG1", *logs(1), *FULL),
        (Step("advance_local_checkpoint", {**ROW, "generation": 1}), deleted(1)),
    ),
    Case(
        "a log that a running backup is to take stays",
        {"delete_local_logs": ("no backup is running", GREEDY)}, "P77",
        (*ALONE, *logs(1), *FULL[:1], *logs(1), "wait 601000", begun("DIFFERENTIAL"),
         *logs(1), "wait 61000", begun("INCREMENTAL"), "wait 61000", begun("DIFFERENTIAL")),
        (Step("advance_local_checkpoint", {**ROW, "generation": 3}), deleted(3)), 3,
    ),
    Case(
        "a differential backup begins only with all logs since the full one",
        {"begin_local_backup": ("no log that it needs is missing",)}, "P77",
        (*ALONE, *logs(1), *FULL, *logs(1), begun("INCREMENTAL"), "wait 61000"),
        (Step("advance_local_checkpoint", {**ROW, "generation": 2}), deleted(2),
         Step("begin_local_backup", {**ROW, "kind": "DIFFERENTIAL"})), 2,
    ),
    Case(
        "an incremental backup that lacks a log breaks the chain",
        {"delete_local_logs": ("they are backed up", GREEDY),
         "begin_local_backup": ("no log that it needs is missing",)}, "P78",
        (*ALONE, *logs(1), *FULL, *logs(1)),
        (Step("advance_local_checkpoint", {**ROW, "generation": 2}), deleted(2),
         Step("begin_local_backup", {**ROW, "kind": "INCREMENTAL"}), Step("tick", {"dt": 60_000}),
         Step("finish_local_backup", ROW)), 2,
    ),
    Case(
        "a log that a standby target has not inspected stays",
        {"delete_local_logs": ("every standby target has inspected them",)}, "P62",
        (*ALONE, TARGET, "cut_line t=DR v=MBX", *logs(1), *FULL),
        (Step("advance_local_checkpoint", {**ROW, "generation": 1}), deleted(1)),
    ),
    Case(
        "a target starts only where the next log is",
        {"follow_server": ("next log is there",)}, "P62",
        (*ALONE, *logs(1), *FULL),
        (Step("advance_local_checkpoint", {**ROW, "generation": 1}), deleted(1),
         Step("enable_remote", {"t": "DR", **ROW, "lag": 0, "truncation": 0, "spacing": 0}),
         Step("follow_server", {"t": "DR", **ROW, "lineage": 1, "keep": 0})),
    ),
    Case(
        "a truncation lag is waited for at a server's target",
        {"delete_remote_logs": ("truncation lag has passed",)}, "P64",
        (*ALONE, TARGET, *logs(8), *FULL),
        (Step("advance_local_checkpoint", {**ROW, "generation": 8}), deleted(8),
         Step("note_remote_replayed", {"t": "DR", **ROW}),
         Step("delete_remote_logs", {"t": "DR", **ROW, "generation": 5})),
    ),
    Case(
        "a single copy cluster has no local copy",
        {"enable_lcr": ("server is not clustered",)}, "P79", (*SHARED, *LCR),
    ),
    Case(
        "a window begins when the local copy was last whole",
        {"accept_post_request": ("its window",)}, "P81",
        (*MAILED, *DISKS[:2]),
        (Step("accept_post_request", {
            **{k: MAIL[k] for k in "hvk"}, "since": 1_000_000, "until": 1_000_000, "lineage": 2,
        }),),
    ),
    Case(
        "what the table lists is not delivered again",
        {"deliver_post": ("database does not list it", "mail waits")}, "P80", MAILED,
        (Step("deliver_post", {**MAIL, "records": 1}), Step("close_local_log", ROW),
         Step("deliver_post", {**MAIL, "records": 1})),
    ),
    Case(
        "mail that was rolled back is not dropped",
        {"drop_post_duplicate": ("database lists it",)}, "P82",
        (*MAILED, *DISKS[:2]),
        (Step("mount_local", ROW), Step("drop_post_duplicate", {**MAIL, "count": 1})),
    ),
]  # fmt: skip


def weakened(case: Case) -> Model:
    """The model without these guards, in which a person deletes."""
    model = CCR
    for rule, guards in case.drops.items():
        for guard in guards:
            model = model.without_guard(rule, guard)
    mailing = {"accept_post_request", "deliver_post", "drop_post_duplicate"} & set(case.drops)
    for rule in (*BY_HAND, *mailing):
        model = model.with_rule(model.rule(rule).changed(trigger="command"))
    return model


@pytest.mark.seed("S-034", "S-167", "S-169")
@pytest.mark.parametrize("case", CASES, ids=[c.says for c in CASES])
def test_without_this_guard_a_promise_about_servers_breaks(case: Case) -> None:
    model = weakened(case)
    instance = Instance(SMALL.members, {**SETTINGS, "tracked_generation": case.generation})
    told = tell(model, instance, case.story)
    run = Run(told.instance, (*told.steps, *case.steps))
    assert confirm(model, run, promise(model, case.number)) is not None

"""The promises about reasons are broken, each in a confirmed run, where the guard that keeps it is
left out; and that step is refused where it is not.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from models.ccr.phrases_standby import sources
from models.ccr.vocabulary import Group, Node
from models.ccr.vocabulary_standby import Target
from models.language.model import Instance
from models.language.terms import Term
from models.plain.driver import Unsettled
from models.plain.reader import Reader
from specs.catalogue import CCR, SMALL
from specs.catalogue.limits import ROW, WRITE
from specs.catalogue.possible import FORMED
from specs.catalogue.servers import ALONE, LOG, SHARED, TARGET
from specs.runs import BadRun, Run, confirm
from specs.search.story import tell
from tests.specs.runs import prop


class Case(NamedTuple):
    """What breaks a promise: a rule without a guard, by its arguments, after a story."""

    number: str
    rule: str
    guard: str
    story: tuple[str, ...]
    args: str


CASES = [
    Case("P155", "propose_pair", "node takes part",
         (*FORMED, "stop_cms n=A", "wait 1000", "stop_service n=A"), "n=A"),
    Case("P158", "fail_backup", "it cannot be finished",
         (*FORMED, WRITE, "begin_backup n=A g=SG1 kind=FULL of=A"), "n=A g=SG1"),
    Case("P159", "fail_target", "it holds a standby copy", FORMED, "t=DR"),
    Case("P159", "cut_target", "it holds a standby copy", FORMED, "t=DR n=A"),
    Case("P159", "cut_line", "it holds a standby copy of it", ALONE, "t=DR v=MBX"),
    Case("P159", "fail_server", "server is installed", FORMED, "v=MBX"),
    Case("P161", "restore_remote", "its database is dismounted",
         (*ALONE, TARGET, LOG, "wait 2000"), f"t=DR {ROW}"),
    Case("P161", "restore_remote", "last log is inspected here",
         (*ALONE, TARGET, LOG, f"dismount_local {ROW}"), f"t=DR {ROW}"),
    Case("P163", "begin_local_backup", "a full backup came first", (*ALONE, LOG),
         f"{ROW} kind=INCREMENTAL"),
    Case("P164", "move_scc", "node that runs it is up", (*SHARED, "fail_server v=MBX"), "v=MBX"),
    Case("P164", "fail_over_scc", "node that ran it is down", (*SHARED, "wait 10000"), "v=MBX"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{c.number} {c.rule}: {c.guard}" for c in CASES])
def test_what_is_done_for_no_reason_breaks_a_promise(case: Case) -> None:
    weaker = CCR.without_guard(case.rule, case.guard)
    before = tell(CCR, Instance(SMALL.members), case.story)
    reader = Reader(weaker, before.instance)
    *_, last = before.states(reader)
    args = dict(word.split("=") for word in case.args.split())
    run = Run(before.instance, (*before.steps, reader.complete(last, case.rule, args)))
    found = confirm(weaker, run, prop(CCR, case.number))
    assert found is not None
    assert found.step == len(run)
    with pytest.raises(BadRun, match=case.guard):
        confirm(CCR, run, prop(CCR, case.number))


@pytest.mark.seed("S-166")
def test_a_target_that_followed_any_active_copy_would_never_come_to_rest() -> None:
    """As it once was: of two copies that call themselves active the older was followed too."""
    arguments = {"t": Target, "n": Node, "g": Group}
    t, n, g = (Term("arg", sort, value=name) for name, sort in arguments.items())
    rule, told = CCR.rule("follow_stream"), prop(CCR, "S69").story
    weaker = CCR.with_rule(
        rule.changed(given={**rule.given, "source answers": sources(CCR.state, t, n, g)})
    )
    with pytest.raises(Unsettled, match=r"R810 lose_standby_stream.*R811 follow_stream"):
        tell(weaker, SMALL, told, limit=300)
    run = tell(CCR, SMALL, told)
    at = next(i for i, step in enumerate(run.steps) if step.rule == "follow_stream")
    reader = Reader(weaker, run.instance)
    *_, last = Run(run.instance, run.steps[:at]).states(reader)
    older = reader.complete(last, "follow_stream", {"t": "DR", "n": "A", "g": "SG1"})
    wrong = Run(run.instance, (*run.steps[:at], older))
    found = confirm(weaker, wrong, prop(CCR, "P168"))
    assert found is not None
    assert found.step == len(wrong)
    with pytest.raises(BadRun, match="source answers"):
        confirm(CCR, wrong, prop(CCR, "P168"))

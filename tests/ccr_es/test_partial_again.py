"""What is remembered between the lines of a partial record changes no answer."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccr_es.partial import Asked, Declared, PartialReport, audit_partial
from ccr_es.partial.again import Known
from ccr_es.partial.closing import Closure
from ccr_es.partial.engine import Audit
from models.language.model import Model
from tests.ccr_es.partial_making import Line, Told, rules, without
from tests.models.teaching import BROKEN, MODEL

HIDE = ["LockClaimed", "LockRenewed", "NodeBooted", "NodeCrashed", "PathCut", "PathHealed"]
HIDE += ["RenewalNoted", "ServingStarted", "ServingStopped"]
ACTS = st.one_of(
    st.tuples(st.sampled_from(["crash", "boot", "cut", "heal"]), st.sampled_from("AB")),
    st.tuples(st.just("wait"), st.sampled_from([1, 500, 6_000, 10_000, 25_000])),
)
ASKED = [Asked("lock.holder", "A"), Asked("node.A.mode", "HOLDING"), Asked("node.B.power", "UP")]


def told(acts: list[tuple[str, int | str]]) -> list[Line]:
    """The lines of a run."""
    run = Told()
    for what, detail in acts:
        if what == "wait":
            run.wait(int(detail))
        else:
            run.act(what, n=detail)
    return run.lines


def plainly(*args: Any, **options: Any) -> PartialReport:
    """The same audit, every line and every closure judged anew in every state, by every rule."""
    with (
        mock.patch.object(Closure, "after", lambda self, _taken: self.everything()),
        mock.patch.object(Audit, "_take_alike", return_value=False),
        mock.patch.object(Known, "worth", False),
    ):
        return audit_partial(*args, **options)


def said(report: PartialReport) -> list[object]:
    """All of a report but the runs: there may be several to one state."""
    troubles = [(t.line, t.kind, t.text, t.certain) for t in report.troubles]
    answers = [(a.key, a.answer, a.values) for a in report.answers]
    return [report.said, report.width, troubles, dict(report.doubts), answers, report.unchecked]


@settings(max_examples=40)
@given(
    st.sampled_from([MODEL, BROKEN]),  # Under the broken one unlogged steps may break P01.
    st.lists(ACTS, min_size=2, max_size=8),
    st.sets(st.sampled_from(HIDE), max_size=4),
    st.sets(st.sampled_from(HIDE), max_size=3),
    st.sampled_from([("number",), ("number", "args.renewed"), ()]),
)
def test_what_is_remembered_changes_no_answer(
    model: Model,
    acts: list[tuple[str, int | str]],
    lacking: set[str],
    more: set[str],
    fields: tuple[str, ...],
) -> None:
    lines = without(told(acts), lacking, fields)
    # What is declared is more or less than what is lacking: some records cannot be explained.
    declared = Declared(rules(lacking ^ more, model), 64)
    given_args = ("record", lines, model, declared, ASKED)
    ours = audit_partial(*given_args, by_given=True)
    # Which states are left out beyond the width hangs on the order in which they are looked at.
    if not any("states were possible" in doubt for doubt in ours.doubts):
        assert said(ours) == said(plainly(*given_args, by_given=True))


@pytest.mark.parametrize(
    "lacking",
    [("NodeCrashed", "NodeBooted"), ("PathHealed",), ("PathCut", "PathHealed", "LockRenewed")],
)
def test_in_a_long_record_it_is_remembered(lacking: tuple[str, ...]) -> None:
    run: list[tuple[str, int | str]] = [("wait", 1_000), ("cut", "A"), ("heal", "A")]
    lines = without(told(run * 60), lacking)
    declared = Declared(rules(lacking))
    met = []
    take = Known.take

    def counted(self: Known, *args: Any) -> bool:
        met.append(take(self, *args))
        return met[-1]

    with mock.patch.object(Known, "take", counted):
        report = audit_partial("record", lines, MODEL, declared)
    assert report.width > 1
    # Where a guard reads a stamp that grows, most closures are new ones.
    assert sum(met) > 50

"""The promises about conduct: proved, and each broken in a confirmed run by a rule that forgot its
part.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.language.model import Model
from models.language.rule import Rule
from models.language.terms import Bool, Term, lift
from specs.catalogue import CCR, SMALL
from specs.runs import confirm
from specs.search.story import tell
from tests.specs.runs import prop

FORMED = ("power_on n=A", "power_on n=B", "wait 20000")
WRITTEN = (*FORMED, "write_records n=A g=SG1 records=1")
SETTINGS = SMALL


def without(guard: str) -> Callable[[Rule], Rule]:
    """The rule lacks a guard."""

    def change(rule: Rule) -> Rule:
        fewer = {k: {n: g for n, g in getattr(rule, k).items() if n != guard} for k in KINDS}
        assert guard in rule.guards
        return rule.changed(**fewer)

    return change


KINDS = ("requires", "given")


def setting(field: str, value: Callable[[Term], Term] | None) -> Callable[[Rule], Rule]:
    """The rule sets a field otherwise, or not at all."""

    def change(rule: Rule) -> Rule:
        assert field in [repr(f) for f, _ in rule.sets]
        kept = [(f, v) for f, v in rule.sets if repr(f) != field]
        changed = [(f, value(v)) for f, v in rule.sets if repr(f) == field and value]
        return rule.changed(sets=(*kept, *changed))

    return change


CASES = {
    "P90": ("roll_idle_log", without("its node is not frozen"),
            (*WRITTEN, "freeze_node n=A", "wait 100000")),
    "P91": ("mount_own", setting("copy[n, g].checking", lambda _: lift(True, Bool)), FORMED),
    "P92": ("write_records", setting("copy[n, g].written_at", lambda now: now + 1), WRITTEN),
    "P93": ("fail_node", setting("node[n].cms", None), (*FORMED, "fail_node n=A")),
    "P94": ("freeze_node", without("node is up"), ("freeze_node n=A",)),
}  # fmt: skip


def variant(number: str) -> Model:
    """The model with the rule that forgot its part."""
    name, change, _ = CASES[number]
    return CCR.with_rule(change(CCR.rule(name)))


@pytest.mark.parametrize("number", list(CASES))
def test_a_rule_that_forgot_its_part_breaks_it(number: str) -> None:
    model, (_, _, story) = variant(number), CASES[number]
    run = tell(model, SETTINGS, story)
    assert confirm(model, run, prop(model, number)) is not None


@pytest.mark.parametrize("number", list(CASES))
def test_the_rules_as_they_are_keep_it_in_the_same_story(number: str) -> None:
    _, _, story = CASES[number]
    told = story if number != "P94" else (*FORMED, "fail_node n=A")
    run = tell(CCR, SETTINGS, told)
    assert confirm(CCR, run, prop(CCR, number)) is None

"""A copy comes to rest in time: what each step of the argument behind V02 rests on, and the runs
that refute it where that is missing.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.ccr.vocabulary import Copy, Group, Node
from models.language.model import Model, Property
from models.language.rule import Move, Rule
from models.language.terms import Bool, Term, lift
from models.plain.compile import function, source
from models.plain.reader import Reader, Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.settling import PROMPT, rest_left, returning, settles, unrest
from specs.runs import Run, confirm
from specs.search.story import tell
from tests.specs.runs import doubled, prop

N, G = Term("arg", Node, value="n"), Term("arg", Group, value="g")
COPY = CCR.state.copy[N, G]
STORY = prop(CCR, "S78").story


def other(name: str, **changes: object) -> Model:
    """The model with another rule of this name."""
    rule: Rule = CCR.rule(name)
    return CCR.with_rule(rule.changed(**changes))


def breaks(model: Model, number: str, *then: str) -> bool:
    """Whether the story of a copy that returns breaks a promise of this model."""
    return confirm(model, tell(model, SMALL, (*STORY, *then)), prop(model, number)) is not None


@pytest.mark.seed("S-143", "S-147")
def test_a_copy_that_is_sent_back_is_found_out() -> None:
    back = (Move(COPY.state, Copy.SYNCHRONIZING, Copy.INITIALIZING),)
    assert breaks(other("finish_incremental_reseed", moves=back), "P175", "wait 6000")


@pytest.mark.seed("S-143")
def test_a_copy_that_suspends_itself_is_found_out() -> None:
    rule = CCR.rule("begin_incremental_reseed")
    sets = (*rule.sets, (COPY.suspended, lift(True, Bool)))
    assert breaks(other("begin_incremental_reseed", sets=sets), "P174")


@pytest.mark.seed("S-143", "S-147")
def test_a_copy_that_takes_longer_than_it_may_takes_nothing_off() -> None:
    rule = CCR.rule("finish_incremental_reseed")
    slow = other(
        rule.name, requires={n: doubled(t, "resync_time") for n, t in rule.requires.items()}
    )
    states = CCR.schema.state, CCR.schema.next_state
    term = settles(slow, *states, N, G)
    for model, late in ((slow, True), (CCR, False)):
        promise: Property = replace(prop(CCR, "P176"), term=term) if late else prop(CCR, "P176")
        run = tell(model, SMALL, (*STORY, "wait 6000"))
        longer = Run(run.instance, (*run.steps, Step("tick", {"dt": 1})))
        assert (confirm(model, longer, promise) is not None) == late


def test_the_number_says_how_long_it_takes() -> None:
    """Told on plain values: from where the copy returns it never rises, and runs out."""
    run = tell(CCR, SMALL, (*STORY, "wait 20000"))
    reader = Reader(CCR, run.instance)

    def read(term: Term) -> list[int | bool]:
        value = function(source(term, reader.layout, {"n": "A", "g": "SG1"}), ())
        return [value(state) for state in run.states(reader)]

    there = read(returning(CCR.state, N, G))
    seen = [
        (left, stage)
        for left, stage, now in zip(
            read(rest_left(CCR.state, N, G, CCR.state.now)), read(unrest(CCR.state, N, G)), there,
            strict=True,
        )
        if now
    ]  # fmt: skip
    assert seen == sorted(seen, reverse=True)
    assert (max(seen)[0], seen[-1]) == (5_000, (0, 0))


def test_what_must_be_prompt_for_a_copy_is_a_consequence() -> None:
    assert all(CCR.rule(name).trigger == "consequence" for name in PROMPT)
